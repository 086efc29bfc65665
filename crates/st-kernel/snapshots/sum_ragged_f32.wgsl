@group(0) @binding(0) var<storage, read> b0: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
var<workgroup> s0: array<f32, 256>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g < n[0].y;
  if (v3) {
    var x0: f32 = (0.0f);
    let v10 = (0) < n[0].z;
    if (v10) {
      let v14 = g * n[1].w;
      let v15 = n[1].z + v14;
      let v16 = v15 % (4);
      let v17 = (4) - v16;
      let v18 = v17 % (4);
      let v19 = v18 < n[0].z;
      let v20 = select(n[0].z, v18, v19);
      let v21 = n[0].z - v20;
      let v23 = v21 / (4);
      let v25 = v23 * (4);
      let v26 = v20 + v25;
      let v27 = n[0].z - v25;
      let v31 = t * (4);
      let v34 = v20 + v31;
      for (var x1: i32 = v34; x1 < v26; x1 += (2048)) {
        let v39 = x1 < v26;
        let v40 = select(v20, x1, v39);
        let v42 = x1 + (1024);
        let v43 = v42 < v26;
        let v44 = select(v20, v42, v43);
        let v47 = g * n[1].w;
        let v48 = n[1].z + v47;
        let v50 = v40 * n[2].x;
        let v51 = v48 + v50;
        let q52_0 = b0[(v51 + 0) >> 2u];
        let v52 = bitcast<f32>(q52_0.x);
        let v53 = bitcast<f32>(q52_0.y);
        let v54 = bitcast<f32>(q52_0.z);
        let v55 = bitcast<f32>(q52_0.w);
        let v58 = g * n[1].w;
        let v59 = n[1].z + v58;
        let v61 = v44 * n[2].x;
        let v62 = v59 + v61;
        let q63_0 = b0[(v62 + 0) >> 2u];
        let v63 = bitcast<f32>(q63_0.x);
        let v64 = bitcast<f32>(q63_0.y);
        let v65 = bitcast<f32>(q63_0.z);
        let v66 = bitcast<f32>(q63_0.w);
        if (v39) {
          let v67 = x0;
          let v68 = (v67 + v52);
          x0 = v68;
          let v70 = v40 + (1);
          let v71 = x0;
          let v72 = (v71 + v53);
          x0 = v72;
          let v74 = v40 + (2);
          let v75 = x0;
          let v76 = (v75 + v54);
          x0 = v76;
          let v78 = v40 + (3);
          let v79 = x0;
          let v80 = (v79 + v55);
          x0 = v80;
        }
        if (v43) {
          let v81 = x0;
          let v82 = (v81 + v63);
          x0 = v82;
          let v84 = v44 + (1);
          let v85 = x0;
          let v86 = (v85 + v64);
          x0 = v86;
          let v88 = v44 + (2);
          let v89 = x0;
          let v90 = (v89 + v65);
          x0 = v90;
          let v92 = v44 + (3);
          let v93 = x0;
          let v94 = (v93 + v66);
          x0 = v94;
        }
      }
      let v96 = t < v27;
      if (v96) {
        let v97 = t < v20;
        let v98 = t + v25;
        let v99 = select(v98, t, v97);
        let v102 = g * n[1].w;
        let v103 = n[1].z + v102;
        let v105 = v99 * n[2].x;
        let v106 = v103 + v105;
        let v107 = bitcast<f32>(b0[(v106) >> 2u][(v106) & 3]);
        let v108 = x0;
        let v109 = (v108 + v107);
        x0 = v109;
      }
    }
    let v111 = x0;
    s0[t] = v111;
    workgroupBarrier();
    let v115 = t < (16);
    if (v115) {
      let v116 = t + (16);
      for (var x2: i32 = v116; x2 < (256); x2 += (16)) {
        let v118 = s0[x2];
        let v119 = x0;
        let v120 = (v119 + v118);
        x0 = v120;
      }
      let v121 = x0;
      s0[t] = v121;
    }
    workgroupBarrier();
    let v122 = s0[(0)];
    x0 = v122;
    for (var x3: i32 = (1); x3 < (16); x3 += (1)) {
      let v125 = s0[x3];
      let v126 = x0;
      let v127 = (v126 + v125);
      x0 = v127;
    }
    let v128 = x0;
    workgroupBarrier();
    let v131 = t < (1);
    if (v131) {
      let v134 = g * n[2].z;
      let v135 = n[2].y + v134;
      b1[v135] = bitcast<u32>(v128);
    }
  }
}
