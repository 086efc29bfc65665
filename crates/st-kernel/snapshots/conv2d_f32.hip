struct Numbers { i32 w[39]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const f32* b1, f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[7];
    const i32 v10 = v5 / n.w[7];
    const i32 v12 = v10 % n.w[6];
    const i32 v13 = v10 / n.w[6];
    const i32 v15 = v13 % n.w[5];
    const i32 v16 = v13 / n.w[5];
    f32 x0 = (0.0f);
    const i32 v21 = v15 / n.w[26];
    const i32 v22 = v15 % n.w[26];
    for (i32 x1 = (0); x1 < n.w[25]; x1 += (1)) {
      for (i32 x2 = (0); x2 < n.w[28]; x2 += (1)) {
        const i32 v34 = v12 * n.w[30];
        const i32 v35 = x2 * n.w[32];
        const i32 v36 = v34 + v35;
        const i32 v37 = v36 - n.w[31];
        const bool v39 = (-1) < v37;
        const bool v40 = v37 < n.w[27];
        const bool v41 = v39 && v40;
        if (v41) {
          for (i32 x3 = (0); x3 < n.w[34]; x3 += (1)) {
            const i32 v50 = v9 * n.w[36];
            const i32 v51 = x3 * n.w[38];
            const i32 v52 = v50 + v51;
            const i32 v53 = v52 - n.w[37];
            const bool v55 = (-1) < v53;
            const bool v56 = v53 < n.w[33];
            const bool v57 = v55 && v56;
            if (v57) {
              const i32 v61 = n.w[24] * n.w[25];
              const i32 v62 = v16 * v61;
              const i32 v63 = v21 * n.w[25];
              const i32 v64 = v63 + x1;
              const i32 v65 = v62 + v64;
              const i32 v67 = v65 * n.w[27];
              const i32 v68 = v67 + v37;
              const i32 v70 = v68 * n.w[33];
              const i32 v71 = v70 + v53;
              const i32 v72 = v21 * n.w[26];
              const i32 v73 = v72 + v22;
              const i32 v74 = v73 * n.w[25];
              const i32 v75 = v74 + x1;
              const i32 v77 = v75 * n.w[28];
              const i32 v78 = v77 + x2;
              const i32 v80 = v78 * n.w[34];
              const i32 v81 = v80 + x3;
              const i32 v83 = n.w[8] + v71;
              const f32 v84 = b0[v83];
              const i32 v86 = n.w[13] + v81;
              const f32 v87 = b1[v86];
              const f32 v88 = (v84 * v87);
              const f32 v89 = x0;
              const f32 v90 = (v89 + v88);
              x0 = v90;
            }
          }
        }
      }
    }
    const f32 v91 = x0;
    const i32 v94 = v16 * n.w[19];
    const i32 v95 = n.w[18] + v94;
    const i32 v97 = v15 * n.w[20];
    const i32 v98 = v95 + v97;
    const i32 v100 = v12 * n.w[21];
    const i32 v101 = v98 + v100;
    const i32 v103 = v9 * n.w[22];
    const i32 v104 = v101 + v103;
    b2[v104] = v91;
  }
}
