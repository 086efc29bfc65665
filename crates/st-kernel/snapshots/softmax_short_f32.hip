namespace st {
DEVICE bool is_nan(f32 x) { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

DEVICE f32 chosen(f32 no, f32 yes, bool condition) {
  return bitcast<f32>(select(bitcast<u32>(no), bitcast<u32>(yes), condition));
}

DEVICE f32 max_f32(f32 a, f32 b) { return chosen(b, a, is_nan(a) || (a > b && !is_nan(b))); }

}

struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
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
      const f32 v49 = __ocml_exp_f32(v48);
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
      const f32 v70 = __ocml_exp_f32(v69);
      const f32 v71 = (v70 / v52);
      const i32 v74 = v6 * n.w[10];
      const i32 v75 = n.w[9] + v74;
      const i32 v77 = x4 * n.w[11];
      const i32 v78 = v75 + v77;
      b1[v78] = v71;
    }
  }
}
