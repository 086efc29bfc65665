@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;
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
  let v3 = g * (256);
  let v4 = v3 + t;
  let v6 = v4 < n[0].y;
  if (v6) {
    let v8 = v4 % n[1].x;
    let v9 = v4 / n[1].x;
    let v12 = v9 * n[2].y;
    let v13 = n[2].x + v12;
    let v15 = v8 * n[2].z;
    let v16 = v13 + v15;
    let v19 = v9 * n[1].z;
    let v20 = n[1].y + v19;
    let v22 = v8 * n[1].w;
    let v23 = v20 + v22;
    let v24 = vec2<u32>(b0[2 * v23], b0[2 * v23 + 1]);
    let v27 = wrapped(v24, n[2].w);
    let v28 = v27 * n[3].x;
    let v29 = v16 + v28;
    let v30 = bitcast<f32>(b1[v29]);
    let v33 = v9 * n[3].z;
    let v34 = n[3].y + v33;
    let v36 = v8 * n[3].w;
    let v37 = v34 + v36;
    b2[v37] = bitcast<u32>(v30);
  }
}
