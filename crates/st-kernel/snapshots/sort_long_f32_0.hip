struct Numbers { i32 w[16]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const u8* b1, const u8* b2, i32* b3, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[5];
    const i32 v10 = v5 / n.w[5];
    const i32 v11 = v5 - v9;
    const i32 v13 = n.w[1] + v11;
    const i32 v16 = v10 * n.w[7];
    const i32 v17 = n.w[6] + v16;
    const i32 v19 = v9 * n.w[8];
    const i32 v20 = v17 + v19;
    const f32 v21 = b0[v20];
    const i32 v25 = n.w[3] * (2);
    const i32 v26 = v9 / v25;
    const i32 v27 = v26 * v25;
    const i32 v28 = v27 + n.w[3];
    const bool v29 = v28 < n.w[5];
    const i32 v30 = (v29 ? v28 : n.w[5]);
    const i32 v31 = v27 + v25;
    const bool v32 = v31 < n.w[5];
    const i32 v33 = (v32 ? v31 : n.w[5]);
    const bool v34 = v9 < v30;
    const i32 v35 = (v34 ? v30 : v27);
    const i32 v36 = (v34 ? v33 : v30);
    i32 x0 = v35;
    i32 x1 = v36;
    for (i32 x2 = (0); x2 < (32); x2 += (1)) {
      const i32 v41 = x0;
      const i32 v42 = x1;
      const bool v43 = v41 < v42;
      if (v43) {
        const i32 v44 = v41 + v42;
        const i32 v46 = v44 / (2);
        const i32 v49 = v10 * n.w[7];
        const i32 v50 = n.w[6] + v49;
        const i32 v52 = v46 * n.w[8];
        const i32 v53 = v50 + v52;
        const f32 v54 = b0[v53];
        const bool v55 = (v21 < v54);
        const bool v56 = (v21 == v21);
        const bool v57 = (v54 == v54);
        const bool v58 = (!v57);
        const bool v59 = v56 && v58;
        const bool v60 = v55 || v59;
        const bool v61 = (v54 < v21);
        const bool v62 = (v54 == v54);
        const bool v63 = (v21 == v21);
        const bool v64 = (!v63);
        const bool v65 = v62 && v64;
        const bool v66 = v61 || v65;
        const bool v67 = (!v66);
        const bool v68 = (v34 ? v60 : v67);
        const i32 v70 = v46 + (1);
        const i32 v71 = (v68 ? v70 : v41);
        const i32 v72 = (v68 ? v42 : v46);
        x0 = v71;
        x1 = v72;
      }
    }
    const i32 v73 = x0;
    const i32 v74 = v73 - v35;
    const i32 v75 = (v34 ? v27 : v30);
    const i32 v76 = v9 - v75;
    const i32 v77 = v27 + v76;
    const i32 v78 = v77 + v74;
    const i32 v79 = v11 + v78;
    b3[v79] = v9;
  }
}
