@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 6>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v5 = v4 + t;
  let v7 = v5 < n[0].y;
  if (v7) {
    let v9 = v5 % n[1].z;
    let v10 = v5 / n[1].z;
    let v12 = v10 % n[1].y;
    let v13 = v10 / n[1].y;
    var x0: i32 = (0);
    for (var x1: i32 = (0); x1 < n[1].w; x1 += (1)) {
      let v21 = v13 * n[2].y;
      let v22 = n[2].x + v21;
      let v24 = v12 * n[2].z;
      let v25 = v22 + v24;
      let v27 = v9 * n[2].w;
      let v28 = v25 + v27;
      let v30 = x1 * n[3].x;
      let v31 = v28 + v30;
      let v32 = bitcast<i32>(b0[v31]);
      let v35 = v13 * n[3].z;
      let v36 = n[3].y + v35;
      let v38 = v12 * n[3].w;
      let v39 = v36 + v38;
      let v41 = v9 * n[4].x;
      let v42 = v39 + v41;
      let v44 = x1 * n[4].y;
      let v45 = v42 + v44;
      let v46 = bitcast<i32>(b1[v45]);
      let v47 = (v32 * v46);
      let v48 = x0;
      let v49 = (v48 + v47);
      x0 = v49;
    }
    let v50 = x0;
    let v53 = v13 * n[4].w;
    let v54 = n[4].z + v53;
    let v56 = v12 * n[5].x;
    let v57 = v54 + v56;
    let v59 = v9 * n[5].y;
    let v60 = v57 + v59;
    b2[v60] = bitcast<u32>(v50);
  }
}
