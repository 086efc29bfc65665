@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
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
    for (var x1: i32 = v19; x1 < v22; x1 += (4)) {
      let v26 = x1 < v22;
      let v27 = select(x1, x1, v26);
      let v30 = v10 * n[1].w;
      let v31 = n[1].z + v30;
      let v33 = v27 * n[2].x;
      let v34 = v31 + v33;
      let v35 = bitcast<f32>(b0[v34]);
      let v36 = v35;
      let v38 = x1 + (1);
      let v39 = v38 < v22;
      let v40 = select(x1, v38, v39);
      let v43 = v10 * n[1].w;
      let v44 = n[1].z + v43;
      let v46 = v40 * n[2].x;
      let v47 = v44 + v46;
      let v48 = bitcast<f32>(b0[v47]);
      let v49 = v48;
      let v51 = x1 + (2);
      let v52 = v51 < v22;
      let v53 = select(x1, v51, v52);
      let v56 = v10 * n[1].w;
      let v57 = n[1].z + v56;
      let v59 = v53 * n[2].x;
      let v60 = v57 + v59;
      let v61 = bitcast<f32>(b0[v60]);
      let v62 = v61;
      let v64 = x1 + (3);
      let v65 = v64 < v22;
      let v66 = select(x1, v64, v65);
      let v69 = v10 * n[1].w;
      let v70 = n[1].z + v69;
      let v72 = v66 * n[2].x;
      let v73 = v70 + v72;
      let v74 = bitcast<f32>(b0[v73]);
      let v75 = v74;
      if (v26) {
        let v76 = x0;
        let v77 = (v76 + v36);
        x0 = v77;
      }
      if (v39) {
        let v78 = x0;
        let v79 = (v78 + v49);
        x0 = v79;
      }
      if (v52) {
        let v80 = x0;
        let v81 = (v80 + v62);
        x0 = v81;
      }
      if (v65) {
        let v82 = x0;
        let v83 = (v82 + v75);
        x0 = v83;
      }
    }
    let v84 = x0;
    let v86 = (0) * v2;
    let v87 = v86 + v7;
    b2[v87] = bitcast<u32>(v84);
  }
}
