@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read> b3: array<u32>;
@group(0) @binding(4) var<storage, read> b4: array<u32>;
@group(0) @binding(5) var<storage, read> b5: array<u32>;
@group(0) @binding(6) var<storage, read> b6: array<u32>;
@group(0) @binding(7) var<storage, read> b7: array<u32>;
@group(0) @binding(8) var<storage, read> b8: array<u32>;
@group(0) @binding(9) var<storage, read_write> b9: array<u32>;
@group(0) @binding(10) var<uniform> n: array<vec4<i32>, 16>;
var<workgroup> s0: array<f32, 1088>;
var<workgroup> s1: array<f32, 1088>;
var<workgroup> s2: array<f32, 4352>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  var x0: f32 = (0.0f);
  var x1: f32 = (0.0f);
  var x2: f32 = (0.0f);
  var x3: f32 = (0.0f);
  var x4: f32 = (0.0f);
  var x5: f32 = (0.0f);
  var x6: f32 = (0.0f);
  var x7: f32 = (0.0f);
  let v7 = g * (256);
  let v8 = v7 + t;
  let v10 = v8 < n[0].y;
  if (v10) {
    let v12 = v8 % n[1].y;
    let v13 = v8 / n[1].y;
    var x8: f32 = (0.0f);
    for (var x9: i32 = (0); x9 < n[2].x; x9 += (1)) {
      let v20 = v13 * n[7].x;
      let v21 = n[6].w + v20;
      let v23 = v12 * n[7].y;
      let v24 = v21 + v23;
      let v26 = x9 * n[8].x;
      let v27 = v24 + v26;
      let v28 = bitcast<f32>(b3[v27]);
      let v31 = v13 * n[10].x;
      let v32 = n[9].w + v31;
      let v34 = v12 * n[10].y;
      let v35 = v32 + v34;
      let v37 = x9 * n[11].x;
      let v38 = v35 + v37;
      let v39 = bitcast<f32>(b5[v38]);
      x8 = fma(v28, v39, x8);
    }
    let v40 = x8;
    b9[v8] = bitcast<u32>(v40);
  }
}
