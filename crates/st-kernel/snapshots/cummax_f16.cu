struct Numbers { i32 w[15]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u16* b0, u16* b1, i64* b2, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v4 = g * (256);
  const i32 v5 = v4 + t;
  const bool v7 = v5 < n.w[1];
  if (v7) {
    f32 x0 = bitcast<f32>(0xff800000u);
    i32 x1 = (0);
    for (i32 x2 = (0); x2 < n.w[5]; x2 += (1)) {
      const i32 v16 = v5 * n.w[7];
      const i32 v17 = n.w[6] + v16;
      const i32 v19 = x2 * n.w[8];
      const i32 v20 = v17 + v19;
      const f32 v21 = f16_of_bits(b0[v20]);
      const f32 v22 = v21;
      const f32 v23 = x0;
      const i32 v24 = x1;
      const bool v25 = (v23 <= v22);
      const bool v26 = (v22 == v22);
      const bool v27 = (!v26);
      const bool v28 = v25 || v27;
      const f32 v29 = (v28 ? v22 : v23);
      const i32 v30 = (v28 ? x2 : v24);
      x0 = v29;
      x1 = v30;
      const i32 v33 = v5 * n.w[10];
      const i32 v34 = n.w[9] + v33;
      const i32 v36 = x2 * n.w[11];
      const i32 v37 = v34 + v36;
      const f32 v38 = rounded_f16(v29);
      b1[v37] = u16(bits_of_f16(v29));
      const i64 v39 = i64(v30);
      const i32 v42 = v5 * n.w[13];
      const i32 v43 = n.w[12] + v42;
      const i32 v45 = x2 * n.w[14];
      const i32 v46 = v43 + v45;
      const i64 v47 = v39;
      b2[v46] = v47;
    }
  }
}
