struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u8* b0, u8* b1, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  alignas(16) __shared__ i32 s0[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    bool x0 = false;
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v18 = g * n.w[7];
      const i32 v19 = n.w[6] + v18;
      const i32 v21 = x1 * n.w[8];
      const i32 v22 = v19 + v21;
      const bool v23 = (b0[v22] != 0);
      const bool v24 = x0;
      const bool v25 = v24 || v23;
      x0 = v25;
    }
    const bool v27 = x0;
    const i32 v28 = i32(v27);
    s0[t] = v28;
    __syncthreads();
    const bool v32 = t < (16);
    if (v32) {
      const i32 v33 = t + (16);
      for (i32 x2 = v33; x2 < (256); x2 += (16)) {
        const i32 v35 = s0[x2];
        const bool v36 = (v35 != 0);
        const bool v37 = x0;
        const bool v38 = v37 || v36;
        x0 = v38;
      }
      const bool v39 = x0;
      const i32 v40 = i32(v39);
      s0[t] = v40;
    }
    __syncthreads();
    const i32 v41 = s0[(0)];
    const bool v42 = (v41 != 0);
    x0 = v42;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const i32 v45 = s0[x3];
      const bool v46 = (v45 != 0);
      const bool v47 = x0;
      const bool v48 = v47 || v46;
      x0 = v48;
    }
    const bool v49 = x0;
    __syncthreads();
    const bool v52 = t < (1);
    if (v52) {
      const i32 v55 = g * n.w[10];
      const i32 v56 = n.w[9] + v55;
      b1[v56] = u8(v49);
    }
  }
}
