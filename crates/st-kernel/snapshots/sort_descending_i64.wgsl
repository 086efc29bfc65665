@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

fn lt_i64(a: vec2<u32>, b: vec2<u32>) -> bool {
  return bitcast<i32>(a.y) < bitcast<i32>(b.y) || (a.y == b.y && a.x < b.x);
}

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v5 = v4 + t;
  let v7 = v5 < n[0].y;
  if (v7) {
    let v9 = v5 % n[1].y;
    let v10 = v5 / n[1].y;
    let v13 = v10 * n[1].w;
    let v14 = n[1].z + v13;
    let v16 = v9 * n[2].x;
    let v17 = v14 + v16;
    let v18 = vec2<u32>(b0[2 * v17], b0[2 * v17 + 1]);
    var x0: i32 = (0);
    for (var x1: i32 = (0); x1 < n[1].y; x1 += (1)) {
      let v25 = v10 * n[1].w;
      let v26 = n[1].z + v25;
      let v28 = x1 * n[2].x;
      let v29 = v26 + v28;
      let v30 = vec2<u32>(b0[2 * v29], b0[2 * v29 + 1]);
      let v31 = lt_i64(v18, v30);
      let v32 = lt_i64(v30, v18);
      let v33 = v31 || v32;
      let v34 = (!v33);
      let v35 = x1 < v9;
      let v36 = v34 && v35;
      let v37 = v31 || v36;
      if (v37) {
        let v38 = x0;
        let v40 = v38 + (1);
        x0 = v40;
      }
    }
    let v41 = x0;
    let v43 = v41 < n[3].w;
    if (v43) {
      let v46 = v10 * n[2].z;
      let v47 = n[2].y + v46;
      let v49 = v41 * n[2].w;
      let v50 = v47 + v49;
      let v51 = v18;
      b1[2 * v50] = v51.x; b1[2 * v50 + 1] = v51.y;
      let v52 = i64_of_i32(v9);
      let v55 = v10 * n[3].y;
      let v56 = n[3].x + v55;
      let v58 = v41 * n[3].z;
      let v59 = v56 + v58;
      let v60 = v52;
      b2[2 * v59] = v60.x; b2[2 * v59 + 1] = v60.y;
    }
  }
}
