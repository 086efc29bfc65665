struct Numbers { i32 w[15]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const u8* b2, f32* b3, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
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
      const i32 v49 = v11 * n.w[7];
      const i32 v50 = n.w[6] + v49;
      const i32 v52 = x4 * n.w[8];
      const i32 v53 = v50 + v52;
      const four<f32> q54 = load_four(b0 + v53);
      const f32 v54 = q54.x;
      const f32 v55 = q54.y;
      const f32 v56 = q54.z;
      const f32 v57 = q54.w;
      const f32 v58 = (v54 * v54);
      const i32 v60 = v11 + (1);
      const f32 v61 = (v55 * v55);
      const i32 v63 = v11 + (2);
      const f32 v64 = (v56 * v56);
      const i32 v66 = v11 + (3);
      const f32 v67 = (v57 * v57);
      const f32 v68 = x0;
      const f32 v69 = (v68 + v58);
      x0 = v69;
      const f32 v70 = x1;
      const f32 v71 = (v70 + v61);
      x1 = v71;
      const f32 v72 = x2;
      const f32 v73 = (v72 + v64);
      x2 = v73;
      const f32 v74 = x3;
      const f32 v75 = (v74 + v67);
      x3 = v75;
      const i32 v78 = v11 * n.w[10];
      const i32 v79 = n.w[9] + v78;
      const i32 v81 = x4 * n.w[11];
      const i32 v82 = v79 + v81;
      store_four(b1 + v82, v58, v61, v64, v67);
    }
    const i32 v85 = n.w[1] * n.w[3];
    const f32 v86 = x0;
    const f32 v87 = x1;
    const f32 v88 = x2;
    const f32 v89 = x3;
    const i32 v91 = (0) * v85;
    const i32 v92 = v91 + v9;
    store_four(b3 + v92, v86, v87, v88, v89);
  }
}
