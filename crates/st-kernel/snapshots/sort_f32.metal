struct Numbers { i32 w[16]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], device i64* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[5];
    const i32 v10 = v5 / n.w[5];
    const i32 v13 = v10 * n.w[7];
    const i32 v14 = n.w[6] + v13;
    const i32 v16 = v9 * n.w[8];
    const i32 v17 = v14 + v16;
    const f32 v18 = b0[v17];
    i32 x0 = (0);
    for (i32 x1 = (0); x1 < n.w[5]; x1 += (1)) {
      const i32 v25 = v10 * n.w[7];
      const i32 v26 = n.w[6] + v25;
      const i32 v28 = x1 * n.w[8];
      const i32 v29 = v26 + v28;
      const f32 v30 = b0[v29];
      const bool v31 = (v30 < v18);
      const bool v32 = (v30 == v30);
      const bool v33 = (v18 == v18);
      const bool v34 = (!v33);
      const bool v35 = v32 && v34;
      const bool v36 = v31 || v35;
      const bool v37 = (v18 < v30);
      const bool v38 = (v18 == v18);
      const bool v39 = (v30 == v30);
      const bool v40 = (!v39);
      const bool v41 = v38 && v40;
      const bool v42 = v37 || v41;
      const bool v43 = v36 || v42;
      const bool v44 = (!v43);
      const bool v45 = x1 < v9;
      const bool v46 = v44 && v45;
      const bool v47 = v36 || v46;
      if (v47) {
        const i32 v48 = x0;
        const i32 v50 = v48 + (1);
        x0 = v50;
      }
    }
    const i32 v51 = x0;
    const bool v53 = v51 < n.w[15];
    if (v53) {
      const i32 v56 = v10 * n.w[10];
      const i32 v57 = n.w[9] + v56;
      const i32 v59 = v51 * n.w[11];
      const i32 v60 = v57 + v59;
      const f32 v61 = v18;
      b1[v60] = v61;
      const i64 v62 = i64(v9);
      const i32 v65 = v10 * n.w[13];
      const i32 v66 = n.w[12] + v65;
      const i32 v68 = v51 * n.w[14];
      const i32 v69 = v66 + v68;
      const i64 v70 = v62;
      b2[v69] = v70;
    }
  }
}
