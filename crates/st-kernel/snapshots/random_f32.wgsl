@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<uniform> n: array<vec4<i32>, 3>;

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

fn f32_of_i64(x: vec2<u32>) -> f32 {
  let negative = (x.y >> 31u) == 1u;
  var size = x;
  if (negative) { size = neg_i64(x); }
  var y: f32;
  if (size.y == 0u) {
    y = f32(size.x);
  } else {
    // The highest 32 bits, the lowest of which stands for all that are lost.
    let shift = 32u - countLeadingZeros(size.y);
    var top = size.y;
    var lost = size.x;
    if (shift < 32u) {
      top = (size.x >> shift) | (size.y << (32u - shift));
      lost = size.x & ((1u << shift) - 1u);
    }
    y = f32(top | u32(lost != 0u)) * power_of_two(i32(shift));
  }
  return select(y, -y, negative);
}

fn add_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + u32(low < a.x));
}

fn neg_i64(a: vec2<u32>) -> vec2<u32> { return add_i64(~a, vec2<u32>(1u, 0u)); }

fn wide_product(a: u32, b: u32) -> vec2<u32> {
  let al = a & 0xffffu; let ah = a >> 16u;
  let bl = b & 0xffffu; let bh = b >> 16u;
  let ll = al * bl;
  let middle = ah * bl + (ll >> 16u);
  let other = al * bh + (middle & 0xffffu);
  return vec2<u32>((other << 16u) | (ll & 0xffffu), ah * bh + (middle >> 16u) + (other >> 16u));
}

fn mul_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = wide_product(a.x, b.x);
  return vec2<u32>(low.x, low.y + a.x * b.y + a.y * b.x);
}

fn shr_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let sign = bitcast<u32>(bitcast<i32>(a.y) >> 31u);
  if (bitcast<i32>(b.y) < 0) { return a; }
  if (b.y != 0u || b.x >= 64u) { return vec2<u32>(sign, sign); }
  if (b.x == 0u) { return a; }
  if (b.x >= 32u) { return vec2<u32>(bitcast<u32>(bitcast<i32>(a.y) >> (b.x - 32u)), sign); }
  return vec2<u32>((a.x >> b.x) | (a.y << (32u - b.x)), bitcast<u32>(bitcast<i32>(a.y) >> b.x));
}

fn random_i64(key: vec2<u32>, n: vec2<u32>) -> vec2<u32> {
  var k = key;
  var c = vec4<u32>((n.x >> 2u) | (n.y << 30u), n.y >> 2u, 0u, 0u);
  for (var i = 0; i < 10; i++) {
    let a = wide_product(c.x, 0xd2511f53u);
    let b = wide_product(c.z, 0xcd9e8d57u);
    c = vec4<u32>(b.y ^ c.y ^ k.x, b.x, a.y ^ c.w ^ k.y, a.x);
    k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return vec2<u32>(c[n.x & 3u], 0u);
}

fn power_of_two(n: i32) -> f32 { return bitcast<f32>((n + 127) << 23u); }

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
    let v12 = vec2<u32>(bitcast<u32>(n[2 + (t >> 31u)].y), bitcast<u32>(n[2 + (t >> 31u)].z));
    let v14 = i64_of_i32(v11);
    let v16 = mul_i64(v14, vec2<u32>(1000u, 0u));
    let v18 = i64_of_i32(v10);
    let v19 = add_i64(v16, v18);
    let v20 = random_i64(v12, v19);
    let v22 = shr_i64(v20, vec2<u32>(8u, 0u));
    let v23 = f32_of_i64(v22);
    let v25 = (v23 * (5.9604645e-8f));
    let v28 = v11 * n[1].w;
    let v29 = n[1].z + v28;
    let v31 = v10 * n[2].x;
    let v32 = v29 + v31;
    b0[v32] = bitcast<u32>(v25);
  }
}
