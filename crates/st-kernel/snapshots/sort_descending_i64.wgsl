@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;
@group(0) @binding(4) var<storage, read_write> faults: atomic<u32>;

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

fn lt_i64(a: vec2<u32>, b: vec2<u32>) -> bool {
  return bitcast<i32>(a.y) < bitcast<i32>(b.y) || (a.y == b.y && a.x < b.x);
}

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
    let v17 = vec2<u32>(b0[2 * v16], b0[2 * v16 + 1]);
    var x0: i32 = (0);
    for (var x1: i32 = (0); x1 < n[1].x; x1 += (1)) {
      let v24 = v9 * n[1].z;
      let v25 = n[1].y + v24;
      let v27 = x1 * n[1].w;
      let v28 = v25 + v27;
      let v29 = vec2<u32>(b0[2 * v28], b0[2 * v28 + 1]);
      let v30 = lt_i64(v17, v29);
      let v31 = lt_i64(v29, v17);
      let v32 = v30 || v31;
      let v33 = (!v32);
      let v34 = x1 < v8;
      let v35 = v33 && v34;
      let v36 = v30 || v35;
      if (v36) {
        let v37 = x0;
        let v38 = v37 + (1);
        x0 = v38;
      }
    }
    let v39 = x0;
    let v41 = v39 < n[3].z;
    if (v41) {
      let v44 = v9 * n[2].y;
      let v45 = n[2].x + v44;
      let v47 = v39 * n[2].z;
      let v48 = v45 + v47;
      let v49 = v17;
      b1[2 * v48] = v49.x; b1[2 * v48 + 1] = v49.y;
      let v50 = i64_of_i32(v8);
      let v53 = v9 * n[3].x;
      let v54 = n[2].w + v53;
      let v56 = v39 * n[3].y;
      let v57 = v54 + v56;
      let v58 = v50;
      b2[2 * v57] = v58.x; b2[2 * v57 + 1] = v58.y;
    }
  }
}
