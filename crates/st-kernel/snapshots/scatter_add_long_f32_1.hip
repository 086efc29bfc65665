struct Numbers { i32 w[17]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u8* b0, const u8* b1, const u8* b2, i32* b3, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[2];
  if (v7) {
    const i32 v8 = b3[v5];
    i32 x0 = (0);
    i32 x1 = (0);
    i32 x2 = (0);
    for (i32 x3 = (0); x3 < n.w[2]; x3 += (1)) {
      const i32 v12 = b3[x3];
      const bool v13 = v12 < v8;
      const i32 v14 = x0;
      const i32 v15 = (v13 ? (1) : (0));
      const i32 v16 = v14 + v15;
      x0 = v16;
      const bool v17 = v12 == v8;
      const i32 v18 = x1;
      const i32 v19 = (v17 ? (1) : (0));
      const i32 v20 = v18 + v19;
      x1 = v20;
      const bool v21 = x3 < v5;
      const bool v22 = v17 && v21;
      const i32 v23 = x2;
      const i32 v24 = (v22 ? (1) : (0));
      const i32 v25 = v23 + v24;
      x2 = v25;
    }
    const i32 v26 = x0;
    const i32 v27 = x1;
    const i32 v28 = x2;
    const i32 v29 = v26 + v28;
    const i32 v30 = n.w[2] + v29;
    b3[v30] = v5;
    const i32 v31 = v26 + v27;
    const bool v32 = v28 == (0);
    const i32 v33 = (v32 ? v31 : (0));
    const i32 v34 = v30 + n.w[2];
    b3[v34] = v33;
  }
}
