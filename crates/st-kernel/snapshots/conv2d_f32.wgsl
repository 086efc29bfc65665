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
    let v21 = v15 / n[6].z;
    let v22 = v15 % n[6].z;
    for (var x1: i32 = (0); x1 < n[6].y; x1 += (1)) {
      for (var x2: i32 = (0); x2 < n[7].x; x2 += (1)) {
        let v34 = v12 * n[7].z;
        let v35 = x2 * n[8].x;
        let v36 = v34 + v35;
        let v37 = v36 - n[7].w;
        let v39 = (-1) < v37;
        let v40 = v37 < n[6].w;
        let v41 = v39 && v40;
        if (v41) {
          for (var x3: i32 = (0); x3 < n[8].z; x3 += (1)) {
            let v50 = v9 * n[9].x;
            let v51 = x3 * n[9].z;
            let v52 = v50 + v51;
            let v53 = v52 - n[9].y;
            let v55 = (-1) < v53;
            let v56 = v53 < n[8].y;
            let v57 = v55 && v56;
            if (v57) {
              let v61 = n[6].x * n[6].y;
              let v62 = v16 * v61;
              let v63 = v21 * n[6].y;
              let v64 = v63 + x1;
              let v65 = v62 + v64;
              let v67 = v65 * n[6].w;
              let v68 = v67 + v37;
              let v70 = v68 * n[8].y;
              let v71 = v70 + v53;
              let v72 = v21 * n[6].z;
              let v73 = v72 + v22;
              let v74 = v73 * n[6].y;
              let v75 = v74 + x1;
              let v77 = v75 * n[7].x;
              let v78 = v77 + x2;
              let v80 = v78 * n[8].z;
              let v81 = v80 + x3;
              let v83 = n[2].x + v71;
              let v84 = bitcast<f32>(b0[v83]);
              let v86 = n[3].y + v81;
              let v87 = bitcast<f32>(b1[v86]);
              let v88 = (v84 * v87);
              let v89 = x0;
              let v90 = (v89 + v88);
              x0 = v90;
            }
          }
        }
      }
    }
    let v91 = x0;
    let v94 = v16 * n[4].w;
    let v95 = n[4].z + v94;
    let v97 = v15 * n[5].x;
    let v98 = v95 + v97;
    let v100 = v12 * n[5].y;
    let v101 = v98 + v100;
    let v103 = v9 * n[5].z;
    let v104 = v101 + v103;
    b2[v104] = bitcast<u32>(v91);
  }
}
