struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const u8* b1, f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v2 = n.w[1] * n.w[3];
  const i32 v6 = g * (256);
  const i32 v7 = v6 + t;
  const i32 v9 = v7 * (4);
  const bool v10 = v9 < v2;
  if (v10) {
    const i32 v11 = v9 % n.w[1];
    const i32 v12 = v9 / n.w[1];
    const i32 v16 = n.w[3] - (1);
    const i32 v17 = n.w[2] + v16;
    const i32 v18 = v17 / n.w[3];
    const i32 v20 = v18 + (3);
    const i32 v22 = v20 / (4);
    const i32 v24 = v22 * (4);
    const i32 v25 = v12 * v24;
    const i32 v26 = v25 + v24;
    const bool v27 = v26 < n.w[2];
    const i32 v28 = (v27 ? v26 : n.w[2]);
    f32 x0 = (0.0f);
    f32 x1 = (0.0f);
    f32 x2 = (0.0f);
    f32 x3 = (0.0f);
    for (i32 x4 = v25; x4 < v28; x4 += (1)) {
      const i32 v48 = v11 * n.w[7];
      const i32 v49 = n.w[6] + v48;
      const i32 v51 = x4 * n.w[8];
      const i32 v52 = v49 + v51;
      const four<f32> q53 = load_four(b0 + v52);
      const f32 v53 = q53.x;
      const f32 v54 = q53.y;
      const f32 v55 = q53.z;
      const f32 v56 = q53.w;
      const f32 v57 = x0;
      const f32 v58 = (v57 + v53);
      x0 = v58;
      const f32 v59 = x1;
      const f32 v60 = (v59 + v54);
      x1 = v60;
      const f32 v61 = x2;
      const f32 v62 = (v61 + v55);
      x2 = v62;
      const f32 v63 = x3;
      const f32 v64 = (v63 + v56);
      x3 = v64;
    }
    const i32 v67 = n.w[1] * n.w[3];
    const f32 v69 = x0;
    const i32 v71 = (0) * v67;
    const i32 v72 = v71 + v9;
    b2[v72] = v69;
    const i32 v74 = v9 + (1);
    const f32 v75 = x1;
    const i32 v77 = (0) * v67;
    const i32 v78 = v77 + v74;
    b2[v78] = v75;
    const i32 v80 = v9 + (2);
    const f32 v81 = x2;
    const i32 v83 = (0) * v67;
    const i32 v84 = v83 + v80;
    b2[v84] = v81;
    const i32 v86 = v9 + (3);
    const f32 v87 = x3;
    const i32 v89 = (0) * v67;
    const i32 v90 = v89 + v86;
    b2[v90] = v87;
  }
}
