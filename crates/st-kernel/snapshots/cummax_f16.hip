struct Numbers { i32 w[14]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u16* b0, u16* b1, i64* b2, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    f32 x0 = (0.0f);
    i32 x1 = (0);
    for (i32 x2 = (0); x2 < n.w[4]; x2 += (1)) {
      const i32 v15 = v4 * n.w[6];
      const i32 v16 = n.w[5] + v15;
      const i32 v18 = x2 * n.w[7];
      const i32 v19 = v16 + v18;
      const f32 v20 = f16_of_bits(b0[v19]);
      const f32 v21 = v20;
      const f32 v22 = x0;
      const bool v23 = x2 == (0);
      const bool v24 = (v22 <= v21);
      const bool v25 = (v21 == v21);
      const bool v26 = (!v25);
      const bool v27 = v24 || v26;
      const f32 v28 = (v27 ? v21 : v22);
      const f32 v29 = (v23 ? v21 : v28);
      x0 = v29;
      const i32 v32 = v4 * n.w[9];
      const i32 v33 = n.w[8] + v32;
      const i32 v35 = x2 * n.w[10];
      const i32 v36 = v33 + v35;
      const f32 v37 = rounded_f16(v29);
      b1[v36] = u16(bits_of_f16(v37));
      const i32 v38 = x1;
      const bool v39 = v23 || v27;
      const i32 v40 = (v39 ? x2 : v38);
      x1 = v40;
      const i64 v41 = i64(v40);
      const i32 v44 = v4 * n.w[12];
      const i32 v45 = n.w[11] + v44;
      const i32 v47 = x2 * n.w[13];
      const i32 v48 = v45 + v47;
      const i64 v49 = v41;
      b2[v48] = v49;
    }
  }
}
