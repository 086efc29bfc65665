@group(0) @binding(0) var<storage, read> b0: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> b1: array<vec4<u32>>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
var<workgroup> s0: array<f32, 272>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v2 = g < n[0].y;
  if (v2) {
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0x80000000u));
    for (var x1: i32 = (0); x1 < n[1].y; x1 += (1024)) {
      let v10 = t * (4);
      let v11 = x1 + v10;
      var x2: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0x80000000u));
      var x3: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0x80000000u));
      var x4: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0x80000000u));
      var x5: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0x80000000u));
      let v13 = v11 < n[1].y;
      if (v13) {
        let v16 = g * n[1].w;
        let v17 = n[1].z + v16;
        let v19 = v11 * n[2].x;
        let v20 = v17 + v19;
        let q21_0 = b0[(v20 + 0) >> 2u];
        let v21 = bitcast<f32>(q21_0.x);
        let v22 = bitcast<f32>(q21_0.y);
        let v23 = bitcast<f32>(q21_0.z);
        let v24 = bitcast<f32>(q21_0.w);
        let v26 = v21;
        x2 = v26;
        let v28 = v11 + (1);
        let v29 = v22;
        x3 = v29;
        let v31 = v11 + (2);
        let v32 = v23;
        x4 = v32;
        let v34 = v11 + (3);
        let v35 = v24;
        x5 = v35;
      }
      let v36 = x2;
      let v37 = x3;
      let v38 = (v36 + v37);
      let v39 = x4;
      let v40 = (v38 + v39);
      let v41 = x5;
      let v42 = (v40 + v41);
      let v44 = t / (16);
      let v45 = t + v44;
      s0[v45] = v42;
      workgroupBarrier();
      let v51 = t < (16);
      if (v51) {
        var x6: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0x80000000u));
        let v54 = t * (16);
        for (var x7: i32 = (0); x7 < (16); x7 += (1)) {
          let v56 = v54 + x7;
          let v57 = x6;
          let v59 = v56 / (16);
          let v60 = v56 + v59;
          let v61 = s0[v60];
          let v62 = (v57 + v61);
          x6 = v62;
          let v64 = v56 / (16);
          let v65 = v56 + v64;
          s0[v65] = v62;
        }
      }
      workgroupBarrier();
      let v71 = t / (16);
      let v72 = x0;
      var x8: f32 = v72;
      for (var x9: i32 = (0); x9 < (16); x9 += (1)) {
        let v74 = x0;
        let v75 = x9 == v71;
        if (v75) {
          x8 = v74;
        }
        let v77 = x9 * (16);
        let v79 = v77 + (15);
        let v81 = v79 / (16);
        let v82 = v79 + v81;
        let v83 = s0[v82];
        let v84 = (v74 + v83);
        x0 = v84;
      }
      let v85 = t % (16);
      let v86 = (0) < v85;
      if (v86) {
        let v87 = t - (1);
        let v88 = x8;
        let v90 = v87 / (16);
        let v91 = v87 + v90;
        let v92 = s0[v91];
        let v93 = (v88 + v92);
        x8 = v93;
      }
      let v94 = x8;
      let v95 = (v94 + v36);
      let v96 = (v94 + v38);
      let v97 = (v94 + v40);
      let v98 = (v94 + v42);
      let v99 = v11 < n[1].y;
      if (v99) {
        let v102 = g * n[2].z;
        let v103 = n[2].y + v102;
        let v105 = v11 * n[2].w;
        let v106 = v103 + v105;
        let v107 = v95;
        let v108 = v96;
        let v109 = v97;
        let v110 = v98;
        b1[(v106 + 0) >> 2u] = vec4<u32>(bitcast<u32>(v107), bitcast<u32>(v108), bitcast<u32>(v109), bitcast<u32>(v110));
      }
      workgroupBarrier();
    }
  }
}
