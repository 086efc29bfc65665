// Elementary functions in double precision, for GPUs that have doubles and 64-bit integers.

fn f64_of_words(low: i32, high: i32) -> f64 {
  return bitcast<f64>((u64(bitcast<u32>(high)) << 32u) | u64(bitcast<u32>(low)));
}

fn words_of_f64(x: f64) -> vec2<u32> {
  let bits = bitcast<u64>(x);
  return vec2<u32>(u32(bits & 0xfffffffflu), u32(bits >> 32u));
}

fn nan_f64() -> f64 { return f64_of_words(n[0].x, 0x7ff80000); }
fn infinity_f64() -> f64 { return f64_of_words(n[0].x, 0x7ff00000); }
fn bits_seen_f64(x: f64) -> u64 { return bitcast<u64>(x) | u64(bitcast<u32>(n[0].x)); }
fn is_nan_f64(x: f64) -> bool { return (bits_seen_f64(x) & 0x7ffffffffffffffflu) > 0x7ff0000000000000lu; }
fn is_infinite_f64(x: f64) -> bool { return (bits_seen_f64(x) & 0x7ffffffffffffffflu) == 0x7ff0000000000000lu; }
fn is_negative_f64(x: f64) -> bool { return (bitcast<u64>(x) >> 63u) == 1lu; }
fn with_sign_f64(x: f64, sign: f64) -> f64 {
  return bitcast<f64>((bitcast<u64>(x) & 0x7ffffffffffffffflu) | (bitcast<u64>(sign) & 0x8000000000000000lu));
}
// Its upper 21 bits, so that products of two such are exact.
fn short_f64(x: f64) -> f64 { return bitcast<f64>(bitcast<u64>(x) & 0xffffffff00000000lu); }
fn power_of_two_f64(n: i32) -> f64 { return bitcast<f64>(u64(u32(n + 1023)) << 52u); }

fn copysign_f64(a: f64, b: f64) -> f64 { return with_sign_f64(a, b); }
fn chosen_f64(no: f64, yes: f64, condition: bool) -> f64 {
  return bitcast<f64>(select(bitcast<u64>(no), bitcast<u64>(yes), condition));
}
fn max_f64(a: f64, b: f64) -> f64 { return chosen_f64(b, a, is_nan_f64(a) || (a > b && !is_nan_f64(b))); }
fn min_f64(a: f64, b: f64) -> f64 { return chosen_f64(b, a, is_nan_f64(a) || (a < b && !is_nan_f64(b))); }

// ---- conversions ----

fn i32_of_f64(x: f64) -> i32 {
  if (x > -2147483649.0lf && x < 2147483648.0lf) { return i32(x); }
  return -2147483647 - 1;
}

fn i64_of_f64(x: f64) -> vec2<u32> {
  if (!(x >= -9223372036854775808.0lf && x < 9223372036854775808.0lf)) { return vec2<u32>(0u, 0x80000000u); }
  let size = trunc(abs(x));
  let high = trunc(size * 2.3283064365386963e-10lf);
  let y = vec2<u32>(u32(size - high * 4294967296.0lf), u32(high));
  if (x < 0.0lf) { return neg_i64(y); }
  return y;
}

fn f64_of_u64(x: u64) -> f64 { return f64(u32(x >> 32u)) * 4294967296.0lf + f64(u32(x & 0xfffffffflu)); }
fn f64_of_i64(x: vec2<u32>) -> f64 { return f64(bitcast<i32>(x.y)) * 4294967296.0lf + f64(x.x); }

// ---- remainders ----

// Exact: the divisor, scaled by ever smaller powers of two, is taken off as often as it fits.
fn rest_of_f64(dividend: f64, divisor: f64) -> f64 {
  var rest = dividend;
  for (var i = 0; i < 2200 && rest >= divisor; i++) {
    var part = divisor;
    let steps = i32(words_of_f64(rest).y >> 20u) - i32(words_of_f64(divisor).y >> 20u);
    if (steps > 0) {
      let first = steps / 2;
      part = divisor * power_of_two_f64(first) * power_of_two_f64(steps - first);
      if (part > rest) { part *= 0.5lf; }
    }
    rest -= part;
  }
  return rest;
}

// Of a subnormal divisor a multiple goes first, as in single precision.
fn fmod_f64(x: f64, y: f64) -> f64 {
  let divisor = abs(y);
  if (is_nan_f64(x) || is_nan_f64(y) || is_infinite_f64(x) || divisor == 0.0lf) { return nan_f64(); }
  if (is_infinite_f64(y)) { return x; }
  if (words_of_f64(divisor).y >= 0x00100000u) { return with_sign_f64(rest_of_f64(abs(x), divisor), x); }
  let multiple = divisor * 9007199254740992.0lf;
  let rest = rest_of_f64(rest_of_f64(abs(x), multiple) * 9007199254740992.0lf, multiple);
  return with_sign_f64(rest / 9007199254740992.0lf, x);
}

fn mod_f64(x: f64, y: f64) -> f64 {
  let rest = fmod_f64(x, y);
  return select(rest, rest + y, rest != 0.0lf && ((rest < 0.0lf) != (y < 0.0lf)));
}

fn truncdiv_f64(x: f64, y: f64) -> f64 { return trunc(x / y); }

fn floordiv_f64(x: f64, y: f64) -> f64 {
  if (y == 0.0lf) { return x / y; }
  let rest = fmod_f64(x, y);
  var quotient = (x - rest) / y;
  if (rest != 0.0lf && ((rest < 0.0lf) != (y < 0.0lf))) { quotient -= 1.0lf; }
  if (quotient == 0.0lf) { return with_sign_f64(0.0lf, x / y); }
  let below = floor(quotient);
  return select(below, below + 1.0lf, quotient - below > 0.5lf);
}

// ---- exponentials and logarithms ----

// e^r for |r| <= ln 2 / 2.
fn exp_fraction_f64(r: f64) -> f64 {
  var p = 2.4999935792129464e-08lf;
  p = fma(p, r, 2.7630304900427916e-07lf);
  p = fma(p, r, 2.755758707440641e-06lf);
  p = fma(p, r, 2.480149295405011e-05lf);
  p = fma(p, r, 0.00019841269505464142lf);
  p = fma(p, r, 0.001388888894375497lf);
  p = fma(p, r, 0.00833333333349512lf);
  p = fma(p, r, 0.04166666666652975lf);
  p = fma(p, r, 0.1666666666666641lf);
  p = fma(p, r, 0.5000000000000011lf);
  return fma(p, r * r, r) + 1.0lf;
}

// y 2^n by two multiplications, so that overflow is infinite.
fn scaled_f64(y: f64, n: f64) -> f64 {
  let first = i32(n) / 2;
  return y * power_of_two_f64(first) * power_of_two_f64(i32(n) - first);
}

// (n, r) with x = n ln 2 + r.
fn exp_split_f64(x: f64) -> vec2<f64> {
  let n = round(x * 1.4426950408889634lf);
  return vec2<f64>(n, (x - n * 0.6931471803691238lf) - n * 1.9082149292705877e-10lf);
}

fn exp_f64(x: f64) -> f64 {
  if (is_nan_f64(x)) { return x; }
  let s = exp_split_f64(clamp(x, -746.0lf, 710.0lf));
  return scaled_f64(exp_fraction_f64(s.y), s.x);
}

fn exp2_f64(x: f64) -> f64 {
  if (is_nan_f64(x)) { return x; }
  let bounded = clamp(x, -1076.0lf, 1025.0lf);
  let n = round(bounded);
  return scaled_f64(exp_fraction_f64((bounded - n) * 0.6931471805599453lf), n);
}

fn expm1_f64(x: f64) -> f64 {
  if (is_nan_f64(x) || x == 0.0lf) { return x; }
  let s = exp_split_f64(clamp(x, -40.0lf, 710.0lf));
  let r = s.y;
  var p = 2.0878902315713767e-09lf;
  p = fma(p, r, 2.5108732146310248e-08lf);
  p = fma(p, r, 2.7557387212203864e-07lf);
  p = fma(p, r, 2.7557245175442102e-06lf);
  p = fma(p, r, 2.480158719787217e-05lf);
  p = fma(p, r, 0.00019841269885046843lf);
  p = fma(p, r, 0.0013888888888942907lf);
  p = fma(p, r, 0.008333333333322125lf);
  p = fma(p, r, 0.041666666666666574lf);
  p = fma(p, r, 0.16666666666666677lf);
  let e = r + fma(p * r, r * r, 0.5lf * r * r);
  if (s.x == 0.0lf) { return e; }
  // Half of 2^n, because 2^1024 is not a number although e^709.7 is.
  let half = power_of_two_f64(i32(s.x) - 1);
  return 2.0lf * fma(e, half, half - 0.5lf);
}

fn sigmoid_f64(x: f64) -> f64 {
  let e = exp_f64(-abs(x));
  return select(1.0lf, e, x < 0.0lf) / (1.0lf + e);
}

// (k, f) with x = 2^k (1 + f).
fn log_split_f64(x: f64) -> vec2<f64> {
  let small = x < 4.450147717014403e-308lf;
  let words = words_of_f64(select(x, x * 18014398509481984.0lf, small));
  let k = (bitcast<i32>(words.y) - 0x3fe6a09e) >> 20u;
  let m = f64_of_words(bitcast<i32>(words.x), bitcast<i32>(words.y) - (k << 20u));
  return vec2<f64>(f64(k) - select(0.0lf, 54.0lf, small), m - 1.0lf);
}

// The small t that gives log(1 + f) = f - (f f / 2 - t).
fn log_tail_f64(f: f64) -> f64 {
  let s = f / (2.0lf + f);
  let z = s * s;
  var p = 0.14798591812844478lf;
  p = fma(p, z, 0.15313804157709665lf);
  p = fma(p, z, 0.18183573234390113lf);
  p = fma(p, z, 0.22222198416376365lf);
  p = fma(p, z, 0.285714287437655lf);
  p = fma(p, z, 0.399999999994092lf);
  p = fma(p, z, 0.6666666666666735lf);
  return s * fma(p, z, 0.5lf * f * f);
}

// A logarithm's value, and those that every logarithm has elsewhere.
fn log_limits_f64(x: f64, y: f64) -> f64 {
  if (x > 0.0lf && !is_infinite_f64(x)) { return y; }
  if (x > 0.0lf) { return x; }
  if (x == 0.0lf) { return -infinity_f64(); }
  return nan_f64();
}

// k ln 2 + log(1 + f).
fn log_sum_f64(k: f64, f: f64) -> f64 {
  let low = 0.5lf * f * f - (k * 1.9082149292705877e-10lf + log_tail_f64(f));
  return k * 0.6931471803691238lf + (f - low);
}

fn log_f64(x: f64) -> f64 {
  let s = log_split_f64(x);
  return log_limits_f64(x, log_sum_f64(s.x, s.y));
}

// log2(x) as two parts, so that powers keep their precision.
fn log2_parts_f64(x: f64) -> vec2<f64> {
  let s = log_split_f64(x);
  let f = s.y;
  let square = 0.5lf * f * f;
  let high = short_f64(f - square);
  let low = ((f - high) - square) + log_tail_f64(f);
  // 1 / ln 2 as two parts, the first so short that its product is exact.
  let product = high * 1.4426950407214463lf;
  let rest = (low + high) * 1.6751713164886512e-10lf + low * 1.4426950407214463lf;
  let sum = s.x + product;
  return vec2<f64>(sum, rest + ((s.x - sum) + product));
}

fn log2_f64(x: f64) -> f64 {
  let parts = log2_parts_f64(x);
  return log_limits_f64(x, parts.x + parts.y);
}

fn log10_f64(x: f64) -> f64 {
  let s = log_split_f64(x);
  let f = s.y;
  let square = 0.5lf * f * f;
  let high = short_f64(f - square);
  let low = ((f - high) - square) + log_tail_f64(f);
  let first = high * 0.4342944818781689lf;
  let rest = (low + high) * 2.5082946711645275e-11lf + low * 0.4342944818781689lf + s.x * 3.694239077158931e-13lf;
  let whole = s.x * 0.30102999566361177lf;
  let sum = whole + first;
  return log_limits_f64(x, sum + (rest + ((whole - sum) + first)));
}

fn log1p_f64(x: f64) -> f64 {
  if (x == 0.0lf || is_nan_f64(x)) { return x; }
  // What the sum with 1 loses may not be computed: compilers know better.
  if (x > -0.29lf && x < 0.41lf) { return log_sum_f64(0.0lf, x); }
  return log_f64(1.0lf + x);
}

fn rsqrt_f64(x: f64) -> f64 { return 1.0lf / sqrt(x); }

fn pow_f64(x: f64, y: f64) -> f64 {
  if (y == 0.0lf || x == 1.0lf) { return 1.0lf; }
  if (is_nan_f64(x) || is_nan_f64(y)) { return nan_f64(); }
  let size = abs(x);
  let integer = floor(y) == y;
  let odd = integer && abs(y) < 9007199254740992.0lf && floor(0.5lf * y) != 0.5lf * y;
  var result: f64;
  if (size == 1.0lf) {
    result = 1.0lf;
  } else if (size == 0.0lf) {
    result = select(0.0lf, infinity_f64(), y < 0.0lf);
  } else if (is_infinite_f64(size)) {
    result = select(infinity_f64(), 0.0lf, y < 0.0lf);
  } else if (is_infinite_f64(y)) {
    result = select(0.0lf, infinity_f64(), (size > 1.0lf) == (y > 0.0lf));
  } else if (y == 2.0lf) {
    result = size * size;
  } else {
    let parts = log2_parts_f64(size);
    let high = short_f64(y);
    let base = short_f64(parts.x);
    let main = high * base;
    let rest = y * ((parts.x - base) + parts.y) + (y - high) * base;
    let n = clamp(round(main + rest), -2000.0lf, 2000.0lf);
    let fraction = clamp((main - n) + rest, -1.0lf, 1.0lf);
    result = scaled_f64(exp_fraction_f64(fraction * 0.6931471805599453lf), clamp(n, -1078.0lf, 1025.0lf));
  }
  if (x < 0.0lf && !integer && !is_infinite_f64(x)) { return nan_f64(); }
  return select(result, -result, is_negative_f64(x) && odd);
}

// ---- circular functions ----

// (x less n pi / 2, n modulo 4): in three parts of pi / 2, or, for large x, by its bits and those of 2 / pi.
fn angle_f64(x: f64) -> vec2<f64> {
  let size = abs(x);
  if (size < 500000.0lf) {
    let n = round(x * 0.6366197723675814lf);
    let first = x - n * 1.5707963267341256lf;
    let part = n * 6.077100506303966e-11lf;
    let r = first - part;
    return vec2<f64>(r + (((first - r) - part) - n * 2.0222662487959506e-21lf), n);
  }
  var words = array<u32, 38>(0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u, 0xb7246e3au, 0x424dd2e0u, 0x06492eeau, 0x09d1921cu, 0xfe1deb1cu, 0xb129a73eu, 0xe88235f5u, 0x2ebb4484u, 0xe99c7026u, 0xb45f7e41u, 0x3991d639u, 0x835339f4u, 0x9c845f8bu, 0xbdf9283bu, 0x1ff897ffu, 0xde05980fu, 0xef2f118bu, 0x5a0a6d1fu, 0x6d367ecfu, 0x27cb09b7u, 0x4f463f66u, 0x9e5fea2du, 0x7527bac7u, 0xebe5f17bu, 0x3d0739f7u, 0x8a5292eau, 0x6bfb5fb1u, 0x1f8d5d08u, 0x56033046u, 0xfc7b6babu);
  let bits = words_of_f64(size);
  let mantissa = (u64((bits.y & 0xfffffu) | 0x100000u) << 32u) | u64(bits.x);
  let exponent = i32(bits.y >> 20u) - 1075;
  // Bits of 2 / pi before the first that matters only add whole turns.
  let skipped = max(exponent - 2, 0);
  let word = skipped / 32;
  let bit = u32(skipped % 32);
  // Their product, in words from the lowest on: 192 bits of 2 / pi times the number.
  var product: array<u64, 8>;
  for (var i = 0; i < 6; i++) {
    let at = word + 5 - i;
    let next = select(0u, words[min(at + 1, 37)] >> (32u - max(bit, 1u)), bit > 0u);
    let w = u64((words[min(at, 37)] << bit) | next);
    let low = w * (mantissa & 0xfffffffflu) + product[i];
    let high = w * (mantissa >> 32u) + product[i + 1] + (low >> 32u);
    product[i] = low & 0xfffffffflu;
    product[i + 1] = high & 0xfffffffflu;
    product[i + 2] = high >> 32u;
  }
  // Two bits of quarters and what follows them.
  let up = u32(62 + exponent - skipped);
  let a = (product[7] << 32u) | product[6];
  let b = (product[5] << 32u) | product[4];
  let c = (product[3] << 32u) | product[2];
  var top = b;
  var after = c;
  if (up < 64u) {
    top = (a << up) | (b >> (64u - up));
    after = (b << up) | (c >> (64u - up));
  }
  let fraction = (top << 2u) | (after >> 62u);
  let negative = (fraction >> 63u) == 1lu;
  let n = i32(((top >> 62u) + (fraction >> 63u)) & 3lu);
  // Its distance from the nearest quarter, in two words.
  let near = select(fraction, ~fraction, negative);
  let rest = select(after << 2u, ~(after << 2u), negative);
  let distance = (f64_of_u64(near) + f64_of_u64(rest) * 5.421010862427522e-20lf) * 5.421010862427522e-20lf;
  let r = select(distance, -distance, negative) * 1.5707963267948966lf;
  if (x < 0.0lf) { return vec2<f64>(-r, -f64(n)); }
  return vec2<f64>(r, f64(n));
}

fn sin_poly_f64(r: f64) -> f64 {
  let z = r * r;
  var p = 2.8114572543455206e-15lf;
  p = fma(p, z, -7.647163731819816e-13lf);
  p = fma(p, z, 1.6059043836821613e-10lf);
  p = fma(p, z, -2.505210838544172e-08lf);
  p = fma(p, z, 2.7557319223985893e-06lf);
  p = fma(p, z, -0.0001984126984126984lf);
  p = fma(p, z, 0.008333333333333333lf);
  p = fma(p, z, -0.16666666666666666lf);
  return fma(p * z, r, r);
}

fn cos_poly_f64(r: f64) -> f64 {
  let z = r * r;
  var p = 4.779477332387385e-14lf;
  p = fma(p, z, -1.1470745597729725e-11lf);
  p = fma(p, z, 2.08767569878681e-09lf);
  p = fma(p, z, -2.755731922398589e-07lf);
  p = fma(p, z, 2.48015873015873e-05lf);
  p = fma(p, z, -0.001388888888888889lf);
  p = fma(p, z, 0.041666666666666664lf);
  p = fma(p, z, -0.5lf);
  return fma(p, z, 1.0lf);
}

// The sine of an angle moved on by some quarters.
fn circular_f64(a: vec2<f64>, quarters: i32) -> f64 {
  let quarter = i32(a.y) + quarters;
  let y = select(sin_poly_f64(a.x), cos_poly_f64(a.x), (quarter & 1) == 1);
  return select(y, -y, (quarter & 2) == 2);
}

fn sin_f64(x: f64) -> f64 {
  if (is_nan_f64(x) || is_infinite_f64(x)) { return nan_f64(); }
  if (abs(x) < 1e-9lf) { return x; }
  return circular_f64(angle_f64(x), 0);
}

fn cos_f64(x: f64) -> f64 {
  if (is_nan_f64(x) || is_infinite_f64(x)) { return nan_f64(); }
  return circular_f64(angle_f64(x), 1);
}

fn tan_f64(x: f64) -> f64 {
  if (is_nan_f64(x) || is_infinite_f64(x)) { return nan_f64(); }
  if (abs(x) < 1e-9lf) { return x; }
  let a = angle_f64(x);
  return circular_f64(a, 0) / circular_f64(a, 1);
}

fn atan_unit_f64(s: f64) -> f64 {
  // s from 0 to 1: reduced once more to at most tan(pi / 8).
  let large = s > 0.41421356237309503lf;
  let t = select(s, (s - 1.0lf) / (s + 1.0lf), large);
  let z = t * t;
  var p = 0.016284375050043393lf;
  p = fma(p, z, -0.03456931506332609lf);
  p = fma(p, z, 0.045515447340221615lf);
  p = fma(p, z, -0.05230443640686948lf);
  p = fma(p, z, 0.05878927554473807lf);
  p = fma(p, z, -0.0666642476020052lf);
  p = fma(p, z, 0.07692296368042296lf);
  p = fma(p, z, -0.09090908753259112lf);
  p = fma(p, z, 0.11111111105150588lf);
  p = fma(p, z, -0.14285714285659779lf);
  p = fma(p, z, 0.19999999999999804lf);
  p = fma(p, z, -0.3333333333333333lf);
  return select(0.0lf, 0.7853981633974483lf, large) + fma(p * z, t, t);
}

fn atan_f64(x: f64) -> f64 {
  if (is_nan_f64(x)) { return x; }
  let size = abs(x);
  if (size > 1.0lf) { return with_sign_f64(1.5707963267948966lf - atan_unit_f64(1.0lf / size), x); }
  return with_sign_f64(atan_unit_f64(size), x);
}

fn atan2_f64(y: f64, x: f64) -> f64 {
  if (is_nan_f64(x) || is_nan_f64(y)) { return nan_f64(); }
  let a = abs(y);
  let b = abs(x);
  var t: f64;
  if (is_infinite_f64(a) && is_infinite_f64(b)) {
    t = 0.7853981633974483lf;
  } else if (a == 0.0lf && b == 0.0lf) {
    t = 0.0lf;
  } else if (a <= b) {
    t = atan_unit_f64(a / b);
  } else {
    t = 1.5707963267948966lf - atan_unit_f64(b / a);
  }
  return with_sign_f64(select(t, 3.141592653589793lf - t, is_negative_f64(x)), y);
}

fn asin_f64(x: f64) -> f64 {
  if (!(abs(x) <= 1.0lf)) { return nan_f64(); }
  return atan2_f64(x, sqrt((1.0lf - x) * (1.0lf + x)));
}

fn acos_f64(x: f64) -> f64 {
  if (!(abs(x) <= 1.0lf)) { return nan_f64(); }
  return atan2_f64(sqrt((1.0lf - x) * (1.0lf + x)), x);
}

// ---- hyperbolic functions ----

fn tanh_f64(x: f64) -> f64 {
  if (is_nan_f64(x)) { return x; }
  let e = expm1_f64(2.0lf * min(abs(x), 20.0lf));
  return with_sign_f64(e / (e + 2.0lf), x);
}

fn sinh_f64(x: f64) -> f64 {
  let size = abs(x);
  if (size < 22.0lf) {
    let e = expm1_f64(size);
    return with_sign_f64(0.5lf * (e + e / (e + 1.0lf)), x);
  }
  let root = exp_f64(0.5lf * size);
  return with_sign_f64(0.5lf * root * root, x);
}

fn cosh_f64(x: f64) -> f64 {
  let root = exp_f64(0.5lf * abs(x));
  let e = root * root;
  return select(0.5lf * root * root, 0.5lf * (e + 1.0lf / e), e < 1e9lf);
}

fn asinh_f64(x: f64) -> f64 {
  if (is_nan_f64(x) || is_infinite_f64(x)) { return x; }
  let size = abs(x);
  if (size > 1e18lf) { return with_sign_f64(log_f64(size) + 0.6931471805599453lf, x); }
  let z = size * size;
  return with_sign_f64(log1p_f64(size + z / (1.0lf + sqrt(1.0lf + z))), x);
}

fn acosh_f64(x: f64) -> f64 {
  if (!(x >= 1.0lf)) { return nan_f64(); }
  if (x > 1e18lf) { return log_f64(x) + 0.6931471805599453lf; }
  let below = x - 1.0lf;
  return log1p_f64(below + sqrt(below * (x + 1.0lf)));
}

fn atanh_f64(x: f64) -> f64 {
  let size = abs(x);
  return with_sign_f64(0.5lf * log1p_f64(2.0lf * size / (1.0lf - size)), x);
}
