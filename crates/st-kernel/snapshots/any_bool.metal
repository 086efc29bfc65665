struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u8* b0 [[buffer(0)]], device u8* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup i32 s0[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    bool x0 = false;
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v17 = g * n.w[7];
      const i32 v18 = n.w[6] + v17;
      const i32 v20 = x1 * n.w[8];
      const i32 v21 = v18 + v20;
      const bool v22 = (b0[v21] != 0);
      const bool v23 = x0;
      const bool v24 = v23 || v22;
      x0 = v24;
    }
    const bool v26 = x0;
    const i32 v27 = i32(v26);
    s0[t] = v27;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v31 = t < (16);
    if (v31) {
      const i32 v32 = t + (16);
      for (i32 x2 = v32; x2 < (256); x2 += (16)) {
        const i32 v34 = s0[x2];
        const bool v35 = (v34 != 0);
        const bool v36 = x0;
        const bool v37 = v36 || v35;
        x0 = v37;
      }
      const bool v38 = x0;
      const i32 v39 = i32(v38);
      s0[t] = v39;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const i32 v40 = s0[(0)];
    const bool v41 = (v40 != 0);
    x0 = v41;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const i32 v44 = s0[x3];
      const bool v45 = (v44 != 0);
      const bool v46 = x0;
      const bool v47 = v46 || v45;
      x0 = v47;
    }
    const bool v48 = x0;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v51 = t < (1);
    if (v51) {
      const i32 v54 = g * n.w[10];
      const i32 v55 = n.w[9] + v54;
      b1[v55] = u8(v48);
    }
  }
}
