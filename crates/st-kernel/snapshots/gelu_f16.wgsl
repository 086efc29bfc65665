@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<atomic<u32>>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;

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

fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }

fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

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

fn exp_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let bounded = clamp(x, -104.0f, 89.0f);
  let n = round(bounded * 1.44269504f);
  let r = fma(n, 2.12194442e-4f, fma(n, -0.693359375f, bounded));
  return scaled(exp_fraction(r), n);
}

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

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v6 = v4 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    let v10 = v6 % n[1].y;
    let v11 = v6 / n[1].y;
    let v14 = v11 * n[1].w;
    let v15 = n[1].z + v14;
    let v17 = v10 * n[2].x;
    let v18 = v15 + v17;
    let v19 = f16_of_bits(((b0[v18 / 2] >> u32(v18 % 2 * 16)) & 0xffffu));
    let v20 = v19;
    let v22 = (v20 * (0.5f));
    let v24 = (v20 * (0.70710677f));
    let v25 = erf_f32(v24);
    let v27 = (v25 + (1.0f));
    let v28 = (v22 * v27);
    let v29 = rounded_f16(v28);
    let v32 = v11 * n[2].z;
    let v33 = n[2].y + v32;
    let v35 = v10 * n[2].w;
    let v36 = v33 + v35;
    atomicAnd(&b1[v36 / 2], ~(65535u << u32(v36 % 2 * 16))); atomicOr(&b1[v36 / 2], ((bits_of_f16(v29)) & 65535u) << u32(v36 % 2 * 16));
  }
}
