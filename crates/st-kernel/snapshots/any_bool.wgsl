@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<atomic<u32>>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
var<workgroup> s0: array<i32, 256>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g < n[0].y;
  if (v3) {
    var x0: bool = false;
    for (var x1: i32 = t; x1 < n[0].z; x1 += (256)) {
      let v18 = g * n[1].w;
      let v19 = n[1].z + v18;
      let v21 = x1 * n[2].x;
      let v22 = v19 + v21;
      let v23 = (((b0[v22 / 4] >> u32(v22 % 4 * 8)) & 0xffu) != 0u);
      let v24 = x0;
      let v25 = v24 || v23;
      x0 = v25;
    }
    let v27 = x0;
    let v28 = i32(v27);
    s0[t] = v28;
    workgroupBarrier();
    let v32 = t < (16);
    if (v32) {
      let v33 = t + (16);
      for (var x2: i32 = v33; x2 < (256); x2 += (16)) {
        let v35 = s0[x2];
        let v36 = (v35 != 0);
        let v37 = x0;
        let v38 = v37 || v36;
        x0 = v38;
      }
      let v39 = x0;
      let v40 = i32(v39);
      s0[t] = v40;
    }
    workgroupBarrier();
    let v41 = s0[(0)];
    let v42 = (v41 != 0);
    x0 = v42;
    for (var x3: i32 = (1); x3 < (16); x3 += (1)) {
      let v45 = s0[x3];
      let v46 = (v45 != 0);
      let v47 = x0;
      let v48 = v47 || v46;
      x0 = v48;
    }
    let v49 = x0;
    workgroupBarrier();
    let v52 = t < (1);
    if (v52) {
      let v55 = g * n[2].z;
      let v56 = n[2].y + v55;
      atomicAnd(&b1[v56 / 4], ~(255u << u32(v56 % 4 * 8))); atomicOr(&b1[v56 / 4], ((u32(v49)) & 255u) << u32(v56 % 4 * 8));
    }
  }
}
