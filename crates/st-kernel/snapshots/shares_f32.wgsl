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
      let v18 = g * n[1].w;
      let v19 = n[1].z + v18;
      let v21 = x1 * n[2].x;
      let v22 = v19 + v21;
      let v23 = bitcast<f32>(b0[v22]);
      let v24 = x0;
      let v25 = (v24 + v23);
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
        let v36 = (v35 + v34);
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
      let v43 = (v42 + v41);
      x0 = v43;
    }
    let v44 = x0;
    for (var x4: i32 = t; x4 < n[0].z; x4 += (256)) {
      let v55 = g * n[1].w;
      let v56 = n[1].z + v55;
      let v58 = x4 * n[2].x;
      let v59 = v56 + v58;
      let v60 = bitcast<f32>(b0[v59]);
      let v61 = (v60 / v44);
      let v64 = g * n[2].z;
      let v65 = n[2].y + v64;
      let v67 = x4 * n[2].w;
      let v68 = v65 + v67;
      b1[v68] = bitcast<u32>(v61);
    }
  }
}
