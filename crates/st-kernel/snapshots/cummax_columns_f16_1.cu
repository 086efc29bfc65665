struct Numbers { i32 w[15]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u16* b0, u16* b1, i64* b2, const f32* b3, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  const i32 v2 = n.w[1] * n.w[3];
  const i32 v6 = g * (256);
  const i32 v7 = v6 + t;
  const bool v9 = v7 < v2;
  if (v9) {
    const i32 v10 = v7 % n.w[1];
    const i32 v11 = v7 / n.w[1];
    const i32 v16 = n.w[5] + n.w[3];
    const i32 v17 = v16 - (1);
    const i32 v18 = v17 / n.w[3];
    const i32 v19 = v11 * v18;
    const i32 v20 = v19 + v18;
    const bool v21 = v20 < n.w[5];
    const i32 v22 = (v21 ? v20 : n.w[5]);
    f32 x0 = bitcast<f32>(0xff800000u);
    i32 x1 = (0);
    for (i32 x2 = (0); x2 < v11; x2 += (1)) {
      const i32 v26 = x2 * n.w[1];
      const i32 v27 = v26 + v10;
      const i32 v29 = (0) * v2;
      const i32 v30 = v29 + v27;
      const f32 v31 = b3[v30];
      const i32 v33 = (2) * v2;
      const i32 v34 = v33 + v27;
      const i32 v35 = ((const i32*)b3)[v34];
      const f32 v36 = x0;
      const i32 v37 = x1;
      const bool v38 = (v36 <= v31);
      const bool v39 = (v31 == v31);
      const bool v40 = (!v39);
      const bool v41 = v38 || v40;
      const f32 v42 = (v41 ? v31 : v36);
      const i32 v43 = (v41 ? v35 : v37);
      x0 = v42;
      x1 = v43;
    }
    for (i32 x3 = v19; x3 < v22; x3 += (4)) {
      const bool v46 = x3 < v22;
      const i32 v47 = (v46 ? x3 : x3);
      const i32 v50 = v10 * n.w[7];
      const i32 v51 = n.w[6] + v50;
      const i32 v53 = v47 * n.w[8];
      const i32 v54 = v51 + v53;
      const f32 v55 = f16_of_bits(b0[v54]);
      const f32 v56 = v55;
      const i32 v58 = x3 + (1);
      const bool v59 = v58 < v22;
      const i32 v60 = (v59 ? v58 : x3);
      const i32 v63 = v10 * n.w[7];
      const i32 v64 = n.w[6] + v63;
      const i32 v66 = v60 * n.w[8];
      const i32 v67 = v64 + v66;
      const f32 v68 = f16_of_bits(b0[v67]);
      const f32 v69 = v68;
      const i32 v71 = x3 + (2);
      const bool v72 = v71 < v22;
      const i32 v73 = (v72 ? v71 : x3);
      const i32 v76 = v10 * n.w[7];
      const i32 v77 = n.w[6] + v76;
      const i32 v79 = v73 * n.w[8];
      const i32 v80 = v77 + v79;
      const f32 v81 = f16_of_bits(b0[v80]);
      const f32 v82 = v81;
      const i32 v84 = x3 + (3);
      const bool v85 = v84 < v22;
      const i32 v86 = (v85 ? v84 : x3);
      const i32 v89 = v10 * n.w[7];
      const i32 v90 = n.w[6] + v89;
      const i32 v92 = v86 * n.w[8];
      const i32 v93 = v90 + v92;
      const f32 v94 = f16_of_bits(b0[v93]);
      const f32 v95 = v94;
      if (v46) {
        const f32 v96 = x0;
        const i32 v97 = x1;
        const bool v98 = (v96 <= v56);
        const bool v99 = (v56 == v56);
        const bool v100 = (!v99);
        const bool v101 = v98 || v100;
        const f32 v102 = (v101 ? v56 : v96);
        const i32 v103 = (v101 ? v47 : v97);
        x0 = v102;
        x1 = v103;
        const i32 v106 = v10 * n.w[10];
        const i32 v107 = n.w[9] + v106;
        const i32 v109 = v47 * n.w[11];
        const i32 v110 = v107 + v109;
        const f32 v111 = rounded_f16(v102);
        b1[v110] = u16(bits_of_f16(v102));
        const i64 v112 = i64(v103);
        const i32 v115 = v10 * n.w[13];
        const i32 v116 = n.w[12] + v115;
        const i32 v118 = v47 * n.w[14];
        const i32 v119 = v116 + v118;
        const i64 v120 = v112;
        b2[v119] = v120;
      }
      if (v59) {
        const f32 v121 = x0;
        const i32 v122 = x1;
        const bool v123 = (v121 <= v69);
        const bool v124 = (v69 == v69);
        const bool v125 = (!v124);
        const bool v126 = v123 || v125;
        const f32 v127 = (v126 ? v69 : v121);
        const i32 v128 = (v126 ? v60 : v122);
        x0 = v127;
        x1 = v128;
        const i32 v131 = v10 * n.w[10];
        const i32 v132 = n.w[9] + v131;
        const i32 v134 = v60 * n.w[11];
        const i32 v135 = v132 + v134;
        const f32 v136 = rounded_f16(v127);
        b1[v135] = u16(bits_of_f16(v127));
        const i64 v137 = i64(v128);
        const i32 v140 = v10 * n.w[13];
        const i32 v141 = n.w[12] + v140;
        const i32 v143 = v60 * n.w[14];
        const i32 v144 = v141 + v143;
        const i64 v145 = v137;
        b2[v144] = v145;
      }
      if (v72) {
        const f32 v146 = x0;
        const i32 v147 = x1;
        const bool v148 = (v146 <= v82);
        const bool v149 = (v82 == v82);
        const bool v150 = (!v149);
        const bool v151 = v148 || v150;
        const f32 v152 = (v151 ? v82 : v146);
        const i32 v153 = (v151 ? v73 : v147);
        x0 = v152;
        x1 = v153;
        const i32 v156 = v10 * n.w[10];
        const i32 v157 = n.w[9] + v156;
        const i32 v159 = v73 * n.w[11];
        const i32 v160 = v157 + v159;
        const f32 v161 = rounded_f16(v152);
        b1[v160] = u16(bits_of_f16(v152));
        const i64 v162 = i64(v153);
        const i32 v165 = v10 * n.w[13];
        const i32 v166 = n.w[12] + v165;
        const i32 v168 = v73 * n.w[14];
        const i32 v169 = v166 + v168;
        const i64 v170 = v162;
        b2[v169] = v170;
      }
      if (v85) {
        const f32 v171 = x0;
        const i32 v172 = x1;
        const bool v173 = (v171 <= v95);
        const bool v174 = (v95 == v95);
        const bool v175 = (!v174);
        const bool v176 = v173 || v175;
        const f32 v177 = (v176 ? v95 : v171);
        const i32 v178 = (v176 ? v86 : v172);
        x0 = v177;
        x1 = v178;
        const i32 v181 = v10 * n.w[10];
        const i32 v182 = n.w[9] + v181;
        const i32 v184 = v86 * n.w[11];
        const i32 v185 = v182 + v184;
        const f32 v186 = rounded_f16(v177);
        b1[v185] = u16(bits_of_f16(v177));
        const i64 v187 = i64(v178);
        const i32 v190 = v10 * n.w[13];
        const i32 v191 = n.w[12] + v190;
        const i32 v193 = v86 * n.w[14];
        const i32 v194 = v191 + v193;
        const i64 v195 = v187;
        b2[v194] = v195;
      }
    }
  }
}
