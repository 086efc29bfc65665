struct Numbers { i32 w[15]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u16* b0, const u8* b1, const u8* b2, f32* b3, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v2 = n.w[1] * n.w[3];
  const i32 v6 = g * (256);
  const i32 v7 = v6 + t;
  const bool v9 = v7 < v2;
  if (v9) {
    const i32 v10 = v7 % n.w[1];
    const i32 v11 = v7 / n.w[1];
    const i32 v16 = n.w[5] + n.w[3];
    const i32 v17 = v16 - (1);
    const i32 v18 = v17 / n.w[3];
    const i32 v19 = v11 * v18;
    const i32 v20 = v19 + v18;
    const bool v21 = v20 < n.w[5];
    const i32 v22 = (v21 ? v20 : n.w[5]);
    f32 x0 = bitcast<f32>(0xff800000u);
    i32 x1 = (0);
    for (i32 x2 = v19; x2 < v22; x2 += (4)) {
      const bool v27 = x2 < v22;
      const i32 v28 = (v27 ? x2 : x2);
      const i32 v31 = v10 * n.w[7];
      const i32 v32 = n.w[6] + v31;
      const i32 v34 = v28 * n.w[8];
      const i32 v35 = v32 + v34;
      const f32 v36 = f16_of_bits(b0[v35]);
      const f32 v37 = v36;
      const i32 v39 = x2 + (1);
      const bool v40 = v39 < v22;
      const i32 v41 = (v40 ? v39 : x2);
      const i32 v44 = v10 * n.w[7];
      const i32 v45 = n.w[6] + v44;
      const i32 v47 = v41 * n.w[8];
      const i32 v48 = v45 + v47;
      const f32 v49 = f16_of_bits(b0[v48]);
      const f32 v50 = v49;
      const i32 v52 = x2 + (2);
      const bool v53 = v52 < v22;
      const i32 v54 = (v53 ? v52 : x2);
      const i32 v57 = v10 * n.w[7];
      const i32 v58 = n.w[6] + v57;
      const i32 v60 = v54 * n.w[8];
      const i32 v61 = v58 + v60;
      const f32 v62 = f16_of_bits(b0[v61]);
      const f32 v63 = v62;
      const i32 v65 = x2 + (3);
      const bool v66 = v65 < v22;
      const i32 v67 = (v66 ? v65 : x2);
      const i32 v70 = v10 * n.w[7];
      const i32 v71 = n.w[6] + v70;
      const i32 v73 = v67 * n.w[8];
      const i32 v74 = v71 + v73;
      const f32 v75 = f16_of_bits(b0[v74]);
      const f32 v76 = v75;
      if (v27) {
        const f32 v77 = x0;
        const i32 v78 = x1;
        const bool v79 = (v77 <= v37);
        const bool v80 = (v37 == v37);
        const bool v81 = (!v80);
        const bool v82 = v79 || v81;
        const f32 v83 = (v82 ? v37 : v77);
        const i32 v84 = (v82 ? v28 : v78);
        x0 = v83;
        x1 = v84;
      }
      if (v40) {
        const f32 v85 = x0;
        const i32 v86 = x1;
        const bool v87 = (v85 <= v50);
        const bool v88 = (v50 == v50);
        const bool v89 = (!v88);
        const bool v90 = v87 || v89;
        const f32 v91 = (v90 ? v50 : v85);
        const i32 v92 = (v90 ? v41 : v86);
        x0 = v91;
        x1 = v92;
      }
      if (v53) {
        const f32 v93 = x0;
        const i32 v94 = x1;
        const bool v95 = (v93 <= v63);
        const bool v96 = (v63 == v63);
        const bool v97 = (!v96);
        const bool v98 = v95 || v97;
        const f32 v99 = (v98 ? v63 : v93);
        const i32 v100 = (v98 ? v54 : v94);
        x0 = v99;
        x1 = v100;
      }
      if (v66) {
        const f32 v101 = x0;
        const i32 v102 = x1;
        const bool v103 = (v101 <= v76);
        const bool v104 = (v76 == v76);
        const bool v105 = (!v104);
        const bool v106 = v103 || v105;
        const f32 v107 = (v106 ? v76 : v101);
        const i32 v108 = (v106 ? v67 : v102);
        x0 = v107;
        x1 = v108;
      }
    }
    const f32 v109 = x0;
    const i32 v110 = x1;
    const i32 v112 = (0) * v2;
    const i32 v113 = v112 + v7;
    b3[v113] = v109;
    const i32 v115 = (2) * v2;
    const i32 v116 = v115 + v7;
    ((i32*)b3)[v116] = v110;
  }
}
