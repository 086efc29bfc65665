namespace st {
DEVICE bool is_infinite(f32 x) { return (bits_seen(x) & 0x7fffffffu) == 0x7f800000u; }

DEVICE f32 with_sign(f32 x, f32 sign) {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(sign) & 0x80000000u));
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

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const f32* b1, f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v4 = g * (256);
  const i32 v6 = v4 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    const i32 v11 = v6 * n.w[6];
    const i32 v12 = n.w[5] + v11;
    const f32 v13 = b0[v12];
    const f32 v14 = __ocml_sin_f32(v13);
    const f32 v15 = __ocml_fabs_f32(v13);
    const i32 v18 = v6 * n.w[8];
    const i32 v19 = n.w[7] + v18;
    const f32 v20 = b1[v19];
    const f32 v21 = __ocml_pow_f32(v15, v20);
    const f32 v22 = (v14 * v21);
    const f32 v24 = (v15 + (1.0f));
    const f32 v25 = digamma_f32(v24);
    const f32 v26 = (v22 + v25);
    const i32 v29 = v6 * n.w[10];
    const i32 v30 = n.w[9] + v29;
    b2[v30] = v26;
  }
}
