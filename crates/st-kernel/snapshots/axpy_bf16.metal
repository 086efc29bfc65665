namespace st {
DEVICE u32 bits_of_bf16(f32 x) {
  const auto bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return (bits >> 16u) | 0x40u; }
  return (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
}

DEVICE f32 rounded_bf16(f32 x) { return bitcast<f32>(bits_of_bf16(x) << 16u); }

}

struct Numbers { i32 w[15]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u16* b0 [[buffer(0)]], device const u16* b1 [[buffer(1)]], device u16* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    const i32 v8 = v4 % n.w[4];
    const i32 v9 = v4 / n.w[4];
    const f32 v10 = bitcast<f32>(n.w[14]);
    const i32 v13 = v9 * n.w[6];
    const i32 v14 = n.w[5] + v13;
    const i32 v16 = v8 * n.w[7];
    const i32 v17 = v14 + v16;
    const f32 v18 = bf16_of_bits(b0[v17]);
    const f32 v19 = v18;
    const f32 v20 = (v10 * v19);
    const i32 v23 = v9 * n.w[9];
    const i32 v24 = n.w[8] + v23;
    const i32 v26 = v8 * n.w[10];
    const i32 v27 = v24 + v26;
    const f32 v28 = bf16_of_bits(b1[v27]);
    const f32 v29 = v28;
    const f32 v30 = (v20 + v29);
    const f32 v31 = rounded_bf16(v30);
    const i32 v34 = v9 * n.w[12];
    const i32 v35 = n.w[11] + v34;
    const i32 v37 = v8 * n.w[13];
    const i32 v38 = v35 + v37;
    b2[v38] = u16(bits_of_bf16(v31));
  }
}
