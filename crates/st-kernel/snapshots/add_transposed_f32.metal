struct Numbers { i32 w[15]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const f32* b0 [[buffer(0)]], device const f32* b1 [[buffer(1)]], device f32* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup f32 s0[1056];
  const i32 v4 = n.w[5] + (31);
  const i32 v6 = v4 / (32);
  const i32 v7 = g % v6;
  const i32 v8 = g / v6;
  const i32 v9 = v7 * (32);
  const i32 v12 = n.w[4] + (31);
  const i32 v14 = v12 / (32);
  const i32 v15 = v8 % v14;
  const i32 v16 = v8 / v14;
  const i32 v17 = v15 * (32);
  const bool v19 = v16 < (1);
  if (v19) {
    const i32 v22 = t % (32);
    const i32 v23 = t / (32);
    const i32 v25 = v17 + v22;
    const bool v27 = v25 < n.w[4];
    const i32 v28 = v9 + v23;
    const bool v30 = v28 < n.w[5];
    const bool v31 = v27 && v30;
    if (v31) {
      const i32 v33 = v23 * (33);
      const i32 v34 = v33 + v22;
      const i32 v37 = v25 * n.w[7];
      const i32 v38 = n.w[6] + v37;
      const i32 v40 = v28 * n.w[8];
      const i32 v41 = v38 + v40;
      const f32 v42 = b0[v41];
      s0[v34] = v42;
    }
    const i32 v44 = v23 + (8);
    const i32 v45 = v17 + v22;
    const bool v47 = v45 < n.w[4];
    const i32 v48 = v9 + v44;
    const bool v50 = v48 < n.w[5];
    const bool v51 = v47 && v50;
    if (v51) {
      const i32 v53 = v44 * (33);
      const i32 v54 = v53 + v22;
      const i32 v57 = v45 * n.w[7];
      const i32 v58 = n.w[6] + v57;
      const i32 v60 = v48 * n.w[8];
      const i32 v61 = v58 + v60;
      const f32 v62 = b0[v61];
      s0[v54] = v62;
    }
    const i32 v64 = v23 + (16);
    const i32 v65 = v17 + v22;
    const bool v67 = v65 < n.w[4];
    const i32 v68 = v9 + v64;
    const bool v70 = v68 < n.w[5];
    const bool v71 = v67 && v70;
    if (v71) {
      const i32 v73 = v64 * (33);
      const i32 v74 = v73 + v22;
      const i32 v77 = v65 * n.w[7];
      const i32 v78 = n.w[6] + v77;
      const i32 v80 = v68 * n.w[8];
      const i32 v81 = v78 + v80;
      const f32 v82 = b0[v81];
      s0[v74] = v82;
    }
    const i32 v84 = v23 + (24);
    const i32 v85 = v17 + v22;
    const bool v87 = v85 < n.w[4];
    const i32 v88 = v9 + v84;
    const bool v90 = v88 < n.w[5];
    const bool v91 = v87 && v90;
    if (v91) {
      const i32 v93 = v84 * (33);
      const i32 v94 = v93 + v22;
      const i32 v97 = v85 * n.w[7];
      const i32 v98 = n.w[6] + v97;
      const i32 v100 = v88 * n.w[8];
      const i32 v101 = v98 + v100;
      const f32 v102 = b0[v101];
      s0[v94] = v102;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const i32 v104 = v17 + v23;
    const bool v106 = v104 < n.w[4];
    const i32 v107 = v9 + v22;
    const bool v109 = v107 < n.w[5];
    const bool v110 = v106 && v109;
    if (v110) {
      const i32 v112 = v22 * (33);
      const i32 v113 = v112 + v23;
      const f32 v114 = s0[v113];
      const i32 v117 = v104 * n.w[10];
      const i32 v118 = n.w[9] + v117;
      const i32 v120 = v107 * n.w[11];
      const i32 v121 = v118 + v120;
      const f32 v122 = b1[v121];
      const f32 v123 = (v114 + v122);
      const i32 v126 = v104 * n.w[13];
      const i32 v127 = n.w[12] + v126;
      const i32 v129 = v107 * n.w[14];
      const i32 v130 = v127 + v129;
      b2[v130] = v123;
    }
    const i32 v132 = v23 + (8);
    const i32 v133 = v17 + v132;
    const bool v135 = v133 < n.w[4];
    const i32 v136 = v9 + v22;
    const bool v138 = v136 < n.w[5];
    const bool v139 = v135 && v138;
    if (v139) {
      const i32 v141 = v22 * (33);
      const i32 v142 = v141 + v132;
      const f32 v143 = s0[v142];
      const i32 v146 = v133 * n.w[10];
      const i32 v147 = n.w[9] + v146;
      const i32 v149 = v136 * n.w[11];
      const i32 v150 = v147 + v149;
      const f32 v151 = b1[v150];
      const f32 v152 = (v143 + v151);
      const i32 v155 = v133 * n.w[13];
      const i32 v156 = n.w[12] + v155;
      const i32 v158 = v136 * n.w[14];
      const i32 v159 = v156 + v158;
      b2[v159] = v152;
    }
    const i32 v161 = v23 + (16);
    const i32 v162 = v17 + v161;
    const bool v164 = v162 < n.w[4];
    const i32 v165 = v9 + v22;
    const bool v167 = v165 < n.w[5];
    const bool v168 = v164 && v167;
    if (v168) {
      const i32 v170 = v22 * (33);
      const i32 v171 = v170 + v161;
      const f32 v172 = s0[v171];
      const i32 v175 = v162 * n.w[10];
      const i32 v176 = n.w[9] + v175;
      const i32 v178 = v165 * n.w[11];
      const i32 v179 = v176 + v178;
      const f32 v180 = b1[v179];
      const f32 v181 = (v172 + v180);
      const i32 v184 = v162 * n.w[13];
      const i32 v185 = n.w[12] + v184;
      const i32 v187 = v165 * n.w[14];
      const i32 v188 = v185 + v187;
      b2[v188] = v181;
    }
    const i32 v190 = v23 + (24);
    const i32 v191 = v17 + v190;
    const bool v193 = v191 < n.w[4];
    const i32 v194 = v9 + v22;
    const bool v196 = v194 < n.w[5];
    const bool v197 = v193 && v196;
    if (v197) {
      const i32 v199 = v22 * (33);
      const i32 v200 = v199 + v190;
      const f32 v201 = s0[v200];
      const i32 v204 = v191 * n.w[10];
      const i32 v205 = n.w[9] + v204;
      const i32 v207 = v194 * n.w[11];
      const i32 v208 = v205 + v207;
      const f32 v209 = b1[v208];
      const f32 v210 = (v201 + v209);
      const i32 v213 = v191 * n.w[13];
      const i32 v214 = n.w[12] + v213;
      const i32 v216 = v194 * n.w[14];
      const i32 v217 = v214 + v216;
      b2[v217] = v210;
    }
  }
}
