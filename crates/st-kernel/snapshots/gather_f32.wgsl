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
    let v9 = v5 % n[1].y;
    let v10 = v5 / n[1].y;
    let v13 = v10 * n[2].z;
    let v14 = n[2].y + v13;
    let v16 = v9 * n[2].w;
    let v17 = v14 + v16;
    let v20 = v10 * n[1].w;
    let v21 = n[1].z + v20;
    let v23 = v9 * n[2].x;
    let v24 = v21 + v23;
    let v25 = vec2<u32>(b0[2 * v24], b0[2 * v24 + 1]);
    let v28 = wrapped(v25, n[3].x);
    let v29 = v28 * n[3].y;
    let v30 = v17 + v29;
    let v31 = bitcast<f32>(b1[v30]);
    let v34 = v10 * n[3].w;
    let v35 = n[3].z + v34;
    let v37 = v9 * n[4].x;
    let v38 = v35 + v37;
    b2[v38] = bitcast<u32>(v31);
  }
}
