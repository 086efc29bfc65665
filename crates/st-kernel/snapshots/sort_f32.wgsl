@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }

fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

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
    let v18 = bitcast<f32>(b0[v17]);
    var x0: i32 = (0);
    for (var x1: i32 = (0); x1 < n[1].y; x1 += (1)) {
      let v25 = v10 * n[1].w;
      let v26 = n[1].z + v25;
      let v28 = x1 * n[2].x;
      let v29 = v26 + v28;
      let v30 = bitcast<f32>(b0[v29]);
      let v31 = (v30 < v18);
      let v32 = !is_nan(v30);
      let v33 = !is_nan(v18);
      let v34 = (!v33);
      let v35 = v32 && v34;
      let v36 = v31 || v35;
      let v37 = (v18 < v30);
      let v38 = !is_nan(v18);
      let v39 = !is_nan(v30);
      let v40 = (!v39);
      let v41 = v38 && v40;
      let v42 = v37 || v41;
      let v43 = v36 || v42;
      let v44 = (!v43);
      let v45 = x1 < v9;
      let v46 = v44 && v45;
      let v47 = v36 || v46;
      if (v47) {
        let v48 = x0;
        let v50 = v48 + (1);
        x0 = v50;
      }
    }
    let v51 = x0;
    let v53 = v51 < n[3].w;
    if (v53) {
      let v56 = v10 * n[2].z;
      let v57 = n[2].y + v56;
      let v59 = v51 * n[2].w;
      let v60 = v57 + v59;
      let v61 = v18;
      b1[v60] = bitcast<u32>(v61);
      let v62 = i64_of_i32(v9);
      let v65 = v10 * n[3].y;
      let v66 = n[3].x + v65;
      let v68 = v51 * n[3].z;
      let v69 = v66 + v68;
      let v70 = v62;
      b2[2 * v69] = v70.x; b2[2 * v69 + 1] = v70.y;
    }
  }
}
