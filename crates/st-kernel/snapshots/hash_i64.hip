struct Numbers { i32 w[14]; };

extern "C" __global__ void __launch_bounds__(256) entry(const i64* b0, i64* b1, const Numbers n, u32* faults) {
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
    const i64 v18 = b0[v17];
    const i64 v19 = i64_of_words(n.w[12], n.w[13]);
    const i64 v20 = mul_int(v18, v19);
    const i64 v22 = i64(v9);
    const i64 v23 = add_int(v20, v22);
    const i64 v25 = floordiv_int(v23, i64(-7));
    const i32 v28 = v10 * n.w[10];
    const i32 v29 = n.w[9] + v28;
    const i32 v31 = v9 * n.w[11];
    const i32 v32 = v29 + v31;
    b1[v32] = v25;
  }
}
