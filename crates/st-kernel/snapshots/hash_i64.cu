struct Numbers { i32 w[13]; };

extern "C" __global__ void __launch_bounds__(256) entry(const i64* b0, i64* b1, const Numbers n, u32* faults) {
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
    const i64 v17 = b0[v16];
    const i64 v18 = i64_of_words(n.w[11], n.w[12]);
    const i64 v19 = mul_int(v17, v18);
    const i64 v21 = i64(v8);
    const i64 v22 = add_int(v19, v21);
    const i64 v24 = floordiv_int(v22, i64(-7));
    const i32 v27 = v9 * n.w[9];
    const i32 v28 = n.w[8] + v27;
    const i32 v30 = v8 * n.w[10];
    const i32 v31 = v28 + v30;
    b1[v31] = v24;
  }
}
