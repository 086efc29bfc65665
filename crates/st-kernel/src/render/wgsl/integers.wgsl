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
    let tie = 1u << (shift - 1u);
    let up = rest > tie || (rest == tie && (kept & 1u) == 1u);
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

fn fmod_i32(a: i32, b: i32) -> i32 { return select(a - truncdiv_i32(a, b) * b, 0, b == 0); }

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
