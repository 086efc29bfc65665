@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<storage, read> b3: array<u32>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 4>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v5 = g * (256);
  let v6 = v5 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    var x0: f32 = (0.0f);
    let v17 = n[0].y * n[0].w;
    for (var x1: i32 = (0); x1 < n[0].w; x1 += (1)) {
      let v23 = x1 * n[0].y;
      let v24 = v23 + v6;
      let v26 = (0) * v17;
      let v27 = v26 + v24;
      let v28 = bitcast<f32>(b3[v27]);
      let v29 = x0;
      let v30 = (v29 + v28);
      x0 = v30;
    }
    let v31 = x0;
    let v34 = v6 * n[3].y;
    let v35 = n[3].x + v34;
    b2[v35] = bitcast<u32>(v31);
  }
}
