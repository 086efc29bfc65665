struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup f32 s0[256];
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
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
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
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v38 = s0[(0)];
    x0 = v38;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const f32 v41 = s0[x3];
      const f32 v42 = x0;
      const f32 v43 = (v42 + v41);
      x0 = v43;
    }
    const f32 v44 = x0;
    for (i32 x4 = t; x4 < n.w[2]; x4 += (256)) {
      const i32 v55 = g * n.w[7];
      const i32 v56 = n.w[6] + v55;
      const i32 v58 = x4 * n.w[8];
      const i32 v59 = v56 + v58;
      const f32 v60 = b0[v59];
      const f32 v61 = (v60 / v44);
      const i32 v64 = g * n.w[10];
      const i32 v65 = n.w[9] + v64;
      const i32 v67 = x4 * n.w[11];
      const i32 v68 = v65 + v67;
      b1[v68] = v61;
    }
  }
}
