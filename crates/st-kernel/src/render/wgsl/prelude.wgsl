// Functions of kernels in WGSL. A function's name ends in the type it is for; 64-bit integers are (low, high) words.

// ---- positions ----

fn wrapped(index: vec2<u32>, size: i32) -> i32 {
  let low = bitcast<i32>(index.x);
  let fits = index.y == bitcast<u32>(low >> 31u);
  let at = select(low, low + size, low < 0);
  if (fits && at >= 0 && at < size) { return at; }
  atomicOr(&faults, 1u);
  return 0;
}

// ---- half precision: rounded to nearest, ties to even ----

fn bits_of_bf16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return (bits >> 16u) | 0x40u; }
  return (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
}

fn rounded_bf16(x: f32) -> f32 { return bitcast<f32>(bits_of_bf16(x) << 16u); }

fn bits_of_f16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return sign | 0x7e00u; }
  if (size >= 0x477ff000u) { return sign | 0x7c00u; }
  if (size < 0x38800000u) {
    // Denormal: the sum with 1/2 has the wanted bits at its low end, rounded.
    if (size < 0x33000000u) { return sign; }
    let shift = 126u - (size >> 23u);
    let whole = (size & 0x7fffffu) | 0x800000u;
    let kept = whole >> shift;
    let rest = whole & ((1u << shift) - 1u);
    let half = 1u << (shift - 1u);
    let up = rest > half || (rest == half && (kept & 1u) == 1u);
    return sign | (kept + u32(up));
  }
  return sign | ((size + 0xfffu + ((size >> 13u) & 1u) - 0x38000000u) >> 13u);
}

fn f16_of_bits(bits: u32) -> f32 {
  let sign = (bits & 0x8000u) << 16u;
  let size = bits & 0x7fffu;
  if (size >= 0x7c00u) { return bitcast<f32>(sign | 0x7f800000u | ((size & 0x3ffu) << 13u)); }
  if (size >= 0x400u) { return bitcast<f32>(sign | ((size << 13u) + 0x38000000u)); }
  return bitcast<f32>(sign | bitcast<u32>(f32(size) * 5.9604644775390625e-8f));
}

fn rounded_f16(x: f32) -> f32 { return f16_of_bits(bits_of_f16(x)); }

// ---- conversions ----

fn i32_of_f32(x: f32) -> i32 {
  if (x >= -2147483648.0f && x < 2147483648.0f) { return i32(x); }
  return -2147483647 - 1;
}

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

fn i64_of_f32(x: f32) -> vec2<u32> {
  if (!(x >= -9223372036854775808.0f && x < 9223372036854775808.0f)) { return vec2<u32>(0u, 0x80000000u); }
  let size = trunc(abs(x));
  let high = u32(size * 2.3283064365386963e-10f);
  let low = u32(size - f32(high) * 4294967296.0f);
  let y = vec2<u32>(low, high);
  if (x < 0.0f) { return neg_i64(y); }
  return y;
}

fn f32_of_i64(x: vec2<u32>) -> f32 {
  let negative = (x.y >> 31u) == 1u;
  var size = x;
  if (negative) { size = neg_i64(x); }
  var y: f32;
  if (size.y == 0u) {
    y = f32(size.x);
  } else {
    // The highest 32 bits, the lowest of which stands for all that are lost.
    let shift = 32u - countLeadingZeros(size.y);
    var top = size.y;
    var lost = size.x;
    if (shift < 32u) {
      top = (size.x >> shift) | (size.y << (32u - shift));
      lost = size.x & ((1u << shift) - 1u);
    }
    y = f32(top | u32(lost != 0u)) * power_of_two(i32(shift));
  }
  return select(y, -y, negative);
}

// ---- 64-bit integers ----

fn add_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + u32(low < a.x));
}

fn neg_i64(a: vec2<u32>) -> vec2<u32> { return add_i64(~a, vec2<u32>(1u, 0u)); }

fn sub_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return vec2<u32>(a.x - b.x, a.y - b.y - u32(a.x < b.x));
}

fn wide_product(a: u32, b: u32) -> vec2<u32> {
  let al = a & 0xffffu; let ah = a >> 16u;
  let bl = b & 0xffffu; let bh = b >> 16u;
  let ll = al * bl;
  let middle = ah * bl + (ll >> 16u);
  let other = al * bh + (middle & 0xffffu);
  return vec2<u32>((other << 16u) | (ll & 0xffffu), ah * bh + (middle >> 16u) + (other >> 16u));
}

fn mul_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = wide_product(a.x, b.x);
  return vec2<u32>(low.x, low.y + a.x * b.y + a.y * b.x);
}

fn less_u64(a: vec2<u32>, b: vec2<u32>) -> bool { return a.y < b.y || (a.y == b.y && a.x < b.x); }

fn lt_i64(a: vec2<u32>, b: vec2<u32>) -> bool {
  return bitcast<i32>(a.y) < bitcast<i32>(b.y) || (a.y == b.y && a.x < b.x);
}

fn le_i64(a: vec2<u32>, b: vec2<u32>) -> bool { return !lt_i64(b, a); }
fn eq_i64(a: vec2<u32>, b: vec2<u32>) -> bool { return all(a == b); }
fn max_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return select(a, b, lt_i64(a, b)); }
fn min_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return select(a, b, lt_i64(b, a)); }
fn abs_i64(a: vec2<u32>) -> vec2<u32> { return select(a, neg_i64(a), bitcast<i32>(a.y) < 0); }

fn shl_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (b.y != 0u || b.x >= 64u) { return vec2<u32>(); }
  if (b.x == 0u) { return a; }
  if (b.x >= 32u) { return vec2<u32>(0u, a.x << (b.x - 32u)); }
  return vec2<u32>(a.x << b.x, (a.y << b.x) | (a.x >> (32u - b.x)));
}

fn shr_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let sign = bitcast<u32>(bitcast<i32>(a.y) >> 31u);
  if (bitcast<i32>(b.y) < 0) { return a; }
  if (b.y != 0u || b.x >= 64u) { return vec2<u32>(sign, sign); }
  if (b.x == 0u) { return a; }
  if (b.x >= 32u) { return vec2<u32>(bitcast<u32>(bitcast<i32>(a.y) >> (b.x - 32u)), sign); }
  return vec2<u32>((a.x >> b.x) | (a.y << (32u - b.x)), bitcast<u32>(bitcast<i32>(a.y) >> b.x));
}

// (quotient low, high, remainder low, high) of two that count as unsigned.
fn divided_u64(a: vec2<u32>, b: vec2<u32>) -> vec4<u32> {
  if (a.y == 0u && b.y == 0u) { return vec4<u32>(a.x / b.x, 0u, a.x % b.x, 0u); }
  var quotient = vec2<u32>();
  var rest = vec2<u32>();
  for (var i = 63; i >= 0; i--) {
    let word = select(a.x, a.y, i >= 32);
    rest = vec2<u32>((rest.x << 1u) | ((word >> u32(i & 31)) & 1u), (rest.y << 1u) | (rest.x >> 31u));
    quotient = vec2<u32>(quotient.x << 1u, (quotient.y << 1u) | (quotient.x >> 31u));
    if (!less_u64(rest, b)) {
      rest = sub_i64(rest, b);
      quotient.x |= 1u;
    }
  }
  return vec4<u32>(quotient, rest);
}

fn truncdiv_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (all(b == vec2<u32>())) { return vec2<u32>(); }
  let quotient = divided_u64(abs_i64(a), abs_i64(b)).xy;
  return select(quotient, neg_i64(quotient), ((a.y ^ b.y) >> 31u) == 1u);
}

fn fmod_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (all(b == vec2<u32>())) { return vec2<u32>(); }
  let rest = divided_u64(abs_i64(a), abs_i64(b)).zw;
  return select(rest, neg_i64(rest), (a.y >> 31u) == 1u);
}

fn floordiv_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let rest = fmod_i64(a, b);
  let down = any(rest != vec2<u32>()) && ((rest.y ^ b.y) >> 31u) == 1u;
  return sub_i64(truncdiv_i64(a, b), vec2<u32>(u32(down), 0u));
}

fn mod_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (all(b == vec2<u32>())) { return a; }
  let rest = fmod_i64(a, b);
  if (any(rest != vec2<u32>()) && ((rest.y ^ b.y) >> 31u) == 1u) { return add_i64(rest, b); }
  return rest;
}

fn pow_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let one = vec2<u32>(1u, 0u);
  if ((b.y >> 31u) == 1u) {
    if (all(a == one)) { return one; }
    if (all(a == ~vec2<u32>())) { return select(one, a, (b.x & 1u) == 1u); }
    return vec2<u32>();
  }
  var result = one;
  var base = a;
  var rest = b;
  for (var i = 0; i < 64 && any(rest != vec2<u32>()); i++) {
    if ((rest.x & 1u) == 1u) { result = mul_i64(result, base); }
    base = mul_i64(base, base);
    rest = vec2<u32>((rest.x >> 1u) | (rest.y << 31u), rest.y >> 1u);
  }
  return result;
}

fn gcd_i64(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
  var a = abs_i64(x);
  var b = abs_i64(y);
  for (var i = 0; i < 100 && any(b != vec2<u32>()); i++) {
    let rest = divided_u64(a, b).zw;
    a = b;
    b = rest;
  }
  return a;
}

// Word n of the stream of a key: Philox4x32-10.
fn random_i64(key: vec2<u32>, n: vec2<u32>) -> vec2<u32> {
  var k = key;
  var c = vec4<u32>((n.x >> 2u) | (n.y << 30u), n.y >> 2u, 0u, 0u);
  for (var i = 0; i < 10; i++) {
    let a = wide_product(c.x, 0xd2511f53u);
    let b = wide_product(c.z, 0xcd9e8d57u);
    c = vec4<u32>(b.y ^ c.y ^ k.x, b.x, a.y ^ c.w ^ k.y, a.x);
    k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return vec2<u32>(c[n.x & 3u], 0u);
}

// ---- 32-bit integers and booleans ----

fn max_i32(a: i32, b: i32) -> i32 { return max(a, b); }
fn min_i32(a: i32, b: i32) -> i32 { return min(a, b); }
fn max_bool(a: bool, b: bool) -> bool { return a || b; }
fn min_bool(a: bool, b: bool) -> bool { return a && b; }
fn mul_bool(a: bool, b: bool) -> bool { return a && b; }
fn add_bool(a: bool, b: bool) -> bool { return a || b; }
fn lt_bool(a: bool, b: bool) -> bool { return !a && b; }
fn le_bool(a: bool, b: bool) -> bool { return !a || b; }

fn shl_i32(a: i32, b: i32) -> i32 { return select(0, a << u32(b & 31), b >= 0 && b < 32); }
fn shr_i32(a: i32, b: i32) -> i32 { return a >> u32(clamp(b, 0, 31)); }

fn truncdiv_i32(a: i32, b: i32) -> i32 {
  if (b == 0) { return 0; }
  if (b == -1) { return -a; }
  return a / b;
}

fn fmod_i32(a: i32, b: i32) -> i32 { return a - truncdiv_i32(a, b) * b; }

fn floordiv_i32(a: i32, b: i32) -> i32 {
  let quotient = truncdiv_i32(a, b);
  let rest = a - quotient * b;
  return quotient - i32(b != 0 && rest != 0 && ((rest < 0) != (b < 0)));
}

fn mod_i32(a: i32, b: i32) -> i32 { return a - floordiv_i32(a, b) * b; }

fn pow_i32(a: i32, b: i32) -> i32 {
  if (b < 0) {
    if (a == 1) { return 1; }
    if (a == -1) { return select(1, -1, (b & 1) == 1); }
    return 0;
  }
  var result = 1;
  var base = a;
  for (var rest = b; rest > 0; rest = rest >> 1u) {
    if ((rest & 1) == 1) { result *= base; }
    base *= base;
  }
  return result;
}

fn gcd_i32(x: i32, y: i32) -> i32 {
  var a = abs(x);
  var b = abs(y);
  for (var i = 0; i < 64 && b != 0; i++) {
    let rest = fmod_i32(a, b);
    a = b;
    b = abs(rest);
  }
  return a;
}

// ---- single precision ----

fn nan() -> f32 { return bitcast<f32>(n[0].x | 0x7fc00000); }
fn infinity() -> f32 { return bitcast<f32>(n[0].x | 0x7f800000); }
fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn is_infinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }
fn with_sign(x: f32, sign: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(sign) & 0x80000000u));
}
fn power_of_two(n: i32) -> f32 { return bitcast<f32>((n + 127) << 23u); }

fn copysign_f32(a: f32, b: f32) -> f32 { return with_sign(a, b); }
fn max_f32(a: f32, b: f32) -> f32 { return select(b, a, a > b || is_nan(a)); }
fn min_f32(a: f32, b: f32) -> f32 { return select(b, a, a < b || is_nan(a)); }

// Exact: the divisor, scaled by ever smaller powers of two, is taken off as often as it fits.
fn fmod_f32(x: f32, y: f32) -> f32 {
  let divisor = abs(y);
  var rest = abs(x);
  if (is_nan(x) || is_nan(y) || is_infinite(x) || divisor == 0.0f) { return nan(); }
  if (is_infinite(y)) { return x; }
  for (var i = 0; i < 300 && rest >= divisor; i++) {
    var part = divisor;
    let steps = i32(bitcast<u32>(rest) >> 23u) - i32(bitcast<u32>(divisor) >> 23u);
    if (steps > 0) {
      let half = steps / 2;
      part = divisor * power_of_two(half) * power_of_two(steps - half);
      if (part > rest) { part *= 0.5f; }
    }
    rest -= part;
  }
  return with_sign(rest, x);
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
  let half = i32(n) / 2;
  return y * power_of_two(half) * power_of_two(i32(n) - half);
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
    return fma(p, x * x, x);
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
  let u = 1.0f + x;
  let lost = select(x - (u - 1.0f), 1.0f - (u - x), x > 1.0f);
  let s = log_split(u);
  let f = s.y + select(0.0f, lost / u * (1.0f + s.y), s.x < 25.0f);
  return log_limits(u, fma(s.x, 0.693359375f, f + fma(s.x, -2.12194442e-4f, log_tail(f))));
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
    return fma(p * z, x, x);
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

// ---- error and gamma functions ----

fn erf_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let size = abs(x);
  if (size < 0.9275f) {
    let z = x * x;
    var p = 7.995176e-5f;
    p = fma(p, z, -8.0495304e-4f);
    p = fma(p, z, 5.192393e-3f);
    p = fma(p, z, -2.685573e-2f);
    p = fma(p, z, 1.1283626e-1f);
    p = fma(p, z, -3.761263e-1f);
    p = fma(p, z, 1.2837917e-1f);
    return with_sign(fma(p, size, size), x);
  }
  let t = min(size, 4.0f);
  var p = -1.1229702e-5f;
  p = fma(p, t, 3.227909e-4f);
  p = fma(p, t, -3.6424191e-3f);
  p = fma(p, t, 2.3762004e-2f);
  p = fma(p, t, -1.0623684e-1f);
  p = fma(p, t, -6.351513e-1f);
  p = fma(p, t, -1.2864849e-1f);
  return with_sign(1.0f - exp_f32(fma(p, t, -t)), x);
}

fn erfc_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let size = min(abs(x), 10.2f);
  let inverse = 1.0f / ((size + 3.0f) * (1.0f + 2.0f * size));
  let t = (size - 3.0f) * (1.0f + 2.0f * size) * inverse;
  var p = 3.324307197470824e-05f;
  p = fma(p, t, 0.0001271297287092154f);
  p = fma(p, t, -0.00012639352635173193f);
  p = fma(p, t, -0.0007901230283171581f);
  p = fma(p, t, 0.0018940292424622922f);
  p = fma(p, t, 0.0025335073402628053f);
  p = fma(p, t, -0.023770996207101946f);
  p = fma(p, t, 0.06830738186663823f);
  p = fma(p, t, -0.11927365840503f);
  p = fma(p, t, 0.12964519970565133f);
  p = fma(p, t, -0.04756229372756749f);
  p = fma(p, t, -0.13562110686646794f);
  p = fma(p, t, 1.253008058265363f);
  // exp(-x^2) in two parts: the square's rounding error would be magnified.
  let high = bitcast<f32>(bitcast<u32>(size) & 0xfffff000u);
  let low = (size - high) * (size + high);
  let large = p * (size + 3.0f) * inverse * (exp_f32(-high * high) * exp_f32(-low));
  return select(large, 2.0f - large, x < 0.0f);
}

fn erfinv_f32(x: f32) -> f32 {
  let w = -log1p_f32(-x * x);
  if (is_infinite(w)) { return with_sign(w, x); }
  var p: f32;
  if (w < 5.0f) {
    let t = w - 2.5f;
    p = 2.81022636e-08f;
    p = fma(p, t, 3.43273939e-07f);
    p = fma(p, t, -3.5233877e-06f);
    p = fma(p, t, -4.39150654e-06f);
    p = fma(p, t, 0.00021858087f);
    p = fma(p, t, -0.00125372503f);
    p = fma(p, t, -0.00417768164f);
    p = fma(p, t, 0.246640727f);
    p = fma(p, t, 1.50140941f);
  } else {
    let t = sqrt(w) - 3.0f;
    p = -0.000200214257f;
    p = fma(p, t, 0.000100950558f);
    p = fma(p, t, 0.00134934322f);
    p = fma(p, t, -0.00367342844f);
    p = fma(p, t, 0.00573950773f);
    p = fma(p, t, -0.0076224613f);
    p = fma(p, t, 0.00943887047f);
    p = fma(p, t, 1.00167406f);
    p = fma(p, t, 2.83297682f);
  }
  return p * x;
}

fn sin_pi(x: f32) -> f32 {
  let f = x - round(x);
  let y = select(sin_poly(f * 3.14159265f), with_sign(cos_poly((0.5f - abs(f)) * 3.14159265f), f), abs(f) > 0.25f);
  return select(y, -y, (i32(round(x) - 2.0f * floor(round(x) * 0.5f)) & 1) == 1);
}

fn lgamma_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (is_infinite(x)) { return abs(x); }
  if (x == 1.0f || x == 2.0f) { return 0.0f; }
  let reflect = x <= 0.0f;
  var z = select(x, 1.0f - x, reflect);
  var y: f32;
  if (abs(z - 1.0f) < 0.25f || abs(z - 2.0f) < 0.25f) {
    // The series around the zeros at 1 and 2.
    let t = z - select(1.0f, 2.0f, z > 1.5f);
    var p = -7.143295e-2f;
    p = fma(p, t, 7.693251e-2f);
    p = fma(p, t, -8.335384e-2f);
    p = fma(p, t, 9.0954e-2f);
    p = fma(p, t, -0.10009946f);
    p = fma(p, t, 0.11133427f);
    p = fma(p, t, -0.12550967f);
    p = fma(p, t, 0.14404990f);
    p = fma(p, t, -0.16955718f);
    p = fma(p, t, 0.20738555f);
    p = fma(p, t, -0.27058081f);
    p = fma(p, t, 0.40068563f);
    p = fma(p, t, -0.82246703f);
    p = fma(p, t, 0.57721566f);
    y = select(0.0f, log1p_f32(t), z > 1.5f) - t * p;
  } else {
    var product = 1.0f;
    for (var i = 0; i < 8 && z < 8.0f; i++) {
      product *= z;
      z += 1.0f;
    }
    let inverse = 1.0f / z;
    let square = inverse * inverse;
    var p = 8.417508e-4f;
    p = fma(p, square, -5.952381e-4f);
    p = fma(p, square, 7.936508e-4f);
    p = fma(p, square, -2.7777778e-3f);
    p = fma(p, square, 8.3333333e-2f);
    y = (z - 0.5f) * log_f32(z) - z + fma(p, inverse, 0.91893853f) - log_f32(product);
  }
  if (reflect) { return log_f32(3.14159265f / abs(sin_pi(x))) - y; }
  return y;
}

fn digamma_f32(x: f32) -> f32 {
  if (x == 0.0f) { return with_sign(infinity(), -x); }
  if (x < 0.0f && floor(x) == x) { return nan(); }
  var z = select(x, 1.0f - x, x < 0.0f);
  var sum = 0.0f;
  for (var i = 0; i < 10 && z < 10.0f; i++) {
    sum -= 1.0f / z;
    z += 1.0f;
  }
  let square = 1.0f / (z * z);
  var p = 4.1666667e-3f;
  p = fma(p, square, -3.968254e-3f);
  p = fma(p, square, 8.3333333e-3f);
  p = fma(p, square, -8.3333333e-2f);
  let y = sum + log_f32(z) - 0.5f / z + p * square;
  if (x < 0.0f) {
    let f = x - round(x);
    return y - 3.14159265f * cos_pi(f) / sin_pi(f);
  }
  return y;
}

fn cos_pi(f: f32) -> f32 { return sin_pi(f + 0.5f); }

fn trigamma_f32(x: f32) -> f32 {
  let reflect = x < 0.5f;
  var z = select(x, 1.0f - x, reflect);
  var sum = 0.0f;
  for (var i = 0; i < 10 && z < 10.0f; i++) {
    sum += 1.0f / (z * z);
    z += 1.0f;
  }
  let inverse = 1.0f / z;
  let square = inverse * inverse;
  var p = -3.3333333e-2f;
  p = fma(p, square, 2.3809524e-2f);
  p = fma(p, square, -3.3333333e-2f);
  p = fma(p, square, 1.6666667e-1f);
  let y = sum + inverse + 0.5f * square + p * square * inverse;
  if (reflect) {
    let s = sin_pi(x);
    return 9.8696044f / (s * s) - y;
  }
  return y;
}

// The regularised lower incomplete gamma function by its series, the upper one by a continued fraction.
fn gamma_series(a: f32, x: f32) -> f32 {
  var term = 1.0f / a;
  var sum = term;
  for (var k = 1; k < 400 && abs(term) > 1e-8f * abs(sum); k++) {
    term *= x / (a + f32(k));
    sum += term;
  }
  return sum * exp_f32(a * log_f32(x) - x - lgamma_f32(a));
}

fn gamma_fraction(a: f32, x: f32) -> f32 {
  var b = x + 1.0f - a;
  var c = 1e30f;
  var d = 1.0f / b;
  var h = d;
  for (var k = 1; k < 400; k++) {
    let s = -f32(k) * (f32(k) - a);
    b += 2.0f;
    d = s * d + b;
    if (abs(d) < 1e-30f) { d = 1e-30f; }
    c = b + s / c;
    if (abs(c) < 1e-30f) { c = 1e-30f; }
    d = 1.0f / d;
    let step = d * c;
    h *= step;
    if (abs(step - 1.0f) < 1e-7f) { break; }
  }
  return h * exp_f32(a * log_f32(x) - x - lgamma_f32(a));
}

fn igamma_f32(a: f32, x: f32) -> f32 {
  if (!(a >= 0.0f) || !(x >= 0.0f) || (a == 0.0f && x == 0.0f)) { return nan(); }
  if (a == 0.0f) { return 1.0f; }
  if (x == 0.0f) { return 0.0f; }
  if (is_infinite(a)) { return select(0.0f, nan(), is_infinite(x)); }
  if (is_infinite(x)) { return 1.0f; }
  if (x < a + 1.0f) { return gamma_series(a, x); }
  return 1.0f - gamma_fraction(a, x);
}

fn igammac_f32(a: f32, x: f32) -> f32 {
  if (!(a >= 0.0f) || !(x >= 0.0f) || (a == 0.0f && x == 0.0f)) { return nan(); }
  if (a == 0.0f) { return 0.0f; }
  if (x == 0.0f) { return 1.0f; }
  if (is_infinite(a)) { return select(1.0f, nan(), is_infinite(x)); }
  if (is_infinite(x)) { return 0.0f; }
  if (x < a + 1.0f) { return 1.0f - gamma_series(a, x); }
  return gamma_fraction(a, x);
}

// Hurwitz's zeta function by the formula of Euler and Maclaurin.
fn zeta_f32(s: f32, q: f32) -> f32 {
  if (s == 1.0f) { return infinity(); }
  if (!(s > 1.0f)) { return nan(); }
  if (q <= 0.0f) {
    if (q == floor(q)) { return infinity(); }
    if (s != floor(s)) { return nan(); }
  }
  var sum = 0.0f;
  var a = q;
  for (var k = 0; k < 200 && (k < 9 || a <= 9.0f); k++) {
    sum += pow_f32(a, -s);
    a += 1.0f;
  }
  let last = pow_f32(a, -s);
  sum += last * a / (s - 1.0f) + 0.5f * last;
  var term = last * s / a;
  sum += term / 12.0f;
  term *= (s + 1.0f) * (s + 2.0f) / (a * a);
  sum -= term / 720.0f;
  term *= (s + 3.0f) * (s + 4.0f) / (a * a);
  return sum + term / 30240.0f;
}

// An orthogonal polynomial of degree n, by the recurrence of its family (numbered as in `special::Orthogonal`).
fn polynomial_f32(family: f32, degree: f32, x: f32) -> f32 {
  let f = i32(family);
  let n = i32(degree);
  if (n < 0) { return 0.0f; }
  if (n == 0) { return 1.0f; }
  var before = 1.0f;
  var now = x;
  switch f {
    case 1, 4: { now = 2.0f * x; }
    case 2: { now = 2.0f * x - 1.0f; }
    case 3: { now = 2.0f * x + 1.0f; }
    case 6: { now = 1.0f - x; }
    default: {}
  }
  for (var i = 1; i < n; i++) {
    let k = f32(i);
    var next = 2.0f * x * now - before;
    switch f {
      case 4: { next = 2.0f * (x * now - k * before); }
      case 5: { next = x * now - k * before; }
      case 6: { next = ((2.0f * k + 1.0f - x) * now - k * before) / (k + 1.0f); }
      case 7: { next = ((2.0f * k + 1.0f) * x * now - k * before) / (k + 1.0f); }
      default: {}
    }
    before = now;
    now = next;
  }
  return now;
}
