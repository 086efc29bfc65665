struct Numbers { i32 w[28]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const f32* b2, f32* b3, const f32* b4, f32* b5, const f32* b6, f32* b7, const f32* b8, f32* b9, const f32* b10, f32* b11, const f32* b12, f32* b13, const f32* b14, f32* b15, const f32* b16, f32* b17, const f32* b18, f32* b19, const f32* b20, f32* b21, const f32* b22, f32* b23, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const bool v3 = t < (1);
  if (v3) {
    const bool v6 = g == (0);
    if (v6) {
      const f32 v9 = b0[n.w[4]];
      const f32 v10 = exp2f(v9);
      const f32 v11 = ((1.0f) + v10);
      const f32 v12 = sqrtf(v11);
      b1[n.w[16]] = v12;
    }
    const bool v15 = g == (1);
    if (v15) {
      const f32 v18 = b2[n.w[5]];
      const f32 v19 = exp2f(v18);
      const f32 v20 = ((1.0f) + v19);
      const f32 v21 = sqrtf(v20);
      b3[n.w[17]] = v21;
    }
    const bool v24 = g == (2);
    if (v24) {
      const f32 v27 = b4[n.w[6]];
      const f32 v28 = exp2f(v27);
      const f32 v29 = ((1.0f) + v28);
      const f32 v30 = sqrtf(v29);
      b5[n.w[18]] = v30;
    }
    const bool v33 = g == (3);
    if (v33) {
      const f32 v36 = b6[n.w[7]];
      const f32 v37 = exp2f(v36);
      const f32 v38 = ((1.0f) + v37);
      const f32 v39 = sqrtf(v38);
      b7[n.w[19]] = v39;
    }
    const bool v42 = g == (4);
    if (v42) {
      const f32 v45 = b8[n.w[8]];
      const f32 v46 = exp2f(v45);
      const f32 v47 = ((1.0f) + v46);
      const f32 v48 = sqrtf(v47);
      b9[n.w[20]] = v48;
    }
    const bool v51 = g == (5);
    if (v51) {
      const f32 v54 = b10[n.w[9]];
      const f32 v55 = exp2f(v54);
      const f32 v56 = ((1.0f) + v55);
      const f32 v57 = sqrtf(v56);
      b11[n.w[21]] = v57;
    }
    const bool v60 = g == (6);
    if (v60) {
      const f32 v63 = b12[n.w[10]];
      const f32 v64 = exp2f(v63);
      const f32 v65 = ((1.0f) + v64);
      const f32 v66 = sqrtf(v65);
      b13[n.w[22]] = v66;
    }
    const bool v69 = g == (7);
    if (v69) {
      const f32 v72 = b14[n.w[11]];
      const f32 v73 = exp2f(v72);
      const f32 v74 = ((1.0f) + v73);
      const f32 v75 = sqrtf(v74);
      b15[n.w[23]] = v75;
    }
    const bool v78 = g == (8);
    if (v78) {
      const f32 v81 = b16[n.w[12]];
      const f32 v82 = exp2f(v81);
      const f32 v83 = ((1.0f) + v82);
      const f32 v84 = sqrtf(v83);
      b17[n.w[24]] = v84;
    }
    const bool v87 = g == (9);
    if (v87) {
      const f32 v90 = b18[n.w[13]];
      const f32 v91 = exp2f(v90);
      const f32 v92 = ((1.0f) + v91);
      const f32 v93 = sqrtf(v92);
      b19[n.w[25]] = v93;
    }
    const bool v96 = g == (10);
    if (v96) {
      const f32 v99 = b20[n.w[14]];
      const f32 v100 = exp2f(v99);
      const f32 v101 = ((1.0f) + v100);
      const f32 v102 = sqrtf(v101);
      b21[n.w[26]] = v102;
    }
    const bool v105 = g == (11);
    if (v105) {
      const f32 v108 = b22[n.w[15]];
      const f32 v109 = exp2f(v108);
      const f32 v110 = ((1.0f) + v109);
      const f32 v111 = sqrtf(v110);
      b23[n.w[27]] = v111;
    }
  }
}
