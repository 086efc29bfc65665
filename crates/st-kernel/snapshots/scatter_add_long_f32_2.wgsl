@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<storage, read> b3: array<u32>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 5>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v2 = n[0].y * n[0].z;
  let v6 = g * (256);
  let v7 = v6 + t;
  let v9 = v7 < v2;
  if (v9) {
    let v10 = v7 / n[0].y;
    let v11 = v7 % n[0].y;
    let v12 = n[0].z + v10;
    let v13 = v12 + n[0].z;
    let v14 = bitcast<i32>(b3[v13]);
    let v15 = v10 < v14;
    if (v15) {
      let v18 = v11 * n[3].y;
      let v19 = n[3].x + v18;
      let v20 = bitcast<i32>(b3[v12]);
      let v21 = bitcast<i32>(b3[v20]);
      let v22 = v19 + v21;
      let v23 = bitcast<f32>(b2[v22]);
      var x0: f32 = v23;
      for (var x1: i32 = v10; x1 < v14; x1 += (1)) {
        let v26 = n[0].z + x1;
        let v27 = bitcast<i32>(b3[v26]);
        let v30 = v11 * n[1].w;
        let v31 = n[1].z + v30;
        let v33 = v27 * n[2].x;
        let v34 = v31 + v33;
        let v35 = bitcast<f32>(b0[v34]);
        let v36 = x0;
        let v37 = (v36 + v35);
        let v38 = v37;
        x0 = v38;
      }
      let v39 = x0;
      b2[v22] = bitcast<u32>(v39);
    }
  }
}
