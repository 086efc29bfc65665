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
      let v18 = g * n[1].w;
      let v19 = n[1].z + v18;
      let v21 = x1 * n[2].x;
      let v22 = v19 + v21;
      let v23 = bitcast<f32>(b0[v22]);
      let v24 = x0;
      let v25 = (v24 + v23);
      x0 = v25;
    }
    let v27 = x0;
    s0[t] = v27;
    workgroupBarrier();
    let v31 = t < (16);
    if (v31) {
      let v32 = t + (16);
      for (var x2: i32 = v32; x2 < (256); x2 += (16)) {
        let v34 = s0[x2];
        let v35 = x0;
        let v36 = (v35 + v34);
        x0 = v36;
      }
      let v37 = x0;
      s0[t] = v37;
    }
    workgroupBarrier();
    let v38 = s0[(0)];
    x0 = v38;
    for (var x3: i32 = (1); x3 < (16); x3 += (1)) {
      let v41 = s0[x3];
      let v42 = x0;
      let v43 = (v42 + v41);
      x0 = v43;
    }
    let v44 = x0;
    var x4: f32 = (0.0f);
    let v47 = bitcast<f32>(n[5].y);
    let v48 = (v44 * v47);
    for (var x5: i32 = t; x5 < n[0].z; x5 += (256)) {
      let v57 = g * n[1].w;
      let v58 = n[1].z + v57;
      let v60 = x5 * n[2].x;
      let v61 = v58 + v60;
      let v62 = bitcast<f32>(b0[v61]);
      let v63 = (v62 - v48);
      let v64 = (v63 * v63);
      let v65 = x4;
      let v66 = (v65 + v64);
      x4 = v66;
    }
    let v68 = x4;
    s1[t] = v68;
    workgroupBarrier();
    let v72 = t < (16);
    if (v72) {
      let v73 = t + (16);
      for (var x6: i32 = v73; x6 < (256); x6 += (16)) {
        let v75 = s1[x6];
        let v76 = x4;
        let v77 = (v76 + v75);
        x4 = v77;
      }
      let v78 = x4;
      s1[t] = v78;
    }
    workgroupBarrier();
    let v79 = s1[(0)];
    x4 = v79;
    for (var x7: i32 = (1); x7 < (16); x7 += (1)) {
      let v82 = s1[x7];
      let v83 = x4;
      let v84 = (v83 + v82);
      x4 = v84;
    }
    let v85 = x4;
    let v86 = (v85 * v47);
    let v87 = bitcast<f32>(n[5].z);
    let v88 = (v86 + v87);
    let v89 = rsqrt_f32(v88);
    workgroupBarrier();
    let v92 = t < (1);
    if (v92) {
      let v95 = g * n[4].w;
      let v96 = n[4].z + v95;
      b4[v96] = bitcast<u32>(v89);
    }
    for (var x8: i32 = t; x8 < n[0].z; x8 += (256)) {
      let v107 = g * n[1].w;
      let v108 = n[1].z + v107;
      let v110 = x8 * n[2].x;
      let v111 = v108 + v110;
      let v112 = bitcast<f32>(b0[v111]);
      let v113 = (v112 - v48);
      let v114 = (v113 * v89);
      let v117 = g * n[2].z;
      let v118 = n[2].y + v117;
      let v120 = x8 * n[2].w;
      let v121 = v118 + v120;
      let v122 = bitcast<f32>(b1[v121]);
      let v123 = (v114 * v122);
      let v126 = g * n[3].y;
      let v127 = n[3].x + v126;
      let v129 = x8 * n[3].z;
      let v130 = v127 + v129;
      let v131 = bitcast<f32>(b2[v130]);
      let v132 = (v123 + v131);
      let v135 = g * n[4].x;
      let v136 = n[3].w + v135;
      let v138 = x8 * n[4].y;
      let v139 = v136 + v138;
      b3[v139] = bitcast<u32>(v132);
    }
  }
}
