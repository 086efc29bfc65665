struct Numbers { i32 w[15]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f64* b0, const f64* b1, f64* b2, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v10 = v6 % n.w[5];
    const i32 v11 = v6 / n.w[5];
    const i32 v15 = v11 * n.w[7];
    const i32 v16 = n.w[6] + v15;
    const i32 v18 = v10 * n.w[8];
    const i32 v19 = v16 + v18;
    const f64 v20 = b0[v19];
    const bool v21 = ((0.0) < v20);
    const i32 v24 = v11 * n.w[10];
    const i32 v25 = n.w[9] + v24;
    const i32 v27 = v10 * n.w[11];
    const i32 v28 = v25 + v27;
    const f64 v29 = b1[v28];
    const f64 v30 = mod_f64(v20, v29);
    const f64 v31 = __ocml_exp_f64(v29);
    const f64 v32 = (v21 ? v30 : v31);
    const i32 v35 = v11 * n.w[13];
    const i32 v36 = n.w[12] + v35;
    const i32 v38 = v10 * n.w[14];
    const i32 v39 = v36 + v38;
    b2[v39] = v32;
  }
}
