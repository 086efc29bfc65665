struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u8* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], device const f32* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup f32 s0[256];
  const i32 v4 = g * (8);
  const bool v5 = v4 < n.w[1];
  if (v5) {
    const i32 v7 = g * (8);
    const i32 v10 = t % (8);
    const i32 v11 = v7 + v10;
    const i32 v14 = n.w[1] - (1);
    const bool v15 = v11 < v14;
    const i32 v16 = (v15 ? v11 : v14);
    f32 x0 = (0.0f);
    const i32 v25 = n.w[1] * n.w[3];
    const i32 v30 = t / (8);
    for (i32 x1 = v30; x1 < n.w[3]; x1 += (32)) {
      const i32 v33 = x1 * n.w[1];
      const i32 v34 = v33 + v16;
      const i32 v36 = (0) * v25;
      const i32 v37 = v36 + v34;
      const f32 v38 = b2[v37];
      const f32 v39 = x0;
      const f32 v40 = (v39 + v38);
      x0 = v40;
    }
    const f32 v42 = x0;
    s0[t] = v42;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v44 = t < (64);
    if (v44) {
      const i32 v46 = t + (64);
      const i32 v48 = t + (128);
      const i32 v50 = t + (192);
      const f32 v51 = s0[v46];
      const f32 v52 = s0[v48];
      const f32 v53 = s0[v50];
      const f32 v54 = x0;
      const f32 v55 = (v54 + v51);
      x0 = v55;
      const f32 v56 = x0;
      const f32 v57 = (v56 + v52);
      x0 = v57;
      const f32 v58 = x0;
      const f32 v59 = (v58 + v53);
      x0 = v59;
      const f32 v60 = x0;
      s0[t] = v60;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const i32 v63 = t % (8);
    const f32 v65 = s0[v63];
    x0 = v65;
    const i32 v68 = t % (8);
    const i32 v70 = v68 + (8);
    const i32 v73 = t % (8);
    const i32 v75 = v73 + (16);
    const i32 v78 = t % (8);
    const i32 v80 = v78 + (24);
    const i32 v83 = t % (8);
    const i32 v85 = v83 + (32);
    const i32 v88 = t % (8);
    const i32 v90 = v88 + (40);
    const i32 v93 = t % (8);
    const i32 v95 = v93 + (48);
    const i32 v98 = t % (8);
    const i32 v100 = v98 + (56);
    const f32 v101 = s0[v70];
    const f32 v102 = s0[v75];
    const f32 v103 = s0[v80];
    const f32 v104 = s0[v85];
    const f32 v105 = s0[v90];
    const f32 v106 = s0[v95];
    const f32 v107 = s0[v100];
    const f32 v108 = x0;
    const f32 v109 = (v108 + v101);
    x0 = v109;
    const f32 v110 = x0;
    const f32 v111 = (v110 + v102);
    x0 = v111;
    const f32 v112 = x0;
    const f32 v113 = (v112 + v103);
    x0 = v113;
    const f32 v114 = x0;
    const f32 v115 = (v114 + v104);
    x0 = v115;
    const f32 v116 = x0;
    const f32 v117 = (v116 + v105);
    x0 = v117;
    const f32 v118 = x0;
    const f32 v119 = (v118 + v106);
    x0 = v119;
    const f32 v120 = x0;
    const f32 v121 = (v120 + v107);
    x0 = v121;
    const f32 v122 = x0;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v125 = t < (8);
    const i32 v129 = g * (8);
    const i32 v130 = v129 + t;
    const bool v131 = v130 < n.w[1];
    const bool v132 = v125 && v131;
    if (v132) {
      const i32 v135 = v16 * n.w[10];
      const i32 v136 = n.w[9] + v135;
      b1[v136] = v122;
    }
  }
}
