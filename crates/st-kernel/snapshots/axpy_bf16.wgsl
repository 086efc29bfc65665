@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<atomic<u32>>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;

fn bits_of_bf16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return (bits >> 16u) | 0x40u; }
  return (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
}

fn rounded_bf16(x: f32) -> f32 { return bitcast<f32>(bits_of_bf16(x) << 16u); }

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
    let v11 = bitcast<f32>(n[3].w);
    let v14 = v10 * n[1].w;
    let v15 = n[1].z + v14;
    let v17 = v9 * n[2].x;
    let v18 = v15 + v17;
    let v19 = bitcast<f32>(((b0[v18 / 2] >> u32(v18 % 2 * 16)) & 0xffffu) << 16u);
    let v20 = v19;
    let v21 = (v11 * v20);
    let v24 = v10 * n[2].z;
    let v25 = n[2].y + v24;
    let v27 = v9 * n[2].w;
    let v28 = v25 + v27;
    let v29 = bitcast<f32>(((b1[v28 / 2] >> u32(v28 % 2 * 16)) & 0xffffu) << 16u);
    let v30 = v29;
    let v31 = (v21 + v30);
    let v32 = rounded_bf16(v31);
    let v35 = v10 * n[3].y;
    let v36 = n[3].x + v35;
    let v38 = v9 * n[3].z;
    let v39 = v36 + v38;
    atomicAnd(&b2[v39 / 2], ~(65535u << u32(v39 % 2 * 16))); atomicOr(&b2[v39 / 2], ((bits_of_bf16(v32)) & 65535u) << u32(v39 % 2 * 16));
  }
}
