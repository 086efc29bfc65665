struct Numbers { i32 w[15]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], device i64* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    const i32 v8 = v4 % n.w[4];
    const i32 v9 = v4 / n.w[4];
    const i32 v12 = v9 * n.w[6];
    const i32 v13 = n.w[5] + v12;
    const i32 v15 = v8 * n.w[7];
    const i32 v16 = v13 + v15;
    const f32 v17 = b0[v16];
    i32 x0 = (0);
    for (i32 x1 = (0); x1 < n.w[4]; x1 += (1)) {
      const i32 v24 = v9 * n.w[6];
      const i32 v25 = n.w[5] + v24;
      const i32 v27 = x1 * n.w[7];
      const i32 v28 = v25 + v27;
      const f32 v29 = b0[v28];
      const bool v30 = (v29 < v17);
      const bool v31 = (v29 == v29);
      const bool v32 = (v17 == v17);
      const bool v33 = (!v32);
      const bool v34 = v31 && v33;
      const bool v35 = v30 || v34;
      const bool v36 = (v17 < v29);
      const bool v37 = (v17 == v17);
      const bool v38 = (v29 == v29);
      const bool v39 = (!v38);
      const bool v40 = v37 && v39;
      const bool v41 = v36 || v40;
      const bool v42 = v35 || v41;
      const bool v43 = (!v42);
      const bool v44 = x1 < v8;
      const bool v45 = v43 && v44;
      const bool v46 = v35 || v45;
      if (v46) {
        const i32 v47 = x0;
        const i32 v48 = v47 + (1);
        x0 = v48;
      }
    }
    const i32 v49 = x0;
    const bool v51 = v49 < n.w[14];
    if (v51) {
      const i32 v54 = v9 * n.w[9];
      const i32 v55 = n.w[8] + v54;
      const i32 v57 = v49 * n.w[10];
      const i32 v58 = v55 + v57;
      const f32 v59 = v17;
      b1[v58] = v59;
      const i64 v60 = i64(v8);
      const i32 v63 = v9 * n.w[12];
      const i32 v64 = n.w[11] + v63;
      const i32 v66 = v49 * n.w[13];
      const i32 v67 = v64 + v66;
      const i64 v68 = v60;
      b2[v67] = v68;
    }
  }
}
