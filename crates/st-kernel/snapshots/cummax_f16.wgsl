@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<atomic<u32>>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;
@group(0) @binding(4) var<storage, read_write> faults: atomic<u32>;

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

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g * (256);
  let v4 = v3 + t;
  let v6 = v4 < n[0].y;
  if (v6) {
    var x0: f32 = (0.0f);
    var x1: i32 = (0);
    for (var x2: i32 = (0); x2 < n[1].x; x2 += (1)) {
      let v15 = v4 * n[1].z;
      let v16 = n[1].y + v15;
      let v18 = x2 * n[1].w;
      let v19 = v16 + v18;
      let v20 = f16_of_bits(((b0[v19 / 2] >> u32(v19 % 2 * 16)) & 0xffffu));
      let v21 = v20;
      let v22 = x0;
      let v23 = x2 == (0);
      let v24 = (v22 <= v21);
      let v25 = (v21 == v21);
      let v26 = (!v25);
      let v27 = v24 || v26;
      let v28 = select(v22, v21, v27);
      let v29 = select(v28, v21, v23);
      x0 = v29;
      let v32 = v4 * n[2].y;
      let v33 = n[2].x + v32;
      let v35 = x2 * n[2].z;
      let v36 = v33 + v35;
      let v37 = rounded_f16(v29);
      atomicAnd(&b1[v36 / 2], ~(65535u << u32(v36 % 2 * 16))); atomicOr(&b1[v36 / 2], ((bits_of_f16(v37)) & 65535u) << u32(v36 % 2 * 16));
      let v38 = x1;
      let v39 = v23 || v27;
      let v40 = select(v38, x2, v39);
      x1 = v40;
      let v41 = i64_of_i32(v40);
      let v44 = v4 * n[3].x;
      let v45 = n[2].w + v44;
      let v47 = x2 * n[3].y;
      let v48 = v45 + v47;
      let v49 = v41;
      b2[2 * v48] = v49.x; b2[2 * v48 + 1] = v49.y;
    }
  }
}
