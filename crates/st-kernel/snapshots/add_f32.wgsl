@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;
@group(0) @binding(4) var<storage, read_write> faults: atomic<u32>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g * (256);
  let v4 = v3 + t;
  let v6 = v4 < n[0].y;
  if (v6) {
    let v8 = v4 % n[1].x;
    let v9 = v4 / n[1].x;
    let v12 = v9 * n[1].z;
    let v13 = n[1].y + v12;
    let v15 = v8 * n[1].w;
    let v16 = v13 + v15;
    let v17 = bitcast<f32>(b0[v16]);
    let v20 = v9 * n[2].y;
    let v21 = n[2].x + v20;
    let v23 = v8 * n[2].z;
    let v24 = v21 + v23;
    let v25 = bitcast<f32>(b1[v24]);
    let v26 = (v17 + v25);
    let v29 = v9 * n[3].x;
    let v30 = n[2].w + v29;
    let v32 = v8 * n[3].y;
    let v33 = v30 + v32;
    b2[v33] = bitcast<u32>(v26);
  }
}
