@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 5>;
@group(0) @binding(4) var<storage, read_write> faults: atomic<u32>;

fn wrapped(index: vec2<u32>, size: i32) -> i32 {
  let low = bitcast<i32>(index.x);
  let fits = index.y == bitcast<u32>(low >> 31u);
  let at = select(low, low + size, low < 0);
  if (fits && at >= 0 && at < size) { return at; }
  atomicOr(&faults, 1u);
  return 0;
}

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v5 = v4 + t;
  let v7 = v5 < n[0].y;
  if (v7) {
    for (var x0: i32 = (0); x0 < n[0].z; x0 += (1)) {
      let v14 = v5 * n[1].w;
      let v15 = n[1].z + v14;
      let v17 = x0 * n[2].x;
      let v18 = v15 + v17;
      let v19 = bitcast<f32>(b0[v18]);
      let v22 = v5 * n[3].y;
      let v23 = n[3].x + v22;
      let v25 = x0 * n[3].z;
      let v26 = v23 + v25;
      let v29 = v5 * n[2].z;
      let v30 = n[2].y + v29;
      let v32 = x0 * n[2].w;
      let v33 = v30 + v32;
      let v34 = vec2<u32>(b1[2 * v33], b1[2 * v33 + 1]);
      let v37 = wrapped(v34, n[3].w);
      let v38 = v37 * n[4].x;
      let v39 = v26 + v38;
      let v40 = bitcast<f32>(b2[v39]);
      let v41 = (v40 + v19);
      let v42 = v41;
      b2[v39] = bitcast<u32>(v42);
    }
  }
}
