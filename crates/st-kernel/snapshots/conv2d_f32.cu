struct Numbers { i32 w[38]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const f32* b1, f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    const i32 v8 = v4 % n.w[6];
    const i32 v9 = v4 / n.w[6];
    const i32 v11 = v9 % n.w[5];
    const i32 v12 = v9 / n.w[5];
    const i32 v14 = v12 % n.w[4];
    const i32 v15 = v12 / n.w[4];
    f32 x0 = (0.0f);
    const i32 v20 = v14 / n.w[25];
    const i32 v21 = v14 % n.w[25];
    for (i32 x1 = (0); x1 < n.w[24]; x1 += (1)) {
      for (i32 x2 = (0); x2 < n.w[27]; x2 += (1)) {
        const i32 v33 = v11 * n.w[29];
        const i32 v34 = x2 * n.w[31];
        const i32 v35 = v33 + v34;
        const i32 v36 = v35 - n.w[30];
        const bool v38 = (-1) < v36;
        const bool v39 = v36 < n.w[26];
        const bool v40 = v38 && v39;
        if (v40) {
          for (i32 x3 = (0); x3 < n.w[33]; x3 += (1)) {
            const i32 v49 = v8 * n.w[35];
            const i32 v50 = x3 * n.w[37];
            const i32 v51 = v49 + v50;
            const i32 v52 = v51 - n.w[36];
            const bool v54 = (-1) < v52;
            const bool v55 = v52 < n.w[32];
            const bool v56 = v54 && v55;
            if (v56) {
              const i32 v60 = n.w[23] * n.w[24];
              const i32 v61 = v15 * v60;
              const i32 v62 = v20 * n.w[24];
              const i32 v63 = v62 + x1;
              const i32 v64 = v61 + v63;
              const i32 v66 = v64 * n.w[26];
              const i32 v67 = v66 + v36;
              const i32 v69 = v67 * n.w[32];
              const i32 v70 = v69 + v52;
              const i32 v71 = v20 * n.w[25];
              const i32 v72 = v71 + v21;
              const i32 v73 = v72 * n.w[24];
              const i32 v74 = v73 + x1;
              const i32 v76 = v74 * n.w[27];
              const i32 v77 = v76 + x2;
              const i32 v79 = v77 * n.w[33];
              const i32 v80 = v79 + x3;
              const i32 v82 = n.w[7] + v70;
              const f32 v83 = b0[v82];
              const i32 v85 = n.w[12] + v80;
              const f32 v86 = b1[v85];
              const f32 v87 = (v83 * v86);
              const f32 v88 = x0;
              const f32 v89 = (v88 + v87);
              x0 = v89;
            }
          }
        }
      }
    }
    const f32 v90 = x0;
    const i32 v93 = v15 * n.w[18];
    const i32 v94 = n.w[17] + v93;
    const i32 v96 = v14 * n.w[19];
    const i32 v97 = v94 + v96;
    const i32 v99 = v11 * n.w[20];
    const i32 v100 = v97 + v99;
    const i32 v102 = v8 * n.w[21];
    const i32 v103 = v100 + v102;
    b2[v103] = v90;
  }
}
