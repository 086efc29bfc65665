struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const i64* b0 [[buffer(0)]], device i64* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup i64 s0[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    i64 x0 = i64(0);
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v17 = g * n.w[7];
      const i32 v18 = n.w[6] + v17;
      const i32 v20 = x1 * n.w[8];
      const i32 v21 = v18 + v20;
      const i64 v22 = b0[v21];
      const i64 v23 = x0;
      const i64 v24 = add_int(v23, v22);
      x0 = v24;
    }
    const i64 v26 = x0;
    s0[t] = v26;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v30 = t < (16);
    if (v30) {
      const i32 v31 = t + (16);
      for (i32 x2 = v31; x2 < (256); x2 += (16)) {
        const i64 v33 = s0[x2];
        const i64 v34 = x0;
        const i64 v35 = add_int(v34, v33);
        x0 = v35;
      }
      const i64 v36 = x0;
      s0[t] = v36;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const i64 v37 = s0[(0)];
    x0 = v37;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const i64 v40 = s0[x3];
      const i64 v41 = x0;
      const i64 v42 = add_int(v41, v40);
      x0 = v42;
    }
    const i64 v43 = x0;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v46 = t < (1);
    if (v46) {
      const i32 v49 = g * n.w[10];
      const i32 v50 = n.w[9] + v49;
      b1[v50] = v43;
    }
  }
}
