@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
@group(0) @binding(3) var<storage, read_write> faults: atomic<u32>;

fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

fn power_of_two(n: i32) -> f32 { return bitcast<f32>((n + 127) << 23u); }

fn max_f32(a: f32, b: f32) -> f32 { return select(b, a, a > b || is_nan(a)); }

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

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g * (256);
  let v4 = v3 + t;
  let v6 = v4 < n[0].y;
  if (v6) {
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    for (var x1: i32 = (0); x1 < n[0].z; x1 += (1)) {
      let v15 = v4 * n[1].z;
      let v16 = n[1].y + v15;
      let v18 = x1 * n[1].w;
      let v19 = v16 + v18;
      let v20 = bitcast<f32>(b0[v19]);
      let v21 = x0;
      let v22 = max_f32(v21, v20);
      x0 = v22;
    }
    let v23 = x0;
    var x2: f32 = (0.0f);
    for (var x3: i32 = (0); x3 < n[0].z; x3 += (1)) {
      let v32 = v4 * n[1].z;
      let v33 = n[1].y + v32;
      let v35 = x3 * n[1].w;
      let v36 = v33 + v35;
      let v37 = bitcast<f32>(b0[v36]);
      let v38 = (v37 - v23);
      let v39 = exp_f32(v38);
      let v40 = x2;
      let v41 = (v40 + v39);
      x2 = v41;
    }
    let v42 = x2;
    for (var x4: i32 = (0); x4 < n[0].z; x4 += (1)) {
      let v49 = v4 * n[1].z;
      let v50 = n[1].y + v49;
      let v52 = x4 * n[1].w;
      let v53 = v50 + v52;
      let v54 = bitcast<f32>(b0[v53]);
      let v55 = (v54 - v23);
      let v56 = exp_f32(v55);
      let v57 = (v56 / v42);
      let v60 = v4 * n[2].y;
      let v61 = n[2].x + v60;
      let v63 = x4 * n[2].z;
      let v64 = v61 + v63;
      b1[v64] = bitcast<u32>(v57);
    }
  }
}
