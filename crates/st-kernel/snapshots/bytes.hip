struct Numbers { i32 w[17]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u8* b0, const i8* b1, i8* b2, u8* b3, const Numbers n, u32* faults) {
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
    const i32 v17 = i32(b0[v16]);
    const i32 v18 = i32(i8(v17));
    const i32 v21 = v9 * n.w[9];
    const i32 v22 = n.w[8] + v21;
    const i32 v24 = v8 * n.w[10];
    const i32 v25 = v22 + v24;
    const i32 v26 = i32(b1[v25]);
    const i32 v27 = mul_int(v18, v26);
    const i32 v28 = i32(i8(v27));
    const i32 v31 = v9 * n.w[12];
    const i32 v32 = n.w[11] + v31;
    const i32 v34 = v8 * n.w[13];
    const i32 v35 = v32 + v34;
    b2[v35] = i8(v28);
    const bool v36 = (v28 < v26);
    const i32 v39 = v9 * n.w[15];
    const i32 v40 = n.w[14] + v39;
    const i32 v42 = v8 * n.w[16];
    const i32 v43 = v40 + v42;
    b3[v43] = u8(v36);
  }
}
