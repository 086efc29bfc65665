struct Numbers { i32 w[22]; };

extern "C" __global__ void __launch_bounds__(256) entry(const i32* b0, const i32* b1, i32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    const i32 v8 = v4 % n.w[5];
    const i32 v9 = v4 / n.w[5];
    const i32 v11 = v9 % n.w[4];
    const i32 v12 = v9 / n.w[4];
    i32 x0 = (0);
    for (i32 x1 = (0); x1 < n.w[6]; x1 += (1)) {
      const i32 v20 = v12 * n.w[8];
      const i32 v21 = n.w[7] + v20;
      const i32 v23 = v11 * n.w[9];
      const i32 v24 = v21 + v23;
      const i32 v26 = v8 * n.w[10];
      const i32 v27 = v24 + v26;
      const i32 v29 = x1 * n.w[11];
      const i32 v30 = v27 + v29;
      const i32 v31 = b0[v30];
      const i32 v34 = v12 * n.w[13];
      const i32 v35 = n.w[12] + v34;
      const i32 v37 = v11 * n.w[14];
      const i32 v38 = v35 + v37;
      const i32 v40 = v8 * n.w[15];
      const i32 v41 = v38 + v40;
      const i32 v43 = x1 * n.w[16];
      const i32 v44 = v41 + v43;
      const i32 v45 = b1[v44];
      const i32 v46 = mul_int(v31, v45);
      const i32 v47 = x0;
      const i32 v48 = add_int(v47, v46);
      x0 = v48;
    }
    const i32 v49 = x0;
    const i32 v52 = v12 * n.w[18];
    const i32 v53 = n.w[17] + v52;
    const i32 v55 = v11 * n.w[19];
    const i32 v56 = v53 + v55;
    const i32 v58 = v8 * n.w[20];
    const i32 v59 = v56 + v58;
    b2[v59] = v49;
  }
}
