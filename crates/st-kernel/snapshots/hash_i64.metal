struct Numbers { i32 w[14]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const i64* b0 [[buffer(0)]], device i64* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v10 = v6 % n.w[5];
    const i32 v11 = v6 / n.w[5];
    const i32 v14 = v11 * n.w[7];
    const i32 v15 = n.w[6] + v14;
    const i32 v17 = v10 * n.w[8];
    const i32 v18 = v15 + v17;
    const i64 v19 = b0[v18];
    const i64 v20 = i64_of_words(n.w[12], n.w[13]);
    const i64 v21 = mul_int(v19, v20);
    const i64 v23 = i64(v10);
    const i64 v24 = add_int(v21, v23);
    const i64 v26 = floordiv_int(v24, i64(-7));
    const i32 v29 = v11 * n.w[10];
    const i32 v30 = n.w[9] + v29;
    const i32 v32 = v10 * n.w[11];
    const i32 v33 = v30 + v32;
    b1[v33] = v26;
  }
}
