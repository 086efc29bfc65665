struct Numbers { i32 w[18]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u8* b0, const i8* b1, i8* b2, u8* b3, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    const i32 v9 = v5 % n.w[5];
    const i32 v10 = v5 / n.w[5];
    const i32 v13 = v10 * n.w[7];
    const i32 v14 = n.w[6] + v13;
    const i32 v16 = v9 * n.w[8];
    const i32 v17 = v14 + v16;
    const i32 v18 = i32(b0[v17]);
    const i32 v19 = i32(i8(v18));
    const i32 v22 = v10 * n.w[10];
    const i32 v23 = n.w[9] + v22;
    const i32 v25 = v9 * n.w[11];
    const i32 v26 = v23 + v25;
    const i32 v27 = i32(b1[v26]);
    const i32 v28 = mul_int(v19, v27);
    const i32 v29 = i32(i8(v28));
    const i32 v32 = v10 * n.w[13];
    const i32 v33 = n.w[12] + v32;
    const i32 v35 = v9 * n.w[14];
    const i32 v36 = v33 + v35;
    b2[v36] = i8(v29);
    const bool v37 = (v29 < v27);
    const i32 v40 = v10 * n.w[16];
    const i32 v41 = n.w[15] + v40;
    const i32 v43 = v9 * n.w[17];
    const i32 v44 = v41 + v43;
    b3[v44] = u8(v37);
  }
}
