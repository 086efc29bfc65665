struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    f32 x0 = (-0.0f);
    for (i32 x1 = (0); x1 < n.w[5]; x1 += (1)) {
      const i32 v15 = v5 * n.w[7];
      const i32 v16 = n.w[6] + v15;
      const i32 v18 = x1 * n.w[8];
      const i32 v19 = v16 + v18;
      const f32 v20 = b0[v19];
      const f32 v21 = v20;
      const f32 v22 = x0;
      const f32 v23 = (v22 + v21);
      x0 = v23;
      const i32 v26 = v5 * n.w[10];
      const i32 v27 = n.w[9] + v26;
      const i32 v29 = x1 * n.w[11];
      const i32 v30 = v27 + v29;
      const f32 v31 = v23;
      b1[v30] = v31;
    }
  }
}
