@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 3>;
var<workgroup> s0: array<f32, 256>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (8);
  let v5 = v4 < n[0].y;
  if (v5) {
    let v7 = g * (8);
    let v10 = t % (8);
    let v11 = v7 + v10;
    let v14 = n[0].y - (1);
    let v15 = v11 < v14;
    let v16 = select(v14, v11, v15);
    var x0: f32 = (0.0f);
    let v25 = n[0].y * n[0].w;
    let v30 = t / (8);
    for (var x1: i32 = v30; x1 < n[0].w; x1 += (32)) {
      let v33 = x1 * n[0].y;
      let v34 = v33 + v16;
      let v36 = (0) * v25;
      let v37 = v36 + v34;
      let v38 = bitcast<f32>(b2[v37]);
      let v39 = x0;
      let v40 = (v39 + v38);
      x0 = v40;
    }
    let v42 = x0;
    s0[t] = v42;
    workgroupBarrier();
    let v44 = t < (64);
    if (v44) {
      let v46 = t + (64);
      let v48 = t + (128);
      let v50 = t + (192);
      let v51 = s0[v46];
      let v52 = s0[v48];
      let v53 = s0[v50];
      let v54 = x0;
      let v55 = (v54 + v51);
      x0 = v55;
      let v56 = x0;
      let v57 = (v56 + v52);
      x0 = v57;
      let v58 = x0;
      let v59 = (v58 + v53);
      x0 = v59;
      let v60 = x0;
      s0[t] = v60;
    }
    workgroupBarrier();
    let v63 = t % (8);
    let v65 = s0[v63];
    x0 = v65;
    let v68 = t % (8);
    let v70 = v68 + (8);
    let v73 = t % (8);
    let v75 = v73 + (16);
    let v78 = t % (8);
    let v80 = v78 + (24);
    let v83 = t % (8);
    let v85 = v83 + (32);
    let v88 = t % (8);
    let v90 = v88 + (40);
    let v93 = t % (8);
    let v95 = v93 + (48);
    let v98 = t % (8);
    let v100 = v98 + (56);
    let v101 = s0[v70];
    let v102 = s0[v75];
    let v103 = s0[v80];
    let v104 = s0[v85];
    let v105 = s0[v90];
    let v106 = s0[v95];
    let v107 = s0[v100];
    let v108 = x0;
    let v109 = (v108 + v101);
    x0 = v109;
    let v110 = x0;
    let v111 = (v110 + v102);
    x0 = v111;
    let v112 = x0;
    let v113 = (v112 + v103);
    x0 = v113;
    let v114 = x0;
    let v115 = (v114 + v104);
    x0 = v115;
    let v116 = x0;
    let v117 = (v116 + v105);
    x0 = v117;
    let v118 = x0;
    let v119 = (v118 + v106);
    x0 = v119;
    let v120 = x0;
    let v121 = (v120 + v107);
    x0 = v121;
    let v122 = x0;
    workgroupBarrier();
    let v125 = t < (8);
    let v129 = g * (8);
    let v130 = v129 + t;
    let v131 = v130 < n[0].y;
    let v132 = v125 && v131;
    if (v132) {
      let v135 = v16 * n[2].z;
      let v136 = n[2].y + v135;
      b1[v136] = bitcast<u32>(v122);
    }
  }
}
