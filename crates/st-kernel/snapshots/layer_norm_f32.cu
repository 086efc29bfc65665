struct Numbers { i32 w[22]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const f32* b1, const f32* b2, f32* b3, f32* b4, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  __shared__ f32 s0[256];
  __shared__ f32 s1[256];
  const bool v2 = g < n.w[1];
  if (v2) {
    f32 x0 = (0.0f);
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v11 = g * n.w[6];
      const i32 v12 = n.w[5] + v11;
      const i32 v14 = x1 * n.w[7];
      const i32 v15 = v12 + v14;
      const f32 v16 = b0[v15];
      const f32 v17 = x0;
      const f32 v18 = (v17 + v16);
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
      const f32 v27 = (v26 + v25);
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
      const f32 v35 = (v34 + v33);
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
      const f32 v43 = (v42 + v41);
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
      const f32 v51 = (v50 + v49);
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
      const f32 v59 = (v58 + v57);
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
      const f32 v67 = (v66 + v65);
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
      const f32 v75 = (v74 + v73);
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
      const f32 v83 = (v82 + v81);
      x0 = v83;
      const f32 v84 = x0;
      s0[t] = v84;
    }
    __syncthreads();
    const f32 v86 = s0[(0)];
    x0 = v86;
    const f32 v87 = x0;
    f32 x2 = (0.0f);
    const f32 v90 = bitcast<f32>(n.w[20]);
    const f32 v91 = (v87 * v90);
    for (i32 x3 = t; x3 < n.w[2]; x3 += (256)) {
      const i32 v98 = g * n.w[6];
      const i32 v99 = n.w[5] + v98;
      const i32 v101 = x3 * n.w[7];
      const i32 v102 = v99 + v101;
      const f32 v103 = b0[v102];
      const f32 v104 = (v103 - v91);
      const f32 v105 = (v104 * v104);
      const f32 v106 = x2;
      const f32 v107 = (v106 + v105);
      x2 = v107;
    }
    const f32 v109 = x2;
    s1[t] = v109;
    __syncthreads();
    const bool v111 = t < (128);
    if (v111) {
      const i32 v113 = t + (128);
      const f32 v114 = s1[v113];
      const f32 v115 = x2;
      const f32 v116 = (v115 + v114);
      x2 = v116;
      const f32 v117 = x2;
      s1[t] = v117;
    }
    __syncthreads();
    const bool v119 = t < (64);
    if (v119) {
      const i32 v121 = t + (64);
      const f32 v122 = s1[v121];
      const f32 v123 = x2;
      const f32 v124 = (v123 + v122);
      x2 = v124;
      const f32 v125 = x2;
      s1[t] = v125;
    }
    __syncthreads();
    const bool v127 = t < (32);
    if (v127) {
      const i32 v129 = t + (32);
      const f32 v130 = s1[v129];
      const f32 v131 = x2;
      const f32 v132 = (v131 + v130);
      x2 = v132;
      const f32 v133 = x2;
      s1[t] = v133;
    }
    __syncthreads();
    const bool v135 = t < (16);
    if (v135) {
      const i32 v137 = t + (16);
      const f32 v138 = s1[v137];
      const f32 v139 = x2;
      const f32 v140 = (v139 + v138);
      x2 = v140;
      const f32 v141 = x2;
      s1[t] = v141;
    }
    __syncthreads();
    const bool v143 = t < (8);
    if (v143) {
      const i32 v145 = t + (8);
      const f32 v146 = s1[v145];
      const f32 v147 = x2;
      const f32 v148 = (v147 + v146);
      x2 = v148;
      const f32 v149 = x2;
      s1[t] = v149;
    }
    __syncthreads();
    const bool v151 = t < (4);
    if (v151) {
      const i32 v153 = t + (4);
      const f32 v154 = s1[v153];
      const f32 v155 = x2;
      const f32 v156 = (v155 + v154);
      x2 = v156;
      const f32 v157 = x2;
      s1[t] = v157;
    }
    __syncthreads();
    const bool v159 = t < (2);
    if (v159) {
      const i32 v161 = t + (2);
      const f32 v162 = s1[v161];
      const f32 v163 = x2;
      const f32 v164 = (v163 + v162);
      x2 = v164;
      const f32 v165 = x2;
      s1[t] = v165;
    }
    __syncthreads();
    const bool v167 = t < (1);
    if (v167) {
      const i32 v169 = t + (1);
      const f32 v170 = s1[v169];
      const f32 v171 = x2;
      const f32 v172 = (v171 + v170);
      x2 = v172;
      const f32 v173 = x2;
      s1[t] = v173;
    }
    __syncthreads();
    const f32 v175 = s1[(0)];
    x2 = v175;
    const f32 v176 = x2;
    const f32 v177 = (v176 * v90);
    const f32 v178 = bitcast<f32>(n.w[21]);
    const f32 v179 = (v177 + v178);
    const f32 v180 = rsqrtf(v179);
    __syncthreads();
    const bool v183 = t < (1);
    if (v183) {
      const i32 v186 = g * n.w[18];
      const i32 v187 = n.w[17] + v186;
      b4[v187] = v180;
    }
    for (i32 x4 = t; x4 < n.w[2]; x4 += (256)) {
      const i32 v194 = g * n.w[6];
      const i32 v195 = n.w[5] + v194;
      const i32 v197 = x4 * n.w[7];
      const i32 v198 = v195 + v197;
      const f32 v199 = b0[v198];
      const f32 v200 = (v199 - v91);
      const f32 v201 = (v200 * v180);
      const i32 v204 = g * n.w[9];
      const i32 v205 = n.w[8] + v204;
      const i32 v207 = x4 * n.w[10];
      const i32 v208 = v205 + v207;
      const f32 v209 = b1[v208];
      const f32 v210 = (v201 * v209);
      const i32 v213 = g * n.w[12];
      const i32 v214 = n.w[11] + v213;
      const i32 v216 = x4 * n.w[13];
      const i32 v217 = v214 + v216;
      const f32 v218 = b2[v217];
      const f32 v219 = (v210 + v218);
      const i32 v222 = g * n.w[15];
      const i32 v223 = n.w[14] + v222;
      const i32 v225 = x4 * n.w[16];
      const i32 v226 = v223 + v225;
      b3[v226] = v219;
    }
  }
}
