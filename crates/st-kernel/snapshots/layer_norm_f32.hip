struct Numbers { i32 w[23]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const f32* b1, const f32* b2, f32* b3, f32* b4, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  alignas(16) __shared__ f32 s0[256];
  alignas(16) __shared__ f32 s1[256];
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
    wait_for_group();
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
    wait_for_group();
    const f32 v37 = s0[(0)];
    x0 = v37;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const f32 v40 = s0[x3];
      const f32 v41 = x0;
      const f32 v42 = (v41 + v40);
      x0 = v42;
    }
    const f32 v43 = x0;
    f32 x4 = (0.0f);
    const f32 v46 = bitcast<f32>(n.w[21]);
    const f32 v47 = (v43 * v46);
    for (i32 x5 = t; x5 < n.w[2]; x5 += (256)) {
      const i32 v56 = g * n.w[7];
      const i32 v57 = n.w[6] + v56;
      const i32 v59 = x5 * n.w[8];
      const i32 v60 = v57 + v59;
      const f32 v61 = b0[v60];
      const f32 v62 = (v61 - v47);
      const f32 v63 = (v62 * v62);
      const f32 v64 = x4;
      const f32 v65 = (v64 + v63);
      x4 = v65;
    }
    const f32 v67 = x4;
    s1[t] = v67;
    wait_for_group();
    const bool v71 = t < (16);
    if (v71) {
      const i32 v72 = t + (16);
      for (i32 x6 = v72; x6 < (256); x6 += (16)) {
        const f32 v74 = s1[x6];
        const f32 v75 = x4;
        const f32 v76 = (v75 + v74);
        x4 = v76;
      }
      const f32 v77 = x4;
      s1[t] = v77;
    }
    wait_for_group();
    const f32 v78 = s1[(0)];
    x4 = v78;
    for (i32 x7 = (1); x7 < (16); x7 += (1)) {
      const f32 v81 = s1[x7];
      const f32 v82 = x4;
      const f32 v83 = (v82 + v81);
      x4 = v83;
    }
    const f32 v84 = x4;
    const f32 v85 = (v84 * v46);
    const f32 v86 = bitcast<f32>(n.w[22]);
    const f32 v87 = (v85 + v86);
    const f32 v88 = __ocml_rsqrt_f32(v87);
    wait_for_group();
    const bool v91 = t < (1);
    if (v91) {
      const i32 v94 = g * n.w[19];
      const i32 v95 = n.w[18] + v94;
      b4[v95] = v88;
    }
    for (i32 x8 = t; x8 < n.w[2]; x8 += (256)) {
      const i32 v106 = g * n.w[7];
      const i32 v107 = n.w[6] + v106;
      const i32 v109 = x8 * n.w[8];
      const i32 v110 = v107 + v109;
      const f32 v111 = b0[v110];
      const f32 v112 = (v111 - v47);
      const f32 v113 = (v112 * v88);
      const i32 v116 = g * n.w[10];
      const i32 v117 = n.w[9] + v116;
      const i32 v119 = x8 * n.w[11];
      const i32 v120 = v117 + v119;
      const f32 v121 = b1[v120];
      const f32 v122 = (v113 * v121);
      const i32 v125 = g * n.w[13];
      const i32 v126 = n.w[12] + v125;
      const i32 v128 = x8 * n.w[14];
      const i32 v129 = v126 + v128;
      const f32 v130 = b2[v129];
      const f32 v131 = (v122 + v130);
      const i32 v134 = g * n.w[16];
      const i32 v135 = n.w[15] + v134;
      const i32 v137 = x8 * n.w[17];
      const i32 v138 = v135 + v137;
      b3[v138] = v131;
    }
  }
}
