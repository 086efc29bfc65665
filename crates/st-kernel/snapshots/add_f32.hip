struct Numbers { i32 w[15]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const f32* b1, f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[5];
    const i32 v10 = v5 / n.w[5];
    const i32 v13 = v10 * n.w[7];
    const i32 v14 = n.w[6] + v13;
    const i32 v16 = v9 * n.w[8];
    const i32 v17 = v14 + v16;
    const f32 v18 = b0[v17];
    const i32 v21 = v10 * n.w[10];
    const i32 v22 = n.w[9] + v21;
    const i32 v24 = v9 * n.w[11];
    const i32 v25 = v22 + v24;
    const f32 v26 = b1[v25];
    const f32 v27 = (v18 + v26);
    const i32 v30 = v10 * n.w[13];
    const i32 v31 = n.w[12] + v30;
    const i32 v33 = v9 * n.w[14];
    const i32 v34 = v31 + v33;
    b2[v34] = v27;
  }
}
