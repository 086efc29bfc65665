struct Numbers { i32 w[17]; };

extern "C" __global__ void __launch_bounds__(256) entry(const i64* b0, const f32* b1, f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[5];
    const i32 v10 = v5 / n.w[5];
    const i32 v13 = v10 * n.w[10];
    const i32 v14 = n.w[9] + v13;
    const i32 v16 = v9 * n.w[11];
    const i32 v17 = v14 + v16;
    const i32 v20 = v10 * n.w[7];
    const i32 v21 = n.w[6] + v20;
    const i32 v23 = v9 * n.w[8];
    const i32 v24 = v21 + v23;
    const i64 v25 = b0[v24];
    const i32 v28 = wrapped(v25, n.w[12], faults);
    const i32 v29 = v28 * n.w[13];
    const i32 v30 = v17 + v29;
    const f32 v31 = b1[v30];
    const i32 v34 = v10 * n.w[15];
    const i32 v35 = n.w[14] + v34;
    const i32 v37 = v9 * n.w[16];
    const i32 v38 = v35 + v37;
    b2[v38] = v31;
  }
}
