@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 3>;

fn add_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + u32(low < a.x));
}

fn wide_product(a: u32, b: u32) -> vec2<u32> {
  let al = a & 0xffffu; let ah = a >> 16u;
  let bl = b & 0xffffu; let bh = b >> 16u;
  let ll = al * bl;
  let middle = ah * bl + (ll >> 16u);
  let other = al * bh + (middle & 0xffffu);
  return vec2<u32>((other << 16u) | (ll & 0xffffu), ah * bh + (middle >> 16u) + (other >> 16u));
}

fn nan() -> f32 { return bitcast<f32>(n[0].x | 0x7fc00000); }

fn infinity() -> f32 { return bitcast<f32>(n[0].x | 0x7f800000); }

fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }

fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

fn is_infinite(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) == 0x7f800000u; }

fn with_sign(x: f32, sign: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(sign) & 0x80000000u));
}

fn power_of_two(n: i32) -> f32 { return bitcast<f32>((n + 127) << 23u); }

fn exp_fraction(r: f32) -> f32 {
  var p = 1.3838055e-3f;
  p = fma(p, r, 8.369167e-3f);
  p = fma(p, r, 4.1668102e-2f);
  p = fma(p, r, 1.6666517e-1f);
  p = fma(p, r, 4.9999994e-1f);
  return fma(p, r * r, r) + 1.0f;
}

fn scaled(y: f32, n: f32) -> f32 {
  let first = i32(n) / 2;
  return y * power_of_two(first) * power_of_two(i32(n) - first);
}

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

fn log_split(x: f32) -> vec2<f32> {
  let small = x < 2.3509887e-38f;
  let bits = bitcast<i32>(select(x, x * 8388608.0f, small));
  let k = (bits - 0x3f3504f3) >> 23u;
  return vec2<f32>(f32(k) - select(0.0f, 23.0f, small), bitcast<f32>(bits - (k << 23u)) - 1.0f);
}

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

fn sin_pi(x: f32) -> f32 {
  let f = x - round(x);
  let y = select(sin_poly(f * 3.14159265f), with_sign(cos_poly((0.5f - abs(f)) * 3.14159265f), f), abs(f) > 0.25f);
  return select(y, -y, (i32(round(x) - 2.0f * floor(round(x) * 0.5f)) & 1) == 1);
}

fn cos_pi(f: f32) -> f32 { return sin_pi(f + 0.5f); }

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

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v6 = v4 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    let v11 = v6 * n[1].z;
    let v12 = n[1].y + v11;
    let v13 = bitcast<f32>(b0[v12]);
    let v14 = sin_f32(v13);
    let v15 = abs(v13);
    let v18 = v6 * n[2].x;
    let v19 = n[1].w + v18;
    let v20 = bitcast<f32>(b1[v19]);
    let v21 = pow_f32(v15, v20);
    let v22 = (v14 * v21);
    let v24 = (v15 + (1.0f));
    let v25 = digamma_f32(v24);
    let v26 = (v22 + v25);
    let v29 = v6 * n[2].z;
    let v30 = n[2].y + v29;
    b2[v30] = bitcast<u32>(v26);
  }
}
