@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;

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
    let v13 = v10 * n[1].w;
    let v14 = n[1].z + v13;
    let v16 = v9 * n[2].x;
    let v17 = v14 + v16;
    let v18 = bitcast<f32>(b0[v17]);
    let v21 = v10 * n[2].z;
    let v22 = n[2].y + v21;
    let v24 = v9 * n[2].w;
    let v25 = v22 + v24;
    let v26 = bitcast<f32>(b1[v25]);
    let v27 = (v18 + v26);
    let v30 = v10 * n[3].y;
    let v31 = n[3].x + v30;
    let v33 = v9 * n[3].z;
    let v34 = v31 + v33;
    b2[v34] = bitcast<u32>(v27);
  }
}
