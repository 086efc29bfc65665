struct Numbers { i32 w[15]; };

extern "C" __global__ void __launch_bounds__(256) entry(const i64* b0, i64* b1, i64* b2, const Numbers n, u32* faults) {
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
    const i64 v17 = b0[v16];
    i32 x0 = (0);
    for (i32 x1 = (0); x1 < n.w[4]; x1 += (1)) {
      const i32 v24 = v9 * n.w[6];
      const i32 v25 = n.w[5] + v24;
      const i32 v27 = x1 * n.w[7];
      const i32 v28 = v25 + v27;
      const i64 v29 = b0[v28];
      const bool v30 = (v17 < v29);
      const bool v31 = (v29 < v17);
      const bool v32 = v30 || v31;
      const bool v33 = (!v32);
      const bool v34 = x1 < v8;
      const bool v35 = v33 && v34;
      const bool v36 = v30 || v35;
      if (v36) {
        const i32 v37 = x0;
        const i32 v38 = v37 + (1);
        x0 = v38;
      }
    }
    const i32 v39 = x0;
    const bool v41 = v39 < n.w[14];
    if (v41) {
      const i32 v44 = v9 * n.w[9];
      const i32 v45 = n.w[8] + v44;
      const i32 v47 = v39 * n.w[10];
      const i32 v48 = v45 + v47;
      const i64 v49 = v17;
      b1[v48] = v49;
      const i64 v50 = i64(v8);
      const i32 v53 = v9 * n.w[12];
      const i32 v54 = n.w[11] + v53;
      const i32 v56 = v39 * n.w[13];
      const i32 v57 = v54 + v56;
      const i64 v58 = v50;
      b2[v57] = v58;
    }
  }
}
