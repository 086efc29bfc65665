struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const i64* b0, i64* b1, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  alignas(16) __shared__ i64 s0[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    i64 x0 = i64(0);
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v18 = g * n.w[7];
      const i32 v19 = n.w[6] + v18;
      const i32 v21 = x1 * n.w[8];
      const i32 v22 = v19 + v21;
      const i64 v23 = b0[v22];
      const i64 v24 = x0;
      const i64 v25 = add_int(v24, v23);
      x0 = v25;
    }
    const i64 v27 = x0;
    s0[t] = v27;
    wait_for_group();
    const bool v31 = t < (16);
    if (v31) {
      const i32 v32 = t + (16);
      for (i32 x2 = v32; x2 < (256); x2 += (16)) {
        const i64 v34 = s0[x2];
        const i64 v35 = x0;
        const i64 v36 = add_int(v35, v34);
        x0 = v36;
      }
      const i64 v37 = x0;
      s0[t] = v37;
    }
    wait_for_group();
    const i64 v38 = s0[(0)];
    x0 = v38;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const i64 v41 = s0[x3];
      const i64 v42 = x0;
      const i64 v43 = add_int(v42, v41);
      x0 = v43;
    }
    const i64 v44 = x0;
    wait_for_group();
    const bool v47 = t < (1);
    if (v47) {
      const i32 v50 = g * n.w[10];
      const i32 v51 = n.w[9] + v50;
      b1[v51] = v44;
    }
  }
}
