@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 4>;

fn f16_of_bits(bits: u32) -> f32 {
  let sign = (bits & 0x8000u) << 16u;
  let size = bits & 0x7fffu;
  if (size >= 0x7c00u) { return bitcast<f32>(sign | 0x7f800000u | ((size & 0x3ffu) << 13u)); }
  if (size >= 0x400u) { return bitcast<f32>(sign | ((size << 13u) + 0x38000000u)); }
  return bitcast<f32>(sign | bitcast<u32>(f32(size) * 5.9604644775390625e-8f));
}

fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }

fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v2 = n[0].y * n[0].w;
  let v6 = g * (256);
  let v7 = v6 + t;
  let v9 = v7 < v2;
  if (v9) {
    let v10 = v7 % n[0].y;
    let v11 = v7 / n[0].y;
    let v16 = n[1].y + n[0].w;
    let v17 = v16 - (1);
    let v18 = v17 / n[0].w;
    let v19 = v11 * v18;
    let v20 = v19 + v18;
    let v21 = v20 < n[1].y;
    let v22 = select(n[1].y, v20, v21);
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    var x1: i32 = (0);
    for (var x2: i32 = v19; x2 < v22; x2 += (4)) {
      let v27 = x2 < v22;
      let v28 = select(x2, x2, v27);
      let v31 = v10 * n[1].w;
      let v32 = n[1].z + v31;
      let v34 = v28 * n[2].x;
      let v35 = v32 + v34;
      let v36 = f16_of_bits(((b0[v35 / 2] >> u32(v35 % 2 * 16)) & 0xffffu));
      let v37 = v36;
      let v39 = x2 + (1);
      let v40 = v39 < v22;
      let v41 = select(x2, v39, v40);
      let v44 = v10 * n[1].w;
      let v45 = n[1].z + v44;
      let v47 = v41 * n[2].x;
      let v48 = v45 + v47;
      let v49 = f16_of_bits(((b0[v48 / 2] >> u32(v48 % 2 * 16)) & 0xffffu));
      let v50 = v49;
      let v52 = x2 + (2);
      let v53 = v52 < v22;
      let v54 = select(x2, v52, v53);
      let v57 = v10 * n[1].w;
      let v58 = n[1].z + v57;
      let v60 = v54 * n[2].x;
      let v61 = v58 + v60;
      let v62 = f16_of_bits(((b0[v61 / 2] >> u32(v61 % 2 * 16)) & 0xffffu));
      let v63 = v62;
      let v65 = x2 + (3);
      let v66 = v65 < v22;
      let v67 = select(x2, v65, v66);
      let v70 = v10 * n[1].w;
      let v71 = n[1].z + v70;
      let v73 = v67 * n[2].x;
      let v74 = v71 + v73;
      let v75 = f16_of_bits(((b0[v74 / 2] >> u32(v74 % 2 * 16)) & 0xffffu));
      let v76 = v75;
      if (v27) {
        let v77 = x0;
        let v78 = x1;
        let v79 = (v77 <= v37);
        let v80 = !is_nan(v37);
        let v81 = (!v80);
        let v82 = v79 || v81;
        let v83 = bitcast<f32>(select(bitcast<i32>(v77) | n[0].x, bitcast<i32>(v37), v82));
        let v84 = select(v78, v28, v82);
        x0 = v83;
        x1 = v84;
      }
      if (v40) {
        let v85 = x0;
        let v86 = x1;
        let v87 = (v85 <= v50);
        let v88 = !is_nan(v50);
        let v89 = (!v88);
        let v90 = v87 || v89;
        let v91 = bitcast<f32>(select(bitcast<i32>(v85) | n[0].x, bitcast<i32>(v50), v90));
        let v92 = select(v86, v41, v90);
        x0 = v91;
        x1 = v92;
      }
      if (v53) {
        let v93 = x0;
        let v94 = x1;
        let v95 = (v93 <= v63);
        let v96 = !is_nan(v63);
        let v97 = (!v96);
        let v98 = v95 || v97;
        let v99 = bitcast<f32>(select(bitcast<i32>(v93) | n[0].x, bitcast<i32>(v63), v98));
        let v100 = select(v94, v54, v98);
        x0 = v99;
        x1 = v100;
      }
      if (v66) {
        let v101 = x0;
        let v102 = x1;
        let v103 = (v101 <= v76);
        let v104 = !is_nan(v76);
        let v105 = (!v104);
        let v106 = v103 || v105;
        let v107 = bitcast<f32>(select(bitcast<i32>(v101) | n[0].x, bitcast<i32>(v76), v106));
        let v108 = select(v102, v67, v106);
        x0 = v107;
        x1 = v108;
      }
    }
    let v109 = x0;
    let v110 = x1;
    let v112 = (0) * v2;
    let v113 = v112 + v7;
    b3[v113] = bitcast<u32>(v109);
    let v115 = (2) * v2;
    let v116 = v115 + v7;
    b3[v116] = bitcast<u32>(v110);
  }
}
