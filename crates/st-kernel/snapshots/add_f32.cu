struct Numbers { i32 w[14]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const f32* b1, f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    const i32 v8 = v4 % n.w[4];
    const i32 v9 = v4 / n.w[4];
    const i32 v12 = v9 * n.w[6];
    const i32 v13 = n.w[5] + v12;
    const i32 v15 = v8 * n.w[7];
    const i32 v16 = v13 + v15;
    const f32 v17 = b0[v16];
    const i32 v20 = v9 * n.w[9];
    const i32 v21 = n.w[8] + v20;
    const i32 v23 = v8 * n.w[10];
    const i32 v24 = v21 + v23;
    const f32 v25 = b1[v24];
    const f32 v26 = (v17 + v25);
    const i32 v29 = v9 * n.w[12];
    const i32 v30 = n.w[11] + v29;
    const i32 v32 = v8 * n.w[13];
    const i32 v33 = v30 + v32;
    b2[v33] = v26;
  }
}
