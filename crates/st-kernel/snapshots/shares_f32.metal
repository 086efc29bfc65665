struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup f32 s0[256];
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
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
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
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v37 = s0[(0)];
    x0 = v37;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const f32 v40 = s0[x3];
      const f32 v41 = x0;
      const f32 v42 = (v41 + v40);
      x0 = v42;
    }
    const f32 v43 = x0;
    for (i32 x4 = t; x4 < n.w[2]; x4 += (256)) {
      const i32 v54 = g * n.w[7];
      const i32 v55 = n.w[6] + v54;
      const i32 v57 = x4 * n.w[8];
      const i32 v58 = v55 + v57;
      const f32 v59 = b0[v58];
      const f32 v60 = (v59 / v43);
      const i32 v63 = g * n.w[10];
      const i32 v64 = n.w[9] + v63;
      const i32 v66 = x4 * n.w[11];
      const i32 v67 = v64 + v66;
      b1[v67] = v60;
    }
  }
}
