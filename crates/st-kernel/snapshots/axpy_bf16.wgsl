@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<atomic<u32>>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 3>;

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
  let v6 = v4 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    let v9 = bitcast<f32>(n[2].w);
    let v12 = v6 * n[1].z;
    let v13 = n[1].y + v12;
    let v14 = bitcast<f32>(((b0[v13 / 2] >> u32(v13 % 2 * 16)) & 0xffffu) << 16u);
    let v15 = v14;
    let v16 = (v9 * v15);
    let v19 = v6 * n[2].x;
    let v20 = n[1].w + v19;
    let v21 = bitcast<f32>(((b1[v20 / 2] >> u32(v20 % 2 * 16)) & 0xffffu) << 16u);
    let v22 = v21;
    let v23 = (v16 + v22);
    let v24 = rounded_bf16(v23);
    let v27 = v6 * n[2].z;
    let v28 = n[2].y + v27;
    atomicAnd(&b2[v28 / 2], ~(65535u << u32(v28 % 2 * 16))); atomicOr(&b2[v28 / 2], ((bits_of_bf16(v24)) & 65535u) << u32(v28 % 2 * 16));
  }
}
