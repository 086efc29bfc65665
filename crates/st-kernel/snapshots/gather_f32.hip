struct Numbers { i32 w[16]; };

extern "C" __global__ void __launch_bounds__(256) entry(const i64* b0, const f32* b1, f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    const i32 v8 = v4 % n.w[4];
    const i32 v9 = v4 / n.w[4];
    const i32 v12 = v9 * n.w[9];
    const i32 v13 = n.w[8] + v12;
    const i32 v15 = v8 * n.w[10];
    const i32 v16 = v13 + v15;
    const i32 v19 = v9 * n.w[6];
    const i32 v20 = n.w[5] + v19;
    const i32 v22 = v8 * n.w[7];
    const i32 v23 = v20 + v22;
    const i64 v24 = b0[v23];
    const i32 v27 = wrapped(v24, n.w[11], faults);
    const i32 v28 = v27 * n.w[12];
    const i32 v29 = v16 + v28;
    const f32 v30 = b1[v29];
    const i32 v33 = v9 * n.w[14];
    const i32 v34 = n.w[13] + v33;
    const i32 v36 = v8 * n.w[15];
    const i32 v37 = v34 + v36;
    b2[v37] = v30;
  }
}
