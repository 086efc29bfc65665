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
  alignas(16) threadgroup f32 s0[256];
  alignas(16) threadgroup f32 s1[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    f32 x0 = bitcast<f32>(0xff800000u);
    for (i32 x1 = t; x1 < n.w[2]; x1 += (256)) {
      const i32 v18 = g * n.w[7];
      const i32 v19 = n.w[6] + v18;
      const i32 v21 = x1 * n.w[8];
      const i32 v22 = v19 + v21;
      const f32 v23 = b0[v22];
      const f32 v24 = x0;
      const f32 v25 = max_f32(v24, v23);
      x0 = v25;
    }
    const f32 v27 = x0;
    s0[t] = v27;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v29 = t < (16);
    if (v29) {
      const i32 v31 = t + (16);
      const i32 v33 = t + (32);
      const i32 v35 = t + (48);
      const i32 v37 = t + (64);
      const i32 v39 = t + (80);
      const i32 v41 = t + (96);
      const i32 v43 = t + (112);
      const i32 v45 = t + (128);
      const i32 v47 = t + (144);
      const i32 v49 = t + (160);
      const i32 v51 = t + (176);
      const i32 v53 = t + (192);
      const i32 v55 = t + (208);
      const i32 v57 = t + (224);
      const i32 v59 = t + (240);
      const f32 v60 = s0[v31];
      const f32 v61 = s0[v33];
      const f32 v62 = s0[v35];
      const f32 v63 = s0[v37];
      const f32 v64 = s0[v39];
      const f32 v65 = s0[v41];
      const f32 v66 = s0[v43];
      const f32 v67 = s0[v45];
      const f32 v68 = s0[v47];
      const f32 v69 = s0[v49];
      const f32 v70 = s0[v51];
      const f32 v71 = s0[v53];
      const f32 v72 = s0[v55];
      const f32 v73 = s0[v57];
      const f32 v74 = s0[v59];
      const f32 v75 = x0;
      const f32 v76 = max_f32(v75, v60);
      x0 = v76;
      const f32 v77 = x0;
      const f32 v78 = max_f32(v77, v61);
      x0 = v78;
      const f32 v79 = x0;
      const f32 v80 = max_f32(v79, v62);
      x0 = v80;
      const f32 v81 = x0;
      const f32 v82 = max_f32(v81, v63);
      x0 = v82;
      const f32 v83 = x0;
      const f32 v84 = max_f32(v83, v64);
      x0 = v84;
      const f32 v85 = x0;
      const f32 v86 = max_f32(v85, v65);
      x0 = v86;
      const f32 v87 = x0;
      const f32 v88 = max_f32(v87, v66);
      x0 = v88;
      const f32 v89 = x0;
      const f32 v90 = max_f32(v89, v67);
      x0 = v90;
      const f32 v91 = x0;
      const f32 v92 = max_f32(v91, v68);
      x0 = v92;
      const f32 v93 = x0;
      const f32 v94 = max_f32(v93, v69);
      x0 = v94;
      const f32 v95 = x0;
      const f32 v96 = max_f32(v95, v70);
      x0 = v96;
      const f32 v97 = x0;
      const f32 v98 = max_f32(v97, v71);
      x0 = v98;
      const f32 v99 = x0;
      const f32 v100 = max_f32(v99, v72);
      x0 = v100;
      const f32 v101 = x0;
      const f32 v102 = max_f32(v101, v73);
      x0 = v102;
      const f32 v103 = x0;
      const f32 v104 = max_f32(v103, v74);
      x0 = v104;
      const f32 v105 = x0;
      s0[t] = v105;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v107 = s0[(0)];
    x0 = v107;
    const f32 v123 = s0[(1)];
    const f32 v124 = s0[(2)];
    const f32 v125 = s0[(3)];
    const f32 v126 = s0[(4)];
    const f32 v127 = s0[(5)];
    const f32 v128 = s0[(6)];
    const f32 v129 = s0[(7)];
    const f32 v130 = s0[(8)];
    const f32 v131 = s0[(9)];
    const f32 v132 = s0[(10)];
    const f32 v133 = s0[(11)];
    const f32 v134 = s0[(12)];
    const f32 v135 = s0[(13)];
    const f32 v136 = s0[(14)];
    const f32 v137 = s0[(15)];
    const f32 v138 = x0;
    const f32 v139 = max_f32(v138, v123);
    x0 = v139;
    const f32 v140 = x0;
    const f32 v141 = max_f32(v140, v124);
    x0 = v141;
    const f32 v142 = x0;
    const f32 v143 = max_f32(v142, v125);
    x0 = v143;
    const f32 v144 = x0;
    const f32 v145 = max_f32(v144, v126);
    x0 = v145;
    const f32 v146 = x0;
    const f32 v147 = max_f32(v146, v127);
    x0 = v147;
    const f32 v148 = x0;
    const f32 v149 = max_f32(v148, v128);
    x0 = v149;
    const f32 v150 = x0;
    const f32 v151 = max_f32(v150, v129);
    x0 = v151;
    const f32 v152 = x0;
    const f32 v153 = max_f32(v152, v130);
    x0 = v153;
    const f32 v154 = x0;
    const f32 v155 = max_f32(v154, v131);
    x0 = v155;
    const f32 v156 = x0;
    const f32 v157 = max_f32(v156, v132);
    x0 = v157;
    const f32 v158 = x0;
    const f32 v159 = max_f32(v158, v133);
    x0 = v159;
    const f32 v160 = x0;
    const f32 v161 = max_f32(v160, v134);
    x0 = v161;
    const f32 v162 = x0;
    const f32 v163 = max_f32(v162, v135);
    x0 = v163;
    const f32 v164 = x0;
    const f32 v165 = max_f32(v164, v136);
    x0 = v165;
    const f32 v166 = x0;
    const f32 v167 = max_f32(v166, v137);
    x0 = v167;
    const f32 v168 = x0;
    f32 x2 = (0.0f);
    for (i32 x3 = t; x3 < n.w[2]; x3 += (256)) {
      const i32 v179 = g * n.w[7];
      const i32 v180 = n.w[6] + v179;
      const i32 v182 = x3 * n.w[8];
      const i32 v183 = v180 + v182;
      const f32 v184 = b0[v183];
      const f32 v185 = (v184 - v168);
      const f32 v186 = exp_f32(v185);
      const f32 v187 = x2;
      const f32 v188 = (v187 + v186);
      x2 = v188;
    }
    const f32 v190 = x2;
    s1[t] = v190;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v192 = t < (16);
    if (v192) {
      const i32 v194 = t + (16);
      const i32 v196 = t + (32);
      const i32 v198 = t + (48);
      const i32 v200 = t + (64);
      const i32 v202 = t + (80);
      const i32 v204 = t + (96);
      const i32 v206 = t + (112);
      const i32 v208 = t + (128);
      const i32 v210 = t + (144);
      const i32 v212 = t + (160);
      const i32 v214 = t + (176);
      const i32 v216 = t + (192);
      const i32 v218 = t + (208);
      const i32 v220 = t + (224);
      const i32 v222 = t + (240);
      const f32 v223 = s1[v194];
      const f32 v224 = s1[v196];
      const f32 v225 = s1[v198];
      const f32 v226 = s1[v200];
      const f32 v227 = s1[v202];
      const f32 v228 = s1[v204];
      const f32 v229 = s1[v206];
      const f32 v230 = s1[v208];
      const f32 v231 = s1[v210];
      const f32 v232 = s1[v212];
      const f32 v233 = s1[v214];
      const f32 v234 = s1[v216];
      const f32 v235 = s1[v218];
      const f32 v236 = s1[v220];
      const f32 v237 = s1[v222];
      const f32 v238 = x2;
      const f32 v239 = (v238 + v223);
      x2 = v239;
      const f32 v240 = x2;
      const f32 v241 = (v240 + v224);
      x2 = v241;
      const f32 v242 = x2;
      const f32 v243 = (v242 + v225);
      x2 = v243;
      const f32 v244 = x2;
      const f32 v245 = (v244 + v226);
      x2 = v245;
      const f32 v246 = x2;
      const f32 v247 = (v246 + v227);
      x2 = v247;
      const f32 v248 = x2;
      const f32 v249 = (v248 + v228);
      x2 = v249;
      const f32 v250 = x2;
      const f32 v251 = (v250 + v229);
      x2 = v251;
      const f32 v252 = x2;
      const f32 v253 = (v252 + v230);
      x2 = v253;
      const f32 v254 = x2;
      const f32 v255 = (v254 + v231);
      x2 = v255;
      const f32 v256 = x2;
      const f32 v257 = (v256 + v232);
      x2 = v257;
      const f32 v258 = x2;
      const f32 v259 = (v258 + v233);
      x2 = v259;
      const f32 v260 = x2;
      const f32 v261 = (v260 + v234);
      x2 = v261;
      const f32 v262 = x2;
      const f32 v263 = (v262 + v235);
      x2 = v263;
      const f32 v264 = x2;
      const f32 v265 = (v264 + v236);
      x2 = v265;
      const f32 v266 = x2;
      const f32 v267 = (v266 + v237);
      x2 = v267;
      const f32 v268 = x2;
      s1[t] = v268;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v270 = s1[(0)];
    x2 = v270;
    const f32 v286 = s1[(1)];
    const f32 v287 = s1[(2)];
    const f32 v288 = s1[(3)];
    const f32 v289 = s1[(4)];
    const f32 v290 = s1[(5)];
    const f32 v291 = s1[(6)];
    const f32 v292 = s1[(7)];
    const f32 v293 = s1[(8)];
    const f32 v294 = s1[(9)];
    const f32 v295 = s1[(10)];
    const f32 v296 = s1[(11)];
    const f32 v297 = s1[(12)];
    const f32 v298 = s1[(13)];
    const f32 v299 = s1[(14)];
    const f32 v300 = s1[(15)];
    const f32 v301 = x2;
    const f32 v302 = (v301 + v286);
    x2 = v302;
    const f32 v303 = x2;
    const f32 v304 = (v303 + v287);
    x2 = v304;
    const f32 v305 = x2;
    const f32 v306 = (v305 + v288);
    x2 = v306;
    const f32 v307 = x2;
    const f32 v308 = (v307 + v289);
    x2 = v308;
    const f32 v309 = x2;
    const f32 v310 = (v309 + v290);
    x2 = v310;
    const f32 v311 = x2;
    const f32 v312 = (v311 + v291);
    x2 = v312;
    const f32 v313 = x2;
    const f32 v314 = (v313 + v292);
    x2 = v314;
    const f32 v315 = x2;
    const f32 v316 = (v315 + v293);
    x2 = v316;
    const f32 v317 = x2;
    const f32 v318 = (v317 + v294);
    x2 = v318;
    const f32 v319 = x2;
    const f32 v320 = (v319 + v295);
    x2 = v320;
    const f32 v321 = x2;
    const f32 v322 = (v321 + v296);
    x2 = v322;
    const f32 v323 = x2;
    const f32 v324 = (v323 + v297);
    x2 = v324;
    const f32 v325 = x2;
    const f32 v326 = (v325 + v298);
    x2 = v326;
    const f32 v327 = x2;
    const f32 v328 = (v327 + v299);
    x2 = v328;
    const f32 v329 = x2;
    const f32 v330 = (v329 + v300);
    x2 = v330;
    const f32 v331 = x2;
    for (i32 x4 = t; x4 < n.w[2]; x4 += (256)) {
      const i32 v342 = g * n.w[7];
      const i32 v343 = n.w[6] + v342;
      const i32 v345 = x4 * n.w[8];
      const i32 v346 = v343 + v345;
      const f32 v347 = b0[v346];
      const f32 v348 = (v347 - v168);
      const f32 v349 = exp_f32(v348);
      const f32 v350 = (v349 / v331);
      const i32 v353 = g * n.w[10];
      const i32 v354 = n.w[9] + v353;
      const i32 v356 = x4 * n.w[11];
      const i32 v357 = v354 + v356;
      b1[v357] = v350;
    }
  }
}
