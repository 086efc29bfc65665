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
  let v6 = v4 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    let v10 = v6 % n[1].y;
    let v11 = v6 / n[1].y;
    let v14 = v11 * n[2].z;
    let v15 = n[2].y + v14;
    let v17 = v10 * n[2].w;
    let v18 = v15 + v17;
    let v21 = v11 * n[1].w;
    let v22 = n[1].z + v21;
    let v24 = v10 * n[2].x;
    let v25 = v22 + v24;
    let v26 = vec2<u32>(b0[2 * v25], b0[2 * v25 + 1]);
    let v29 = wrapped(v26, n[3].x);
    let v30 = v29 * n[3].y;
    let v31 = v18 + v30;
    let v32 = bitcast<f32>(b1[v31]);
    let v35 = v11 * n[3].w;
    let v36 = n[3].z + v35;
    let v38 = v10 * n[4].x;
    let v39 = v36 + v38;
    b2[v39] = bitcast<u32>(v32);
  }
}
