struct Numbers { i32 w[16]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device const u8* b1 [[buffer(1)]], device const u8* b2 [[buffer(2)]], device i32* b3 [[buffer(3)]], constant Numbers& n [[buffer(4)]], Faults faults [[buffer(5)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[5];
    const i32 v10 = v5 / n.w[5];
    const i32 v11 = v5 - v9;
    const i32 v13 = n.w[1] + v11;
    const i32 v14 = v11 + v9;
    const i32 v15 = b3[v14];
    const i32 v18 = v10 * n.w[7];
    const i32 v19 = n.w[6] + v18;
    const i32 v21 = v15 * n.w[8];
    const i32 v22 = v19 + v21;
    const f32 v23 = b0[v22];
    const i32 v27 = n.w[3] * (2);
    const i32 v28 = v9 / v27;
    const i32 v29 = v28 * v27;
    const i32 v30 = v29 + n.w[3];
    const bool v31 = v30 < n.w[5];
    const i32 v32 = (v31 ? v30 : n.w[5]);
    const i32 v33 = v29 + v27;
    const bool v34 = v33 < n.w[5];
    const i32 v35 = (v34 ? v33 : n.w[5]);
    const bool v36 = v9 < v32;
    const i32 v37 = (v36 ? v32 : v29);
    const i32 v38 = (v36 ? v35 : v32);
    i32 x0 = v37;
    i32 x1 = v38;
    for (i32 x2 = (0); x2 < (32); x2 += (1)) {
      const i32 v43 = x0;
      const i32 v44 = x1;
      const bool v45 = v43 < v44;
      if (v45) {
        const i32 v46 = v43 + v44;
        const i32 v48 = v46 / (2);
        const i32 v49 = v11 + v48;
        const i32 v50 = b3[v49];
        const i32 v53 = v10 * n.w[7];
        const i32 v54 = n.w[6] + v53;
        const i32 v56 = v50 * n.w[8];
        const i32 v57 = v54 + v56;
        const f32 v58 = b0[v57];
        const bool v59 = (v23 < v58);
        const bool v60 = (v23 == v23);
        const bool v61 = (v58 == v58);
        const bool v62 = (!v61);
        const bool v63 = v60 && v62;
        const bool v64 = v59 || v63;
        const bool v65 = (v58 < v23);
        const bool v66 = (v58 == v58);
        const bool v67 = (v23 == v23);
        const bool v68 = (!v67);
        const bool v69 = v66 && v68;
        const bool v70 = v65 || v69;
        const bool v71 = (!v70);
        const bool v72 = (v36 ? v64 : v71);
        const i32 v74 = v48 + (1);
        const i32 v75 = (v72 ? v74 : v43);
        const i32 v76 = (v72 ? v44 : v48);
        x0 = v75;
        x1 = v76;
      }
    }
    const i32 v77 = x0;
    const i32 v78 = v77 - v37;
    const i32 v79 = (v36 ? v29 : v32);
    const i32 v80 = v9 - v79;
    const i32 v81 = v29 + v80;
    const i32 v82 = v81 + v78;
    const i32 v83 = v13 + v82;
    b3[v83] = v15;
  }
}
