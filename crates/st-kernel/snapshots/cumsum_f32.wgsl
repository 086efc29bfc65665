@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
@group(0) @binding(3) var<storage, read_write> faults: atomic<u32>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g * (256);
  let v4 = v3 + t;
  let v6 = v4 < n[0].y;
  if (v6) {
    var x0: f32 = (0.0f);
    for (var x1: i32 = (0); x1 < n[1].x; x1 += (1)) {
      let v15 = v4 * n[1].z;
      let v16 = n[1].y + v15;
      let v18 = x1 * n[1].w;
      let v19 = v16 + v18;
      let v20 = bitcast<f32>(b0[v19]);
      let v21 = v20;
      let v22 = x0;
      let v23 = x1 == (0);
      let v24 = (v22 + v21);
      let v25 = select(v24, v21, v23);
      x0 = v25;
      let v28 = v4 * n[2].y;
      let v29 = n[2].x + v28;
      let v31 = x1 * n[2].z;
      let v32 = v29 + v31;
      let v33 = v25;
      b1[v32] = bitcast<u32>(v33);
    }
  }
}
