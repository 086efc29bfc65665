struct Numbers { i32 w[11]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    f32 x0 = (0.0f);
    for (i32 x1 = (0); x1 < n.w[4]; x1 += (1)) {
      const i32 v15 = v4 * n.w[6];
      const i32 v16 = n.w[5] + v15;
      const i32 v18 = x1 * n.w[7];
      const i32 v19 = v16 + v18;
      const f32 v20 = b0[v19];
      const f32 v21 = v20;
      const f32 v22 = x0;
      const bool v23 = x1 == (0);
      const f32 v24 = (v22 + v21);
      const f32 v25 = (v23 ? v21 : v24);
      x0 = v25;
      const i32 v28 = v4 * n.w[9];
      const i32 v29 = n.w[8] + v28;
      const i32 v31 = x1 * n.w[10];
      const i32 v32 = v29 + v31;
      const f32 v33 = v25;
      b1[v32] = v33;
    }
  }
}
