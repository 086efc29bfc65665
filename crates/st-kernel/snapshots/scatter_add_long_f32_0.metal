struct Numbers { i32 w[17]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u8* b0 [[buffer(0)]], device const i64* b1 [[buffer(1)]], device const u8* b2 [[buffer(2)]], device i32* b3 [[buffer(3)]], constant Numbers& n [[buffer(4)]], Faults faults [[buffer(5)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[2];
  if (v7) {
    const i32 v11 = v5 * n.w[11];
    const i32 v12 = n.w[9] + v11;
    const i64 v13 = b1[v12];
    const i32 v16 = wrapped(v13, n.w[15], faults);
    const i32 v17 = v16 * n.w[16];
    b3[v5] = v17;
  }
}
