@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 4>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v5 = v4 + t;
  let v7 = v5 < n[0].y;
  if (v7) {
    let v9 = v5 % n[1].y;
    let v10 = v5 / n[1].y;
    let v11 = v5 - v9;
    let v13 = n[0].y + v11;
    let v16 = v10 * n[1].w;
    let v17 = n[1].z + v16;
    let v19 = v9 * n[2].x;
    let v20 = v17 + v19;
    let v21 = bitcast<f32>(b0[v20]);
    let v25 = n[0].w * (2);
    let v26 = v9 / v25;
    let v27 = v26 * v25;
    let v28 = v27 + n[0].w;
    let v29 = v28 < n[1].y;
    let v30 = select(n[1].y, v28, v29);
    let v31 = v27 + v25;
    let v32 = v31 < n[1].y;
    let v33 = select(n[1].y, v31, v32);
    let v34 = v9 < v30;
    let v35 = select(v27, v30, v34);
    let v36 = select(v30, v33, v34);
    var x0: i32 = v35;
    var x1: i32 = v36;
    for (var x2: i32 = (0); x2 < (32); x2 += (1)) {
      let v41 = x0;
      let v42 = x1;
      let v43 = v41 < v42;
      if (v43) {
        let v44 = v41 + v42;
        let v46 = v44 / (2);
        let v49 = v10 * n[1].w;
        let v50 = n[1].z + v49;
        let v52 = v46 * n[2].x;
        let v53 = v50 + v52;
        let v54 = bitcast<f32>(b0[v53]);
        let v55 = (v21 < v54);
        let v56 = (v21 == v21);
        let v57 = (v54 == v54);
        let v58 = (!v57);
        let v59 = v56 && v58;
        let v60 = v55 || v59;
        let v61 = (v54 < v21);
        let v62 = (v54 == v54);
        let v63 = (v21 == v21);
        let v64 = (!v63);
        let v65 = v62 && v64;
        let v66 = v61 || v65;
        let v67 = (!v66);
        let v68 = select(v67, v60, v34);
        let v70 = v46 + (1);
        let v71 = select(v41, v70, v68);
        let v72 = select(v46, v42, v68);
        x0 = v71;
        x1 = v72;
      }
    }
    let v73 = x0;
    let v74 = v73 - v35;
    let v75 = select(v30, v27, v34);
    let v76 = v9 - v75;
    let v77 = v27 + v76;
    let v78 = v77 + v74;
    let v79 = v11 + v78;
    b3[v79] = bitcast<u32>(v9);
  }
}
