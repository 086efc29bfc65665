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
    let v14 = v13 + v9;
    let v15 = bitcast<i32>(b3[v14]);
    let v18 = v10 * n[1].w;
    let v19 = n[1].z + v18;
    let v21 = v15 * n[2].x;
    let v22 = v19 + v21;
    let v23 = bitcast<f32>(b0[v22]);
    let v27 = n[0].w * (2);
    let v28 = v9 / v27;
    let v29 = v28 * v27;
    let v30 = v29 + n[0].w;
    let v31 = v30 < n[1].y;
    let v32 = select(n[1].y, v30, v31);
    let v33 = v29 + v27;
    let v34 = v33 < n[1].y;
    let v35 = select(n[1].y, v33, v34);
    let v36 = v9 < v32;
    let v37 = select(v29, v32, v36);
    let v38 = select(v32, v35, v36);
    var x0: i32 = v37;
    var x1: i32 = v38;
    for (var x2: i32 = (0); x2 < (32); x2 += (1)) {
      let v43 = x0;
      let v44 = x1;
      let v45 = v43 < v44;
      if (v45) {
        let v46 = v43 + v44;
        let v48 = v46 / (2);
        let v49 = v13 + v48;
        let v50 = bitcast<i32>(b3[v49]);
        let v53 = v10 * n[1].w;
        let v54 = n[1].z + v53;
        let v56 = v50 * n[2].x;
        let v57 = v54 + v56;
        let v58 = bitcast<f32>(b0[v57]);
        let v59 = (v23 < v58);
        let v60 = (v23 == v23);
        let v61 = (v58 == v58);
        let v62 = (!v61);
        let v63 = v60 && v62;
        let v64 = v59 || v63;
        let v65 = (v58 < v23);
        let v66 = (v58 == v58);
        let v67 = (v23 == v23);
        let v68 = (!v67);
        let v69 = v66 && v68;
        let v70 = v65 || v69;
        let v71 = (!v70);
        let v72 = select(v71, v64, v36);
        let v74 = v48 + (1);
        let v75 = select(v43, v74, v72);
        let v76 = select(v48, v44, v72);
        x0 = v75;
        x1 = v76;
      }
    }
    let v77 = x0;
    let v78 = v77 - v37;
    let v79 = select(v32, v29, v36);
    let v80 = v9 - v79;
    let v81 = v29 + v80;
    let v82 = v81 + v78;
    let v83 = v11 + v82;
    b3[v83] = bitcast<u32>(v15);
  }
}
