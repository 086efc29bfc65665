@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
var<workgroup> s0: array<f32, 256>;
var<workgroup> s1: array<f32, 256>;

fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

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
  let v3 = g < n[0].y;
  if (v3) {
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    for (var x1: i32 = t; x1 < n[0].z; x1 += (256)) {
      let v18 = g * n[1].w;
      let v19 = n[1].z + v18;
      let v21 = x1 * n[2].x;
      let v22 = v19 + v21;
      let v23 = bitcast<f32>(b0[v22]);
      let v24 = x0;
      let v25 = max_f32(v24, v23);
      x0 = v25;
    }
    let v27 = x0;
    s0[t] = v27;
    workgroupBarrier();
    let v31 = t < (16);
    if (v31) {
      let v32 = t + (16);
      for (var x2: i32 = v32; x2 < (256); x2 += (16)) {
        let v34 = s0[x2];
        let v35 = x0;
        let v36 = max_f32(v35, v34);
        x0 = v36;
      }
      let v37 = x0;
      s0[t] = v37;
    }
    workgroupBarrier();
    let v38 = s0[(0)];
    x0 = v38;
    for (var x3: i32 = (1); x3 < (16); x3 += (1)) {
      let v41 = s0[x3];
      let v42 = x0;
      let v43 = max_f32(v42, v41);
      x0 = v43;
    }
    let v44 = x0;
    var x4: f32 = (0.0f);
    for (var x5: i32 = t; x5 < n[0].z; x5 += (256)) {
      let v55 = g * n[1].w;
      let v56 = n[1].z + v55;
      let v58 = x5 * n[2].x;
      let v59 = v56 + v58;
      let v60 = bitcast<f32>(b0[v59]);
      let v61 = (v60 - v44);
      let v62 = exp_f32(v61);
      let v63 = x4;
      let v64 = (v63 + v62);
      x4 = v64;
    }
    let v66 = x4;
    s1[t] = v66;
    workgroupBarrier();
    let v70 = t < (16);
    if (v70) {
      let v71 = t + (16);
      for (var x6: i32 = v71; x6 < (256); x6 += (16)) {
        let v73 = s1[x6];
        let v74 = x4;
        let v75 = (v74 + v73);
        x4 = v75;
      }
      let v76 = x4;
      s1[t] = v76;
    }
    workgroupBarrier();
    let v77 = s1[(0)];
    x4 = v77;
    for (var x7: i32 = (1); x7 < (16); x7 += (1)) {
      let v80 = s1[x7];
      let v81 = x4;
      let v82 = (v81 + v80);
      x4 = v82;
    }
    let v83 = x4;
    for (var x8: i32 = t; x8 < n[0].z; x8 += (256)) {
      let v94 = g * n[1].w;
      let v95 = n[1].z + v94;
      let v97 = x8 * n[2].x;
      let v98 = v95 + v97;
      let v99 = bitcast<f32>(b0[v98]);
      let v100 = (v99 - v44);
      let v101 = exp_f32(v100);
      let v102 = (v101 / v83);
      let v105 = g * n[2].z;
      let v106 = n[2].y + v105;
      let v108 = x8 * n[2].w;
      let v109 = v106 + v108;
      b1[v109] = bitcast<u32>(v102);
    }
  }
}
