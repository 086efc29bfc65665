struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device const u8* b1 [[buffer(1)]], device f32* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v2 = n.w[1] * n.w[3];
  const i32 v6 = g * (256);
  const i32 v7 = v6 + t;
  const i32 v9 = v7 * (4);
  const bool v10 = v9 < v2;
  if (v10) {
    const i32 v11 = v9 % n.w[1];
    const i32 v12 = v9 / n.w[1];
    const i32 v16 = n.w[3] - (1);
    const i32 v17 = n.w[2] + v16;
    const i32 v18 = v17 / n.w[3];
    const i32 v20 = v18 + (3);
    const i32 v22 = v20 / (4);
    const i32 v24 = v22 * (4);
    const i32 v25 = v12 * v24;
    const i32 v26 = v25 + v24;
    const bool v27 = v26 < n.w[2];
    const i32 v28 = (v27 ? v26 : n.w[2]);
    f32 x0 = (0.0f);
    f32 x1 = (0.0f);
    f32 x2 = (0.0f);
    f32 x3 = (0.0f);
    for (i32 x4 = v25; x4 < v28; x4 += (1)) {
      const i32 v49 = v11 * n.w[7];
      const i32 v50 = n.w[6] + v49;
      const i32 v52 = x4 * n.w[8];
      const i32 v53 = v50 + v52;
      const four<f32> q54 = load_four(b0 + v53);
      const f32 v54 = q54.x;
      const f32 v55 = q54.y;
      const f32 v56 = q54.z;
      const f32 v57 = q54.w;
      const f32 v58 = x0;
      const f32 v59 = (v58 + v54);
      x0 = v59;
      const f32 v60 = x1;
      const f32 v61 = (v60 + v55);
      x1 = v61;
      const f32 v62 = x2;
      const f32 v63 = (v62 + v56);
      x2 = v63;
      const f32 v64 = x3;
      const f32 v65 = (v64 + v57);
      x3 = v65;
    }
    const i32 v68 = n.w[1] * n.w[3];
    const f32 v69 = x0;
    const f32 v70 = x1;
    const f32 v71 = x2;
    const f32 v72 = x3;
    const i32 v74 = (0) * v68;
    const i32 v75 = v74 + v9;
    store_four(b2 + v75, v69, v70, v71, v72);
  }
}
