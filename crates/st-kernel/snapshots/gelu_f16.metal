namespace st {
DEVICE bool is_nan(f32 x) { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

DEVICE f32 with_sign(f32 x, f32 sign) {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(sign) & 0x80000000u));
}

DEVICE f32 power_of_two(i32 n) { return bitcast<f32>((n + 127) << 23u); }

DEVICE f32 exp_fraction(f32 r) {
  auto p = 1.3838055e-3f;
  p = fma(p, r, 8.369167e-3f);
  p = fma(p, r, 4.1668102e-2f);
  p = fma(p, r, 1.6666517e-1f);
  p = fma(p, r, 4.9999994e-1f);
  return fma(p, r * r, r) + 1.0f;
}

DEVICE f32 scaled(f32 y, f32 n) {
  const auto first = i32(n) / 2;
  return y * power_of_two(first) * power_of_two(i32(n) - first);
}

DEVICE f32 exp_f32(f32 x) {
  if (is_nan(x)) { return x; }
  const auto bounded = clamp(x, -104.0f, 89.0f);
  const auto n = round(bounded * 1.44269504f);
  const auto r = fma(n, 2.12194442e-4f, fma(n, -0.693359375f, bounded));
  return scaled(exp_fraction(r), n);
}

DEVICE f32 erf_f32(f32 x) {
  if (is_nan(x)) { return x; }
  const auto size = abs(x);
  if (size < 0.9275f) {
    const auto z = x * x;
    auto p = 7.995176e-5f;
    p = fma(p, z, -8.0495304e-4f);
    p = fma(p, z, 5.192393e-3f);
    p = fma(p, z, -2.685573e-2f);
    p = fma(p, z, 1.1283626e-1f);
    p = fma(p, z, -3.761263e-1f);
    p = fma(p, z, 1.2837917e-1f);
    return with_sign(fma(p, size, size), x);
  }
  const auto t = min(size, 4.0f);
  auto p = -1.1229702e-5f;
  p = fma(p, t, 3.227909e-4f);
  p = fma(p, t, -3.6424191e-3f);
  p = fma(p, t, 2.3762004e-2f);
  p = fma(p, t, -1.0623684e-1f);
  p = fma(p, t, -6.351513e-1f);
  p = fma(p, t, -1.2864849e-1f);
  return with_sign(1.0f - exp_f32(fma(p, t, -t)), x);
}

}

struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u16* b0 [[buffer(0)]], device u16* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
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
    const f32 v19 = f16_of_bits(b0[v18]);
    const f32 v20 = v19;
    const f32 v22 = (v20 * (0.5f));
    const f32 v24 = (v20 * (0.70710677f));
    const f32 v25 = erf_f32(v24);
    const f32 v27 = (v25 + (1.0f));
    const f32 v28 = (v22 * v27);
    const f32 v29 = rounded_f16(v28);
    const i32 v32 = v11 * n.w[10];
    const i32 v33 = n.w[9] + v32;
    const i32 v35 = v10 * n.w[11];
    const i32 v36 = v33 + v35;
    b1[v36] = u16(bits_of_f16(v28));
  }
}
