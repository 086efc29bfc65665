namespace st {
DEVICE bool is_nan(f32 x) { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

DEVICE f32 power_of_two(i32 n) { return bitcast<f32>((n + 127) << 23u); }

DEVICE f32 chosen(f32 no, f32 yes, bool condition) {
  return bitcast<f32>(select(bitcast<u32>(no), bitcast<u32>(yes), condition));
}

DEVICE f32 max_f32(f32 a, f32 b) { return chosen(b, a, is_nan(a) || (a > b && !is_nan(b))); }

DEVICE f32 exp_fraction(f32 r) {
  auto p = 1.3838055e-3f;
  p = fma(p, r, 8.369167e-3f);
  p = fma(p, r, 4.1668102e-2f);
  p = fma(p, r, 1.6666517e-1f);
  p = fma(p, r, 4.9999994e-1f);
  return fma(p, r * r, r) + 1.0f;
}

DEVICE f32 scaled(f32 y, f32 n) {
  const auto first = i32(n) / 2;
  return y * power_of_two(first) * power_of_two(i32(n) - first);
}

DEVICE f32 exp_f32(f32 x) {
  if (is_nan(x)) { return x; }
  const auto bounded = clamp(x, -104.0f, 89.0f);
  const auto n = round(bounded * 1.44269504f);
  const auto r = fma(n, 2.12194442e-4f, fma(n, -0.693359375f, bounded));
  return scaled(exp_fraction(r), n);
}

}

struct Numbers { i32 w[12]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], constant Numbers& n [[buffer(2)]], Faults faults [[buffer(3)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const i32 v5 = g * (256);
  const i32 v6 = v5 + t;
  const bool v8 = v6 < n.w[1];
  if (v8) {
    f32 x0 = bitcast<f32>(0xff800000u);
    for (i32 x1 = (0); x1 < n.w[2]; x1 += (1)) {
      const i32 v23 = v6 * n.w[7];
      const i32 v24 = n.w[6] + v23;
      const i32 v26 = x1 * n.w[8];
      const i32 v27 = v24 + v26;
      const f32 v28 = b0[v27];
      const f32 v29 = x0;
      const f32 v30 = max_f32(v29, v28);
      x0 = v30;
    }
    const f32 v31 = x0;
    f32 x2 = (0.0f);
    for (i32 x3 = (0); x3 < n.w[2]; x3 += (1)) {
      const i32 v42 = v6 * n.w[7];
      const i32 v43 = n.w[6] + v42;
      const i32 v45 = x3 * n.w[8];
      const i32 v46 = v43 + v45;
      const f32 v47 = b0[v46];
      const f32 v48 = (v47 - v31);
      const f32 v49 = exp_f32(v48);
      const f32 v50 = x2;
      const f32 v51 = (v50 + v49);
      x2 = v51;
    }
    const f32 v52 = x2;
    for (i32 x4 = (0); x4 < n.w[2]; x4 += (1)) {
      const i32 v63 = v6 * n.w[7];
      const i32 v64 = n.w[6] + v63;
      const i32 v66 = x4 * n.w[8];
      const i32 v67 = v64 + v66;
      const f32 v68 = b0[v67];
      const f32 v69 = (v68 - v31);
      const f32 v70 = exp_f32(v69);
      const f32 v71 = (v70 / v52);
      const i32 v74 = v6 * n.w[10];
      const i32 v75 = n.w[9] + v74;
      const i32 v77 = x4 * n.w[11];
      const i32 v78 = v75 + v77;
      b1[v78] = v71;
    }
  }
}
