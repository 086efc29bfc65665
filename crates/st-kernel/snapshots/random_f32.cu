struct Numbers { i32 w[11]; };

extern "C" __global__ void __launch_bounds__(256) entry(f32* b0, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v10 = v6 % n.w[5];
    const i32 v11 = v6 / n.w[5];
    const i64 v12 = i64_of_words(n.w[9], n.w[10]);
    const i64 v14 = i64(v11);
    const i64 v16 = mul_int(v14, i64(1000));
    const i64 v18 = i64(v10);
    const i64 v19 = add_int(v16, v18);
    const i64 v20 = random_int(v12, v19);
    const i64 v22 = shr_int(v20, i64(8));
    const f32 v23 = f32(v22);
    const f32 v25 = (v23 * (5.9604645e-8f));
    const i32 v28 = v11 * n.w[7];
    const i32 v29 = n.w[6] + v28;
    const i32 v31 = v10 * n.w[8];
    const i32 v32 = v29 + v31;
    b0[v32] = v25;
  }
}
