// Elementary functions in single precision.

fn nan() -> f32 { return bitcast<f32>(n[0].x | 0x7fc00000); }
fn infinity() -> f32 { return bitcast<f32>(n[0].x | 0x7f800000); }
// With bits that are zero at run time: NVIDIA's compiler takes a test of a result's own bits for one of the number, and says
// that it is no NaN.
fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }
fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }
fn is_infinite(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) == 0x7f800000u; }
fn with_sign(x: f32, sign: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(sign) & 0x80000000u));
}
fn power_of_two(n: i32) -> f32 { return bitcast<f32>((n + 127) << 23u); }

fn copysign_f32(a: f32, b: f32) -> f32 { return with_sign(a, b); }
// Bits are chosen, not numbers: some drivers make a maximum of those, which forgets NaN.
fn chosen(no: f32, yes: f32, condition: bool) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(no), bitcast<u32>(yes), condition));
}
fn max_f32(a: f32, b: f32) -> f32 { return chosen(b, a, is_nan(a) || (a > b && !is_nan(b))); }
fn min_f32(a: f32, b: f32) -> f32 { return chosen(b, a, is_nan(a) || (a < b && !is_nan(b))); }

// Exact: the divisor, scaled by ever smaller powers of two, is taken off as often as it fits.
fn rest_of(dividend: f32, divisor: f32) -> f32 {
  var rest = dividend;
  for (var i = 0; i < 300 && rest >= divisor; i++) {
    var part = divisor;
    let steps = i32(bitcast<u32>(rest) >> 23u) - i32(bitcast<u32>(divisor) >> 23u);
    if (steps > 0) {
      let first = steps / 2;
      part = divisor * power_of_two(first) * power_of_two(steps - first);
      if (part > rest) { part *= 0.5f; }
    }
    rest -= part;
  }
  return rest;
}

fn fmod_f32(x: f32, y: f32) -> f32 {
  let divisor = abs(y);
  if (is_nan(x) || is_nan(y) || is_infinite(x) || divisor == 0.0f) { return nan(); }
  if (is_infinite(y)) { return x; }
  // Exponents of subnormal numbers say nothing: a multiple of such a divisor goes first.
  if (bitcast<u32>(divisor) >= 0x00800000u) { return with_sign(rest_of(abs(x), divisor), x); }
  let multiple = divisor * 16777216.0f;
  return with_sign(rest_of(rest_of(abs(x), multiple) * 16777216.0f, multiple) / 16777216.0f, x);
}

fn mod_f32(x: f32, y: f32) -> f32 {
  let rest = fmod_f32(x, y);
  return select(rest, rest + y, rest != 0.0f && ((rest < 0.0f) != (y < 0.0f)));
}

fn truncdiv_f32(x: f32, y: f32) -> f32 { return trunc(x / y); }

fn floordiv_f32(x: f32, y: f32) -> f32 {
  if (y == 0.0f) { return x / y; }
  let rest = fmod_f32(x, y);
  var quotient = (x - rest) / y;
  if (rest != 0.0f && ((rest < 0.0f) != (y < 0.0f))) { quotient -= 1.0f; }
  if (quotient == 0.0f) { return with_sign(0.0f, x / y); }
  let below = floor(quotient);
  return select(below, below + 1.0f, quotient - below > 0.5f);
}

// e^r for |r| <= ln 2 / 2.
fn exp_fraction(r: f32) -> f32 {
  var p = 1.3838055e-3f;
  p = fma(p, r, 8.369167e-3f);
  p = fma(p, r, 4.1668102e-2f);
  p = fma(p, r, 1.6666517e-1f);
  p = fma(p, r, 4.9999994e-1f);
  return fma(p, r * r, r) + 1.0f;
}

// y 2^n by two multiplications, so that overflow is infinite.
fn scaled(y: f32, n: f32) -> f32 {
  let first = i32(n) / 2;
  return y * power_of_two(first) * power_of_two(i32(n) - first);
}

fn exp_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let bounded = clamp(x, -104.0f, 89.0f);
  let n = round(bounded * 1.44269504f);
  let r = fma(n, 2.12194442e-4f, fma(n, -0.693359375f, bounded));
  return scaled(exp_fraction(r), n);
}

fn exp2_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let bounded = clamp(x, -151.0f, 129.0f);
  let n = round(bounded);
  return scaled(exp_fraction((bounded - n) * 0.69314718f), n);
}

fn expm1_f32(x: f32) -> f32 {
  if (abs(x) < 0.35f) {
    var p = 1.3935058e-3f;
    p = fma(p, x, 8.333644e-3f);
    p = fma(p, x, 4.1666467e-2f);
    p = fma(p, x, 1.6666666e-1f);
    p = fma(p, x, 5.0e-1f);
    return with_sign(fma(p, x * x, x), x);
  }
  return exp_f32(x) - 1.0f;
}

fn sigmoid_f32(x: f32) -> f32 {
  let e = exp_f32(-abs(x));
  return select(1.0f, e, x < 0.0f) / (1.0f + e);
}

// log(1 + f) - f for 1 + f from sqrt(1/2) to sqrt(2).
fn log_tail(f: f32) -> f32 {
  var p = 6.9172874e-2f;
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

// (k, f) with x = 2^k (1 + f).
fn log_split(x: f32) -> vec2<f32> {
  let small = x < 2.3509887e-38f;
  let bits = bitcast<i32>(select(x, x * 8388608.0f, small));
  let k = (bits - 0x3f3504f3) >> 23u;
  return vec2<f32>(f32(k) - select(0.0f, 23.0f, small), bitcast<f32>(bits - (k << 23u)) - 1.0f);
}

// A logarithm's value, and those that every logarithm has elsewhere.
fn log_limits(x: f32, y: f32) -> f32 {
  if (x > 0.0f && !is_infinite(x)) { return y; }
  if (x > 0.0f) { return x; }
  if (x == 0.0f) { return -infinity(); }
  return nan();
}

fn log_f32(x: f32) -> f32 {
  let s = log_split(x);
  return log_limits(x, fma(s.x, 0.693359375f, s.y + fma(s.x, -2.12194442e-4f, log_tail(s.y))));
}

fn log2_f32(x: f32) -> f32 {
  let s = log_split(x);
  let low = fma(s.y, 0.44269504f, 1.44269504f * log_tail(s.y));
  return log_limits(x, s.x + (s.y + low));
}

fn log10_f32(x: f32) -> f32 {
  let s = log_split(x);
  let low = fma(s.x, 4.605039e-6f, fma(s.y, -6.570552e-2f, 0.4342945f * log_tail(s.y)));
  return log_limits(x, fma(s.x, 0.3010254f, fma(s.y, 0.5f, low)));
}

fn log1p_f32(x: f32) -> f32 {
  if (x == 0.0f || is_nan(x)) { return x; }
  // What the sum with 1 loses may not be computed: compilers know better.
  if (x > -0.29f && x < 0.41f) { return x + log_tail(x); }
  return log_f32(1.0f + x);
}

fn rsqrt_f32(x: f32) -> f32 { return 1.0f / sqrt(x); }

// log2(x) as two parts, so that powers keep their precision.
fn log2_parts(x: f32) -> vec2<f32> {
  let s = log_split(x);
  let f = s.y;
  let t = log_tail(f);
  let high = bitcast<f32>(bitcast<u32>(f + t) & 0xfffff000u);
  let low = (f - high) + t;
  // 1/ln 2 as two parts, the first of 12 bits.
  let product = high * 1.442138671875f;
  let rest = fma(low, 1.44269504f, high * 5.56368e-4f);
  let sum = s.x + product;
  return vec2<f32>(sum, (s.x - sum) + product + rest);
}

fn pow_f32(x: f32, y: f32) -> f32 {
  if (y == 0.0f || x == 1.0f) { return 1.0f; }
  if (is_nan(x) || is_nan(y)) { return nan(); }
  let size = abs(x);
  let integer = floor(y) == y;
  let odd = integer && abs(y) < 16777216.0f && (i32(y) & 1) != 0;
  var result: f32;
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
    let parts = log2_parts(size);
    let high = bitcast<f32>(bitcast<u32>(y) & 0xfffff000u);
    let base = bitcast<f32>(bitcast<u32>(parts.x) & 0xfffff000u);
    let main = high * base;
    let rest = fma(y, (parts.x - base) + parts.y, (y - high) * base);
    let n = clamp(round(main + rest), -300.0f, 300.0f);
    let fraction = clamp((main - n) + rest, -1.0f, 1.0f);
    result = scaled(exp_fraction(fraction * 0.69314718f), clamp(n, -151.0f, 129.0f));
  }
  if (x < 0.0f && !integer && !is_infinite(x)) { return nan(); }
  let negative = (bitcast<u32>(x) >> 31u) == 1u;
  return select(result, -result, negative && odd);
}

// ---- circular functions ----

// (x less n pi / 2, n modulo 4): in three parts of pi / 2, or, for large x, by its bits and those of 2 / pi.
fn angle(x: f32) -> vec2<f32> {
  let size = abs(x);
  if (size < 8192.0f) {
    let n = round(x * 0.63661977f);
    var r = fma(n, -1.5703125f, x);
    r = fma(n, -4.837512969970703125e-4f, r);
    r = fma(n, -7.549789948768648e-8f, r);
    return vec2<f32>(r, n);
  }
  let bits = bitcast<u32>(size);
  let mantissa = (bits & 0x7fffffu) | 0x800000u;
  let exponent = i32(bits >> 23u) - 150;
  // Bits of 2 / pi before the first that matters only add whole turns.
  var words = array<u32, 8>(0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u);
  let first = max(exponent - 2, 0);
  let word = first / 32;
  let bit = u32(first % 32);
  var w: array<u32, 3>;
  for (var i = 0; i < 3; i++) {
    let next = select(0u, words[min(word + i + 1, 7)] >> (32u - max(bit, 1u)), bit > 0u);
    w[i] = (words[min(word + i, 7)] << bit) | next;
  }
  // The product: 24 bits before the point in high.y, then high.x, then low.
  let small = wide_product(mantissa, w[2]);
  let middle = wide_product(mantissa, w[1]);
  let low = middle.x + small.y;
  let high = add_i64(wide_product(mantissa, w[0]), vec2<u32>(middle.y + u32(low < middle.x), 0u));
  // Two bits of quarters and what follows them.
  let down = u32(2 - (exponent - first));
  let up = 32u - max(down, 1u);
  let quarters = (high.x >> down) | select(0u, high.y << up, down > 0u);
  let after = (low >> down) | select(0u, high.x << up, down > 0u);
  let fraction = (quarters << 2u) | (after >> 30u);
  let n = i32(((quarters >> 30u) + (fraction >> 31u)) & 3u);
  let rest = f32(bitcast<i32>(fraction)) * 2.3283064365386963e-10f * 1.57079633f;
  if (x < 0.0f) { return vec2<f32>(-rest, -f32(n)); }
  return vec2<f32>(rest, f32(n));
}

fn sin_poly(r: f32) -> f32 {
  let z = r * r;
  var p = 2.718121e-6f;
  p = fma(p, z, -1.9839334e-4f);
  p = fma(p, z, 8.3333293e-3f);
  p = fma(p, z, -1.6666667e-1f);
  return fma(p * z, r, r);
}

fn cos_poly(r: f32) -> f32 {
  let z = r * r;
  var p = 2.4390449e-5f;
  p = fma(p, z, -1.3887316e-3f);
  p = fma(p, z, 4.1666645e-2f);
  p = fma(p, z, -0.5f);
  return fma(p, z, 1.0f);
}

// The sine of an angle moved on by some quarters.
fn circular(a: vec2<f32>, quarters: i32) -> f32 {
  let quarter = i32(a.y) + quarters;
  let y = select(sin_poly(a.x), cos_poly(a.x), (quarter & 1) == 1);
  return select(y, -y, (quarter & 2) == 2);
}

fn sin_f32(x: f32) -> f32 {
  if (is_nan(x) || is_infinite(x)) { return nan(); }
  if (abs(x) < 1e-4f) { return x; }
  let a = angle(x);
  return circular(a, 0);
}

fn cos_f32(x: f32) -> f32 {
  if (is_nan(x) || is_infinite(x)) { return nan(); }
  let a = angle(x);
  return circular(a, 1);
}

fn tan_f32(x: f32) -> f32 {
  if (is_nan(x) || is_infinite(x)) { return nan(); }
  if (abs(x) < 1e-4f) { return x; }
  let a = angle(x);
  return circular(a, 0) / circular(a, 1);
}

// asin(s) for s from 0 to 1/2, given its square.
fn asin_small(s: f32, z: f32) -> f32 {
  var p = 4.2163199e-2f;
  p = fma(p, z, 2.4181311e-2f);
  p = fma(p, z, 4.5470025e-2f);
  p = fma(p, z, 7.4953002e-2f);
  p = fma(p, z, 1.6666752e-1f);
  return fma(p * z, s, s);
}

fn asin_f32(x: f32) -> f32 {
  let size = abs(x);
  if (!(size <= 1.0f)) { return nan(); }
  if (size <= 0.5f) { return with_sign(asin_small(size, size * size), x); }
  let z = 0.5f * (1.0f - size);
  return with_sign(1.57079633f - 2.0f * asin_small(sqrt(z), z), x);
}

fn acos_f32(x: f32) -> f32 {
  let size = abs(x);
  if (!(size <= 1.0f)) { return nan(); }
  if (size <= 0.5f) { return 1.57079633f - asin_f32(x); }
  let z = 0.5f * (1.0f - size);
  let y = 2.0f * asin_small(sqrt(z), z);
  return select(y, 3.14159265f - y, x < 0.0f);
}

fn atan_unit(s: f32) -> f32 {
  // s from 0 to 1: reduced once more to at most tan(pi / 8).
  let large = s > 0.4142135623f;
  let t = select(s, (s - 1.0f) / (s + 1.0f), large);
  let z = t * t;
  var p = 8.05374449538e-2f;
  p = fma(p, z, -1.38776856032e-1f);
  p = fma(p, z, 1.99777106478e-1f);
  p = fma(p, z, -3.33329491539e-1f);
  return select(0.0f, 0.78539816f, large) + fma(p * z, t, t);
}

fn atan_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let size = abs(x);
  let y = select(atan_unit(size), 1.57079633f - atan_unit(1.0f / size), size > 1.0f);
  return with_sign(y, x);
}

fn atan2_f32(y: f32, x: f32) -> f32 {
  if (is_nan(x) || is_nan(y)) { return nan(); }
  let a = abs(y);
  let b = abs(x);
  let left = (bitcast<u32>(x) >> 31u) == 1u;
  var t: f32;
  if (is_infinite(a) && is_infinite(b)) {
    t = 0.78539816f;
  } else if (a == 0.0f && b == 0.0f) {
    t = 0.0f;
  } else if (a <= b) {
    t = atan_unit(a / b);
  } else {
    t = 1.57079633f - atan_unit(b / a);
  }
  return with_sign(select(t, 3.14159265f - t, left), y);
}

// ---- hyperbolic functions ----

fn tanh_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let size = abs(x);
  if (size < 0.625f) {
    let z = x * x;
    var p = -5.6922967e-3f;
    p = fma(p, z, 2.0628167e-2f);
    p = fma(p, z, -5.3736515e-2f);
    p = fma(p, z, 1.3331406e-1f);
    p = fma(p, z, -3.333328e-1f);
    return with_sign(fma(p * z, x, x), x);
  }
  return with_sign(1.0f - 2.0f / (exp_f32(2.0f * min(size, 10.0f)) + 1.0f), x);
}

fn sinh_f32(x: f32) -> f32 {
  let size = abs(x);
  if (size < 1.0f) {
    let z = x * x;
    var p = 2.7557319e-6f;
    p = fma(p, z, 1.9841270e-4f);
    p = fma(p, z, 8.3333333e-3f);
    p = fma(p, z, 1.6666667e-1f);
    return fma(p * z, x, x);
  }
  let e = exp_f32(size - 0.69314718f);
  return with_sign(e - 0.25f / e, x);
}

fn cosh_f32(x: f32) -> f32 {
  let e = exp_f32(abs(x) - 0.69314718f);
  return e + 0.25f / e;
}

fn asinh_f32(x: f32) -> f32 {
  if (is_nan(x) || is_infinite(x)) { return x; }
  let size = abs(x);
  if (size > 1e9f) { return with_sign(log_f32(size) + 0.69314718f, x); }
  let z = size * size;
  return with_sign(log1p_f32(size + z / (1.0f + sqrt(1.0f + z))), x);
}

fn acosh_f32(x: f32) -> f32 {
  if (!(x >= 1.0f)) { return nan(); }
  if (x > 1e9f) { return log_f32(x) + 0.69314718f; }
  let below = x - 1.0f;
  return log1p_f32(below + sqrt(below * (x + 1.0f)));
}

fn atanh_f32(x: f32) -> f32 {
  let size = abs(x);
  return with_sign(0.5f * log1p_f32(2.0f * size / (1.0f - size)), x);
}
