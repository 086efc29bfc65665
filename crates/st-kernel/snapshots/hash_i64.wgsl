@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 4>;

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

fn add_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + u32(low < a.x));
}

fn neg_i64(a: vec2<u32>) -> vec2<u32> { return add_i64(~a, vec2<u32>(1u, 0u)); }

fn sub_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return vec2<u32>(a.x - b.x, a.y - b.y - u32(a.x < b.x));
}

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

fn less_u64(a: vec2<u32>, b: vec2<u32>) -> bool { return a.y < b.y || (a.y == b.y && a.x < b.x); }

fn abs_i64(a: vec2<u32>) -> vec2<u32> { return select(a, neg_i64(a), bitcast<i32>(a.y) < 0); }

fn divided_u64(a: vec2<u32>, b: vec2<u32>) -> vec4<u32> {
  if (a.y == 0u && b.y == 0u) { return vec4<u32>(a.x / b.x, 0u, a.x % b.x, 0u); }
  var quotient = vec2<u32>();
  var rest = vec2<u32>();
  for (var i = 63; i >= 0; i--) {
    let word = select(a.x, a.y, i >= 32);
    rest = vec2<u32>((rest.x << 1u) | ((word >> u32(i & 31)) & 1u), (rest.y << 1u) | (rest.x >> 31u));
    quotient = vec2<u32>(quotient.x << 1u, (quotient.y << 1u) | (quotient.x >> 31u));
    if (!less_u64(rest, b)) {
      rest = sub_i64(rest, b);
      quotient.x |= 1u;
    }
  }
  return vec4<u32>(quotient, rest);
}

fn truncdiv_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (all(b == vec2<u32>())) { return vec2<u32>(); }
  let quotient = divided_u64(abs_i64(a), abs_i64(b)).xy;
  return select(quotient, neg_i64(quotient), ((a.y ^ b.y) >> 31u) == 1u);
}

fn fmod_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (all(b == vec2<u32>())) { return vec2<u32>(); }
  let rest = divided_u64(abs_i64(a), abs_i64(b)).zw;
  return select(rest, neg_i64(rest), (a.y >> 31u) == 1u);
}

fn floordiv_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let rest = fmod_i64(a, b);
  let down = any(rest != vec2<u32>()) && ((rest.y ^ b.y) >> 31u) == 1u;
  return sub_i64(truncdiv_i64(a, b), vec2<u32>(u32(down), 0u));
}

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
    let v19 = vec2<u32>(b0[2 * v18], b0[2 * v18 + 1]);
    let v20 = vec2<u32>(bitcast<u32>(n[3 + (t >> 31u)].x), bitcast<u32>(n[3 + (t >> 31u)].y));
    let v21 = mul_i64(v19, v20);
    let v23 = i64_of_i32(v10);
    let v24 = add_i64(v21, v23);
    let v26 = floordiv_i64(v24, vec2<u32>(4294967289u, 4294967295u));
    let v29 = v11 * n[2].z;
    let v30 = n[2].y + v29;
    let v32 = v10 * n[2].w;
    let v33 = v30 + v32;
    b1[2 * v33] = v26.x; b1[2 * v33 + 1] = v26.y;
  }
}
