struct Numbers { i32 w[18]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u8* b0, const i8* b1, i8* b2, u8* b3, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v10 = v6 % n.w[5];
    const i32 v11 = v6 / n.w[5];
    const i32 v14 = v11 * n.w[7];
    const i32 v15 = n.w[6] + v14;
    const i32 v17 = v10 * n.w[8];
    const i32 v18 = v15 + v17;
    const i32 v19 = i32(b0[v18]);
    const i32 v20 = i32(i8(v19));
    const i32 v23 = v11 * n.w[10];
    const i32 v24 = n.w[9] + v23;
    const i32 v26 = v10 * n.w[11];
    const i32 v27 = v24 + v26;
    const i32 v28 = i32(b1[v27]);
    const i32 v29 = mul_int(v20, v28);
    const i32 v30 = i32(i8(v29));
    const bool v31 = (v30 < v28);
    const i32 v34 = v11 * n.w[13];
    const i32 v35 = n.w[12] + v34;
    const i32 v37 = v10 * n.w[14];
    const i32 v38 = v35 + v37;
    b2[v38] = i8(v30);
    const i32 v41 = v11 * n.w[16];
    const i32 v42 = n.w[15] + v41;
    const i32 v44 = v10 * n.w[17];
    const i32 v45 = v42 + v44;
    b3[v45] = u8(v31);
  }
}
