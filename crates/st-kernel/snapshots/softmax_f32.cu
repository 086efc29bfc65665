namespace st {
DEVICE bool is_nan(f32 x) { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

DEVICE f32 max_f32(f32 a, f32 b) { return select(b, a, a > b || is_nan(a)); }

}

struct Numbers { i32 w[11]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  __shared__ f32 s0[256];
  __shared__ f32 s1[256];
  const bool v2 = g < n.w[1];
  if (v2) {
    f32 x0 = bitcast<f32>(0xff800000u);
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v11 = g * n.w[6];
      const i32 v12 = n.w[5] + v11;
      const i32 v14 = x1 * n.w[7];
      const i32 v15 = v12 + v14;
      const f32 v16 = b0[v15];
      const f32 v17 = x0;
      const f32 v18 = max_f32(v17, v16);
      x0 = v18;
    }
    const f32 v20 = x0;
    s0[t] = v20;
    __syncthreads();
    const bool v22 = t < (128);
    if (v22) {
      const i32 v24 = t + (128);
      const f32 v25 = s0[v24];
      const f32 v26 = x0;
      const f32 v27 = max_f32(v26, v25);
      x0 = v27;
      const f32 v28 = x0;
      s0[t] = v28;
    }
    __syncthreads();
    const bool v30 = t < (64);
    if (v30) {
      const i32 v32 = t + (64);
      const f32 v33 = s0[v32];
      const f32 v34 = x0;
      const f32 v35 = max_f32(v34, v33);
      x0 = v35;
      const f32 v36 = x0;
      s0[t] = v36;
    }
    __syncthreads();
    const bool v38 = t < (32);
    if (v38) {
      const i32 v40 = t + (32);
      const f32 v41 = s0[v40];
      const f32 v42 = x0;
      const f32 v43 = max_f32(v42, v41);
      x0 = v43;
      const f32 v44 = x0;
      s0[t] = v44;
    }
    __syncthreads();
    const bool v46 = t < (16);
    if (v46) {
      const i32 v48 = t + (16);
      const f32 v49 = s0[v48];
      const f32 v50 = x0;
      const f32 v51 = max_f32(v50, v49);
      x0 = v51;
      const f32 v52 = x0;
      s0[t] = v52;
    }
    __syncthreads();
    const bool v54 = t < (8);
    if (v54) {
      const i32 v56 = t + (8);
      const f32 v57 = s0[v56];
      const f32 v58 = x0;
      const f32 v59 = max_f32(v58, v57);
      x0 = v59;
      const f32 v60 = x0;
      s0[t] = v60;
    }
    __syncthreads();
    const bool v62 = t < (4);
    if (v62) {
      const i32 v64 = t + (4);
      const f32 v65 = s0[v64];
      const f32 v66 = x0;
      const f32 v67 = max_f32(v66, v65);
      x0 = v67;
      const f32 v68 = x0;
      s0[t] = v68;
    }
    __syncthreads();
    const bool v70 = t < (2);
    if (v70) {
      const i32 v72 = t + (2);
      const f32 v73 = s0[v72];
      const f32 v74 = x0;
      const f32 v75 = max_f32(v74, v73);
      x0 = v75;
      const f32 v76 = x0;
      s0[t] = v76;
    }
    __syncthreads();
    const bool v78 = t < (1);
    if (v78) {
      const i32 v80 = t + (1);
      const f32 v81 = s0[v80];
      const f32 v82 = x0;
      const f32 v83 = max_f32(v82, v81);
      x0 = v83;
      const f32 v84 = x0;
      s0[t] = v84;
    }
    __syncthreads();
    const f32 v86 = s0[(0)];
    x0 = v86;
    const f32 v87 = x0;
    f32 x2 = (0.0f);
    for (i32 x3 = t; x3 < n.w[2]; x3 += (256)) {
      const i32 v96 = g * n.w[6];
      const i32 v97 = n.w[5] + v96;
      const i32 v99 = x3 * n.w[7];
      const i32 v100 = v97 + v99;
      const f32 v101 = b0[v100];
      const f32 v102 = (v101 - v87);
      const f32 v103 = expf(v102);
      const f32 v104 = x2;
      const f32 v105 = (v104 + v103);
      x2 = v105;
    }
    const f32 v107 = x2;
    s1[t] = v107;
    __syncthreads();
    const bool v109 = t < (128);
    if (v109) {
      const i32 v111 = t + (128);
      const f32 v112 = s1[v111];
      const f32 v113 = x2;
      const f32 v114 = (v113 + v112);
      x2 = v114;
      const f32 v115 = x2;
      s1[t] = v115;
    }
    __syncthreads();
    const bool v117 = t < (64);
    if (v117) {
      const i32 v119 = t + (64);
      const f32 v120 = s1[v119];
      const f32 v121 = x2;
      const f32 v122 = (v121 + v120);
      x2 = v122;
      const f32 v123 = x2;
      s1[t] = v123;
    }
    __syncthreads();
    const bool v125 = t < (32);
    if (v125) {
      const i32 v127 = t + (32);
      const f32 v128 = s1[v127];
      const f32 v129 = x2;
      const f32 v130 = (v129 + v128);
      x2 = v130;
      const f32 v131 = x2;
      s1[t] = v131;
    }
    __syncthreads();
    const bool v133 = t < (16);
    if (v133) {
      const i32 v135 = t + (16);
      const f32 v136 = s1[v135];
      const f32 v137 = x2;
      const f32 v138 = (v137 + v136);
      x2 = v138;
      const f32 v139 = x2;
      s1[t] = v139;
    }
    __syncthreads();
    const bool v141 = t < (8);
    if (v141) {
      const i32 v143 = t + (8);
      const f32 v144 = s1[v143];
      const f32 v145 = x2;
      const f32 v146 = (v145 + v144);
      x2 = v146;
      const f32 v147 = x2;
      s1[t] = v147;
    }
    __syncthreads();
    const bool v149 = t < (4);
    if (v149) {
      const i32 v151 = t + (4);
      const f32 v152 = s1[v151];
      const f32 v153 = x2;
      const f32 v154 = (v153 + v152);
      x2 = v154;
      const f32 v155 = x2;
      s1[t] = v155;
    }
    __syncthreads();
    const bool v157 = t < (2);
    if (v157) {
      const i32 v159 = t + (2);
      const f32 v160 = s1[v159];
      const f32 v161 = x2;
      const f32 v162 = (v161 + v160);
      x2 = v162;
      const f32 v163 = x2;
      s1[t] = v163;
    }
    __syncthreads();
    const bool v165 = t < (1);
    if (v165) {
      const i32 v167 = t + (1);
      const f32 v168 = s1[v167];
      const f32 v169 = x2;
      const f32 v170 = (v169 + v168);
      x2 = v170;
      const f32 v171 = x2;
      s1[t] = v171;
    }
    __syncthreads();
    const f32 v173 = s1[(0)];
    x2 = v173;
    const f32 v174 = x2;
    for (i32 x4 = t; x4 < n.w[2]; x4 += (256)) {
      const i32 v181 = g * n.w[6];
      const i32 v182 = n.w[5] + v181;
      const i32 v184 = x4 * n.w[7];
      const i32 v185 = v182 + v184;
      const f32 v186 = b0[v185];
      const f32 v187 = (v186 - v87);
      const f32 v188 = expf(v187);
      const f32 v189 = (v188 / v174);
      const i32 v192 = g * n.w[9];
      const i32 v193 = n.w[8] + v192;
      const i32 v195 = x4 * n.w[10];
      const i32 v196 = v193 + v195;
      b1[v196] = v189;
    }
  }
}
