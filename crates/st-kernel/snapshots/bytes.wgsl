@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> b3: array<atomic<u32>>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 5>;

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
    let v18 = i32(((b0[v17 / 4] >> u32(v17 % 4 * 8)) & 0xffu));
    let v19 = ((v18 << 24u) >> 24u);
    let v22 = v10 * n[2].z;
    let v23 = n[2].y + v22;
    let v25 = v9 * n[2].w;
    let v26 = v23 + v25;
    let v27 = ((i32(((b1[v26 / 4] >> u32(v26 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
    let v28 = (v19 * v27);
    let v29 = ((v28 << 24u) >> 24u);
    let v32 = v10 * n[3].y;
    let v33 = n[3].x + v32;
    let v35 = v9 * n[3].z;
    let v36 = v33 + v35;
    atomicAnd(&b2[v36 / 4], ~(255u << u32(v36 % 4 * 8))); atomicOr(&b2[v36 / 4], ((bitcast<u32>(v29)) & 255u) << u32(v36 % 4 * 8));
    let v37 = (v29 < v27);
    let v40 = v10 * n[4].x;
    let v41 = n[3].w + v40;
    let v43 = v9 * n[4].y;
    let v44 = v41 + v43;
    atomicAnd(&b3[v44 / 4], ~(255u << u32(v44 % 4 * 8))); atomicOr(&b3[v44 / 4], ((u32(v37)) & 255u) << u32(v44 % 4 * 8));
  }
}
