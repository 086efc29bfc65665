struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u16* b0 [[buffer(0)]], device i64* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup f32 s0[256];
  alignas(16) threadgroup i32 s1[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    f32 x0 = bitcast<f32>(0xff800000u);
    i32 x1 = (2147483647);
    for (i32 x2 = t; x2 < n.w[2]; x2 += (256)) {
      const i32 v18 = g * n.w[7];
      const i32 v19 = n.w[6] + v18;
      const i32 v21 = x2 * n.w[8];
      const i32 v22 = v19 + v21;
      const f32 v23 = f16_of_bits(b0[v22]);
      const f32 v24 = x0;
      const i32 v25 = x1;
      const bool v26 = (v24 < v23);
      const bool v27 = (v23 == v24);
      const bool v28 = x2 < v25;
      const bool v29 = (v23 == v23);
      const bool v30 = (v24 == v24);
      const bool v31 = (!v29);
      const bool v32 = (!v30);
      const bool v33 = v31 && v30;
      const bool v34 = v31 && v32;
      const bool v35 = v26 || v33;
      const bool v36 = v27 || v34;
      const bool v37 = v36 && v28;
      const bool v38 = v35 || v37;
      const f32 v39 = (v38 ? v23 : v24);
      const i32 v40 = (v38 ? x2 : v25);
      x0 = v39;
      x1 = v40;
    }
    const f32 v42 = x0;
    s0[t] = v42;
    const i32 v43 = x1;
    s1[t] = v43;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v47 = t < (16);
    if (v47) {
      const i32 v48 = t + (16);
      for (i32 x3 = v48; x3 < (256); x3 += (16)) {
        const f32 v50 = s0[x3];
        const i32 v51 = s1[x3];
        const f32 v52 = x0;
        const i32 v53 = x1;
        const bool v54 = (v52 < v50);
        const bool v55 = (v50 == v52);
        const bool v56 = v51 < v53;
        const bool v57 = (v50 == v50);
        const bool v58 = (v52 == v52);
        const bool v59 = (!v57);
        const bool v60 = (!v58);
        const bool v61 = v59 && v58;
        const bool v62 = v59 && v60;
        const bool v63 = v54 || v61;
        const bool v64 = v55 || v62;
        const bool v65 = v64 && v56;
        const bool v66 = v63 || v65;
        const f32 v67 = (v66 ? v50 : v52);
        const i32 v68 = (v66 ? v51 : v53);
        x0 = v67;
        x1 = v68;
      }
      const f32 v69 = x0;
      s0[t] = v69;
      const i32 v70 = x1;
      s1[t] = v70;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v71 = s0[(0)];
    const i32 v72 = s1[(0)];
    x0 = v71;
    x1 = v72;
    for (i32 x4 = (1); x4 < (16); x4 += (1)) {
      const f32 v75 = s0[x4];
      const i32 v76 = s1[x4];
      const f32 v77 = x0;
      const i32 v78 = x1;
      const bool v79 = (v77 < v75);
      const bool v80 = (v75 == v77);
      const bool v81 = v76 < v78;
      const bool v82 = (v75 == v75);
      const bool v83 = (v77 == v77);
      const bool v84 = (!v82);
      const bool v85 = (!v83);
      const bool v86 = v84 && v83;
      const bool v87 = v84 && v85;
      const bool v88 = v79 || v86;
      const bool v89 = v80 || v87;
      const bool v90 = v89 && v81;
      const bool v91 = v88 || v90;
      const f32 v92 = (v91 ? v75 : v77);
      const i32 v93 = (v91 ? v76 : v78);
      x0 = v92;
      x1 = v93;
    }
    const i32 v94 = x1;
    const i64 v95 = i64(v94);
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v98 = t < (1);
    if (v98) {
      const i32 v101 = g * n.w[10];
      const i32 v102 = n.w[9] + v101;
      b1[v102] = v95;
    }
  }
}
