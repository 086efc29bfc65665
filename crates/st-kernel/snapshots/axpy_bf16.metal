namespace st {
DEVICE u32 bits_of_bf16(f32 x) {
  const auto bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return (bits >> 16u) | 0x40u; }
  return (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
}

DEVICE f32 rounded_bf16(f32 x) { return bitcast<f32>(bits_of_bf16(x) << 16u); }

}

struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u16* b0 [[buffer(0)]], device const u16* b1 [[buffer(1)]], device u16* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const f32 v9 = bitcast<f32>(n.w[11]);
    const i32 v12 = v6 * n.w[6];
    const i32 v13 = n.w[5] + v12;
    const f32 v14 = bf16_of_bits(b0[v13]);
    const f32 v15 = v14;
    const f32 v16 = (v9 * v15);
    const i32 v19 = v6 * n.w[8];
    const i32 v20 = n.w[7] + v19;
    const f32 v21 = bf16_of_bits(b1[v20]);
    const f32 v22 = v21;
    const f32 v23 = (v16 + v22);
    const f32 v24 = rounded_bf16(v23);
    const i32 v27 = v6 * n.w[10];
    const i32 v28 = n.w[9] + v27;
    b2[v28] = u16(bits_of_bf16(v23));
  }
}
