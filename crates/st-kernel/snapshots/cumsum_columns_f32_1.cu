struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const f32* b2, const Numbers n, u32* faults) {
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
    f32 x0 = (-0.0f);
    for (i32 x1 = (0); x1 < v11; x1 += (1)) {
      const i32 v25 = x1 * n.w[1];
      const i32 v26 = v25 + v10;
      const i32 v28 = (0) * v2;
      const i32 v29 = v28 + v26;
      const f32 v30 = b2[v29];
      const f32 v31 = x0;
      const f32 v32 = (v31 + v30);
      x0 = v32;
    }
    for (i32 x2 = v19; x2 < v22; x2 += (4)) {
      const bool v35 = x2 < v22;
      const i32 v36 = (v35 ? x2 : x2);
      const i32 v39 = v10 * n.w[7];
      const i32 v40 = n.w[6] + v39;
      const i32 v42 = v36 * n.w[8];
      const i32 v43 = v40 + v42;
      const f32 v44 = b0[v43];
      const f32 v45 = v44;
      const i32 v47 = x2 + (1);
      const bool v48 = v47 < v22;
      const i32 v49 = (v48 ? v47 : x2);
      const i32 v52 = v10 * n.w[7];
      const i32 v53 = n.w[6] + v52;
      const i32 v55 = v49 * n.w[8];
      const i32 v56 = v53 + v55;
      const f32 v57 = b0[v56];
      const f32 v58 = v57;
      const i32 v60 = x2 + (2);
      const bool v61 = v60 < v22;
      const i32 v62 = (v61 ? v60 : x2);
      const i32 v65 = v10 * n.w[7];
      const i32 v66 = n.w[6] + v65;
      const i32 v68 = v62 * n.w[8];
      const i32 v69 = v66 + v68;
      const f32 v70 = b0[v69];
      const f32 v71 = v70;
      const i32 v73 = x2 + (3);
      const bool v74 = v73 < v22;
      const i32 v75 = (v74 ? v73 : x2);
      const i32 v78 = v10 * n.w[7];
      const i32 v79 = n.w[6] + v78;
      const i32 v81 = v75 * n.w[8];
      const i32 v82 = v79 + v81;
      const f32 v83 = b0[v82];
      const f32 v84 = v83;
      if (v35) {
        const f32 v85 = x0;
        const f32 v86 = (v85 + v45);
        x0 = v86;
        const i32 v89 = v10 * n.w[10];
        const i32 v90 = n.w[9] + v89;
        const i32 v92 = v36 * n.w[11];
        const i32 v93 = v90 + v92;
        const f32 v94 = v86;
        b1[v93] = v94;
      }
      if (v48) {
        const f32 v95 = x0;
        const f32 v96 = (v95 + v58);
        x0 = v96;
        const i32 v99 = v10 * n.w[10];
        const i32 v100 = n.w[9] + v99;
        const i32 v102 = v49 * n.w[11];
        const i32 v103 = v100 + v102;
        const f32 v104 = v96;
        b1[v103] = v104;
      }
      if (v61) {
        const f32 v105 = x0;
        const f32 v106 = (v105 + v71);
        x0 = v106;
        const i32 v109 = v10 * n.w[10];
        const i32 v110 = n.w[9] + v109;
        const i32 v112 = v62 * n.w[11];
        const i32 v113 = v110 + v112;
        const f32 v114 = v106;
        b1[v113] = v114;
      }
      if (v74) {
        const f32 v115 = x0;
        const f32 v116 = (v115 + v84);
        x0 = v116;
        const i32 v119 = v10 * n.w[10];
        const i32 v120 = n.w[9] + v119;
        const i32 v122 = v75 * n.w[11];
        const i32 v123 = v120 + v122;
        const f32 v124 = v116;
        b1[v123] = v124;
      }
    }
  }
}
