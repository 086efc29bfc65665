@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;

fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }

fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (256);
  let v6 = v4 + t;
  let v8 = v6 < n[0].y;
  if (v8) {
    let v11 = v6 * n[1].z;
    let v12 = n[1].y + v11;
    let v13 = bitcast<f32>(b0[v12]);
    let v14 = !is_nan(v13);
    let v15 = (v13 / bitcast<f32>(bits_seen(v13)));
    let v16 = (v13 - bitcast<f32>(bits_seen(v13)));
    let v17 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v14));
    let v20 = v6 * n[2].x;
    let v21 = n[1].w + v20;
    b1[v21] = bitcast<u32>(v17);
  }
}
