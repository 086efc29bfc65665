@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 3>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v2 = n[0].y * n[0].w;
  let v6 = g * (256);
  let v7 = v6 + t;
  let v9 = v7 < v2;
  if (v9) {
    let v10 = v7 % n[0].y;
    let v11 = v7 / n[0].y;
    let v16 = n[1].y + n[0].w;
    let v17 = v16 - (1);
    let v18 = v17 / n[0].w;
    let v19 = v11 * v18;
    let v20 = v19 + v18;
    let v21 = v20 < n[1].y;
    let v22 = select(n[1].y, v20, v21);
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0x80000000u));
    for (var x1: i32 = (0); x1 < v11; x1 += (1)) {
      let v25 = x1 * n[0].y;
      let v26 = v25 + v10;
      let v28 = (0) * v2;
      let v29 = v28 + v26;
      let v30 = bitcast<f32>(b2[v29]);
      let v31 = x0;
      let v32 = (v31 + v30);
      x0 = v32;
    }
    for (var x2: i32 = v19; x2 < v22; x2 += (4)) {
      let v35 = x2 < v22;
      let v36 = select(x2, x2, v35);
      let v39 = v10 * n[1].w;
      let v40 = n[1].z + v39;
      let v42 = v36 * n[2].x;
      let v43 = v40 + v42;
      let v44 = bitcast<f32>(b0[v43]);
      let v45 = v44;
      let v47 = x2 + (1);
      let v48 = v47 < v22;
      let v49 = select(x2, v47, v48);
      let v52 = v10 * n[1].w;
      let v53 = n[1].z + v52;
      let v55 = v49 * n[2].x;
      let v56 = v53 + v55;
      let v57 = bitcast<f32>(b0[v56]);
      let v58 = v57;
      let v60 = x2 + (2);
      let v61 = v60 < v22;
      let v62 = select(x2, v60, v61);
      let v65 = v10 * n[1].w;
      let v66 = n[1].z + v65;
      let v68 = v62 * n[2].x;
      let v69 = v66 + v68;
      let v70 = bitcast<f32>(b0[v69]);
      let v71 = v70;
      let v73 = x2 + (3);
      let v74 = v73 < v22;
      let v75 = select(x2, v73, v74);
      let v78 = v10 * n[1].w;
      let v79 = n[1].z + v78;
      let v81 = v75 * n[2].x;
      let v82 = v79 + v81;
      let v83 = bitcast<f32>(b0[v82]);
      let v84 = v83;
      if (v35) {
        let v85 = x0;
        let v86 = (v85 + v45);
        x0 = v86;
        let v89 = v10 * n[2].z;
        let v90 = n[2].y + v89;
        let v92 = v36 * n[2].w;
        let v93 = v90 + v92;
        let v94 = v86;
        b1[v93] = bitcast<u32>(v94);
      }
      if (v48) {
        let v95 = x0;
        let v96 = (v95 + v58);
        x0 = v96;
        let v99 = v10 * n[2].z;
        let v100 = n[2].y + v99;
        let v102 = v49 * n[2].w;
        let v103 = v100 + v102;
        let v104 = v96;
        b1[v103] = bitcast<u32>(v104);
      }
      if (v61) {
        let v105 = x0;
        let v106 = (v105 + v71);
        x0 = v106;
        let v109 = v10 * n[2].z;
        let v110 = n[2].y + v109;
        let v112 = v62 * n[2].w;
        let v113 = v110 + v112;
        let v114 = v106;
        b1[v113] = bitcast<u32>(v114);
      }
      if (v74) {
        let v115 = x0;
        let v116 = (v115 + v84);
        x0 = v116;
        let v119 = v10 * n[2].z;
        let v120 = n[2].y + v119;
        let v122 = v75 * n[2].w;
        let v123 = v120 + v122;
        let v124 = v116;
        b1[v123] = bitcast<u32>(v124);
      }
    }
  }
}
