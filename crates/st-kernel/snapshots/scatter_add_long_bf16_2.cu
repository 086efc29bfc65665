namespace st {
DEVICE f32 rounded_bf16(f32 x) { return bitcast<f32>(bits_of_bf16(x) << 16u); }

}

struct Numbers { i32 w[17]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u16* b0, const u8* b1, u16* b2, const i32* b3, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v2 = n.w[1] * n.w[2];
  const i32 v6 = g * (256);
  const i32 v7 = v6 + t;
  const bool v9 = v7 < v2;
  if (v9) {
    const i32 v10 = v7 / n.w[1];
    const i32 v11 = v7 % n.w[1];
    const i32 v12 = n.w[2] + v10;
    const i32 v13 = v12 + n.w[2];
    const i32 v14 = b3[v13];
    const bool v15 = v10 < v14;
    if (v15) {
      const i32 v18 = v11 * n.w[13];
      const i32 v19 = n.w[12] + v18;
      const i32 v20 = b3[v12];
      const i32 v21 = b3[v20];
      const i32 v22 = v19 + v21;
      const f32 v23 = bf16_of_bits(b2[v22]);
      f32 x0 = v23;
      for (i32 x1 = v10; x1 < v14; x1 += (1)) {
        const i32 v26 = n.w[2] + x1;
        const i32 v27 = b3[v26];
        const i32 v30 = v11 * n.w[7];
        const i32 v31 = n.w[6] + v30;
        const i32 v33 = v27 * n.w[8];
        const i32 v34 = v31 + v33;
        const f32 v35 = bf16_of_bits(b0[v34]);
        const f32 v36 = x0;
        const f32 v37 = (v36 + v35);
        const f32 v38 = rounded_bf16(v37);
        x0 = v38;
      }
      const f32 v39 = x0;
      b2[v22] = u16(bits_of_bf16(v39));
    }
  }
}
