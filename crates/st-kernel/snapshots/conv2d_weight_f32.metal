struct Numbers { i32 w[38]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device const f32* b1 [[buffer(1)]], device f32* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    const i32 v8 = v4 % n.w[6];
    const i32 v9 = v4 / n.w[6];
    const i32 v11 = v9 % n.w[5];
    const i32 v12 = v9 / n.w[5];
    const i32 v14 = v12 % n.w[4];
    const i32 v15 = v12 / n.w[4];
    f32 x0 = (0.0f);
    const i32 v20 = v15 / n.w[25];
    const i32 v21 = v15 % n.w[25];
    for (i32 x1 = (0); x1 < n.w[22]; x1 += (1)) {
      for (i32 x2 = (0); x2 < n.w[28]; x2 += (1)) {
        const i32 v34 = x2 * n.w[29];
        const i32 v35 = v11 * n.w[31];
        const i32 v36 = v34 + v35;
        const i32 v37 = v36 - n.w[30];
        const bool v39 = (-1) < v37;
        const bool v40 = v37 < n.w[26];
        const bool v41 = v39 && v40;
        if (v41) {
          for (i32 x3 = (0); x3 < n.w[34]; x3 += (1)) {
            const i32 v50 = x3 * n.w[35];
            const i32 v51 = v8 * n.w[37];
            const i32 v52 = v50 + v51;
            const i32 v53 = v52 - n.w[36];
            const bool v55 = (-1) < v53;
            const bool v56 = v53 < n.w[32];
            const bool v57 = v55 && v56;
            if (v57) {
              const i32 v61 = n.w[23] * n.w[25];
              const i32 v62 = x1 * v61;
              const i32 v63 = v20 * n.w[25];
              const i32 v64 = v63 + v21;
              const i32 v65 = v62 + v64;
              const i32 v67 = v65 * n.w[28];
              const i32 v68 = v67 + x2;
              const i32 v70 = v68 * n.w[34];
              const i32 v71 = v70 + x3;
              const i32 v72 = n.w[23] * n.w[24];
              const i32 v73 = x1 * v72;
              const i32 v74 = v20 * n.w[24];
              const i32 v75 = v74 + v14;
              const i32 v76 = v73 + v75;
              const i32 v78 = v76 * n.w[26];
              const i32 v79 = v78 + v37;
              const i32 v81 = v79 * n.w[32];
              const i32 v82 = v81 + v53;
              const i32 v84 = n.w[7] + v71;
              const f32 v85 = b0[v84];
              const i32 v87 = n.w[12] + v82;
              const f32 v88 = b1[v87];
              const f32 v89 = (v85 * v88);
              const f32 v90 = x0;
              const f32 v91 = (v90 + v89);
              x0 = v91;
            }
          }
        }
      }
    }
    const f32 v92 = x0;
    const i32 v95 = v15 * n.w[18];
    const i32 v96 = n.w[17] + v95;
    const i32 v98 = v14 * n.w[19];
    const i32 v99 = v96 + v98;
    const i32 v101 = v11 * n.w[20];
    const i32 v102 = v99 + v101;
    const i32 v104 = v8 * n.w[21];
    const i32 v105 = v102 + v104;
    b2[v105] = v92;
  }
}
