struct Numbers { i32 w[64]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u8* b0, const u8* b1, const u8* b2, const f32* b3, const u8* b4, const f32* b5, const u8* b6, const u8* b7, const u8* b8, f32* b9, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  alignas(16) __shared__ f32 s0[1088];
  alignas(16) __shared__ f32 s1[1088];
  alignas(16) __shared__ f32 s2[4352];
  f32 x0 = (0.0f);
  f32 x1 = (0.0f);
  f32 x2 = (0.0f);
  f32 x3 = (0.0f);
  f32 x4 = (0.0f);
  f32 x5 = (0.0f);
  f32 x6 = (0.0f);
  f32 x7 = (0.0f);
  const i32 v7 = g * (256);
  const i32 v8 = v7 + t;
  const bool v10 = v8 < n.w[1];
  if (v10) {
    const i32 v12 = v8 % n.w[5];
    const i32 v13 = v8 / n.w[5];
    f32 x8 = (0.0f);
    for (i32 x9 = (0); x9 < n.w[8]; x9 += (1)) {
      const i32 v20 = v13 * n.w[28];
      const i32 v21 = n.w[27] + v20;
      const i32 v23 = v12 * n.w[29];
      const i32 v24 = v21 + v23;
      const i32 v26 = x9 * n.w[32];
      const i32 v27 = v24 + v26;
      const f32 v28 = b3[v27];
      const i32 v31 = v13 * n.w[40];
      const i32 v32 = n.w[39] + v31;
      const i32 v34 = v12 * n.w[41];
      const i32 v35 = v32 + v34;
      const i32 v37 = x9 * n.w[44];
      const i32 v38 = v35 + v37;
      const f32 v39 = b5[v38];
      x8 = fmaf(v28, v39, x8);
    }
    const f32 v40 = x8;
    b9[v8] = v40;
  }
}
