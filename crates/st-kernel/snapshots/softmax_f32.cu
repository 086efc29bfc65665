namespace st {
DEVICE bool is_nan(f32 x) { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

DEVICE f32 max_f32(f32 a, f32 b) { return select(b, a, a > b || is_nan(a)); }

}

struct Numbers { i32 w[12]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  alignas(16) __shared__ f32 s0[256];
  alignas(16) __shared__ f32 s1[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    f32 x0 = bitcast<f32>(0xff800000u);
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v17 = g * n.w[7];
      const i32 v18 = n.w[6] + v17;
      const i32 v20 = x1 * n.w[8];
      const i32 v21 = v18 + v20;
      const f32 v22 = b0[v21];
      const f32 v23 = x0;
      const f32 v24 = max_f32(v23, v22);
      x0 = v24;
    }
    const f32 v26 = x0;
    s0[t] = v26;
    __syncthreads();
    const bool v30 = t < (16);
    if (v30) {
      const i32 v31 = t + (16);
      for (i32 x2 = v31; x2 < (256); x2 += (16)) {
        const f32 v33 = s0[x2];
        const f32 v34 = x0;
        const f32 v35 = max_f32(v34, v33);
        x0 = v35;
      }
      const f32 v36 = x0;
      s0[t] = v36;
    }
    __syncthreads();
    const f32 v37 = s0[(0)];
    x0 = v37;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const f32 v40 = s0[x3];
      const f32 v41 = x0;
      const f32 v42 = max_f32(v41, v40);
      x0 = v42;
    }
    const f32 v43 = x0;
    f32 x4 = (0.0f);
    for (i32 x5 = t; x5 < n.w[2]; x5 += (256)) {
      const i32 v54 = g * n.w[7];
      const i32 v55 = n.w[6] + v54;
      const i32 v57 = x5 * n.w[8];
      const i32 v58 = v55 + v57;
      const f32 v59 = b0[v58];
      const f32 v60 = (v59 - v43);
      const f32 v61 = expf(v60);
      const f32 v62 = x4;
      const f32 v63 = (v62 + v61);
      x4 = v63;
    }
    const f32 v65 = x4;
    s1[t] = v65;
    __syncthreads();
    const bool v69 = t < (16);
    if (v69) {
      const i32 v70 = t + (16);
      for (i32 x6 = v70; x6 < (256); x6 += (16)) {
        const f32 v72 = s1[x6];
        const f32 v73 = x4;
        const f32 v74 = (v73 + v72);
        x4 = v74;
      }
      const f32 v75 = x4;
      s1[t] = v75;
    }
    __syncthreads();
    const f32 v76 = s1[(0)];
    x4 = v76;
    for (i32 x7 = (1); x7 < (16); x7 += (1)) {
      const f32 v79 = s1[x7];
      const f32 v80 = x4;
      const f32 v81 = (v80 + v79);
      x4 = v81;
    }
    const f32 v82 = x4;
    for (i32 x8 = t; x8 < n.w[2]; x8 += (256)) {
      const i32 v93 = g * n.w[7];
      const i32 v94 = n.w[6] + v93;
      const i32 v96 = x8 * n.w[8];
      const i32 v97 = v94 + v96;
      const f32 v98 = b0[v97];
      const f32 v99 = (v98 - v43);
      const f32 v100 = expf(v99);
      const f32 v101 = (v100 / v82);
      const i32 v104 = g * n.w[10];
      const i32 v105 = n.w[9] + v104;
      const i32 v107 = x8 * n.w[11];
      const i32 v108 = v105 + v107;
      b1[v108] = v101;
    }
  }
}
