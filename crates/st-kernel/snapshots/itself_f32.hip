struct Numbers { i32 w[9]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v11 = v6 * n.w[6];
    const i32 v12 = n.w[5] + v11;
    const f32 v13 = b0[v12];
    const bool v14 = (v13 == v13);
    const f32 v15 = (v13 / v13);
    const f32 v16 = (v13 - v13);
    const f32 v17 = (v14 ? v15 : v16);
    const i32 v20 = v6 * n.w[8];
    const i32 v21 = n.w[7] + v20;
    b1[v21] = v17;
  }
}
