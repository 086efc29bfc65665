struct Numbers { i32 w[23]; };

extern "C" __global__ void __launch_bounds__(256) entry(const i32* b0, const i32* b1, i32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[6];
    const i32 v10 = v5 / n.w[6];
    const i32 v12 = v10 % n.w[5];
    const i32 v13 = v10 / n.w[5];
    i32 x0 = (0);
    for (i32 x1 = (0); x1 < n.w[7]; x1 += (1)) {
      const i32 v21 = v13 * n.w[9];
      const i32 v22 = n.w[8] + v21;
      const i32 v24 = v12 * n.w[10];
      const i32 v25 = v22 + v24;
      const i32 v27 = v9 * n.w[11];
      const i32 v28 = v25 + v27;
      const i32 v30 = x1 * n.w[12];
      const i32 v31 = v28 + v30;
      const i32 v32 = b0[v31];
      const i32 v35 = v13 * n.w[14];
      const i32 v36 = n.w[13] + v35;
      const i32 v38 = v12 * n.w[15];
      const i32 v39 = v36 + v38;
      const i32 v41 = v9 * n.w[16];
      const i32 v42 = v39 + v41;
      const i32 v44 = x1 * n.w[17];
      const i32 v45 = v42 + v44;
      const i32 v46 = b1[v45];
      const i32 v47 = mul_int(v32, v46);
      const i32 v48 = x0;
      const i32 v49 = add_int(v48, v47);
      x0 = v49;
    }
    const i32 v50 = x0;
    const i32 v53 = v13 * n.w[19];
    const i32 v54 = n.w[18] + v53;
    const i32 v56 = v12 * n.w[20];
    const i32 v57 = v54 + v56;
    const i32 v59 = v9 * n.w[21];
    const i32 v60 = v57 + v59;
    b2[v60] = v50;
  }
}
