struct Numbers { i32 w[16]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const i64* b1, f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    for (i32 x0 = (0); x0 < n.w[2]; x0 += (1)) {
      const i32 v13 = v4 * n.w[6];
      const i32 v14 = n.w[5] + v13;
      const i32 v16 = x0 * n.w[7];
      const i32 v17 = v14 + v16;
      const f32 v18 = b0[v17];
      const i32 v21 = v4 * n.w[12];
      const i32 v22 = n.w[11] + v21;
      const i32 v24 = x0 * n.w[13];
      const i32 v25 = v22 + v24;
      const i32 v28 = v4 * n.w[9];
      const i32 v29 = n.w[8] + v28;
      const i32 v31 = x0 * n.w[10];
      const i32 v32 = v29 + v31;
      const i64 v33 = b1[v32];
      const i32 v36 = wrapped(v33, n.w[14], faults);
      const i32 v37 = v36 * n.w[15];
      const i32 v38 = v25 + v37;
      const f32 v39 = b2[v38];
      const f32 v40 = (v39 + v18);
      const f32 v41 = v40;
      b2[v38] = v41;
    }
  }
}
