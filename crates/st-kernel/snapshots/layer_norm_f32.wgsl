@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
@group(0) @binding(4) var<storage, read_write> b4: array<u32>;
@group(0) @binding(5) var<uniform> n: array<vec4<i32>, 6>;
var<workgroup> s0: array<f32, 256>;
var<workgroup> s1: array<f32, 256>;

fn rsqrt_f32(x: f32) -> f32 { return 1.0f / sqrt(x); }

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g < n[0].y;
  if (v3) {
    var x0: f32 = (0.0f);
    for (var x1: i32 = t; x1 < n[0].z; x1 += (256)) {
      let v17 = g * n[1].w;
      let v18 = n[1].z + v17;
      let v20 = x1 * n[2].x;
      let v21 = v18 + v20;
      let v22 = bitcast<f32>(b0[v21]);
      let v23 = x0;
      let v24 = (v23 + v22);
      x0 = v24;
    }
    let v26 = x0;
    s0[t] = v26;
    workgroupBarrier();
    let v30 = t < (16);
    if (v30) {
      let v31 = t + (16);
      for (var x2: i32 = v31; x2 < (256); x2 += (16)) {
        let v33 = s0[x2];
        let v34 = x0;
        let v35 = (v34 + v33);
        x0 = v35;
      }
      let v36 = x0;
      s0[t] = v36;
    }
    workgroupBarrier();
    let v37 = s0[(0)];
    x0 = v37;
    for (var x3: i32 = (1); x3 < (16); x3 += (1)) {
      let v40 = s0[x3];
      let v41 = x0;
      let v42 = (v41 + v40);
      x0 = v42;
    }
    let v43 = x0;
    var x4: f32 = (0.0f);
    let v46 = bitcast<f32>(n[5].y);
    let v47 = (v43 * v46);
    for (var x5: i32 = t; x5 < n[0].z; x5 += (256)) {
      let v56 = g * n[1].w;
      let v57 = n[1].z + v56;
      let v59 = x5 * n[2].x;
      let v60 = v57 + v59;
      let v61 = bitcast<f32>(b0[v60]);
      let v62 = (v61 - v47);
      let v63 = (v62 * v62);
      let v64 = x4;
      let v65 = (v64 + v63);
      x4 = v65;
    }
    let v67 = x4;
    s1[t] = v67;
    workgroupBarrier();
    let v71 = t < (16);
    if (v71) {
      let v72 = t + (16);
      for (var x6: i32 = v72; x6 < (256); x6 += (16)) {
        let v74 = s1[x6];
        let v75 = x4;
        let v76 = (v75 + v74);
        x4 = v76;
      }
      let v77 = x4;
      s1[t] = v77;
    }
    workgroupBarrier();
    let v78 = s1[(0)];
    x4 = v78;
    for (var x7: i32 = (1); x7 < (16); x7 += (1)) {
      let v81 = s1[x7];
      let v82 = x4;
      let v83 = (v82 + v81);
      x4 = v83;
    }
    let v84 = x4;
    let v85 = (v84 * v46);
    let v86 = bitcast<f32>(n[5].z);
    let v87 = (v85 + v86);
    let v88 = rsqrt_f32(v87);
    workgroupBarrier();
    let v91 = t < (1);
    if (v91) {
      let v94 = g * n[4].w;
      let v95 = n[4].z + v94;
      b4[v95] = bitcast<u32>(v88);
    }
    for (var x8: i32 = t; x8 < n[0].z; x8 += (256)) {
      let v106 = g * n[1].w;
      let v107 = n[1].z + v106;
      let v109 = x8 * n[2].x;
      let v110 = v107 + v109;
      let v111 = bitcast<f32>(b0[v110]);
      let v112 = (v111 - v47);
      let v113 = (v112 * v88);
      let v116 = g * n[2].z;
      let v117 = n[2].y + v116;
      let v119 = x8 * n[2].w;
      let v120 = v117 + v119;
      let v121 = bitcast<f32>(b1[v120]);
      let v122 = (v113 * v121);
      let v125 = g * n[3].y;
      let v126 = n[3].x + v125;
      let v128 = x8 * n[3].z;
      let v129 = v126 + v128;
      let v130 = bitcast<f32>(b2[v129]);
      let v131 = (v122 + v130);
      let v134 = g * n[4].x;
      let v135 = n[3].w + v134;
      let v137 = x8 * n[4].y;
      let v138 = v135 + v137;
      b3[v138] = bitcast<u32>(v131);
    }
  }
}
