@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 3>;

fn f64_of_words(low: i32, high: i32) -> f64 {
  return bitcast<f64>((u64(bitcast<u32>(high)) << 32u) | u64(bitcast<u32>(low)));
}

fn words_of_f64(x: f64) -> vec2<u32> {
  let bits = bitcast<u64>(x);
  return vec2<u32>(u32(bits & 0xfffffffflu), u32(bits >> 32u));
}

fn nan_f64() -> f64 { return f64_of_words(n[0].x, 0x7ff80000); }

fn bits_seen_f64(x: f64) -> u64 { return bitcast<u64>(x) | u64(bitcast<u32>(n[0].x)); }

fn is_nan_f64(x: f64) -> bool { return (bits_seen_f64(x) & 0x7ffffffffffffffflu) > 0x7ff0000000000000lu; }

fn is_infinite_f64(x: f64) -> bool { return (bits_seen_f64(x) & 0x7ffffffffffffffflu) == 0x7ff0000000000000lu; }

fn with_sign_f64(x: f64, sign: f64) -> f64 {
  return bitcast<f64>((bitcast<u64>(x) & 0x7ffffffffffffffflu) | (bitcast<u64>(sign) & 0x8000000000000000lu));
}

fn power_of_two_f64(n: i32) -> f64 { return bitcast<f64>(u64(u32(n + 1023)) << 52u); }

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

fn scaled_f64(y: f64, n: f64) -> f64 {
  let first = i32(n) / 2;
  return y * power_of_two_f64(first) * power_of_two_f64(i32(n) - first);
}

fn exp_split_f64(x: f64) -> vec2<f64> {
  let n = round(x * 1.4426950408889634lf);
  return vec2<f64>(n, (x - n * 0.6931471803691238lf) - n * 1.9082149292705877e-10lf);
}

fn exp_f64(x: f64) -> f64 {
  if (is_nan_f64(x)) { return x; }
  let s = exp_split_f64(clamp(x, -746.0lf, 710.0lf));
  return scaled_f64(exp_fraction_f64(s.y), s.x);
}

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v6 = v4 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    let v12 = v6 * n[1].z;
    let v13 = n[1].y + v12;
    let v14 = f64_of_words(bitcast<i32>(b0[2 * v13]), bitcast<i32>(b0[2 * v13 + 1]));
    let v15 = ((0.0lf) < v14);
    let v18 = v6 * n[2].x;
    let v19 = n[1].w + v18;
    let v20 = f64_of_words(bitcast<i32>(b1[2 * v19]), bitcast<i32>(b1[2 * v19 + 1]));
    let v21 = mod_f64(v14, v20);
    let v22 = exp_f64(v20);
    let v23 = select(v22, v21, v15);
    let v26 = v6 * n[2].z;
    let v27 = n[2].y + v26;
    { let w = words_of_f64(v23); b2[2 * v27] = w.x; b2[2 * v27 + 1] = w.y; }
  }
}
