struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  alignas(16) __shared__ f32 s0[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    f32 x0 = (0.0f);
    const bool v10 = (0) < n.w[2];
    if (v10) {
      const i32 v14 = g * n.w[7];
      const i32 v15 = n.w[6] + v14;
      const i32 v16 = v15 % (4);
      const i32 v17 = (4) - v16;
      const i32 v18 = v17 % (4);
      const bool v19 = v18 < n.w[2];
      const i32 v20 = (v19 ? v18 : n.w[2]);
      const i32 v21 = n.w[2] - v20;
      const i32 v23 = v21 / (4);
      const i32 v25 = v23 * (4);
      const i32 v26 = v20 + v25;
      const i32 v27 = n.w[2] - v25;
      const i32 v31 = t * (4);
      const i32 v34 = v20 + v31;
      for (i32 x1 = v34; x1 < v26; x1 += (2048)) {
        const bool v39 = x1 < v26;
        const i32 v40 = (v39 ? x1 : v20);
        const i32 v42 = x1 + (1024);
        const bool v43 = v42 < v26;
        const i32 v44 = (v43 ? v42 : v20);
        const i32 v47 = g * n.w[7];
        const i32 v48 = n.w[6] + v47;
        const i32 v50 = v40 * n.w[8];
        const i32 v51 = v48 + v50;
        const four<f32> q52 = load_four(b0 + v51);
        const f32 v52 = q52.x;
        const f32 v53 = q52.y;
        const f32 v54 = q52.z;
        const f32 v55 = q52.w;
        const i32 v58 = g * n.w[7];
        const i32 v59 = n.w[6] + v58;
        const i32 v61 = v44 * n.w[8];
        const i32 v62 = v59 + v61;
        const four<f32> q63 = load_four(b0 + v62);
        const f32 v63 = q63.x;
        const f32 v64 = q63.y;
        const f32 v65 = q63.z;
        const f32 v66 = q63.w;
        if (v39) {
          const f32 v67 = x0;
          const f32 v68 = (v67 + v52);
          x0 = v68;
          const i32 v70 = v40 + (1);
          const f32 v71 = x0;
          const f32 v72 = (v71 + v53);
          x0 = v72;
          const i32 v74 = v40 + (2);
          const f32 v75 = x0;
          const f32 v76 = (v75 + v54);
          x0 = v76;
          const i32 v78 = v40 + (3);
          const f32 v79 = x0;
          const f32 v80 = (v79 + v55);
          x0 = v80;
        }
        if (v43) {
          const f32 v81 = x0;
          const f32 v82 = (v81 + v63);
          x0 = v82;
          const i32 v84 = v44 + (1);
          const f32 v85 = x0;
          const f32 v86 = (v85 + v64);
          x0 = v86;
          const i32 v88 = v44 + (2);
          const f32 v89 = x0;
          const f32 v90 = (v89 + v65);
          x0 = v90;
          const i32 v92 = v44 + (3);
          const f32 v93 = x0;
          const f32 v94 = (v93 + v66);
          x0 = v94;
        }
      }
      const bool v96 = t < v27;
      if (v96) {
        const bool v97 = t < v20;
        const i32 v98 = t + v25;
        const i32 v99 = (v97 ? t : v98);
        const i32 v102 = g * n.w[7];
        const i32 v103 = n.w[6] + v102;
        const i32 v105 = v99 * n.w[8];
        const i32 v106 = v103 + v105;
        const f32 v107 = b0[v106];
        const f32 v108 = x0;
        const f32 v109 = (v108 + v107);
        x0 = v109;
      }
    }
    const f32 v111 = x0;
    s0[t] = v111;
    __syncthreads();
    const bool v115 = t < (16);
    if (v115) {
      const i32 v116 = t + (16);
      for (i32 x2 = v116; x2 < (256); x2 += (16)) {
        const f32 v118 = s0[x2];
        const f32 v119 = x0;
        const f32 v120 = (v119 + v118);
        x0 = v120;
      }
      const f32 v121 = x0;
      s0[t] = v121;
    }
    __syncthreads();
    const f32 v122 = s0[(0)];
    x0 = v122;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const f32 v125 = s0[x3];
      const f32 v126 = x0;
      const f32 v127 = (v126 + v125);
      x0 = v127;
    }
    const f32 v128 = x0;
    __syncthreads();
    const bool v131 = t < (1);
    if (v131) {
      const i32 v134 = g * n.w[10];
      const i32 v135 = n.w[9] + v134;
      b1[v135] = v128;
    }
  }
}
