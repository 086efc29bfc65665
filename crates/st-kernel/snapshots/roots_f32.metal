namespace st {
DEVICE bool is_nan(f32 x) { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

DEVICE f32 power_of_two(i32 n) { return bitcast<f32>((n + 127) << 23u); }

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

DEVICE f32 exp2_f32(f32 x) {
  if (is_nan(x)) { return x; }
  const auto bounded = clamp(x, -151.0f, 129.0f);
  const auto n = round(bounded);
  return scaled(exp_fraction((bounded - n) * 0.69314718f), n);
}

}

struct Numbers { i32 w[28]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], device const f32* b2 [[buffer(2)]], device f32* b3 [[buffer(3)]], device const f32* b4 [[buffer(4)]], device f32* b5 [[buffer(5)]], device const f32* b6 [[buffer(6)]], device f32* b7 [[buffer(7)]], device const f32* b8 [[buffer(8)]], device f32* b9 [[buffer(9)]], device const f32* b10 [[buffer(10)]], device f32* b11 [[buffer(11)]], device const f32* b12 [[buffer(12)]], device f32* b13 [[buffer(13)]], device const f32* b14 [[buffer(14)]], device f32* b15 [[buffer(15)]], device const f32* b16 [[buffer(16)]], device f32* b17 [[buffer(17)]], device const f32* b18 [[buffer(18)]], device f32* b19 [[buffer(19)]], device const f32* b20 [[buffer(20)]], device f32* b21 [[buffer(21)]], device const f32* b22 [[buffer(22)]], device f32* b23 [[buffer(23)]], constant Numbers& n [[buffer(24)]], Faults faults [[buffer(25)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  const bool v3 = t < (1);
  if (v3) {
    const bool v6 = g == (0);
    if (v6) {
      const f32 v9 = b0[n.w[4]];
      const f32 v10 = exp2_f32(v9);
      const f32 v11 = ((1.0f) + v10);
      const f32 v12 = metal::sqrt(v11);
      b1[n.w[16]] = v12;
    }
    const bool v15 = g == (1);
    if (v15) {
      const f32 v18 = b2[n.w[5]];
      const f32 v19 = exp2_f32(v18);
      const f32 v20 = ((1.0f) + v19);
      const f32 v21 = metal::sqrt(v20);
      b3[n.w[17]] = v21;
    }
    const bool v24 = g == (2);
    if (v24) {
      const f32 v27 = b4[n.w[6]];
      const f32 v28 = exp2_f32(v27);
      const f32 v29 = ((1.0f) + v28);
      const f32 v30 = metal::sqrt(v29);
      b5[n.w[18]] = v30;
    }
    const bool v33 = g == (3);
    if (v33) {
      const f32 v36 = b6[n.w[7]];
      const f32 v37 = exp2_f32(v36);
      const f32 v38 = ((1.0f) + v37);
      const f32 v39 = metal::sqrt(v38);
      b7[n.w[19]] = v39;
    }
    const bool v42 = g == (4);
    if (v42) {
      const f32 v45 = b8[n.w[8]];
      const f32 v46 = exp2_f32(v45);
      const f32 v47 = ((1.0f) + v46);
      const f32 v48 = metal::sqrt(v47);
      b9[n.w[20]] = v48;
    }
    const bool v51 = g == (5);
    if (v51) {
      const f32 v54 = b10[n.w[9]];
      const f32 v55 = exp2_f32(v54);
      const f32 v56 = ((1.0f) + v55);
      const f32 v57 = metal::sqrt(v56);
      b11[n.w[21]] = v57;
    }
    const bool v60 = g == (6);
    if (v60) {
      const f32 v63 = b12[n.w[10]];
      const f32 v64 = exp2_f32(v63);
      const f32 v65 = ((1.0f) + v64);
      const f32 v66 = metal::sqrt(v65);
      b13[n.w[22]] = v66;
    }
    const bool v69 = g == (7);
    if (v69) {
      const f32 v72 = b14[n.w[11]];
      const f32 v73 = exp2_f32(v72);
      const f32 v74 = ((1.0f) + v73);
      const f32 v75 = metal::sqrt(v74);
      b15[n.w[23]] = v75;
    }
    const bool v78 = g == (8);
    if (v78) {
      const f32 v81 = b16[n.w[12]];
      const f32 v82 = exp2_f32(v81);
      const f32 v83 = ((1.0f) + v82);
      const f32 v84 = metal::sqrt(v83);
      b17[n.w[24]] = v84;
    }
    const bool v87 = g == (9);
    if (v87) {
      const f32 v90 = b18[n.w[13]];
      const f32 v91 = exp2_f32(v90);
      const f32 v92 = ((1.0f) + v91);
      const f32 v93 = metal::sqrt(v92);
      b19[n.w[25]] = v93;
    }
    const bool v96 = g == (10);
    if (v96) {
      const f32 v99 = b20[n.w[14]];
      const f32 v100 = exp2_f32(v99);
      const f32 v101 = ((1.0f) + v100);
      const f32 v102 = metal::sqrt(v101);
      b21[n.w[26]] = v102;
    }
    const bool v105 = g == (11);
    if (v105) {
      const f32 v108 = b22[n.w[15]];
      const f32 v109 = exp2_f32(v108);
      const f32 v110 = ((1.0f) + v109);
      const f32 v111 = metal::sqrt(v110);
      b23[n.w[27]] = v111;
    }
  }
}
