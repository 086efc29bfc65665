struct Numbers { i32 w[17]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device const i64* b1 [[buffer(1)]], device f32* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    for (i32 x0 = (0); x0 < n.w[2]; x0 += (1)) {
      const i32 v14 = v5 * n.w[7];
      const i32 v15 = n.w[6] + v14;
      const i32 v17 = x0 * n.w[8];
      const i32 v18 = v15 + v17;
      const f32 v19 = b0[v18];
      const i32 v22 = v5 * n.w[13];
      const i32 v23 = n.w[12] + v22;
      const i32 v25 = x0 * n.w[14];
      const i32 v26 = v23 + v25;
      const i32 v29 = v5 * n.w[10];
      const i32 v30 = n.w[9] + v29;
      const i32 v32 = x0 * n.w[11];
      const i32 v33 = v30 + v32;
      const i64 v34 = b1[v33];
      const i32 v37 = wrapped(v34, n.w[15], faults);
      const i32 v38 = v37 * n.w[16];
      const i32 v39 = v26 + v38;
      const f32 v40 = b2[v39];
      const f32 v41 = (v40 + v19);
      const f32 v42 = v41;
      b2[v39] = v42;
    }
  }
}
