@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
var<workgroup> s0: array<f64, 256>;

fn f64_of_words(low: i32, high: i32) -> f64 {
  return bitcast<f64>((u64(bitcast<u32>(high)) << 32u) | u64(bitcast<u32>(low)));
}

fn words_of_f64(x: f64) -> vec2<u32> {
  let bits = bitcast<u64>(x);
  return vec2<u32>(u32(bits & 0xfffffffflu), u32(bits >> 32u));
}

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g < n[0].y;
  if (v3) {
    var x0: f64 = (1.0lf);
    for (var x1: i32 = t; x1 < n[0].z; x1 += (256)) {
      let v17 = g * n[1].w;
      let v18 = n[1].z + v17;
      let v20 = x1 * n[2].x;
      let v21 = v18 + v20;
      let v22 = f64_of_words(bitcast<i32>(b0[2 * v21]), bitcast<i32>(b0[2 * v21 + 1]));
      let v23 = x0;
      let v24 = (v23 * v22);
      x0 = v24;
    }
    let v26 = x0;
    s0[t] = v26;
    workgroupBarrier();
    let v30 = t < (16);
    if (v30) {
      let v31 = t + (16);
      for (var x2: i32 = v31; x2 < (256); x2 += (16)) {
        let v33 = s0[x2];
        let v34 = x0;
        let v35 = (v34 * v33);
        x0 = v35;
      }
      let v36 = x0;
      s0[t] = v36;
    }
    workgroupBarrier();
    let v37 = s0[(0)];
    x0 = v37;
    for (var x3: i32 = (1); x3 < (16); x3 += (1)) {
      let v40 = s0[x3];
      let v41 = x0;
      let v42 = (v41 * v40);
      x0 = v42;
    }
    let v43 = x0;
    workgroupBarrier();
    let v46 = t < (1);
    if (v46) {
      let v49 = g * n[2].z;
      let v50 = n[2].y + v49;
      { let w = words_of_f64(v43); b1[2 * v50] = w.x; b1[2 * v50 + 1] = w.y; }
    }
  }
}
