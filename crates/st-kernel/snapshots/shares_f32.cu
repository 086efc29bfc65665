struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  alignas(16) __shared__ f32 s0[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    f32 x0 = (0.0f);
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v17 = g * n.w[7];
      const i32 v18 = n.w[6] + v17;
      const i32 v20 = x1 * n.w[8];
      const i32 v21 = v18 + v20;
      const f32 v22 = b0[v21];
      const f32 v23 = x0;
      const f32 v24 = (v23 + v22);
      x0 = v24;
    }
    const f32 v26 = x0;
    s0[t] = v26;
    __syncthreads();
    const bool v30 = t < (16);
    if (v30) {
      const i32 v31 = t + (16);
      for (i32 x2 = v31; x2 < (256); x2 += (16)) {
        const f32 v33 = s0[x2];
        const f32 v34 = x0;
        const f32 v35 = (v34 + v33);
        x0 = v35;
      }
      const f32 v36 = x0;
      s0[t] = v36;
    }
    __syncthreads();
    const f32 v37 = s0[(0)];
    x0 = v37;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const f32 v40 = s0[x3];
      const f32 v41 = x0;
      const f32 v42 = (v41 + v40);
      x0 = v42;
    }
    const f32 v43 = x0;
    for (i32 x4 = t; x4 < n.w[2]; x4 += (256)) {
      const i32 v54 = g * n.w[7];
      const i32 v55 = n.w[6] + v54;
      const i32 v57 = x4 * n.w[8];
      const i32 v58 = v55 + v57;
      const f32 v59 = b0[v58];
      const f32 v60 = (v59 / v43);
      const i32 v63 = g * n.w[10];
      const i32 v64 = n.w[9] + v63;
      const i32 v66 = x4 * n.w[11];
      const i32 v67 = v64 + v66;
      b1[v67] = v60;
    }
  }
}
