@group(0) @binding(0) var<storage, read> b0: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> b1: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<vec4<u32>>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 4>;

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
      let v58 = (v54 * v54);
      let v60 = v11 + (1);
      let v61 = (v55 * v55);
      let v63 = v11 + (2);
      let v64 = (v56 * v56);
      let v66 = v11 + (3);
      let v67 = (v57 * v57);
      let v68 = x0;
      let v69 = (v68 + v58);
      x0 = v69;
      let v70 = x1;
      let v71 = (v70 + v61);
      x1 = v71;
      let v72 = x2;
      let v73 = (v72 + v64);
      x2 = v73;
      let v74 = x3;
      let v75 = (v74 + v67);
      x3 = v75;
      let v78 = v11 * n[2].z;
      let v79 = n[2].y + v78;
      let v81 = x4 * n[2].w;
      let v82 = v79 + v81;
      b1[(v82 + 0) >> 2u] = vec4<u32>(bitcast<u32>(v58), bitcast<u32>(v61), bitcast<u32>(v64), bitcast<u32>(v67));
    }
    let v85 = n[0].y * n[0].w;
    let v86 = x0;
    let v87 = x1;
    let v88 = x2;
    let v89 = x3;
    let v91 = (0) * v85;
    let v92 = v91 + v9;
    b3[(v92 + 0) >> 2u] = vec4<u32>(bitcast<u32>(v86), bitcast<u32>(v87), bitcast<u32>(v88), bitcast<u32>(v89));
  }
}
