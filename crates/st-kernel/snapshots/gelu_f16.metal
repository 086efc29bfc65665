namespace st {
DEVICE bool is_nan(f32 x) { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

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

struct Numbers { i32 w[11]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u16* b0 [[buffer(0)]], device u16* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    const i32 v8 = v4 % n.w[4];
    const i32 v9 = v4 / n.w[4];
    const i32 v12 = v9 * n.w[6];
    const i32 v13 = n.w[5] + v12;
    const i32 v15 = v8 * n.w[7];
    const i32 v16 = v13 + v15;
    const f32 v17 = f16_of_bits(b0[v16]);
    const f32 v18 = v17;
    const f32 v20 = (v18 * (0.5f));
    const f32 v22 = (v18 * (0.70710677f));
    const f32 v23 = erf_f32(v22);
    const f32 v25 = (v23 + (1.0f));
    const f32 v26 = (v20 * v25);
    const f32 v27 = rounded_f16(v26);
    const i32 v30 = v9 * n.w[9];
    const i32 v31 = n.w[8] + v30;
    const i32 v33 = v8 * n.w[10];
    const i32 v34 = v31 + v33;
    b1[v34] = u16(bits_of_f16(v27));
  }
}
