struct Numbers { i32 w[9]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v11 = v6 * n.w[6];
    const i32 v12 = n.w[5] + v11;
    const f32 v13 = b0[v12];
    const bool v14 = (v13 == v13);
    const f32 v15 = (v13 / v13);
    const f32 v16 = (v13 - v13);
    const f32 v17 = (v14 ? v15 : v16);
    const i32 v20 = v6 * n.w[8];
    const i32 v21 = n.w[7] + v20;
    b1[v21] = v17;
  }
}
