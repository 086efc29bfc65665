@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
@group(0) @binding(4) var<storage, read> b4: array<u32>;
@group(0) @binding(5) var<storage, read_write> b5: array<u32>;
@group(0) @binding(6) var<storage, read> b6: array<u32>;
@group(0) @binding(7) var<storage, read_write> b7: array<u32>;
@group(0) @binding(8) var<storage, read> b8: array<u32>;
@group(0) @binding(9) var<storage, read_write> b9: array<u32>;
@group(0) @binding(10) var<storage, read> b10: array<u32>;
@group(0) @binding(11) var<storage, read_write> b11: array<u32>;
@group(0) @binding(12) var<storage, read> b12: array<u32>;
@group(0) @binding(13) var<storage, read_write> b13: array<u32>;
@group(0) @binding(14) var<storage, read> b14: array<u32>;
@group(0) @binding(15) var<storage, read_write> b15: array<u32>;
@group(0) @binding(16) var<storage, read> b16: array<u32>;
@group(0) @binding(17) var<storage, read_write> b17: array<u32>;
@group(0) @binding(18) var<storage, read> b18: array<u32>;
@group(0) @binding(19) var<storage, read_write> b19: array<u32>;
@group(0) @binding(20) var<storage, read> b20: array<u32>;
@group(0) @binding(21) var<storage, read_write> b21: array<u32>;
@group(0) @binding(22) var<storage, read> b22: array<u32>;
@group(0) @binding(23) var<storage, read_write> b23: array<u32>;
@group(0) @binding(24) var<uniform> n: array<vec4<i32>, 7>;

fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }

fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

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

fn exp2_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let bounded = clamp(x, -151.0f, 129.0f);
  let n = round(bounded);
  return scaled(exp_fraction((bounded - n) * 0.69314718f), n);
}

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = t < (1);
  if (v3) {
    let v6 = g == (0);
    if (v6) {
      let v9 = bitcast<f32>(b0[n[1].x]);
      let v10 = exp2_f32(v9);
      let v11 = ((1.0f) + v10);
      let v12 = sqrt(v11);
      b1[n[4].x] = bitcast<u32>(v12);
    }
    let v15 = g == (1);
    if (v15) {
      let v18 = bitcast<f32>(b2[n[1].y]);
      let v19 = exp2_f32(v18);
      let v20 = ((1.0f) + v19);
      let v21 = sqrt(v20);
      b3[n[4].y] = bitcast<u32>(v21);
    }
    let v24 = g == (2);
    if (v24) {
      let v27 = bitcast<f32>(b4[n[1].z]);
      let v28 = exp2_f32(v27);
      let v29 = ((1.0f) + v28);
      let v30 = sqrt(v29);
      b5[n[4].z] = bitcast<u32>(v30);
    }
    let v33 = g == (3);
    if (v33) {
      let v36 = bitcast<f32>(b6[n[1].w]);
      let v37 = exp2_f32(v36);
      let v38 = ((1.0f) + v37);
      let v39 = sqrt(v38);
      b7[n[4].w] = bitcast<u32>(v39);
    }
    let v42 = g == (4);
    if (v42) {
      let v45 = bitcast<f32>(b8[n[2].x]);
      let v46 = exp2_f32(v45);
      let v47 = ((1.0f) + v46);
      let v48 = sqrt(v47);
      b9[n[5].x] = bitcast<u32>(v48);
    }
    let v51 = g == (5);
    if (v51) {
      let v54 = bitcast<f32>(b10[n[2].y]);
      let v55 = exp2_f32(v54);
      let v56 = ((1.0f) + v55);
      let v57 = sqrt(v56);
      b11[n[5].y] = bitcast<u32>(v57);
    }
    let v60 = g == (6);
    if (v60) {
      let v63 = bitcast<f32>(b12[n[2].z]);
      let v64 = exp2_f32(v63);
      let v65 = ((1.0f) + v64);
      let v66 = sqrt(v65);
      b13[n[5].z] = bitcast<u32>(v66);
    }
    let v69 = g == (7);
    if (v69) {
      let v72 = bitcast<f32>(b14[n[2].w]);
      let v73 = exp2_f32(v72);
      let v74 = ((1.0f) + v73);
      let v75 = sqrt(v74);
      b15[n[5].w] = bitcast<u32>(v75);
    }
    let v78 = g == (8);
    if (v78) {
      let v81 = bitcast<f32>(b16[n[3].x]);
      let v82 = exp2_f32(v81);
      let v83 = ((1.0f) + v82);
      let v84 = sqrt(v83);
      b17[n[6].x] = bitcast<u32>(v84);
    }
    let v87 = g == (9);
    if (v87) {
      let v90 = bitcast<f32>(b18[n[3].y]);
      let v91 = exp2_f32(v90);
      let v92 = ((1.0f) + v91);
      let v93 = sqrt(v92);
      b19[n[6].y] = bitcast<u32>(v93);
    }
    let v96 = g == (10);
    if (v96) {
      let v99 = bitcast<f32>(b20[n[3].z]);
      let v100 = exp2_f32(v99);
      let v101 = ((1.0f) + v100);
      let v102 = sqrt(v101);
      b21[n[6].z] = bitcast<u32>(v102);
    }
    let v105 = g == (11);
    if (v105) {
      let v108 = bitcast<f32>(b22[n[3].w]);
      let v109 = exp2_f32(v108);
      let v110 = ((1.0f) + v109);
      let v111 = sqrt(v110);
      b23[n[6].w] = bitcast<u32>(v111);
    }
  }
}
