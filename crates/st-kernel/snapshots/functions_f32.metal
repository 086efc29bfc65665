namespace st {
DEVICE vec2<u32> add_i64(vec2<u32> a, vec2<u32> b) {
  const auto low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + u32(low < a.x));
}

DEVICE vec2<u32> wide_product(u32 a, u32 b) {
  const auto al = a & 0xffffu; const auto ah = a >> 16u;
  const auto bl = b & 0xffffu; const auto bh = b >> 16u;
  const auto ll = al * bl;
  const auto middle = ah * bl + (ll >> 16u);
  const auto other = al * bh + (middle & 0xffffu);
  return vec2<u32>((other << 16u) | (ll & 0xffffu), ah * bh + (middle >> 16u) + (other >> 16u));
}

DEVICE bool is_nan(f32 x) { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

DEVICE bool is_infinite(f32 x) { return (bits_seen(x) & 0x7fffffffu) == 0x7f800000u; }

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

DEVICE f32 log_tail(f32 f) {
  auto p = 6.9172874e-2f;
  p = fma(p, f, -1.1731344e-1f);
  p = fma(p, f, 1.1828684e-1f);
  p = fma(p, f, -1.2386296e-1f);
  p = fma(p, f, 1.4225625e-1f);
  p = fma(p, f, -1.6669872e-1f);
  p = fma(p, f, 2.0001915e-1f);
  p = fma(p, f, -2.4999955e-1f);
  p = fma(p, f, 3.3333313e-1f);
  return fma(p * f, f * f, -0.5f * (f * f));
}

DEVICE vec2<f32> log_split(f32 x) {
  const auto small = x < 2.3509887e-38f;
  const auto bits = bitcast<i32>(select(x, x * 8388608.0f, small));
  const auto k = (bits - 0x3f3504f3) >> 23u;
  return vec2<f32>(f32(k) - select(0.0f, 23.0f, small), bitcast<f32>(bits - (k << 23u)) - 1.0f);
}

DEVICE f32 log_limits(f32 x, f32 y) {
  if (x > 0.0f && !is_infinite(x)) { return y; }
  if (x > 0.0f) { return x; }
  if (x == 0.0f) { return -infinity(); }
  return nan();
}

DEVICE f32 log_f32(f32 x) {
  const auto s = log_split(x);
  return log_limits(x, fma(s.x, 0.693359375f, s.y + fma(s.x, -2.12194442e-4f, log_tail(s.y))));
}

DEVICE vec2<f32> log2_parts(f32 x) {
  const auto s = log_split(x);
  const auto f = s.y;
  const auto t = log_tail(f);
  const auto high = bitcast<f32>(bitcast<u32>(f + t) & 0xfffff000u);
  const auto low = (f - high) + t;
  // 1/ln 2 as two parts, the first of 12 bits.
  const auto product = high * 1.442138671875f;
  const auto rest = fma(low, 1.44269504f, high * 5.56368e-4f);
  const auto sum = s.x + product;
  return vec2<f32>(sum, (s.x - sum) + product + rest);
}

DEVICE f32 pow_f32(f32 x, f32 y) {
  if (y == 0.0f || x == 1.0f) { return 1.0f; }
  if (is_nan(x) || is_nan(y)) { return nan(); }
  const auto size = abs(x);
  const auto integer = floor(y) == y;
  const auto odd = integer && abs(y) < 16777216.0f && (i32(y) & 1) != 0;
  f32 result;
  if (size == 1.0f) {
    result = 1.0f;
  } else if (size == 0.0f) {
    result = select(0.0f, infinity(), y < 0.0f);
  } else if (is_infinite(size)) {
    result = select(infinity(), 0.0f, y < 0.0f);
  } else if (is_infinite(y)) {
    result = select(0.0f, infinity(), (size > 1.0f) == (y > 0.0f));
  } else if (y == 2.0f) {
    result = size * size;
  } else {
    const auto parts = log2_parts(size);
    const auto high = bitcast<f32>(bitcast<u32>(y) & 0xfffff000u);
    const auto base = bitcast<f32>(bitcast<u32>(parts.x) & 0xfffff000u);
    const auto main = high * base;
    const auto rest = fma(y, (parts.x - base) + parts.y, (y - high) * base);
    const auto n = clamp(round(main + rest), -300.0f, 300.0f);
    const auto fraction = clamp((main - n) + rest, -1.0f, 1.0f);
    result = scaled(exp_fraction(fraction * 0.69314718f), clamp(n, -151.0f, 129.0f));
  }
  if (x < 0.0f && !integer && !is_infinite(x)) { return nan(); }
  const auto negative = (bitcast<u32>(x) >> 31u) == 1u;
  return select(result, -result, negative && odd);
}

DEVICE vec2<f32> angle(f32 x) {
  const auto size = abs(x);
  if (size < 8192.0f) {
    const auto n = round(x * 0.63661977f);
    auto r = fma(n, -1.5703125f, x);
    r = fma(n, -4.837512969970703125e-4f, r);
    r = fma(n, -7.549789948768648e-8f, r);
    return vec2<f32>(r, n);
  }
  const auto bits = bitcast<u32>(size);
  const auto mantissa = (bits & 0x7fffffu) | 0x800000u;
  const auto exponent = i32(bits >> 23u) - 150;
  // Bits of 2 / pi before the first that matters only add whole turns.
  auto words = array<u32, 8>(0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u);
  const auto first = max(exponent - 2, 0);
  const auto word = first / 32;
  const auto bit = u32(first % 32);
  array<u32, 3> w;
  for (auto i = 0; i < 3; i++) {
    const auto next = select(0u, words[min(word + i + 1, 7)] >> (32u - max(bit, 1u)), bit > 0u);
    w[i] = (words[min(word + i, 7)] << bit) | next;
  }
  // The product: 24 bits before the point in high.y, then high.x, then low.
  const auto small = wide_product(mantissa, w[2]);
  const auto middle = wide_product(mantissa, w[1]);
  const auto low = middle.x + small.y;
  const auto high = add_i64(wide_product(mantissa, w[0]), vec2<u32>(middle.y + u32(low < middle.x), 0u));
  // Two bits of quarters and what follows them.
  const auto down = u32(2 - (exponent - first));
  const auto up = 32u - max(down, 1u);
  const auto quarters = (high.x >> down) | select(0u, high.y << up, down > 0u);
  const auto after = (low >> down) | select(0u, high.x << up, down > 0u);
  const auto fraction = (quarters << 2u) | (after >> 30u);
  const auto n = i32(((quarters >> 30u) + (fraction >> 31u)) & 3u);
  const auto rest = f32(bitcast<i32>(fraction)) * 2.3283064365386963e-10f * 1.57079633f;
  if (x < 0.0f) { return vec2<f32>(-rest, -f32(n)); }
  return vec2<f32>(rest, f32(n));
}

DEVICE f32 sin_poly(f32 r) {
  const auto z = r * r;
  auto p = 2.718121e-6f;
  p = fma(p, z, -1.9839334e-4f);
  p = fma(p, z, 8.3333293e-3f);
  p = fma(p, z, -1.6666667e-1f);
  return fma(p * z, r, r);
}

DEVICE f32 cos_poly(f32 r) {
  const auto z = r * r;
  auto p = 2.4390449e-5f;
  p = fma(p, z, -1.3887316e-3f);
  p = fma(p, z, 4.1666645e-2f);
  p = fma(p, z, -0.5f);
  return fma(p, z, 1.0f);
}

DEVICE f32 circular(vec2<f32> a, i32 quarters) {
  const auto quarter = i32(a.y) + quarters;
  const auto y = select(sin_poly(a.x), cos_poly(a.x), (quarter & 1) == 1);
  return select(y, -y, (quarter & 2) == 2);
}

DEVICE f32 sin_f32(f32 x) {
  if (is_nan(x) || is_infinite(x)) { return nan(); }
  if (abs(x) < 1e-4f) { return x; }
  const auto a = angle(x);
  return circular(a, 0);
}

DEVICE f32 sin_pi(f32 x) {
  const auto f = x - round(x);
  const auto y = select(sin_poly(f * 3.14159265f), with_sign(cos_poly((0.5f - abs(f)) * 3.14159265f), f), abs(f) > 0.25f);
  return select(y, -y, (i32(round(x) - 2.0f * floor(round(x) * 0.5f)) & 1) == 1);
}

DEVICE f32 cos_pi(f32 f) { return sin_pi(f + 0.5f); }

DEVICE f32 digamma_f32(f32 x) {
  if (x == 0.0f) { return with_sign(infinity(), -x); }
  if (x < 0.0f && floor(x) == x) { return nan(); }
  auto z = select(x, 1.0f - x, x < 0.0f);
  auto sum = 0.0f;
  for (auto i = 0; i < 10 && z < 10.0f; i++) {
    sum -= 1.0f / z;
    z += 1.0f;
  }
  const auto square = 1.0f / (z * z);
  auto p = 4.1666667e-3f;
  p = fma(p, square, -3.968254e-3f);
  p = fma(p, square, 8.3333333e-3f);
  p = fma(p, square, -8.3333333e-2f);
  const auto y = sum + log_f32(z) - 0.5f / z + p * square;
  if (x < 0.0f) {
    const auto f = x - round(x);
    return y - 3.14159265f * cos_pi(f) / sin_pi(f);
  }
  return y;
}

}

struct Numbers { i32 w[11]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device const f32* b1 [[buffer(1)]], device f32* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v11 = v6 * n.w[6];
    const i32 v12 = n.w[5] + v11;
    const f32 v13 = b0[v12];
    const f32 v14 = sin_f32(v13);
    const f32 v15 = metal::fabs(v13);
    const i32 v18 = v6 * n.w[8];
    const i32 v19 = n.w[7] + v18;
    const f32 v20 = b1[v19];
    const f32 v21 = pow_f32(v15, v20);
    const f32 v22 = (v14 * v21);
    const f32 v24 = (v15 + (1.0f));
    const f32 v25 = digamma_f32(v24);
    const f32 v26 = (v22 + v25);
    const i32 v29 = v6 * n.w[10];
    const i32 v30 = n.w[9] + v29;
    b2[v30] = v26;
  }
}
