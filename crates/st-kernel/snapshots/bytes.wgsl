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
  let v6 = v4 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    let v10 = v6 % n[1].y;
    let v11 = v6 / n[1].y;
    let v14 = v11 * n[1].w;
    let v15 = n[1].z + v14;
    let v17 = v10 * n[2].x;
    let v18 = v15 + v17;
    let v19 = i32(((b0[v18 / 4] >> u32(v18 % 4 * 8)) & 0xffu));
    let v20 = ((v19 << 24u) >> 24u);
    let v23 = v11 * n[2].z;
    let v24 = n[2].y + v23;
    let v26 = v10 * n[2].w;
    let v27 = v24 + v26;
    let v28 = ((i32(((b1[v27 / 4] >> u32(v27 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
    let v29 = (v20 * v28);
    let v30 = ((v29 << 24u) >> 24u);
    let v31 = (v30 < v28);
    let v34 = v11 * n[3].y;
    let v35 = n[3].x + v34;
    let v37 = v10 * n[3].z;
    let v38 = v35 + v37;
    atomicAnd(&b2[v38 / 4], ~(255u << u32(v38 % 4 * 8))); atomicOr(&b2[v38 / 4], ((bitcast<u32>(v30)) & 255u) << u32(v38 % 4 * 8));
    let v41 = v11 * n[4].x;
    let v42 = n[3].w + v41;
    let v44 = v10 * n[4].y;
    let v45 = v42 + v44;
    atomicAnd(&b3[v45 / 4], ~(255u << u32(v45 % 4 * 8))); atomicOr(&b3[v45 / 4], ((u32(v31)) & 255u) << u32(v45 % 4 * 8));
  }
}
