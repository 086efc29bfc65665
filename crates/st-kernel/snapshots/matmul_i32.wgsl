@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 6>;
@group(0) @binding(4) var<storage, read_write> faults: atomic<u32>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g * (256);
  let v4 = v3 + t;
  let v6 = v4 < n[0].y;
  if (v6) {
    let v8 = v4 % n[1].y;
    let v9 = v4 / n[1].y;
    let v11 = v9 % n[1].x;
    let v12 = v9 / n[1].x;
    var x0: i32 = (0);
    for (var x1: i32 = (0); x1 < n[1].z; x1 += (1)) {
      let v20 = v12 * n[2].x;
      let v21 = n[1].w + v20;
      let v23 = v11 * n[2].y;
      let v24 = v21 + v23;
      let v26 = v8 * n[2].z;
      let v27 = v24 + v26;
      let v29 = x1 * n[2].w;
      let v30 = v27 + v29;
      let v31 = bitcast<i32>(b0[v30]);
      let v34 = v12 * n[3].y;
      let v35 = n[3].x + v34;
      let v37 = v11 * n[3].z;
      let v38 = v35 + v37;
      let v40 = v8 * n[3].w;
      let v41 = v38 + v40;
      let v43 = x1 * n[4].x;
      let v44 = v41 + v43;
      let v45 = bitcast<i32>(b1[v44]);
      let v46 = (v31 * v45);
      let v47 = x0;
      let v48 = (v47 + v46);
      x0 = v48;
    }
    let v49 = x0;
    let v52 = v12 * n[4].z;
    let v53 = n[4].y + v52;
    let v55 = v11 * n[4].w;
    let v56 = v53 + v55;
    let v58 = v8 * n[5].x;
    let v59 = v56 + v58;
    b2[v59] = bitcast<u32>(v49);
  }
}
