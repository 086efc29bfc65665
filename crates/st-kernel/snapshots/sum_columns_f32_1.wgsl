@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 3>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v5 = g * (256);
  let v6 = v5 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    var x0: f32 = (0.0f);
    let v16 = n[0].y * n[0].w;
    for (var x1: i32 = (0); x1 < n[0].w; x1 += (1)) {
      let v22 = x1 * n[0].y;
      let v23 = v22 + v6;
      let v25 = (0) * v16;
      let v26 = v25 + v23;
      let v27 = bitcast<f32>(b2[v26]);
      let v28 = x0;
      let v29 = (v28 + v27);
      x0 = v29;
    }
    let v30 = x0;
    let v33 = v6 * n[2].z;
    let v34 = n[2].y + v33;
    b1[v34] = bitcast<u32>(v30);
  }
}
