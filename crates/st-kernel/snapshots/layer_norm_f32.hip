struct Numbers { i32 w[23]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const f32* b1, const f32* b2, f32* b3, f32* b4, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  alignas(16) __shared__ f32 s0[256];
  alignas(16) __shared__ f32 s1[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    f32 x0 = (0.0f);
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v18 = g * n.w[7];
      const i32 v19 = n.w[6] + v18;
      const i32 v21 = x1 * n.w[8];
      const i32 v22 = v19 + v21;
      const f32 v23 = b0[v22];
      const f32 v24 = x0;
      const f32 v25 = (v24 + v23);
      x0 = v25;
    }
    const f32 v27 = x0;
    s0[t] = v27;
    wait_for_group();
    const bool v31 = t < (16);
    if (v31) {
      const i32 v32 = t + (16);
      for (i32 x2 = v32; x2 < (256); x2 += (16)) {
        const f32 v34 = s0[x2];
        const f32 v35 = x0;
        const f32 v36 = (v35 + v34);
        x0 = v36;
      }
      const f32 v37 = x0;
      s0[t] = v37;
    }
    wait_for_group();
    const f32 v38 = s0[(0)];
    x0 = v38;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const f32 v41 = s0[x3];
      const f32 v42 = x0;
      const f32 v43 = (v42 + v41);
      x0 = v43;
    }
    const f32 v44 = x0;
    f32 x4 = (0.0f);
    const f32 v47 = bitcast<f32>(n.w[21]);
    const f32 v48 = (v44 * v47);
    for (i32 x5 = t; x5 < n.w[2]; x5 += (256)) {
      const i32 v57 = g * n.w[7];
      const i32 v58 = n.w[6] + v57;
      const i32 v60 = x5 * n.w[8];
      const i32 v61 = v58 + v60;
      const f32 v62 = b0[v61];
      const f32 v63 = (v62 - v48);
      const f32 v64 = (v63 * v63);
      const f32 v65 = x4;
      const f32 v66 = (v65 + v64);
      x4 = v66;
    }
    const f32 v68 = x4;
    s1[t] = v68;
    wait_for_group();
    const bool v72 = t < (16);
    if (v72) {
      const i32 v73 = t + (16);
      for (i32 x6 = v73; x6 < (256); x6 += (16)) {
        const f32 v75 = s1[x6];
        const f32 v76 = x4;
        const f32 v77 = (v76 + v75);
        x4 = v77;
      }
      const f32 v78 = x4;
      s1[t] = v78;
    }
    wait_for_group();
    const f32 v79 = s1[(0)];
    x4 = v79;
    for (i32 x7 = (1); x7 < (16); x7 += (1)) {
      const f32 v82 = s1[x7];
      const f32 v83 = x4;
      const f32 v84 = (v83 + v82);
      x4 = v84;
    }
    const f32 v85 = x4;
    const f32 v86 = (v85 * v47);
    const f32 v87 = bitcast<f32>(n.w[22]);
    const f32 v88 = (v86 + v87);
    const f32 v89 = __ocml_rsqrt_f32(v88);
    wait_for_group();
    const bool v92 = t < (1);
    if (v92) {
      const i32 v95 = g * n.w[19];
      const i32 v96 = n.w[18] + v95;
      b4[v96] = v89;
    }
    for (i32 x8 = t; x8 < n.w[2]; x8 += (256)) {
      const i32 v107 = g * n.w[7];
      const i32 v108 = n.w[6] + v107;
      const i32 v110 = x8 * n.w[8];
      const i32 v111 = v108 + v110;
      const f32 v112 = b0[v111];
      const f32 v113 = (v112 - v48);
      const f32 v114 = (v113 * v89);
      const i32 v117 = g * n.w[10];
      const i32 v118 = n.w[9] + v117;
      const i32 v120 = x8 * n.w[11];
      const i32 v121 = v118 + v120;
      const f32 v122 = b1[v121];
      const f32 v123 = (v114 * v122);
      const i32 v126 = g * n.w[13];
      const i32 v127 = n.w[12] + v126;
      const i32 v129 = x8 * n.w[14];
      const i32 v130 = v127 + v129;
      const f32 v131 = b2[v130];
      const f32 v132 = (v123 + v131);
      const i32 v135 = g * n.w[16];
      const i32 v136 = n.w[15] + v135;
      const i32 v138 = x8 * n.w[17];
      const i32 v139 = v136 + v138;
      b3[v139] = v132;
    }
  }
}
