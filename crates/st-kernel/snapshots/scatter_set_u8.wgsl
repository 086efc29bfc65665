@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<atomic<u32>>;
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
    for (var x0: i32 = (0); x0 < n[0].z; x0 += (1)) {
      let v13 = v4 * n[1].z;
      let v14 = n[1].y + v13;
      let v16 = x0 * n[1].w;
      let v17 = v14 + v16;
      let v18 = i32(((b0[v17 / 4] >> u32(v17 % 4 * 8)) & 0xffu));
      let v21 = v4 * n[3].x;
      let v22 = n[2].w + v21;
      let v24 = x0 * n[3].y;
      let v25 = v22 + v24;
      let v28 = v4 * n[2].y;
      let v29 = n[2].x + v28;
      let v31 = x0 * n[2].z;
      let v32 = v29 + v31;
      let v33 = vec2<u32>(b1[2 * v32], b1[2 * v32 + 1]);
      let v36 = wrapped(v33, n[3].z);
      let v37 = v36 * n[3].w;
      let v38 = v25 + v37;
      atomicAnd(&b2[v38 / 4], ~(255u << u32(v38 % 4 * 8))); atomicOr(&b2[v38 / 4], ((bitcast<u32>(v18)) & 255u) << u32(v38 % 4 * 8));
    }
  }
}
