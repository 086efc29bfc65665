@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<atomic<u32>>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;
@group(0) @binding(4) var<storage, read_write> faults: atomic<u32>;

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
  let v3 = g * (256);
  let v4 = v3 + t;
  let v6 = v4 < n[0].y;
  if (v6) {
    let v8 = v4 % n[1].x;
    let v9 = v4 / n[1].x;
    let v10 = bitcast<f32>(n[3].z);
    let v13 = v9 * n[1].z;
    let v14 = n[1].y + v13;
    let v16 = v8 * n[1].w;
    let v17 = v14 + v16;
    let v18 = bitcast<f32>(((b0[v17 / 2] >> u32(v17 % 2 * 16)) & 0xffffu) << 16u);
    let v19 = v18;
    let v20 = (v10 * v19);
    let v23 = v9 * n[2].y;
    let v24 = n[2].x + v23;
    let v26 = v8 * n[2].z;
    let v27 = v24 + v26;
    let v28 = bitcast<f32>(((b1[v27 / 2] >> u32(v27 % 2 * 16)) & 0xffffu) << 16u);
    let v29 = v28;
    let v30 = (v20 + v29);
    let v31 = rounded_bf16(v30);
    let v34 = v9 * n[3].x;
    let v35 = n[2].w + v34;
    let v37 = v8 * n[3].y;
    let v38 = v35 + v37;
    atomicAnd(&b2[v38 / 2], ~(65535u << u32(v38 % 2 * 16))); atomicOr(&b2[v38 / 2], ((bits_of_bf16(v31)) & 65535u) << u32(v38 % 2 * 16));
  }
}
