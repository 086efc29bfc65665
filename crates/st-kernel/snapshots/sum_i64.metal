struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const i64* b0 [[buffer(0)]], device i64* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup i64 s0[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    i64 x0 = i64(0);
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v18 = g * n.w[7];
      const i32 v19 = n.w[6] + v18;
      const i32 v21 = x1 * n.w[8];
      const i32 v22 = v19 + v21;
      const i64 v23 = b0[v22];
      const i64 v24 = x0;
      const i64 v25 = add_int(v24, v23);
      x0 = v25;
    }
    const i64 v27 = x0;
    s0[t] = v27;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v31 = t < (16);
    if (v31) {
      const i32 v32 = t + (16);
      for (i32 x2 = v32; x2 < (256); x2 += (16)) {
        const i64 v34 = s0[x2];
        const i64 v35 = x0;
        const i64 v36 = add_int(v35, v34);
        x0 = v36;
      }
      const i64 v37 = x0;
      s0[t] = v37;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const i64 v38 = s0[(0)];
    x0 = v38;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const i64 v41 = s0[x3];
      const i64 v42 = x0;
      const i64 v43 = add_int(v42, v41);
      x0 = v43;
    }
    const i64 v44 = x0;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v47 = t < (1);
    if (v47) {
      const i32 v50 = g * n.w[10];
      const i32 v51 = n.w[9] + v50;
      b1[v51] = v44;
    }
  }
}
