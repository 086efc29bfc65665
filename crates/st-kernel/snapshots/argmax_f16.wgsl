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
      let v18 = g * n[1].w;
      let v19 = n[1].z + v18;
      let v21 = x2 * n[2].x;
      let v22 = v19 + v21;
      let v23 = f16_of_bits(((b0[v22 / 2] >> u32(v22 % 2 * 16)) & 0xffffu));
      let v24 = x0;
      let v25 = x1;
      let v26 = (v24 < v23);
      let v27 = (v23 == v24);
      let v28 = x2 < v25;
      let v29 = (v23 == v23);
      let v30 = (v24 == v24);
      let v31 = (!v29);
      let v32 = (!v30);
      let v33 = v31 && v30;
      let v34 = v31 && v32;
      let v35 = v26 || v33;
      let v36 = v27 || v34;
      let v37 = v36 && v28;
      let v38 = v35 || v37;
      let v39 = bitcast<f32>(select(bitcast<i32>(v24) | n[0].x, bitcast<i32>(v23), v38));
      let v40 = select(v25, x2, v38);
      x0 = v39;
      x1 = v40;
    }
    let v42 = x0;
    s0[t] = v42;
    let v43 = x1;
    s1[t] = v43;
    workgroupBarrier();
    let v47 = t < (16);
    if (v47) {
      let v48 = t + (16);
      for (var x3: i32 = v48; x3 < (256); x3 += (16)) {
        let v50 = s0[x3];
        let v51 = s1[x3];
        let v52 = x0;
        let v53 = x1;
        let v54 = (v52 < v50);
        let v55 = (v50 == v52);
        let v56 = v51 < v53;
        let v57 = (v50 == v50);
        let v58 = (v52 == v52);
        let v59 = (!v57);
        let v60 = (!v58);
        let v61 = v59 && v58;
        let v62 = v59 && v60;
        let v63 = v54 || v61;
        let v64 = v55 || v62;
        let v65 = v64 && v56;
        let v66 = v63 || v65;
        let v67 = bitcast<f32>(select(bitcast<i32>(v52) | n[0].x, bitcast<i32>(v50), v66));
        let v68 = select(v53, v51, v66);
        x0 = v67;
        x1 = v68;
      }
      let v69 = x0;
      s0[t] = v69;
      let v70 = x1;
      s1[t] = v70;
    }
    workgroupBarrier();
    let v71 = s0[(0)];
    let v72 = s1[(0)];
    x0 = v71;
    x1 = v72;
    for (var x4: i32 = (1); x4 < (16); x4 += (1)) {
      let v75 = s0[x4];
      let v76 = s1[x4];
      let v77 = x0;
      let v78 = x1;
      let v79 = (v77 < v75);
      let v80 = (v75 == v77);
      let v81 = v76 < v78;
      let v82 = (v75 == v75);
      let v83 = (v77 == v77);
      let v84 = (!v82);
      let v85 = (!v83);
      let v86 = v84 && v83;
      let v87 = v84 && v85;
      let v88 = v79 || v86;
      let v89 = v80 || v87;
      let v90 = v89 && v81;
      let v91 = v88 || v90;
      let v92 = bitcast<f32>(select(bitcast<i32>(v77) | n[0].x, bitcast<i32>(v75), v91));
      let v93 = select(v78, v76, v91);
      x0 = v92;
      x1 = v93;
    }
    let v94 = x1;
    let v95 = i64_of_i32(v94);
    workgroupBarrier();
    let v98 = t < (1);
    if (v98) {
      let v101 = g * n[2].z;
      let v102 = n[2].y + v101;
      b1[2 * v102] = v95.x; b1[2 * v102 + 1] = v95.y;
    }
  }
}
