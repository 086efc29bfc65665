@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v6 = v4 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    let v10 = v6 % n[1].y;
    let v11 = v6 / n[1].y;
    let v14 = v11 * n[1].w;
    let v15 = n[1].z + v14;
    let v17 = v10 * n[2].x;
    let v18 = v15 + v17;
    let v19 = bitcast<f32>(b0[v18]);
    let v22 = v11 * n[2].z;
    let v23 = n[2].y + v22;
    let v25 = v10 * n[2].w;
    let v26 = v23 + v25;
    let v27 = bitcast<f32>(b1[v26]);
    let v28 = (v19 + v27);
    let v31 = v11 * n[3].y;
    let v32 = n[3].x + v31;
    let v34 = v10 * n[3].z;
    let v35 = v32 + v34;
    b2[v35] = bitcast<u32>(v28);
  }
}
