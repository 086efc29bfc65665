struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u8* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], device const f32* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v5 = g * (256);
  const i32 v6 = v5 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    f32 x0 = (0.0f);
    const i32 v16 = n.w[1] * n.w[3];
    for (i32 x1 = (0); x1 < n.w[3]; x1 += (1)) {
      const i32 v22 = x1 * n.w[1];
      const i32 v23 = v22 + v6;
      const i32 v25 = (0) * v16;
      const i32 v26 = v25 + v23;
      const f32 v27 = b2[v26];
      const f32 v28 = x0;
      const f32 v29 = (v28 + v27);
      x0 = v29;
    }
    const f32 v30 = x0;
    const i32 v33 = v6 * n.w[10];
    const i32 v34 = n.w[9] + v33;
    b1[v34] = v30;
  }
}
