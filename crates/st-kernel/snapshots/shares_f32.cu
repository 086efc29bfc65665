struct Numbers { i32 w[11]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  __shared__ f32 s0[256];
  const bool v2 = g < n.w[1];
  if (v2) {
    f32 x0 = (0.0f);
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v11 = g * n.w[6];
      const i32 v12 = n.w[5] + v11;
      const i32 v14 = x1 * n.w[7];
      const i32 v15 = v12 + v14;
      const f32 v16 = b0[v15];
      const f32 v17 = x0;
      const f32 v18 = (v17 + v16);
      x0 = v18;
    }
    const f32 v20 = x0;
    s0[t] = v20;
    __syncthreads();
    const bool v22 = t < (128);
    if (v22) {
      const i32 v24 = t + (128);
      const f32 v25 = s0[v24];
      const f32 v26 = x0;
      const f32 v27 = (v26 + v25);
      x0 = v27;
      const f32 v28 = x0;
      s0[t] = v28;
    }
    __syncthreads();
    const bool v30 = t < (64);
    if (v30) {
      const i32 v32 = t + (64);
      const f32 v33 = s0[v32];
      const f32 v34 = x0;
      const f32 v35 = (v34 + v33);
      x0 = v35;
      const f32 v36 = x0;
      s0[t] = v36;
    }
    __syncthreads();
    const bool v38 = t < (32);
    if (v38) {
      const i32 v40 = t + (32);
      const f32 v41 = s0[v40];
      const f32 v42 = x0;
      const f32 v43 = (v42 + v41);
      x0 = v43;
      const f32 v44 = x0;
      s0[t] = v44;
    }
    __syncthreads();
    const bool v46 = t < (16);
    if (v46) {
      const i32 v48 = t + (16);
      const f32 v49 = s0[v48];
      const f32 v50 = x0;
      const f32 v51 = (v50 + v49);
      x0 = v51;
      const f32 v52 = x0;
      s0[t] = v52;
    }
    __syncthreads();
    const bool v54 = t < (8);
    if (v54) {
      const i32 v56 = t + (8);
      const f32 v57 = s0[v56];
      const f32 v58 = x0;
      const f32 v59 = (v58 + v57);
      x0 = v59;
      const f32 v60 = x0;
      s0[t] = v60;
    }
    __syncthreads();
    const bool v62 = t < (4);
    if (v62) {
      const i32 v64 = t + (4);
      const f32 v65 = s0[v64];
      const f32 v66 = x0;
      const f32 v67 = (v66 + v65);
      x0 = v67;
      const f32 v68 = x0;
      s0[t] = v68;
    }
    __syncthreads();
    const bool v70 = t < (2);
    if (v70) {
      const i32 v72 = t + (2);
      const f32 v73 = s0[v72];
      const f32 v74 = x0;
      const f32 v75 = (v74 + v73);
      x0 = v75;
      const f32 v76 = x0;
      s0[t] = v76;
    }
    __syncthreads();
    const bool v78 = t < (1);
    if (v78) {
      const i32 v80 = t + (1);
      const f32 v81 = s0[v80];
      const f32 v82 = x0;
      const f32 v83 = (v82 + v81);
      x0 = v83;
      const f32 v84 = x0;
      s0[t] = v84;
    }
    __syncthreads();
    const f32 v86 = s0[(0)];
    x0 = v86;
    const f32 v87 = x0;
    for (i32 x2 = t; x2 < n.w[2]; x2 += (256)) {
      const i32 v94 = g * n.w[6];
      const i32 v95 = n.w[5] + v94;
      const i32 v97 = x2 * n.w[7];
      const i32 v98 = v95 + v97;
      const f32 v99 = b0[v98];
      const f32 v100 = (v99 / v87);
      const i32 v103 = g * n.w[9];
      const i32 v104 = n.w[8] + v103;
      const i32 v106 = x2 * n.w[10];
      const i32 v107 = v104 + v106;
      b1[v107] = v100;
    }
  }
}
