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
    const i32 v21 = v16 / n.w[26];
    const i32 v22 = v16 % n.w[26];
    for (i32 x1 = (0); x1 < n.w[23]; x1 += (1)) {
      for (i32 x2 = (0); x2 < n.w[29]; x2 += (1)) {
        const i32 v35 = x2 * n.w[30];
        const i32 v36 = v12 * n.w[32];
        const i32 v37 = v35 + v36;
        const i32 v38 = v37 - n.w[31];
        const bool v40 = (-1) < v38;
        const bool v41 = v38 < n.w[27];
        const bool v42 = v40 && v41;
        if (v42) {
          for (i32 x3 = (0); x3 < n.w[35]; x3 += (1)) {
            const i32 v51 = x3 * n.w[36];
            const i32 v52 = v9 * n.w[38];
            const i32 v53 = v51 + v52;
            const i32 v54 = v53 - n.w[37];
            const bool v56 = (-1) < v54;
            const bool v57 = v54 < n.w[33];
            const bool v58 = v56 && v57;
            if (v58) {
              const i32 v62 = n.w[24] * n.w[26];
              const i32 v63 = x1 * v62;
              const i32 v64 = v21 * n.w[26];
              const i32 v65 = v64 + v22;
              const i32 v66 = v63 + v65;
              const i32 v68 = v66 * n.w[29];
              const i32 v69 = v68 + x2;
              const i32 v71 = v69 * n.w[35];
              const i32 v72 = v71 + x3;
              const i32 v73 = n.w[24] * n.w[25];
              const i32 v74 = x1 * v73;
              const i32 v75 = v21 * n.w[25];
              const i32 v76 = v75 + v15;
              const i32 v77 = v74 + v76;
              const i32 v79 = v77 * n.w[27];
              const i32 v80 = v79 + v38;
              const i32 v82 = v80 * n.w[33];
              const i32 v83 = v82 + v54;
              const i32 v85 = n.w[8] + v72;
              const f32 v86 = b0[v85];
              const i32 v88 = n.w[13] + v83;
              const f32 v89 = b1[v88];
              const f32 v90 = (v86 * v89);
              const f32 v91 = x0;
              const f32 v92 = (v91 + v90);
              x0 = v92;
            }
          }
        }
      }
    }
    const f32 v93 = x0;
    const i32 v96 = v16 * n.w[19];
    const i32 v97 = n.w[18] + v96;
    const i32 v99 = v15 * n.w[20];
    const i32 v100 = v97 + v99;
    const i32 v102 = v12 * n.w[21];
    const i32 v103 = v100 + v102;
    const i32 v105 = v9 * n.w[22];
    const i32 v106 = v103 + v105;
    b2[v106] = v93;
  }
}
