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
    let v20 = v15 / n[6].y;
    let v21 = v15 % n[6].y;
    for (var x1: i32 = (0); x1 < n[5].z; x1 += (1)) {
      for (var x2: i32 = (0); x2 < n[7].x; x2 += (1)) {
        let v34 = x2 * n[7].y;
        let v35 = v11 * n[7].w;
        let v36 = v34 + v35;
        let v37 = v36 - n[7].z;
        let v39 = (-1) < v37;
        let v40 = v37 < n[6].z;
        let v41 = v39 && v40;
        if (v41) {
          for (var x3: i32 = (0); x3 < n[8].z; x3 += (1)) {
            let v50 = x3 * n[8].w;
            let v51 = v8 * n[9].y;
            let v52 = v50 + v51;
            let v53 = v52 - n[9].x;
            let v55 = (-1) < v53;
            let v56 = v53 < n[8].x;
            let v57 = v55 && v56;
            if (v57) {
              let v61 = n[5].w * n[6].y;
              let v62 = x1 * v61;
              let v63 = v20 * n[6].y;
              let v64 = v63 + v21;
              let v65 = v62 + v64;
              let v67 = v65 * n[7].x;
              let v68 = v67 + x2;
              let v70 = v68 * n[8].z;
              let v71 = v70 + x3;
              let v72 = n[5].w * n[6].x;
              let v73 = x1 * v72;
              let v74 = v20 * n[6].x;
              let v75 = v74 + v14;
              let v76 = v73 + v75;
              let v78 = v76 * n[6].z;
              let v79 = v78 + v37;
              let v81 = v79 * n[8].x;
              let v82 = v81 + v53;
              let v84 = n[1].w + v71;
              let v85 = bitcast<f32>(b0[v84]);
              let v87 = n[3].x + v82;
              let v88 = bitcast<f32>(b1[v87]);
              let v89 = (v85 * v88);
              let v90 = x0;
              let v91 = (v90 + v89);
              x0 = v91;
            }
          }
        }
      }
    }
    let v92 = x0;
    let v95 = v15 * n[4].z;
    let v96 = n[4].y + v95;
    let v98 = v14 * n[4].w;
    let v99 = v96 + v98;
    let v101 = v11 * n[5].x;
    let v102 = v99 + v101;
    let v104 = v8 * n[5].y;
    let v105 = v102 + v104;
    b2[v105] = bitcast<u32>(v92);
  }
}
