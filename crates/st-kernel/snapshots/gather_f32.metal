struct Numbers { i32 w[17]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const i64* b0 [[buffer(0)]], device const f32* b1 [[buffer(1)]], device f32* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v10 = v6 % n.w[5];
    const i32 v11 = v6 / n.w[5];
    const i32 v14 = v11 * n.w[10];
    const i32 v15 = n.w[9] + v14;
    const i32 v17 = v10 * n.w[11];
    const i32 v18 = v15 + v17;
    const i32 v21 = v11 * n.w[7];
    const i32 v22 = n.w[6] + v21;
    const i32 v24 = v10 * n.w[8];
    const i32 v25 = v22 + v24;
    const i64 v26 = b0[v25];
    const i32 v29 = wrapped(v26, n.w[12], faults);
    const i32 v30 = v29 * n.w[13];
    const i32 v31 = v18 + v30;
    const f32 v32 = b1[v31];
    const i32 v35 = v11 * n.w[15];
    const i32 v36 = n.w[14] + v35;
    const i32 v38 = v10 * n.w[16];
    const i32 v39 = v36 + v38;
    b2[v39] = v32;
  }
}
