struct Numbers { i32 w[11]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u16* b0, u16* b1, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    const i32 v8 = v4 % n.w[4];
    const i32 v9 = v4 / n.w[4];
    const i32 v12 = v9 * n.w[6];
    const i32 v13 = n.w[5] + v12;
    const i32 v15 = v8 * n.w[7];
    const i32 v16 = v13 + v15;
    const f32 v17 = f16_of_bits(b0[v16]);
    const f32 v18 = v17;
    const f32 v20 = (v18 * (0.5f));
    const f32 v22 = (v18 * (0.70710677f));
    const f32 v23 = __ocml_erf_f32(v22);
    const f32 v25 = (v23 + (1.0f));
    const f32 v26 = (v20 * v25);
    const f32 v27 = rounded_f16(v26);
    const i32 v30 = v9 * n.w[9];
    const i32 v31 = n.w[8] + v30;
    const i32 v33 = v8 * n.w[10];
    const i32 v34 = v31 + v33;
    b1[v34] = u16(bits_of_f16(v27));
  }
}
