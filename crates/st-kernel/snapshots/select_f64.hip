struct Numbers { i32 w[14]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f64* b0, const f64* b1, f64* b2, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    const i32 v8 = v4 % n.w[4];
    const i32 v9 = v4 / n.w[4];
    const i32 v13 = v9 * n.w[6];
    const i32 v14 = n.w[5] + v13;
    const i32 v16 = v8 * n.w[7];
    const i32 v17 = v14 + v16;
    const f64 v18 = b0[v17];
    const bool v19 = ((0.0) < v18);
    const i32 v22 = v9 * n.w[9];
    const i32 v23 = n.w[8] + v22;
    const i32 v25 = v8 * n.w[10];
    const i32 v26 = v23 + v25;
    const f64 v27 = b1[v26];
    const f64 v28 = mod_f64(v18, v27);
    const f64 v29 = __ocml_exp_f64(v27);
    const f64 v30 = (v19 ? v28 : v29);
    const i32 v33 = v9 * n.w[12];
    const i32 v34 = n.w[11] + v33;
    const i32 v36 = v8 * n.w[13];
    const i32 v37 = v34 + v36;
    b2[v37] = v30;
  }
}
