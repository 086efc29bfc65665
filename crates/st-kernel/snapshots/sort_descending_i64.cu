struct Numbers { i32 w[16]; };

extern "C" __global__ void __launch_bounds__(256) entry(const i64* b0, i64* b1, i64* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[5];
    const i32 v10 = v5 / n.w[5];
    const i32 v13 = v10 * n.w[7];
    const i32 v14 = n.w[6] + v13;
    const i32 v16 = v9 * n.w[8];
    const i32 v17 = v14 + v16;
    const i64 v18 = b0[v17];
    i32 x0 = (0);
    for (i32 x1 = (0); x1 < n.w[5]; x1 += (1)) {
      const i32 v25 = v10 * n.w[7];
      const i32 v26 = n.w[6] + v25;
      const i32 v28 = x1 * n.w[8];
      const i32 v29 = v26 + v28;
      const i64 v30 = b0[v29];
      const bool v31 = (v18 < v30);
      const bool v32 = (v30 < v18);
      const bool v33 = v31 || v32;
      const bool v34 = (!v33);
      const bool v35 = x1 < v9;
      const bool v36 = v34 && v35;
      const bool v37 = v31 || v36;
      if (v37) {
        const i32 v38 = x0;
        const i32 v40 = v38 + (1);
        x0 = v40;
      }
    }
    const i32 v41 = x0;
    const bool v43 = v41 < n.w[15];
    if (v43) {
      const i32 v46 = v10 * n.w[10];
      const i32 v47 = n.w[9] + v46;
      const i32 v49 = v41 * n.w[11];
      const i32 v50 = v47 + v49;
      const i64 v51 = v18;
      b1[v50] = v51;
      const i64 v52 = i64(v9);
      const i32 v55 = v10 * n.w[13];
      const i32 v56 = n.w[12] + v55;
      const i32 v58 = v41 * n.w[14];
      const i32 v59 = v56 + v58;
      const i64 v60 = v52;
      b2[v59] = v60;
    }
  }
}
