@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 10>;
@group(0) @binding(4) var<storage, read_write> faults: atomic<u32>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g * (256);
  let v4 = v3 + t;
  let v6 = v4 < n[0].y;
  if (v6) {
    let v8 = v4 % n[1].z;
    let v9 = v4 / n[1].z;
    let v11 = v9 % n[1].y;
    let v12 = v9 / n[1].y;
    let v14 = v12 % n[1].x;
    let v15 = v12 / n[1].x;
    var x0: f32 = (0.0f);
    let v20 = v14 / n[6].y;
    let v21 = v14 % n[6].y;
    for (var x1: i32 = (0); x1 < n[6].x; x1 += (1)) {
      for (var x2: i32 = (0); x2 < n[6].w; x2 += (1)) {
        let v33 = v11 * n[7].y;
        let v34 = x2 * n[7].w;
        let v35 = v33 + v34;
        let v36 = v35 - n[7].z;
        let v38 = (-1) < v36;
        let v39 = v36 < n[6].z;
        let v40 = v38 && v39;
        if (v40) {
          for (var x3: i32 = (0); x3 < n[8].y; x3 += (1)) {
            let v49 = v8 * n[8].w;
            let v50 = x3 * n[9].y;
            let v51 = v49 + v50;
            let v52 = v51 - n[9].x;
            let v54 = (-1) < v52;
            let v55 = v52 < n[8].x;
            let v56 = v54 && v55;
            if (v56) {
              let v60 = n[5].w * n[6].x;
              let v61 = v15 * v60;
              let v62 = v20 * n[6].x;
              let v63 = v62 + x1;
              let v64 = v61 + v63;
              let v66 = v64 * n[6].z;
              let v67 = v66 + v36;
              let v69 = v67 * n[8].x;
              let v70 = v69 + v52;
              let v71 = v20 * n[6].y;
              let v72 = v71 + v21;
              let v73 = v72 * n[6].x;
              let v74 = v73 + x1;
              let v76 = v74 * n[6].w;
              let v77 = v76 + x2;
              let v79 = v77 * n[8].y;
              let v80 = v79 + x3;
              let v82 = n[1].w + v70;
              let v83 = bitcast<f32>(b0[v82]);
              let v85 = n[3].x + v80;
              let v86 = bitcast<f32>(b1[v85]);
              let v87 = (v83 * v86);
              let v88 = x0;
              let v89 = (v88 + v87);
              x0 = v89;
            }
          }
        }
      }
    }
    let v90 = x0;
    let v93 = v15 * n[4].z;
    let v94 = n[4].y + v93;
    let v96 = v14 * n[4].w;
    let v97 = v94 + v96;
    let v99 = v11 * n[5].x;
    let v100 = v97 + v99;
    let v102 = v8 * n[5].y;
    let v103 = v100 + v102;
    b2[v103] = bitcast<u32>(v90);
  }
}
