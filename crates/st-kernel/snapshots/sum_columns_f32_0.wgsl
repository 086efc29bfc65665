@group(0) @binding(0) var<storage, read> b0: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 3>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v2 = n[0].y * n[0].w;
  let v6 = g * (256);
  let v7 = v6 + t;
  let v9 = v7 * (4);
  let v10 = v9 < v2;
  if (v10) {
    let v11 = v9 % n[0].y;
    let v12 = v9 / n[0].y;
    let v16 = n[0].w - (1);
    let v17 = n[0].z + v16;
    let v18 = v17 / n[0].w;
    let v20 = v18 + (3);
    let v22 = v20 / (4);
    let v24 = v22 * (4);
    let v25 = v12 * v24;
    let v26 = v25 + v24;
    let v27 = v26 < n[0].z;
    let v28 = select(n[0].z, v26, v27);
    var x0: f32 = (0.0f);
    var x1: f32 = (0.0f);
    var x2: f32 = (0.0f);
    var x3: f32 = (0.0f);
    for (var x4: i32 = v25; x4 < v28; x4 += (1)) {
      let v48 = v11 * n[1].w;
      let v49 = n[1].z + v48;
      let v51 = x4 * n[2].x;
      let v52 = v49 + v51;
      let q53_0 = b0[(v52 + 0) >> 2u];
      let v53 = bitcast<f32>(q53_0.x);
      let v54 = bitcast<f32>(q53_0.y);
      let v55 = bitcast<f32>(q53_0.z);
      let v56 = bitcast<f32>(q53_0.w);
      let v57 = x0;
      let v58 = (v57 + v53);
      x0 = v58;
      let v59 = x1;
      let v60 = (v59 + v54);
      x1 = v60;
      let v61 = x2;
      let v62 = (v61 + v55);
      x2 = v62;
      let v63 = x3;
      let v64 = (v63 + v56);
      x3 = v64;
    }
    let v67 = n[0].y * n[0].w;
    let v69 = x0;
    let v71 = (0) * v67;
    let v72 = v71 + v9;
    b2[v72] = bitcast<u32>(v69);
    let v74 = v9 + (1);
    let v75 = x1;
    let v77 = (0) * v67;
    let v78 = v77 + v74;
    b2[v78] = bitcast<u32>(v75);
    let v80 = v9 + (2);
    let v81 = x2;
    let v83 = (0) * v67;
    let v84 = v83 + v80;
    b2[v84] = bitcast<u32>(v81);
    let v86 = v9 + (3);
    let v87 = x3;
    let v89 = (0) * v67;
    let v90 = v89 + v86;
    b2[v90] = bitcast<u32>(v87);
  }
}
