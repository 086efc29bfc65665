@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
var<workgroup> s0: array<vec2<u32>, 256>;

fn add_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + u32(low < a.x));
}

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g < n[0].y;
  if (v3) {
    var x0: vec2<u32> = vec2<u32>(0u, 0u);
    for (var x1: i32 = t; x1 < n[0].z; x1 += (256)) {
      let v18 = g * n[1].w;
      let v19 = n[1].z + v18;
      let v21 = x1 * n[2].x;
      let v22 = v19 + v21;
      let v23 = vec2<u32>(b0[2 * v22], b0[2 * v22 + 1]);
      let v24 = x0;
      let v25 = add_i64(v24, v23);
      x0 = v25;
    }
    let v27 = x0;
    s0[t] = v27;
    workgroupBarrier();
    let v31 = t < (16);
    if (v31) {
      let v32 = t + (16);
      for (var x2: i32 = v32; x2 < (256); x2 += (16)) {
        let v34 = s0[x2];
        let v35 = x0;
        let v36 = add_i64(v35, v34);
        x0 = v36;
      }
      let v37 = x0;
      s0[t] = v37;
    }
    workgroupBarrier();
    let v38 = s0[(0)];
    x0 = v38;
    for (var x3: i32 = (1); x3 < (16); x3 += (1)) {
      let v41 = s0[x3];
      let v42 = x0;
      let v43 = add_i64(v42, v41);
      x0 = v43;
    }
    let v44 = x0;
    workgroupBarrier();
    let v47 = t < (1);
    if (v47) {
      let v50 = g * n[2].z;
      let v51 = n[2].y + v50;
      b1[2 * v51] = v44.x; b1[2 * v51 + 1] = v44.y;
    }
  }
}
