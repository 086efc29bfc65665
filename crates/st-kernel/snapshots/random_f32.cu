struct Numbers { i32 w[11]; };

extern "C" __global__ void __launch_bounds__(256) entry(f32* b0, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[5];
    const i32 v10 = v5 / n.w[5];
    const i64 v11 = i64_of_words(n.w[9], n.w[10]);
    const i64 v13 = i64(v10);
    const i64 v15 = mul_int(v13, i64(1000));
    const i64 v17 = i64(v9);
    const i64 v18 = add_int(v15, v17);
    const i64 v19 = random_int(v11, v18);
    const i64 v21 = shr_int(v19, i64(8));
    const f32 v22 = f32(v21);
    const f32 v24 = (v22 * (5.9604645e-8f));
    const i32 v27 = v10 * n.w[7];
    const i32 v28 = n.w[6] + v27;
    const i32 v30 = v9 * n.w[8];
    const i32 v31 = v28 + v30;
    b0[v31] = v24;
  }
}
