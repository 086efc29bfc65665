@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 5>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v5 = v4 + t;
  let v7 = v5 < n[0].z;
  if (v7) {
    let v8 = bitcast<i32>(b3[v5]);
    var x0: i32 = (0);
    var x1: i32 = (0);
    var x2: i32 = (0);
    for (var x3: i32 = (0); x3 < n[0].z; x3 += (1)) {
      let v12 = bitcast<i32>(b3[x3]);
      let v13 = v12 < v8;
      let v14 = x0;
      let v15 = select((0), (1), v13);
      let v16 = v14 + v15;
      x0 = v16;
      let v17 = v12 == v8;
      let v18 = x1;
      let v19 = select((0), (1), v17);
      let v20 = v18 + v19;
      x1 = v20;
      let v21 = x3 < v5;
      let v22 = v17 && v21;
      let v23 = x2;
      let v24 = select((0), (1), v22);
      let v25 = v23 + v24;
      x2 = v25;
    }
    let v26 = x0;
    let v27 = x1;
    let v28 = x2;
    let v29 = v26 + v28;
    let v30 = n[0].z + v29;
    b3[v30] = bitcast<u32>(v5);
    let v31 = v26 + v27;
    let v32 = v28 == (0);
    let v33 = select((0), v31, v32);
    let v34 = v30 + n[0].z;
    b3[v34] = bitcast<u32>(v33);
  }
}
