struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const u8* b1, f32* b2, const Numbers n, u32* faults) {
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
    for (i32 x1 = v19; x1 < v22; x1 += (4)) {
      const bool v26 = x1 < v22;
      const i32 v27 = (v26 ? x1 : x1);
      const i32 v30 = v10 * n.w[7];
      const i32 v31 = n.w[6] + v30;
      const i32 v33 = v27 * n.w[8];
      const i32 v34 = v31 + v33;
      const f32 v35 = b0[v34];
      const f32 v36 = v35;
      const i32 v38 = x1 + (1);
      const bool v39 = v38 < v22;
      const i32 v40 = (v39 ? v38 : x1);
      const i32 v43 = v10 * n.w[7];
      const i32 v44 = n.w[6] + v43;
      const i32 v46 = v40 * n.w[8];
      const i32 v47 = v44 + v46;
      const f32 v48 = b0[v47];
      const f32 v49 = v48;
      const i32 v51 = x1 + (2);
      const bool v52 = v51 < v22;
      const i32 v53 = (v52 ? v51 : x1);
      const i32 v56 = v10 * n.w[7];
      const i32 v57 = n.w[6] + v56;
      const i32 v59 = v53 * n.w[8];
      const i32 v60 = v57 + v59;
      const f32 v61 = b0[v60];
      const f32 v62 = v61;
      const i32 v64 = x1 + (3);
      const bool v65 = v64 < v22;
      const i32 v66 = (v65 ? v64 : x1);
      const i32 v69 = v10 * n.w[7];
      const i32 v70 = n.w[6] + v69;
      const i32 v72 = v66 * n.w[8];
      const i32 v73 = v70 + v72;
      const f32 v74 = b0[v73];
      const f32 v75 = v74;
      if (v26) {
        const f32 v76 = x0;
        const f32 v77 = (v76 + v36);
        x0 = v77;
      }
      if (v39) {
        const f32 v78 = x0;
        const f32 v79 = (v78 + v49);
        x0 = v79;
      }
      if (v52) {
        const f32 v80 = x0;
        const f32 v81 = (v80 + v62);
        x0 = v81;
      }
      if (v65) {
        const f32 v82 = x0;
        const f32 v83 = (v82 + v75);
        x0 = v83;
      }
    }
    const f32 v84 = x0;
    const i32 v86 = (0) * v2;
    const i32 v87 = v86 + v7;
    b2[v87] = v84;
  }
}
