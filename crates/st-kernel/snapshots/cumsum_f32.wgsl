@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v5 = v4 + t;
  let v7 = v5 < n[0].y;
  if (v7) {
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0x80000000u));
    for (var x1: i32 = (0); x1 < n[1].y; x1 += (1)) {
      let v15 = v5 * n[1].w;
      let v16 = n[1].z + v15;
      let v18 = x1 * n[2].x;
      let v19 = v16 + v18;
      let v20 = bitcast<f32>(b0[v19]);
      let v21 = v20;
      let v22 = x0;
      let v23 = (v22 + v21);
      x0 = v23;
      let v26 = v5 * n[2].z;
      let v27 = n[2].y + v26;
      let v29 = x1 * n[2].w;
      let v30 = v27 + v29;
      let v31 = v23;
      b1[v30] = bitcast<u32>(v31);
    }
  }
}
