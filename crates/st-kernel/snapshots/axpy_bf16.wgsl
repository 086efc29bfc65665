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
  let v6 = v4 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    let v10 = v6 % n[1].y;
    let v11 = v6 / n[1].y;
    let v12 = bitcast<f32>(n[3].w);
    let v15 = v11 * n[1].w;
    let v16 = n[1].z + v15;
    let v18 = v10 * n[2].x;
    let v19 = v16 + v18;
    let v20 = bitcast<f32>(((b0[v19 / 2] >> u32(v19 % 2 * 16)) & 0xffffu) << 16u);
    let v21 = v20;
    let v22 = (v12 * v21);
    let v25 = v11 * n[2].z;
    let v26 = n[2].y + v25;
    let v28 = v10 * n[2].w;
    let v29 = v26 + v28;
    let v30 = bitcast<f32>(((b1[v29 / 2] >> u32(v29 % 2 * 16)) & 0xffffu) << 16u);
    let v31 = v30;
    let v32 = (v22 + v31);
    let v33 = rounded_bf16(v32);
    let v36 = v11 * n[3].y;
    let v37 = n[3].x + v36;
    let v39 = v10 * n[3].z;
    let v40 = v37 + v39;
    atomicAnd(&b2[v40 / 2], ~(65535u << u32(v40 % 2 * 16))); atomicOr(&b2[v40 / 2], ((bits_of_bf16(v33)) & 65535u) << u32(v40 % 2 * 16));
  }
}
