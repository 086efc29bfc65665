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
      let v17 = g * n[1].w;
      let v18 = n[1].z + v17;
      let v20 = x1 * n[2].x;
      let v21 = v18 + v20;
      let v22 = (((b0[v21 / 4] >> u32(v21 % 4 * 8)) & 0xffu) != 0u);
      let v23 = x0;
      let v24 = v23 || v22;
      x0 = v24;
    }
    let v26 = x0;
    let v27 = i32(v26);
    s0[t] = v27;
    workgroupBarrier();
    let v31 = t < (16);
    if (v31) {
      let v32 = t + (16);
      for (var x2: i32 = v32; x2 < (256); x2 += (16)) {
        let v34 = s0[x2];
        let v35 = (v34 != 0);
        let v36 = x0;
        let v37 = v36 || v35;
        x0 = v37;
      }
      let v38 = x0;
      let v39 = i32(v38);
      s0[t] = v39;
    }
    workgroupBarrier();
    let v40 = s0[(0)];
    let v41 = (v40 != 0);
    x0 = v41;
    for (var x3: i32 = (1); x3 < (16); x3 += (1)) {
      let v44 = s0[x3];
      let v45 = (v44 != 0);
      let v46 = x0;
      let v47 = v46 || v45;
      x0 = v47;
    }
    let v48 = x0;
    workgroupBarrier();
    let v51 = t < (1);
    if (v51) {
      let v54 = g * n[2].z;
      let v55 = n[2].y + v54;
      atomicAnd(&b1[v55 / 4], ~(255u << u32(v55 % 4 * 8))); atomicOr(&b1[v55 / 4], ((u32(v48)) & 255u) << u32(v55 % 4 * 8));
    }
  }
}
