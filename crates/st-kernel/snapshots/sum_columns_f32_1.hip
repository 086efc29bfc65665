struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u8* b0, f32* b1, const f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v5 = g * (256);
  const i32 v6 = v5 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    f32 x0 = (0.0f);
    const i32 v16 = n.w[1] * n.w[3];
    for (i32 x1 = (0); x1 < n.w[3]; x1 += (1)) {
      const i32 v22 = x1 * n.w[1];
      const i32 v23 = v22 + v6;
      const i32 v25 = (0) * v16;
      const i32 v26 = v25 + v23;
      const f32 v27 = b2[v26];
      const f32 v28 = x0;
      const f32 v29 = (v28 + v27);
      x0 = v29;
    }
    const f32 v30 = x0;
    const i32 v33 = v6 * n.w[10];
    const i32 v34 = n.w[9] + v33;
    b1[v34] = v30;
  }
}
