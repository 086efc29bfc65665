namespace st {
DEVICE bool is_nan(f32 x) { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

DEVICE f32 max_f32(f32 a, f32 b) { return select(b, a, a > b || is_nan(a)); }

}

struct Numbers { i32 w[11]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  const i32 v3 = g * (256);
  const i32 v4 = v3 + t;
  const bool v6 = v4 < n.w[1];
  if (v6) {
    f32 x0 = bitcast<f32>(0xff800000u);
    for (i32 x1 = (0); x1 < n.w[2]; x1 += (1)) {
      const i32 v15 = v4 * n.w[6];
      const i32 v16 = n.w[5] + v15;
      const i32 v18 = x1 * n.w[7];
      const i32 v19 = v16 + v18;
      const f32 v20 = b0[v19];
      const f32 v21 = x0;
      const f32 v22 = max_f32(v21, v20);
      x0 = v22;
    }
    const f32 v23 = x0;
    f32 x2 = (0.0f);
    for (i32 x3 = (0); x3 < n.w[2]; x3 += (1)) {
      const i32 v32 = v4 * n.w[6];
      const i32 v33 = n.w[5] + v32;
      const i32 v35 = x3 * n.w[7];
      const i32 v36 = v33 + v35;
      const f32 v37 = b0[v36];
      const f32 v38 = (v37 - v23);
      const f32 v39 = __ocml_exp_f32(v38);
      const f32 v40 = x2;
      const f32 v41 = (v40 + v39);
      x2 = v41;
    }
    const f32 v42 = x2;
    for (i32 x4 = (0); x4 < n.w[2]; x4 += (1)) {
      const i32 v49 = v4 * n.w[6];
      const i32 v50 = n.w[5] + v49;
      const i32 v52 = x4 * n.w[7];
      const i32 v53 = v50 + v52;
      const f32 v54 = b0[v53];
      const f32 v55 = (v54 - v23);
      const f32 v56 = __ocml_exp_f32(v55);
      const f32 v57 = (v56 / v42);
      const i32 v60 = v4 * n.w[9];
      const i32 v61 = n.w[8] + v60;
      const i32 v63 = x4 * n.w[10];
      const i32 v64 = v61 + v63;
      b1[v64] = v57;
    }
  }
}
