@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> b3: array<atomic<u32>>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 5>;
@group(0) @binding(5) var<storage, read_write> faults: atomic<u32>;

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
    let v17 = i32(((b0[v16 / 4] >> u32(v16 % 4 * 8)) & 0xffu));
    let v18 = ((v17 << 24u) >> 24u);
    let v21 = v9 * n[2].y;
    let v22 = n[2].x + v21;
    let v24 = v8 * n[2].z;
    let v25 = v22 + v24;
    let v26 = ((i32(((b1[v25 / 4] >> u32(v25 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
    let v27 = (v18 * v26);
    let v28 = ((v27 << 24u) >> 24u);
    let v31 = v9 * n[3].x;
    let v32 = n[2].w + v31;
    let v34 = v8 * n[3].y;
    let v35 = v32 + v34;
    atomicAnd(&b2[v35 / 4], ~(255u << u32(v35 % 4 * 8))); atomicOr(&b2[v35 / 4], ((bitcast<u32>(v28)) & 255u) << u32(v35 % 4 * 8));
    let v36 = (v28 < v26);
    let v39 = v9 * n[3].w;
    let v40 = n[3].z + v39;
    let v42 = v8 * n[4].x;
    let v43 = v40 + v42;
    atomicAnd(&b3[v43 / 4], ~(255u << u32(v43 % 4 * 8))); atomicOr(&b3[v43 / 4], ((u32(v36)) & 255u) << u32(v43 % 4 * 8));
  }
}
