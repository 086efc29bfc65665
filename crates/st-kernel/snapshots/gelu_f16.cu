struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u16* b0, u16* b1, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[5];
    const i32 v10 = v5 / n.w[5];
    const i32 v13 = v10 * n.w[7];
    const i32 v14 = n.w[6] + v13;
    const i32 v16 = v9 * n.w[8];
    const i32 v17 = v14 + v16;
    const f32 v18 = f16_of_bits(b0[v17]);
    const f32 v19 = v18;
    const f32 v21 = (v19 * (0.5f));
    const f32 v23 = (v19 * (0.70710677f));
    const f32 v24 = erff(v23);
    const f32 v26 = (v24 + (1.0f));
    const f32 v27 = (v21 * v26);
    const f32 v28 = rounded_f16(v27);
    const i32 v31 = v10 * n.w[10];
    const i32 v32 = n.w[9] + v31;
    const i32 v34 = v9 * n.w[11];
    const i32 v35 = v32 + v34;
    b1[v35] = u16(bits_of_f16(v28));
  }
}
