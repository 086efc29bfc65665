@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
var<workgroup> s0: array<f32, 256>;
var<workgroup> s1: array<i32, 256>;

fn f16_of_bits(bits: u32) -> f32 {
  let sign = (bits & 0x8000u) << 16u;
  let size = bits & 0x7fffu;
  if (size >= 0x7c00u) { return bitcast<f32>(sign | 0x7f800000u | ((size & 0x3ffu) << 13u)); }
  if (size >= 0x400u) { return bitcast<f32>(sign | ((size << 13u) + 0x38000000u)); }
  return bitcast<f32>(sign | bitcast<u32>(f32(size) * 5.9604644775390625e-8f));
}

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g < n[0].y;
  if (v3) {
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    var x1: i32 = (2147483647);
    for (var x2: i32 = t; x2 < n[0].z; x2 += (256)) {
      let v17 = g * n[1].w;
      let v18 = n[1].z + v17;
      let v20 = x2 * n[2].x;
      let v21 = v18 + v20;
      let v22 = f16_of_bits(((b0[v21 / 2] >> u32(v21 % 2 * 16)) & 0xffffu));
      let v23 = x0;
      let v24 = x1;
      let v25 = (v23 < v22);
      let v26 = (v22 == v23);
      let v27 = x2 < v24;
      let v28 = (v22 == v22);
      let v29 = (v23 == v23);
      let v30 = (!v28);
      let v31 = (!v29);
      let v32 = v30 && v29;
      let v33 = v30 && v31;
      let v34 = v25 || v32;
      let v35 = v26 || v33;
      let v36 = v35 && v27;
      let v37 = v34 || v36;
      let v38 = select(v23, v22, v37);
      let v39 = select(v24, x2, v37);
      x0 = v38;
      x1 = v39;
    }
    let v41 = x0;
    s0[t] = v41;
    let v42 = x1;
    s1[t] = v42;
    workgroupBarrier();
    let v46 = t < (16);
    if (v46) {
      let v47 = t + (16);
      for (var x3: i32 = v47; x3 < (256); x3 += (16)) {
        let v49 = s0[x3];
        let v50 = s1[x3];
        let v51 = x0;
        let v52 = x1;
        let v53 = (v51 < v49);
        let v54 = (v49 == v51);
        let v55 = v50 < v52;
        let v56 = (v49 == v49);
        let v57 = (v51 == v51);
        let v58 = (!v56);
        let v59 = (!v57);
        let v60 = v58 && v57;
        let v61 = v58 && v59;
        let v62 = v53 || v60;
        let v63 = v54 || v61;
        let v64 = v63 && v55;
        let v65 = v62 || v64;
        let v66 = select(v51, v49, v65);
        let v67 = select(v52, v50, v65);
        x0 = v66;
        x1 = v67;
      }
      let v68 = x0;
      s0[t] = v68;
      let v69 = x1;
      s1[t] = v69;
    }
    workgroupBarrier();
    let v70 = s0[(0)];
    let v71 = s1[(0)];
    x0 = v70;
    x1 = v71;
    for (var x4: i32 = (1); x4 < (16); x4 += (1)) {
      let v74 = s0[x4];
      let v75 = s1[x4];
      let v76 = x0;
      let v77 = x1;
      let v78 = (v76 < v74);
      let v79 = (v74 == v76);
      let v80 = v75 < v77;
      let v81 = (v74 == v74);
      let v82 = (v76 == v76);
      let v83 = (!v81);
      let v84 = (!v82);
      let v85 = v83 && v82;
      let v86 = v83 && v84;
      let v87 = v78 || v85;
      let v88 = v79 || v86;
      let v89 = v88 && v80;
      let v90 = v87 || v89;
      let v91 = select(v76, v74, v90);
      let v92 = select(v77, v75, v90);
      x0 = v91;
      x1 = v92;
    }
    let v93 = x1;
    let v94 = i64_of_i32(v93);
    workgroupBarrier();
    let v97 = t < (1);
    if (v97) {
      let v100 = g * n[2].z;
      let v101 = n[2].y + v100;
      b1[2 * v101] = v94.x; b1[2 * v101 + 1] = v94.y;
    }
  }
}
