@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;
@group(0) @binding(4) var<storage, read_write> faults: atomic<u32>;

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

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
    var x0: i32 = (0);
    for (var x1: i32 = (0); x1 < n[1].x; x1 += (1)) {
      let v24 = v9 * n[1].z;
      let v25 = n[1].y + v24;
      let v27 = x1 * n[1].w;
      let v28 = v25 + v27;
      let v29 = bitcast<f32>(b0[v28]);
      let v30 = (v29 < v17);
      let v31 = (v29 == v29);
      let v32 = (v17 == v17);
      let v33 = (!v32);
      let v34 = v31 && v33;
      let v35 = v30 || v34;
      let v36 = (v17 < v29);
      let v37 = (v17 == v17);
      let v38 = (v29 == v29);
      let v39 = (!v38);
      let v40 = v37 && v39;
      let v41 = v36 || v40;
      let v42 = v35 || v41;
      let v43 = (!v42);
      let v44 = x1 < v8;
      let v45 = v43 && v44;
      let v46 = v35 || v45;
      if (v46) {
        let v47 = x0;
        let v48 = v47 + (1);
        x0 = v48;
      }
    }
    let v49 = x0;
    let v51 = v49 < n[3].z;
    if (v51) {
      let v54 = v9 * n[2].y;
      let v55 = n[2].x + v54;
      let v57 = v49 * n[2].z;
      let v58 = v55 + v57;
      let v59 = v17;
      b1[v58] = bitcast<u32>(v59);
      let v60 = i64_of_i32(v8);
      let v63 = v9 * n[3].x;
      let v64 = n[2].w + v63;
      let v66 = v49 * n[3].y;
      let v67 = v64 + v66;
      let v68 = v60;
      b2[2 * v67] = v68.x; b2[2 * v67 + 1] = v68.y;
    }
  }
}
