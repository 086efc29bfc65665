struct Numbers { i32 w[16]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, i64* b2, const i32* b3, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[5];
    const i32 v10 = v5 / n.w[5];
    const i32 v11 = v5 - v9;
    const i32 v13 = n.w[1] + v11;
    const i32 v14 = v13 + v9;
    const i32 v15 = b3[v14];
    const i32 v18 = v10 * n.w[7];
    const i32 v19 = n.w[6] + v18;
    const i32 v21 = v15 * n.w[8];
    const i32 v22 = v19 + v21;
    const f32 v23 = b0[v22];
    const i32 v27 = n.w[3] * (2);
    const i32 v28 = v9 / v27;
    const i32 v29 = v28 * v27;
    const i32 v30 = v29 + n.w[3];
    const bool v31 = v30 < n.w[5];
    const i32 v32 = (v31 ? v30 : n.w[5]);
    const i32 v33 = v29 + v27;
    const bool v34 = v33 < n.w[5];
    const i32 v35 = (v34 ? v33 : n.w[5]);
    const bool v36 = v9 < v32;
    const i32 v37 = (v36 ? v32 : v29);
    const i32 v38 = (v36 ? v35 : v32);
    i32 x0 = v37;
    i32 x1 = v38;
    for (i32 x2 = (0); x2 < (32); x2 += (1)) {
      const i32 v43 = x0;
      const i32 v44 = x1;
      const bool v45 = v43 < v44;
      if (v45) {
        const i32 v46 = v43 + v44;
        const i32 v48 = v46 / (2);
        const i32 v49 = v13 + v48;
        const i32 v50 = b3[v49];
        const i32 v53 = v10 * n.w[7];
        const i32 v54 = n.w[6] + v53;
        const i32 v56 = v50 * n.w[8];
        const i32 v57 = v54 + v56;
        const f32 v58 = b0[v57];
        const bool v59 = (v23 < v58);
        const bool v60 = (v23 == v23);
        const bool v61 = (v58 == v58);
        const bool v62 = (!v61);
        const bool v63 = v60 && v62;
        const bool v64 = v59 || v63;
        const bool v65 = (v58 < v23);
        const bool v66 = (v58 == v58);
        const bool v67 = (v23 == v23);
        const bool v68 = (!v67);
        const bool v69 = v66 && v68;
        const bool v70 = v65 || v69;
        const bool v71 = (!v70);
        const bool v72 = (v36 ? v64 : v71);
        const i32 v74 = v48 + (1);
        const i32 v75 = (v72 ? v74 : v43);
        const i32 v76 = (v72 ? v44 : v48);
        x0 = v75;
        x1 = v76;
      }
    }
    const i32 v77 = x0;
    const i32 v78 = v77 - v37;
    const i32 v79 = (v36 ? v29 : v32);
    const i32 v80 = v9 - v79;
    const i32 v81 = v29 + v80;
    const i32 v82 = v81 + v78;
    const bool v84 = v82 < n.w[15];
    if (v84) {
      const i32 v87 = v10 * n.w[10];
      const i32 v88 = n.w[9] + v87;
      const i32 v90 = v82 * n.w[11];
      const i32 v91 = v88 + v90;
      const f32 v92 = v23;
      b1[v91] = v92;
      const i64 v93 = i64(v15);
      const i32 v96 = v10 * n.w[13];
      const i32 v97 = n.w[12] + v96;
      const i32 v99 = v82 * n.w[14];
      const i32 v100 = v97 + v99;
      const i64 v101 = v93;
      b2[v100] = v101;
    }
  }
}
