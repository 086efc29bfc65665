struct Numbers { i32 w[11]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f64* b0, const f64* b1, f64* b2, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v12 = v6 * n.w[6];
    const i32 v13 = n.w[5] + v12;
    const f64 v14 = b0[v13];
    const bool v15 = ((0.0) < v14);
    const i32 v18 = v6 * n.w[8];
    const i32 v19 = n.w[7] + v18;
    const f64 v20 = b1[v19];
    const f64 v21 = mod_f64(v14, v20);
    const f64 v22 = __ocml_exp_f64(v20);
    const f64 v23 = (v15 ? v21 : v22);
    const i32 v26 = v6 * n.w[10];
    const i32 v27 = n.w[9] + v26;
    b2[v27] = v23;
  }
}
