struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f64* b0, f64* b1, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  alignas(16) __shared__ f64 s0[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    f64 x0 = (1.0);
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v18 = g * n.w[7];
      const i32 v19 = n.w[6] + v18;
      const i32 v21 = x1 * n.w[8];
      const i32 v22 = v19 + v21;
      const f64 v23 = b0[v22];
      const f64 v24 = x0;
      const f64 v25 = (v24 * v23);
      x0 = v25;
    }
    const f64 v27 = x0;
    s0[t] = v27;
    __syncthreads();
    const bool v31 = t < (16);
    if (v31) {
      const i32 v32 = t + (16);
      for (i32 x2 = v32; x2 < (256); x2 += (16)) {
        const f64 v34 = s0[x2];
        const f64 v35 = x0;
        const f64 v36 = (v35 * v34);
        x0 = v36;
      }
      const f64 v37 = x0;
      s0[t] = v37;
    }
    __syncthreads();
    const f64 v38 = s0[(0)];
    x0 = v38;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const f64 v41 = s0[x3];
      const f64 v42 = x0;
      const f64 v43 = (v42 * v41);
      x0 = v43;
    }
    const f64 v44 = x0;
    __syncthreads();
    const bool v47 = t < (1);
    if (v47) {
      const i32 v50 = g * n.w[10];
      const i32 v51 = n.w[9] + v50;
      b1[v51] = v44;
    }
  }
}
