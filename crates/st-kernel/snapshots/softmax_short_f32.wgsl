@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;

fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }

fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

fn power_of_two(n: i32) -> f32 { return bitcast<f32>((n + 127) << 23u); }

fn chosen(no: f32, yes: f32, condition: bool) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(no), bitcast<u32>(yes), condition));
}

fn max_f32(a: f32, b: f32) -> f32 { return chosen(b, a, is_nan(a) || (a > b && !is_nan(b))); }

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
  let v5 = g * (256);
  let v6 = v5 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    for (var x1: i32 = (0); x1 < n[0].z; x1 += (1)) {
      let v23 = v6 * n[1].w;
      let v24 = n[1].z + v23;
      let v26 = x1 * n[2].x;
      let v27 = v24 + v26;
      let v28 = bitcast<f32>(b0[v27]);
      let v29 = x0;
      let v30 = max_f32(v29, v28);
      x0 = v30;
    }
    let v31 = x0;
    var x2: f32 = (0.0f);
    for (var x3: i32 = (0); x3 < n[0].z; x3 += (1)) {
      let v42 = v6 * n[1].w;
      let v43 = n[1].z + v42;
      let v45 = x3 * n[2].x;
      let v46 = v43 + v45;
      let v47 = bitcast<f32>(b0[v46]);
      let v48 = (v47 - v31);
      let v49 = exp_f32(v48);
      let v50 = x2;
      let v51 = (v50 + v49);
      x2 = v51;
    }
    let v52 = x2;
    for (var x4: i32 = (0); x4 < n[0].z; x4 += (1)) {
      let v63 = v6 * n[1].w;
      let v64 = n[1].z + v63;
      let v66 = x4 * n[2].x;
      let v67 = v64 + v66;
      let v68 = bitcast<f32>(b0[v67]);
      let v69 = (v68 - v31);
      let v70 = exp_f32(v69);
      let v71 = (v70 / v52);
      let v74 = v6 * n[2].z;
      let v75 = n[2].y + v74;
      let v77 = x4 * n[2].w;
      let v78 = v75 + v77;
      b1[v78] = bitcast<u32>(v71);
    }
  }
}
