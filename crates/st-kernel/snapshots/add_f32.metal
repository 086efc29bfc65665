struct Numbers { i32 w[15]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device const f32* b1 [[buffer(1)]], device f32* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
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
    const f32 v19 = b0[v18];
    const i32 v22 = v11 * n.w[10];
    const i32 v23 = n.w[9] + v22;
    const i32 v25 = v10 * n.w[11];
    const i32 v26 = v23 + v25;
    const f32 v27 = b1[v26];
    const f32 v28 = (v19 + v27);
    const i32 v31 = v11 * n.w[13];
    const i32 v32 = n.w[12] + v31;
    const i32 v34 = v10 * n.w[14];
    const i32 v35 = v32 + v34;
    b2[v35] = v28;
  }
}
