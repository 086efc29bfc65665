struct Numbers { i32 w[17]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u8* b0, const i64* b1, const u8* b2, i32* b3, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[2];
  if (v7) {
    const i32 v11 = v5 * n.w[11];
    const i32 v12 = n.w[9] + v11;
    const i64 v13 = b1[v12];
    const i32 v16 = wrapped(v13, n.w[15], faults);
    const i32 v17 = v16 * n.w[16];
    b3[v5] = v17;
  }
}
