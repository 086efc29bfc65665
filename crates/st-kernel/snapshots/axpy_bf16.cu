namespace st {
DEVICE f32 rounded_bf16(f32 x) { return bitcast<f32>(bits_of_bf16(x) << 16u); }

}

struct Numbers { i32 w[16]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u16* b0, const u16* b1, u16* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v10 = v6 % n.w[5];
    const i32 v11 = v6 / n.w[5];
    const f32 v12 = bitcast<f32>(n.w[15]);
    const i32 v15 = v11 * n.w[7];
    const i32 v16 = n.w[6] + v15;
    const i32 v18 = v10 * n.w[8];
    const i32 v19 = v16 + v18;
    const f32 v20 = bf16_of_bits(b0[v19]);
    const f32 v21 = v20;
    const f32 v22 = (v12 * v21);
    const i32 v25 = v11 * n.w[10];
    const i32 v26 = n.w[9] + v25;
    const i32 v28 = v10 * n.w[11];
    const i32 v29 = v26 + v28;
    const f32 v30 = bf16_of_bits(b1[v29]);
    const f32 v31 = v30;
    const f32 v32 = (v22 + v31);
    const f32 v33 = rounded_bf16(v32);
    const i32 v36 = v11 * n.w[13];
    const i32 v37 = n.w[12] + v36;
    const i32 v39 = v10 * n.w[14];
    const i32 v40 = v37 + v39;
    b2[v40] = u16(bits_of_bf16(v33));
  }
}
