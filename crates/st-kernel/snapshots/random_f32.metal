struct Numbers { i32 w[10]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device f32* b0 [[buffer(0)]], constant Numbers& n [[buffer(1)]], Faults faults [[buffer(2)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    const i32 v8 = v4 % n.w[4];
    const i32 v9 = v4 / n.w[4];
    const i64 v10 = i64_of_words(n.w[8], n.w[9]);
    const i64 v12 = i64(v9);
    const i64 v14 = mul_int(v12, i64(1000));
    const i64 v16 = i64(v8);
    const i64 v17 = add_int(v14, v16);
    const i64 v18 = random_int(v10, v17);
    const i64 v20 = shr_int(v18, i64(8));
    const f32 v21 = f32(v20);
    const f32 v23 = (v21 * (5.9604645e-8f));
    const i32 v26 = v9 * n.w[6];
    const i32 v27 = n.w[5] + v26;
    const i32 v29 = v8 * n.w[7];
    const i32 v30 = v27 + v29;
    b0[v30] = v23;
  }
}
