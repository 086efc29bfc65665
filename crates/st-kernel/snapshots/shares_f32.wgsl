@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
@group(0) @binding(3) var<storage, read_write> faults: atomic<u32>;
var<workgroup> s0: array<f32, 256>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v2 = g < n[0].y;
  if (v2) {
    var x0: f32 = (0.0f);
    for (var x1: i32 = t; x1 < n[0].z; x1 += (256)) {
      let v11 = g * n[1].z;
      let v12 = n[1].y + v11;
      let v14 = x1 * n[1].w;
      let v15 = v12 + v14;
      let v16 = bitcast<f32>(b0[v15]);
      let v17 = x0;
      let v18 = (v17 + v16);
      x0 = v18;
    }
    let v20 = x0;
    s0[t] = v20;
    workgroupBarrier();
    let v22 = t < (128);
    if (v22) {
      let v24 = t + (128);
      let v25 = s0[v24];
      let v26 = x0;
      let v27 = (v26 + v25);
      x0 = v27;
      let v28 = x0;
      s0[t] = v28;
    }
    workgroupBarrier();
    let v30 = t < (64);
    if (v30) {
      let v32 = t + (64);
      let v33 = s0[v32];
      let v34 = x0;
      let v35 = (v34 + v33);
      x0 = v35;
      let v36 = x0;
      s0[t] = v36;
    }
    workgroupBarrier();
    let v38 = t < (32);
    if (v38) {
      let v40 = t + (32);
      let v41 = s0[v40];
      let v42 = x0;
      let v43 = (v42 + v41);
      x0 = v43;
      let v44 = x0;
      s0[t] = v44;
    }
    workgroupBarrier();
    let v46 = t < (16);
    if (v46) {
      let v48 = t + (16);
      let v49 = s0[v48];
      let v50 = x0;
      let v51 = (v50 + v49);
      x0 = v51;
      let v52 = x0;
      s0[t] = v52;
    }
    workgroupBarrier();
    let v54 = t < (8);
    if (v54) {
      let v56 = t + (8);
      let v57 = s0[v56];
      let v58 = x0;
      let v59 = (v58 + v57);
      x0 = v59;
      let v60 = x0;
      s0[t] = v60;
    }
    workgroupBarrier();
    let v62 = t < (4);
    if (v62) {
      let v64 = t + (4);
      let v65 = s0[v64];
      let v66 = x0;
      let v67 = (v66 + v65);
      x0 = v67;
      let v68 = x0;
      s0[t] = v68;
    }
    workgroupBarrier();
    let v70 = t < (2);
    if (v70) {
      let v72 = t + (2);
      let v73 = s0[v72];
      let v74 = x0;
      let v75 = (v74 + v73);
      x0 = v75;
      let v76 = x0;
      s0[t] = v76;
    }
    workgroupBarrier();
    let v78 = t < (1);
    if (v78) {
      let v80 = t + (1);
      let v81 = s0[v80];
      let v82 = x0;
      let v83 = (v82 + v81);
      x0 = v83;
      let v84 = x0;
      s0[t] = v84;
    }
    workgroupBarrier();
    let v86 = s0[(0)];
    x0 = v86;
    let v87 = x0;
    for (var x2: i32 = t; x2 < n[0].z; x2 += (256)) {
      let v94 = g * n[1].z;
      let v95 = n[1].y + v94;
      let v97 = x2 * n[1].w;
      let v98 = v95 + v97;
      let v99 = bitcast<f32>(b0[v98]);
      let v100 = (v99 / v87);
      let v103 = g * n[2].y;
      let v104 = n[2].x + v103;
      let v106 = x2 * n[2].z;
      let v107 = v104 + v106;
      b1[v107] = bitcast<u32>(v100);
    }
  }
}
