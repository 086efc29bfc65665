struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    f32 x0 = (-0.0f);
    for (i32 x1 = (0); x1 < n.w[5]; x1 += (1)) {
      const i32 v15 = v5 * n.w[7];
      const i32 v16 = n.w[6] + v15;
      const i32 v18 = x1 * n.w[8];
      const i32 v19 = v16 + v18;
      const f32 v20 = b0[v19];
      const f32 v21 = v20;
      const f32 v22 = x0;
      const f32 v23 = (v22 + v21);
      x0 = v23;
      const i32 v26 = v5 * n.w[10];
      const i32 v27 = n.w[9] + v26;
      const i32 v29 = x1 * n.w[11];
      const i32 v30 = v27 + v29;
      const f32 v31 = v23;
      b1[v30] = v31;
    }
  }
}
