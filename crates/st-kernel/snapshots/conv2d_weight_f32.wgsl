@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 10>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v5 = v4 + t;
  let v7 = v5 < n[0].y;
  if (v7) {
    let v9 = v5 % n[1].w;
    let v10 = v5 / n[1].w;
    let v12 = v10 % n[1].z;
    let v13 = v10 / n[1].z;
    let v15 = v13 % n[1].y;
    let v16 = v13 / n[1].y;
    var x0: f32 = (0.0f);
    let v21 = v16 / n[6].z;
    let v22 = v16 % n[6].z;
    for (var x1: i32 = (0); x1 < n[5].w; x1 += (1)) {
      for (var x2: i32 = (0); x2 < n[7].y; x2 += (1)) {
        let v35 = x2 * n[7].z;
        let v36 = v12 * n[8].x;
        let v37 = v35 + v36;
        let v38 = v37 - n[7].w;
        let v40 = (-1) < v38;
        let v41 = v38 < n[6].w;
        let v42 = v40 && v41;
        if (v42) {
          for (var x3: i32 = (0); x3 < n[8].w; x3 += (1)) {
            let v51 = x3 * n[9].x;
            let v52 = v9 * n[9].z;
            let v53 = v51 + v52;
            let v54 = v53 - n[9].y;
            let v56 = (-1) < v54;
            let v57 = v54 < n[8].y;
            let v58 = v56 && v57;
            if (v58) {
              let v62 = n[6].x * n[6].z;
              let v63 = x1 * v62;
              let v64 = v21 * n[6].z;
              let v65 = v64 + v22;
              let v66 = v63 + v65;
              let v68 = v66 * n[7].y;
              let v69 = v68 + x2;
              let v71 = v69 * n[8].w;
              let v72 = v71 + x3;
              let v73 = n[6].x * n[6].y;
              let v74 = x1 * v73;
              let v75 = v21 * n[6].y;
              let v76 = v75 + v15;
              let v77 = v74 + v76;
              let v79 = v77 * n[6].w;
              let v80 = v79 + v38;
              let v82 = v80 * n[8].y;
              let v83 = v82 + v54;
              let v85 = n[2].x + v72;
              let v86 = bitcast<f32>(b0[v85]);
              let v88 = n[3].y + v83;
              let v89 = bitcast<f32>(b1[v88]);
              let v90 = (v86 * v89);
              let v91 = x0;
              let v92 = (v91 + v90);
              x0 = v92;
            }
          }
        }
      }
    }
    let v93 = x0;
    let v96 = v16 * n[4].w;
    let v97 = n[4].z + v96;
    let v99 = v15 * n[5].x;
    let v100 = v97 + v99;
    let v102 = v12 * n[5].y;
    let v103 = v100 + v102;
    let v105 = v9 * n[5].z;
    let v106 = v103 + v105;
    b2[v106] = bitcast<u32>(v93);
  }
}
