struct Numbers { i32 w[15]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f64* b0, const f64* b1, f64* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[5];
    const i32 v10 = v5 / n.w[5];
    const i32 v14 = v10 * n.w[7];
    const i32 v15 = n.w[6] + v14;
    const i32 v17 = v9 * n.w[8];
    const i32 v18 = v15 + v17;
    const f64 v19 = b0[v18];
    const bool v20 = ((0.0) < v19);
    const i32 v23 = v10 * n.w[10];
    const i32 v24 = n.w[9] + v23;
    const i32 v26 = v9 * n.w[11];
    const i32 v27 = v24 + v26;
    const f64 v28 = b1[v27];
    const f64 v29 = mod_f64(v19, v28);
    const f64 v30 = ::exp(v28);
    const f64 v31 = (v20 ? v29 : v30);
    const i32 v34 = v10 * n.w[13];
    const i32 v35 = n.w[12] + v34;
    const i32 v37 = v9 * n.w[14];
    const i32 v38 = v35 + v37;
    b2[v38] = v31;
  }
}
