struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup f32 s0[272];
  const bool v2 = g < n.w[1];
  if (v2) {
    f32 x0 = (-0.0f);
    for (i32 x1 = (0); x1 < n.w[5]; x1 += (1024)) {
      const i32 v10 = t * (4);
      const i32 v11 = x1 + v10;
      f32 x2 = (-0.0f);
      f32 x3 = (-0.0f);
      f32 x4 = (-0.0f);
      f32 x5 = (-0.0f);
      const bool v13 = v11 < n.w[5];
      if (v13) {
        const i32 v16 = g * n.w[7];
        const i32 v17 = n.w[6] + v16;
        const i32 v19 = v11 * n.w[8];
        const i32 v20 = v17 + v19;
        const four<f32> q21 = load_four(b0 + v20);
        const f32 v21 = q21.x;
        const f32 v22 = q21.y;
        const f32 v23 = q21.z;
        const f32 v24 = q21.w;
        const f32 v26 = v21;
        x2 = v26;
        const i32 v28 = v11 + (1);
        const f32 v29 = v22;
        x3 = v29;
        const i32 v31 = v11 + (2);
        const f32 v32 = v23;
        x4 = v32;
        const i32 v34 = v11 + (3);
        const f32 v35 = v24;
        x5 = v35;
      }
      const f32 v36 = x2;
      const f32 v37 = x3;
      const f32 v38 = (v36 + v37);
      const f32 v39 = x4;
      const f32 v40 = (v38 + v39);
      const f32 v41 = x5;
      const f32 v42 = (v40 + v41);
      const i32 v44 = t / (16);
      const i32 v45 = t + v44;
      s0[v45] = v42;
      metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
      const bool v51 = t < (16);
      if (v51) {
        f32 x6 = (-0.0f);
        const i32 v54 = t * (16);
        for (i32 x7 = (0); x7 < (16); x7 += (1)) {
          const i32 v56 = v54 + x7;
          const f32 v57 = x6;
          const i32 v59 = v56 / (16);
          const i32 v60 = v56 + v59;
          const f32 v61 = s0[v60];
          const f32 v62 = (v57 + v61);
          x6 = v62;
          const i32 v64 = v56 / (16);
          const i32 v65 = v56 + v64;
          s0[v65] = v62;
        }
      }
      metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
      const i32 v71 = t / (16);
      const f32 v72 = x0;
      f32 x8 = v72;
      for (i32 x9 = (0); x9 < (16); x9 += (1)) {
        const f32 v74 = x0;
        const bool v75 = x9 == v71;
        if (v75) {
          x8 = v74;
        }
        const i32 v77 = x9 * (16);
        const i32 v79 = v77 + (15);
        const i32 v81 = v79 / (16);
        const i32 v82 = v79 + v81;
        const f32 v83 = s0[v82];
        const f32 v84 = (v74 + v83);
        x0 = v84;
      }
      const i32 v85 = t % (16);
      const bool v86 = (0) < v85;
      if (v86) {
        const i32 v87 = t - (1);
        const f32 v88 = x8;
        const i32 v90 = v87 / (16);
        const i32 v91 = v87 + v90;
        const f32 v92 = s0[v91];
        const f32 v93 = (v88 + v92);
        x8 = v93;
      }
      const f32 v94 = x8;
      const f32 v95 = (v94 + v36);
      const f32 v96 = (v94 + v38);
      const f32 v97 = (v94 + v40);
      const f32 v98 = (v94 + v42);
      const bool v99 = v11 < n.w[5];
      if (v99) {
        const i32 v102 = g * n.w[10];
        const i32 v103 = n.w[9] + v102;
        const i32 v105 = v11 * n.w[11];
        const i32 v106 = v103 + v105;
        const f32 v107 = v95;
        const f32 v108 = v96;
        const f32 v109 = v97;
        const f32 v110 = v98;
        store_four(b1 + v106, v107, v108, v109, v110);
      }
      metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    }
  }
}
