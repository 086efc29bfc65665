@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
var<workgroup> s0: array<f32, 256>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g < n[0].y;
  if (v3) {
    var x0: f32 = (0.0f);
    for (var x1: i32 = t; x1 < n[0].z; x1 += (256)) {
      let v17 = g * n[1].w;
      let v18 = n[1].z + v17;
      let v20 = x1 * n[2].x;
      let v21 = v18 + v20;
      let v22 = bitcast<f32>(b0[v21]);
      let v23 = x0;
      let v24 = (v23 + v22);
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
        let v35 = (v34 + v33);
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
      let v42 = (v41 + v40);
      x0 = v42;
    }
    let v43 = x0;
    for (var x4: i32 = t; x4 < n[0].z; x4 += (256)) {
      let v54 = g * n[1].w;
      let v55 = n[1].z + v54;
      let v57 = x4 * n[2].x;
      let v58 = v55 + v57;
      let v59 = bitcast<f32>(b0[v58]);
      let v60 = (v59 / v43);
      let v63 = g * n[2].z;
      let v64 = n[2].y + v63;
      let v66 = x4 * n[2].w;
      let v67 = v64 + v66;
      b1[v67] = bitcast<u32>(v60);
    }
  }
}
