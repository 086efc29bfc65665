struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u8* b0, f32* b1, const f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v5 = g * (256);
  const i32 v6 = v5 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    f32 x0 = (0.0f);
    const i32 v17 = n.w[1] * n.w[3];
    for (i32 x1 = (0); x1 < n.w[3]; x1 += (1)) {
      const i32 v23 = x1 * n.w[1];
      const i32 v24 = v23 + v6;
      const i32 v26 = (0) * v17;
      const i32 v27 = v26 + v24;
      const f32 v28 = b2[v27];
      const f32 v29 = x0;
      const f32 v30 = (v29 + v28);
      x0 = v30;
    }
    const f32 v31 = x0;
    const i32 v34 = v6 * n.w[10];
    const i32 v35 = n.w[9] + v34;
    b1[v35] = v31;
  }
}
