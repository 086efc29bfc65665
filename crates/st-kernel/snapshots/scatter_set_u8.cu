struct Numbers { i32 w[17]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u8* b0, const i64* b1, u8* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    for (i32 x0 = (0); x0 < n.w[2]; x0 += (1)) {
      const i32 v14 = v5 * n.w[7];
      const i32 v15 = n.w[6] + v14;
      const i32 v17 = x0 * n.w[8];
      const i32 v18 = v15 + v17;
      const i32 v19 = i32(b0[v18]);
      const i32 v22 = v5 * n.w[13];
      const i32 v23 = n.w[12] + v22;
      const i32 v25 = x0 * n.w[14];
      const i32 v26 = v23 + v25;
      const i32 v29 = v5 * n.w[10];
      const i32 v30 = n.w[9] + v29;
      const i32 v32 = x0 * n.w[11];
      const i32 v33 = v30 + v32;
      const i64 v34 = b1[v33];
      const i32 v37 = wrapped(v34, n.w[15], faults);
      const i32 v38 = v37 * n.w[16];
      const i32 v39 = v26 + v38;
      b2[v39] = u8(v19);
    }
  }
}
