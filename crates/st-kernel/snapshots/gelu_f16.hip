struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u16* b0, u16* b1, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v10 = v6 % n.w[5];
    const i32 v11 = v6 / n.w[5];
    const i32 v14 = v11 * n.w[7];
    const i32 v15 = n.w[6] + v14;
    const i32 v17 = v10 * n.w[8];
    const i32 v18 = v15 + v17;
    const f32 v19 = f16_of_bits(b0[v18]);
    const f32 v20 = v19;
    const f32 v22 = (v20 * (0.5f));
    const f32 v24 = (v20 * (0.70710677f));
    const f32 v25 = __ocml_erf_f32(v24);
    const f32 v27 = (v25 + (1.0f));
    const f32 v28 = (v22 * v27);
    const f32 v29 = rounded_f16(v28);
    const i32 v32 = v11 * n.w[10];
    const i32 v33 = n.w[9] + v32;
    const i32 v35 = v10 * n.w[11];
    const i32 v36 = v33 + v35;
    b1[v36] = u16(bits_of_f16(v28));
  }
}
