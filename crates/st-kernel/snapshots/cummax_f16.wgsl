@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<atomic<u32>>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;

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

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }

fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v5 = v4 + t;
  let v7 = v5 < n[0].y;
  if (v7) {
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    var x1: i32 = (0);
    for (var x2: i32 = (0); x2 < n[1].y; x2 += (1)) {
      let v16 = v5 * n[1].w;
      let v17 = n[1].z + v16;
      let v19 = x2 * n[2].x;
      let v20 = v17 + v19;
      let v21 = f16_of_bits(((b0[v20 / 2] >> u32(v20 % 2 * 16)) & 0xffffu));
      let v22 = v21;
      let v23 = x0;
      let v24 = x1;
      let v25 = (v23 <= v22);
      let v26 = !is_nan(v22);
      let v27 = (!v26);
      let v28 = v25 || v27;
      let v29 = bitcast<f32>(select(bitcast<i32>(v23) | n[0].x, bitcast<i32>(v22), v28));
      let v30 = select(v24, x2, v28);
      x0 = v29;
      x1 = v30;
      let v33 = v5 * n[2].z;
      let v34 = n[2].y + v33;
      let v36 = x2 * n[2].w;
      let v37 = v34 + v36;
      let v38 = rounded_f16(v29);
      atomicAnd(&b1[v37 / 2], ~(65535u << u32(v37 % 2 * 16))); atomicOr(&b1[v37 / 2], ((bits_of_f16(v38)) & 65535u) << u32(v37 % 2 * 16));
      let v39 = i64_of_i32(v30);
      let v42 = v5 * n[3].y;
      let v43 = n[3].x + v42;
      let v45 = x2 * n[3].z;
      let v46 = v43 + v45;
      let v47 = v39;
      b2[2 * v46] = v47.x; b2[2 * v46 + 1] = v47.y;
    }
  }
}
