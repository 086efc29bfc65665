struct Numbers { i32 w[11]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    f32 x0 = (0.0f);
    for (i32 x1 = (0); x1 < n.w[2]; x1 += (1)) {
      const i32 v15 = v4 * n.w[6];
      const i32 v16 = n.w[5] + v15;
      const i32 v18 = x1 * n.w[7];
      const i32 v19 = v16 + v18;
      const f32 v20 = b0[v19];
      const f32 v21 = x0;
      const f32 v22 = (v21 + v20);
      x0 = v22;
    }
    const f32 v23 = x0;
    const i32 v26 = v4 * n.w[9];
    const i32 v27 = n.w[8] + v26;
    b1[v27] = v23;
  }
}
