struct Numbers { i32 w[11]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u8* b0, u8* b1, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  __shared__ bool s0[256];
  const bool v2 = g < n.w[1];
  if (v2) {
    bool x0 = false;
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v11 = g * n.w[6];
      const i32 v12 = n.w[5] + v11;
      const i32 v14 = x1 * n.w[7];
      const i32 v15 = v12 + v14;
      const bool v16 = (b0[v15] != 0);
      const bool v17 = x0;
      const bool v18 = v17 || v16;
      x0 = v18;
    }
    const bool v20 = x0;
    s0[t] = v20;
    wait_for_group();
    const bool v22 = t < (128);
    if (v22) {
      const i32 v24 = t + (128);
      const bool v25 = s0[v24];
      const bool v26 = x0;
      const bool v27 = v26 || v25;
      x0 = v27;
      const bool v28 = x0;
      s0[t] = v28;
    }
    wait_for_group();
    const bool v30 = t < (64);
    if (v30) {
      const i32 v32 = t + (64);
      const bool v33 = s0[v32];
      const bool v34 = x0;
      const bool v35 = v34 || v33;
      x0 = v35;
      const bool v36 = x0;
      s0[t] = v36;
    }
    wait_for_group();
    const bool v38 = t < (32);
    if (v38) {
      const i32 v40 = t + (32);
      const bool v41 = s0[v40];
      const bool v42 = x0;
      const bool v43 = v42 || v41;
      x0 = v43;
      const bool v44 = x0;
      s0[t] = v44;
    }
    wait_for_group();
    const bool v46 = t < (16);
    if (v46) {
      const i32 v48 = t + (16);
      const bool v49 = s0[v48];
      const bool v50 = x0;
      const bool v51 = v50 || v49;
      x0 = v51;
      const bool v52 = x0;
      s0[t] = v52;
    }
    wait_for_group();
    const bool v54 = t < (8);
    if (v54) {
      const i32 v56 = t + (8);
      const bool v57 = s0[v56];
      const bool v58 = x0;
      const bool v59 = v58 || v57;
      x0 = v59;
      const bool v60 = x0;
      s0[t] = v60;
    }
    wait_for_group();
    const bool v62 = t < (4);
    if (v62) {
      const i32 v64 = t + (4);
      const bool v65 = s0[v64];
      const bool v66 = x0;
      const bool v67 = v66 || v65;
      x0 = v67;
      const bool v68 = x0;
      s0[t] = v68;
    }
    wait_for_group();
    const bool v70 = t < (2);
    if (v70) {
      const i32 v72 = t + (2);
      const bool v73 = s0[v72];
      const bool v74 = x0;
      const bool v75 = v74 || v73;
      x0 = v75;
      const bool v76 = x0;
      s0[t] = v76;
    }
    wait_for_group();
    const bool v78 = t < (1);
    if (v78) {
      const i32 v80 = t + (1);
      const bool v81 = s0[v80];
      const bool v82 = x0;
      const bool v83 = v82 || v81;
      x0 = v83;
      const bool v84 = x0;
      s0[t] = v84;
    }
    wait_for_group();
    const bool v86 = s0[(0)];
    x0 = v86;
    const bool v87 = x0;
    wait_for_group();
    const bool v90 = t < (1);
    if (v90) {
      const i32 v93 = g * n.w[9];
      const i32 v94 = n.w[8] + v93;
      b1[v94] = u8(v87);
    }
  }
}
