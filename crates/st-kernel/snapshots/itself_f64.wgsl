@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;

fn f64_of_words(low: i32, high: i32) -> f64 {
  return bitcast<f64>((u64(bitcast<u32>(high)) << 32u) | u64(bitcast<u32>(low)));
}

fn words_of_f64(x: f64) -> vec2<u32> {
  let bits = bitcast<u64>(x);
  return vec2<u32>(u32(bits & 0xfffffffflu), u32(bits >> 32u));
}

fn bits_seen_f64(x: f64) -> u64 { return bitcast<u64>(x) | u64(bitcast<u32>(n[0].x)); }

fn is_nan_f64(x: f64) -> bool { return (bits_seen_f64(x) & 0x7ffffffffffffffflu) > 0x7ff0000000000000lu; }

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
    let v13 = f64_of_words(bitcast<i32>(b0[2 * v12]), bitcast<i32>(b0[2 * v12 + 1]));
    let v14 = !is_nan_f64(v13);
    let v15 = (v13 / bitcast<f64>(bits_seen_f64(v13)));
    let v16 = (v13 - bitcast<f64>(bits_seen_f64(v13)));
    let v17 = select(v16, v15, v14);
    let v20 = v6 * n[2].x;
    let v21 = n[1].w + v20;
    { let w = words_of_f64(v17); b1[2 * v21] = w.x; b1[2 * v21 + 1] = w.y; }
  }
}
