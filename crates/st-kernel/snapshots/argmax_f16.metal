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
      const i32 v17 = g * n.w[7];
      const i32 v18 = n.w[6] + v17;
      const i32 v20 = x2 * n.w[8];
      const i32 v21 = v18 + v20;
      const f32 v22 = f16_of_bits(b0[v21]);
      const f32 v23 = x0;
      const i32 v24 = x1;
      const bool v25 = (v23 < v22);
      const bool v26 = (v22 == v23);
      const bool v27 = x2 < v24;
      const bool v28 = (v22 == v22);
      const bool v29 = (v23 == v23);
      const bool v30 = (!v28);
      const bool v31 = (!v29);
      const bool v32 = v30 && v29;
      const bool v33 = v30 && v31;
      const bool v34 = v25 || v32;
      const bool v35 = v26 || v33;
      const bool v36 = v35 && v27;
      const bool v37 = v34 || v36;
      const f32 v38 = (v37 ? v22 : v23);
      const i32 v39 = (v37 ? x2 : v24);
      x0 = v38;
      x1 = v39;
    }
    const f32 v41 = x0;
    s0[t] = v41;
    const i32 v42 = x1;
    s1[t] = v42;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v46 = t < (16);
    if (v46) {
      const i32 v47 = t + (16);
      for (i32 x3 = v47; x3 < (256); x3 += (16)) {
        const f32 v49 = s0[x3];
        const i32 v50 = s1[x3];
        const f32 v51 = x0;
        const i32 v52 = x1;
        const bool v53 = (v51 < v49);
        const bool v54 = (v49 == v51);
        const bool v55 = v50 < v52;
        const bool v56 = (v49 == v49);
        const bool v57 = (v51 == v51);
        const bool v58 = (!v56);
        const bool v59 = (!v57);
        const bool v60 = v58 && v57;
        const bool v61 = v58 && v59;
        const bool v62 = v53 || v60;
        const bool v63 = v54 || v61;
        const bool v64 = v63 && v55;
        const bool v65 = v62 || v64;
        const f32 v66 = (v65 ? v49 : v51);
        const i32 v67 = (v65 ? v50 : v52);
        x0 = v66;
        x1 = v67;
      }
      const f32 v68 = x0;
      s0[t] = v68;
      const i32 v69 = x1;
      s1[t] = v69;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v70 = s0[(0)];
    const i32 v71 = s1[(0)];
    x0 = v70;
    x1 = v71;
    for (i32 x4 = (1); x4 < (16); x4 += (1)) {
      const f32 v74 = s0[x4];
      const i32 v75 = s1[x4];
      const f32 v76 = x0;
      const i32 v77 = x1;
      const bool v78 = (v76 < v74);
      const bool v79 = (v74 == v76);
      const bool v80 = v75 < v77;
      const bool v81 = (v74 == v74);
      const bool v82 = (v76 == v76);
      const bool v83 = (!v81);
      const bool v84 = (!v82);
      const bool v85 = v83 && v82;
      const bool v86 = v83 && v84;
      const bool v87 = v78 || v85;
      const bool v88 = v79 || v86;
      const bool v89 = v88 && v80;
      const bool v90 = v87 || v89;
      const f32 v91 = (v90 ? v74 : v76);
      const i32 v92 = (v90 ? v75 : v77);
      x0 = v91;
      x1 = v92;
    }
    const i32 v93 = x1;
    const i64 v94 = i64(v93);
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v97 = t < (1);
    if (v97) {
      const i32 v100 = g * n.w[10];
      const i32 v101 = n.w[9] + v100;
      b1[v101] = v94;
    }
  }
}
