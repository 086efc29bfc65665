@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
var<workgroup> s0: array<f32, 256>;
var<workgroup> s1: array<f32, 256>;

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
  let v3 = g < n[0].y;
  if (v3) {
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    for (var x1: i32 = t; x1 < n[0].z; x1 += (256)) {
      let v17 = g * n[1].w;
      let v18 = n[1].z + v17;
      let v20 = x1 * n[2].x;
      let v21 = v18 + v20;
      let v22 = bitcast<f32>(b0[v21]);
      let v23 = x0;
      let v24 = max_f32(v23, v22);
      x0 = v24;
    }
    let v26 = x0;
    s0[t] = v26;
    workgroupBarrier();
    let v30 = t < (16);
    if (v30) {
      let v31 = t + (16);
      for (var x2: i32 = v31; x2 < (256); x2 += (16)) {
        let v33 = s0[x2];
        let v34 = x0;
        let v35 = max_f32(v34, v33);
        x0 = v35;
      }
      let v36 = x0;
      s0[t] = v36;
    }
    workgroupBarrier();
    let v37 = s0[(0)];
    x0 = v37;
    for (var x3: i32 = (1); x3 < (16); x3 += (1)) {
      let v40 = s0[x3];
      let v41 = x0;
      let v42 = max_f32(v41, v40);
      x0 = v42;
    }
    let v43 = x0;
    var x4: f32 = (0.0f);
    for (var x5: i32 = t; x5 < n[0].z; x5 += (256)) {
      let v54 = g * n[1].w;
      let v55 = n[1].z + v54;
      let v57 = x5 * n[2].x;
      let v58 = v55 + v57;
      let v59 = bitcast<f32>(b0[v58]);
      let v60 = (v59 - v43);
      let v61 = exp_f32(v60);
      let v62 = x4;
      let v63 = (v62 + v61);
      x4 = v63;
    }
    let v65 = x4;
    s1[t] = v65;
    workgroupBarrier();
    let v69 = t < (16);
    if (v69) {
      let v70 = t + (16);
      for (var x6: i32 = v70; x6 < (256); x6 += (16)) {
        let v72 = s1[x6];
        let v73 = x4;
        let v74 = (v73 + v72);
        x4 = v74;
      }
      let v75 = x4;
      s1[t] = v75;
    }
    workgroupBarrier();
    let v76 = s1[(0)];
    x4 = v76;
    for (var x7: i32 = (1); x7 < (16); x7 += (1)) {
      let v79 = s1[x7];
      let v80 = x4;
      let v81 = (v80 + v79);
      x4 = v81;
    }
    let v82 = x4;
    for (var x8: i32 = t; x8 < n[0].z; x8 += (256)) {
      let v93 = g * n[1].w;
      let v94 = n[1].z + v93;
      let v96 = x8 * n[2].x;
      let v97 = v94 + v96;
      let v98 = bitcast<f32>(b0[v97]);
      let v99 = (v98 - v43);
      let v100 = exp_f32(v99);
      let v101 = (v100 / v82);
      let v104 = g * n[2].z;
      let v105 = n[2].y + v104;
      let v107 = x8 * n[2].w;
      let v108 = v105 + v107;
      b1[v108] = bitcast<u32>(v101);
    }
  }
}
