struct Numbers { i32 w[15]; };

[[max_total_threads_per_threadgroup(128)]] kernel void entry(device const f32* b0 [[buffer(0)]], device f32* b1 [[buffer(1)]], device f32* b2 [[buffer(2)]], constant Numbers& n [[buffer(3)]], Faults faults [[buffer(4)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup f32 s0[128];
  const i32 v4 = g * (8);
  const bool v5 = v4 < n.w[1];
  if (v5) {
    const i32 v7 = g * (8);
    const i32 v10 = t % (8);
    const i32 v11 = v7 + v10;
    const i32 v14 = n.w[1] - (1);
    const bool v15 = v11 < v14;
    const i32 v16 = (v15 ? v11 : v14);
    f32 x0 = (0.0f);
    const i32 v25 = t / (8);
    for (i32 x1 = v25; x1 < n.w[2]; x1 += (64)) {
      const bool v34 = x1 < n.w[2];
      const i32 v35 = (v34 ? x1 : (0));
      const i32 v37 = x1 + (16);
      const bool v38 = v37 < n.w[2];
      const i32 v39 = (v38 ? v37 : (0));
      const i32 v41 = x1 + (32);
      const bool v42 = v41 < n.w[2];
      const i32 v43 = (v42 ? v41 : (0));
      const i32 v45 = x1 + (48);
      const bool v46 = v45 < n.w[2];
      const i32 v47 = (v46 ? v45 : (0));
      const i32 v50 = v16 * n.w[7];
      const i32 v51 = n.w[6] + v50;
      const i32 v53 = v35 * n.w[8];
      const i32 v54 = v51 + v53;
      const f32 v55 = b0[v54];
      const f32 v56 = (v55 * v55);
      const i32 v59 = v16 * n.w[7];
      const i32 v60 = n.w[6] + v59;
      const i32 v62 = v39 * n.w[8];
      const i32 v63 = v60 + v62;
      const f32 v64 = b0[v63];
      const f32 v65 = (v64 * v64);
      const i32 v68 = v16 * n.w[7];
      const i32 v69 = n.w[6] + v68;
      const i32 v71 = v43 * n.w[8];
      const i32 v72 = v69 + v71;
      const f32 v73 = b0[v72];
      const f32 v74 = (v73 * v73);
      const i32 v77 = v16 * n.w[7];
      const i32 v78 = n.w[6] + v77;
      const i32 v80 = v47 * n.w[8];
      const i32 v81 = v78 + v80;
      const f32 v82 = b0[v81];
      const f32 v83 = (v82 * v82);
      if (v34) {
        const f32 v84 = x0;
        const f32 v85 = (v84 + v56);
        x0 = v85;
        const i32 v88 = v16 * n.w[10];
        const i32 v89 = n.w[9] + v88;
        const i32 v91 = v35 * n.w[11];
        const i32 v92 = v89 + v91;
        b1[v92] = v56;
      }
      if (v38) {
        const f32 v93 = x0;
        const f32 v94 = (v93 + v65);
        x0 = v94;
        const i32 v97 = v16 * n.w[10];
        const i32 v98 = n.w[9] + v97;
        const i32 v100 = v39 * n.w[11];
        const i32 v101 = v98 + v100;
        b1[v101] = v65;
      }
      if (v42) {
        const f32 v102 = x0;
        const f32 v103 = (v102 + v74);
        x0 = v103;
        const i32 v106 = v16 * n.w[10];
        const i32 v107 = n.w[9] + v106;
        const i32 v109 = v43 * n.w[11];
        const i32 v110 = v107 + v109;
        b1[v110] = v74;
      }
      if (v46) {
        const f32 v111 = x0;
        const f32 v112 = (v111 + v83);
        x0 = v112;
        const i32 v115 = v16 * n.w[10];
        const i32 v116 = n.w[9] + v115;
        const i32 v118 = v47 * n.w[11];
        const i32 v119 = v116 + v118;
        b1[v119] = v83;
      }
    }
    const f32 v121 = x0;
    s0[t] = v121;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v123 = t < (64);
    if (v123) {
      const i32 v125 = t + (64);
      const f32 v126 = s0[v125];
      const f32 v127 = x0;
      const f32 v128 = (v127 + v126);
      x0 = v128;
      const f32 v129 = x0;
      s0[t] = v129;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const i32 v132 = t % (8);
    const f32 v134 = s0[v132];
    x0 = v134;
    const i32 v137 = t % (8);
    const i32 v139 = v137 + (8);
    const i32 v142 = t % (8);
    const i32 v144 = v142 + (16);
    const i32 v147 = t % (8);
    const i32 v149 = v147 + (24);
    const i32 v152 = t % (8);
    const i32 v154 = v152 + (32);
    const i32 v157 = t % (8);
    const i32 v159 = v157 + (40);
    const i32 v162 = t % (8);
    const i32 v164 = v162 + (48);
    const i32 v167 = t % (8);
    const i32 v169 = v167 + (56);
    const f32 v170 = s0[v139];
    const f32 v171 = s0[v144];
    const f32 v172 = s0[v149];
    const f32 v173 = s0[v154];
    const f32 v174 = s0[v159];
    const f32 v175 = s0[v164];
    const f32 v176 = s0[v169];
    const f32 v177 = x0;
    const f32 v178 = (v177 + v170);
    x0 = v178;
    const f32 v179 = x0;
    const f32 v180 = (v179 + v171);
    x0 = v180;
    const f32 v181 = x0;
    const f32 v182 = (v181 + v172);
    x0 = v182;
    const f32 v183 = x0;
    const f32 v184 = (v183 + v173);
    x0 = v184;
    const f32 v185 = x0;
    const f32 v186 = (v185 + v174);
    x0 = v186;
    const f32 v187 = x0;
    const f32 v188 = (v187 + v175);
    x0 = v188;
    const f32 v189 = x0;
    const f32 v190 = (v189 + v176);
    x0 = v190;
    const f32 v191 = x0;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v194 = t < (8);
    const i32 v198 = g * (8);
    const i32 v199 = v198 + t;
    const bool v200 = v199 < n.w[1];
    const bool v201 = v194 && v200;
    if (v201) {
      const i32 v204 = v16 * n.w[13];
      const i32 v205 = n.w[12] + v204;
      b2[v205] = v191;
    }
  }
}
