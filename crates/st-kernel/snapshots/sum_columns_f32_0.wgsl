@group(0) @binding(0) var<storage, read> b0: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<vec4<u32>>;
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
      let v49 = v11 * n[1].w;
      let v50 = n[1].z + v49;
      let v52 = x4 * n[2].x;
      let v53 = v50 + v52;
      let q54_0 = b0[(v53 + 0) >> 2u];
      let v54 = bitcast<f32>(q54_0.x);
      let v55 = bitcast<f32>(q54_0.y);
      let v56 = bitcast<f32>(q54_0.z);
      let v57 = bitcast<f32>(q54_0.w);
      let v58 = x0;
      let v59 = (v58 + v54);
      x0 = v59;
      let v60 = x1;
      let v61 = (v60 + v55);
      x1 = v61;
      let v62 = x2;
      let v63 = (v62 + v56);
      x2 = v63;
      let v64 = x3;
      let v65 = (v64 + v57);
      x3 = v65;
    }
    let v68 = n[0].y * n[0].w;
    let v69 = x0;
    let v70 = x1;
    let v71 = x2;
    let v72 = x3;
    let v74 = (0) * v68;
    let v75 = v74 + v9;
    b2[(v75 + 0) >> 2u] = vec4<u32>(bitcast<u32>(v69), bitcast<u32>(v70), bitcast<u32>(v71), bitcast<u32>(v72));
  }
}
