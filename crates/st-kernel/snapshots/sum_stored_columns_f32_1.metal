struct Numbers { i32 w[15]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u8* b0 [[buffer(0)]], device const u8* b1 [[buffer(1)]], device f32* b2 [[buffer(2)]], device const f32* b3 [[buffer(3)]], constant Numbers& n [[buffer(4)]], Faults faults [[buffer(5)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v5 = g * (256);
  const i32 v6 = v5 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    f32 x0 = (0.0f);
    const i32 v17 = n.w[1] * n.w[3];
    for (i32 x1 = (0); x1 < n.w[3]; x1 += (1)) {
      const i32 v23 = x1 * n.w[1];
      const i32 v24 = v23 + v6;
      const i32 v26 = (0) * v17;
      const i32 v27 = v26 + v24;
      const f32 v28 = b3[v27];
      const f32 v29 = x0;
      const f32 v30 = (v29 + v28);
      x0 = v30;
    }
    const f32 v31 = x0;
    const i32 v34 = v6 * n.w[13];
    const i32 v35 = n.w[12] + v34;
    b2[v35] = v31;
  }
}
