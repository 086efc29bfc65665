namespace st {
DEVICE bool is_nan(f32 x) { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

DEVICE bool is_infinite(f32 x) { return (bits_seen(x) & 0x7fffffffu) == 0x7f800000u; }

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

DEVICE f32 log_tail(f32 f) {
  auto p = 6.9172874e-2f;
  p = fma(p, f, -1.1731344e-1f);
  p = fma(p, f, 1.1828684e-1f);
  p = fma(p, f, -1.2386296e-1f);
  p = fma(p, f, 1.4225625e-1f);
  p = fma(p, f, -1.6669872e-1f);
  p = fma(p, f, 2.0001915e-1f);
  p = fma(p, f, -2.4999955e-1f);
  p = fma(p, f, 3.3333313e-1f);
  return fma(p * f, f * f, -0.5f * (f * f));
}

DEVICE vec2<f32> log_split(f32 x) {
  const auto small = x < 2.3509887e-38f;
  const auto bits = bitcast<i32>(select(x, x * 8388608.0f, small));
  const auto k = (bits - 0x3f3504f3) >> 23u;
  return vec2<f32>(f32(k) - select(0.0f, 23.0f, small), bitcast<f32>(bits - (k << 23u)) - 1.0f);
}

DEVICE f32 log_limits(f32 x, f32 y) {
  if (x > 0.0f && !is_infinite(x)) { return y; }
  if (x > 0.0f) { return x; }
  if (x == 0.0f) { return -infinity(); }
  return nan();
}

DEVICE f32 log_f32(f32 x) {
  const auto s = log_split(x);
  return log_limits(x, fma(s.x, 0.693359375f, s.y + fma(s.x, -2.12194442e-4f, log_tail(s.y))));
}

}

struct Numbers { i32 w[24]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u16* b0 [[buffer(0)]], device const i64* b1 [[buffer(1)]], device const f32* b2 [[buffer(2)]], device f32* b3 [[buffer(3)]], device f32* b4 [[buffer(4)]], constant Numbers& n [[buffer(5)]], Faults faults [[buffer(6)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup f32 s0[256];
  alignas(16) threadgroup f32 s1[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    f32 x0 = (-3.4028235e38f);
    f32 x1 = (0.0f);
    f32 x2 = bitcast<f32>(0xff800000u);
    const bool v13 = (0) < n.w[2];
    if (v13) {
      const i32 v17 = g * n.w[7];
      const i32 v18 = n.w[6] + v17;
      const i32 v19 = v18 % (4);
      const i32 v20 = (4) - v19;
      const i32 v21 = v20 % (4);
      const bool v22 = v21 < n.w[2];
      const i32 v23 = (v22 ? v21 : n.w[2]);
      const i32 v24 = n.w[2] - v23;
      const i32 v26 = v24 / (4);
      const i32 v28 = v26 * (4);
      const i32 v29 = v23 + v28;
      const i32 v30 = n.w[2] - v28;
      const i32 v34 = t * (4);
      const i32 v37 = v23 + v34;
      for (i32 x3 = v37; x3 < v29; x3 += (2048)) {
        const bool v42 = x3 < v29;
        const i32 v43 = (v42 ? x3 : v23);
        const i32 v45 = x3 + (1024);
        const bool v46 = v45 < v29;
        const i32 v47 = (v46 ? v45 : v23);
        const i32 v50 = g * n.w[7];
        const i32 v51 = n.w[6] + v50;
        const i32 v53 = v43 * n.w[8];
        const i32 v54 = v51 + v53;
        const words q55 = load_words(b0 + v54);
        const f32 v55 = bf16_of_low(q55.x);
        const f32 v56 = bf16_of_high(q55.x);
        const f32 v57 = bf16_of_low(q55.y);
        const f32 v58 = bf16_of_high(q55.y);
        const f32 v59 = v55;
        const i32 v61 = v43 + (1);
        const f32 v62 = v56;
        const i32 v64 = v43 + (2);
        const f32 v65 = v57;
        const i32 v67 = v43 + (3);
        const f32 v68 = v58;
        const i32 v71 = g * n.w[7];
        const i32 v72 = n.w[6] + v71;
        const i32 v74 = v47 * n.w[8];
        const i32 v75 = v72 + v74;
        const words q76 = load_words(b0 + v75);
        const f32 v76 = bf16_of_low(q76.x);
        const f32 v77 = bf16_of_high(q76.x);
        const f32 v78 = bf16_of_low(q76.y);
        const f32 v79 = bf16_of_high(q76.y);
        const f32 v80 = v76;
        const i32 v82 = v47 + (1);
        const f32 v83 = v77;
        const i32 v85 = v47 + (2);
        const f32 v86 = v78;
        const i32 v88 = v47 + (3);
        const f32 v89 = v79;
        if (v42) {
          const f32 v90 = x2;
          const f32 v91 = max_f32(v90, v59);
          x2 = v91;
          const i32 v93 = v43 + (1);
          const f32 v94 = x2;
          const f32 v95 = max_f32(v94, v62);
          x2 = v95;
          const i32 v97 = v43 + (2);
          const f32 v98 = x2;
          const f32 v99 = max_f32(v98, v65);
          x2 = v99;
          const i32 v101 = v43 + (3);
          const f32 v102 = x2;
          const f32 v103 = max_f32(v102, v68);
          x2 = v103;
          const f32 v104 = max_f32(v59, v62);
          const f32 v105 = max_f32(v104, v65);
          const f32 v106 = max_f32(v105, v68);
          const f32 v107 = x0;
          const bool v108 = (v107 < v106);
          if (v108) {
            const f32 v109 = x0;
            const f32 v110 = (v109 - v106);
            const f32 v111 = exp_f32(v110);
            const f32 v112 = x1;
            const f32 v113 = (v112 * v111);
            x1 = v113;
            x0 = v106;
          }
          const f32 v114 = x0;
          const f32 v115 = (v59 - v114);
          const f32 v116 = exp_f32(v115);
          const f32 v117 = x1;
          const f32 v118 = (v117 + v116);
          x1 = v118;
          const f32 v119 = (v62 - v114);
          const f32 v120 = exp_f32(v119);
          const f32 v121 = x1;
          const f32 v122 = (v121 + v120);
          x1 = v122;
          const f32 v123 = (v65 - v114);
          const f32 v124 = exp_f32(v123);
          const f32 v125 = x1;
          const f32 v126 = (v125 + v124);
          x1 = v126;
          const f32 v127 = (v68 - v114);
          const f32 v128 = exp_f32(v127);
          const f32 v129 = x1;
          const f32 v130 = (v129 + v128);
          x1 = v130;
        }
        if (v46) {
          const f32 v131 = x2;
          const f32 v132 = max_f32(v131, v80);
          x2 = v132;
          const i32 v134 = v47 + (1);
          const f32 v135 = x2;
          const f32 v136 = max_f32(v135, v83);
          x2 = v136;
          const i32 v138 = v47 + (2);
          const f32 v139 = x2;
          const f32 v140 = max_f32(v139, v86);
          x2 = v140;
          const i32 v142 = v47 + (3);
          const f32 v143 = x2;
          const f32 v144 = max_f32(v143, v89);
          x2 = v144;
          const f32 v145 = max_f32(v80, v83);
          const f32 v146 = max_f32(v145, v86);
          const f32 v147 = max_f32(v146, v89);
          const f32 v148 = x0;
          const bool v149 = (v148 < v147);
          if (v149) {
            const f32 v150 = x0;
            const f32 v151 = (v150 - v147);
            const f32 v152 = exp_f32(v151);
            const f32 v153 = x1;
            const f32 v154 = (v153 * v152);
            x1 = v154;
            x0 = v147;
          }
          const f32 v155 = x0;
          const f32 v156 = (v80 - v155);
          const f32 v157 = exp_f32(v156);
          const f32 v158 = x1;
          const f32 v159 = (v158 + v157);
          x1 = v159;
          const f32 v160 = (v83 - v155);
          const f32 v161 = exp_f32(v160);
          const f32 v162 = x1;
          const f32 v163 = (v162 + v161);
          x1 = v163;
          const f32 v164 = (v86 - v155);
          const f32 v165 = exp_f32(v164);
          const f32 v166 = x1;
          const f32 v167 = (v166 + v165);
          x1 = v167;
          const f32 v168 = (v89 - v155);
          const f32 v169 = exp_f32(v168);
          const f32 v170 = x1;
          const f32 v171 = (v170 + v169);
          x1 = v171;
        }
      }
      const bool v173 = t < v30;
      if (v173) {
        const bool v174 = t < v23;
        const i32 v175 = t + v28;
        const i32 v176 = (v174 ? t : v175);
        const i32 v179 = g * n.w[7];
        const i32 v180 = n.w[6] + v179;
        const i32 v182 = v176 * n.w[8];
        const i32 v183 = v180 + v182;
        const f32 v184 = bf16_of_bits(b0[v183]);
        const f32 v185 = v184;
        const f32 v186 = x2;
        const f32 v187 = max_f32(v186, v185);
        x2 = v187;
        const f32 v188 = x0;
        const bool v189 = (v188 < v185);
        if (v189) {
          const f32 v190 = x0;
          const f32 v191 = (v190 - v185);
          const f32 v192 = exp_f32(v191);
          const f32 v193 = x1;
          const f32 v194 = (v193 * v192);
          x1 = v194;
          x0 = v185;
        }
        const f32 v195 = x0;
        const f32 v196 = (v185 - v195);
        const f32 v197 = exp_f32(v196);
        const f32 v198 = x1;
        const f32 v199 = (v198 + v197);
        x1 = v199;
      }
    }
    const f32 v201 = x2;
    s0[t] = v201;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v203 = t < (16);
    if (v203) {
      const i32 v205 = t + (16);
      const i32 v207 = t + (32);
      const i32 v209 = t + (48);
      const i32 v211 = t + (64);
      const i32 v213 = t + (80);
      const i32 v215 = t + (96);
      const i32 v217 = t + (112);
      const i32 v219 = t + (128);
      const i32 v221 = t + (144);
      const i32 v223 = t + (160);
      const i32 v225 = t + (176);
      const i32 v227 = t + (192);
      const i32 v229 = t + (208);
      const i32 v231 = t + (224);
      const i32 v233 = t + (240);
      const f32 v234 = s0[v205];
      const f32 v235 = s0[v207];
      const f32 v236 = s0[v209];
      const f32 v237 = s0[v211];
      const f32 v238 = s0[v213];
      const f32 v239 = s0[v215];
      const f32 v240 = s0[v217];
      const f32 v241 = s0[v219];
      const f32 v242 = s0[v221];
      const f32 v243 = s0[v223];
      const f32 v244 = s0[v225];
      const f32 v245 = s0[v227];
      const f32 v246 = s0[v229];
      const f32 v247 = s0[v231];
      const f32 v248 = s0[v233];
      const f32 v249 = x2;
      const f32 v250 = max_f32(v249, v234);
      x2 = v250;
      const f32 v251 = x2;
      const f32 v252 = max_f32(v251, v235);
      x2 = v252;
      const f32 v253 = x2;
      const f32 v254 = max_f32(v253, v236);
      x2 = v254;
      const f32 v255 = x2;
      const f32 v256 = max_f32(v255, v237);
      x2 = v256;
      const f32 v257 = x2;
      const f32 v258 = max_f32(v257, v238);
      x2 = v258;
      const f32 v259 = x2;
      const f32 v260 = max_f32(v259, v239);
      x2 = v260;
      const f32 v261 = x2;
      const f32 v262 = max_f32(v261, v240);
      x2 = v262;
      const f32 v263 = x2;
      const f32 v264 = max_f32(v263, v241);
      x2 = v264;
      const f32 v265 = x2;
      const f32 v266 = max_f32(v265, v242);
      x2 = v266;
      const f32 v267 = x2;
      const f32 v268 = max_f32(v267, v243);
      x2 = v268;
      const f32 v269 = x2;
      const f32 v270 = max_f32(v269, v244);
      x2 = v270;
      const f32 v271 = x2;
      const f32 v272 = max_f32(v271, v245);
      x2 = v272;
      const f32 v273 = x2;
      const f32 v274 = max_f32(v273, v246);
      x2 = v274;
      const f32 v275 = x2;
      const f32 v276 = max_f32(v275, v247);
      x2 = v276;
      const f32 v277 = x2;
      const f32 v278 = max_f32(v277, v248);
      x2 = v278;
      const f32 v279 = x2;
      s0[t] = v279;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v281 = s0[(0)];
    x2 = v281;
    const f32 v297 = s0[(1)];
    const f32 v298 = s0[(2)];
    const f32 v299 = s0[(3)];
    const f32 v300 = s0[(4)];
    const f32 v301 = s0[(5)];
    const f32 v302 = s0[(6)];
    const f32 v303 = s0[(7)];
    const f32 v304 = s0[(8)];
    const f32 v305 = s0[(9)];
    const f32 v306 = s0[(10)];
    const f32 v307 = s0[(11)];
    const f32 v308 = s0[(12)];
    const f32 v309 = s0[(13)];
    const f32 v310 = s0[(14)];
    const f32 v311 = s0[(15)];
    const f32 v312 = x2;
    const f32 v313 = max_f32(v312, v297);
    x2 = v313;
    const f32 v314 = x2;
    const f32 v315 = max_f32(v314, v298);
    x2 = v315;
    const f32 v316 = x2;
    const f32 v317 = max_f32(v316, v299);
    x2 = v317;
    const f32 v318 = x2;
    const f32 v319 = max_f32(v318, v300);
    x2 = v319;
    const f32 v320 = x2;
    const f32 v321 = max_f32(v320, v301);
    x2 = v321;
    const f32 v322 = x2;
    const f32 v323 = max_f32(v322, v302);
    x2 = v323;
    const f32 v324 = x2;
    const f32 v325 = max_f32(v324, v303);
    x2 = v325;
    const f32 v326 = x2;
    const f32 v327 = max_f32(v326, v304);
    x2 = v327;
    const f32 v328 = x2;
    const f32 v329 = max_f32(v328, v305);
    x2 = v329;
    const f32 v330 = x2;
    const f32 v331 = max_f32(v330, v306);
    x2 = v331;
    const f32 v332 = x2;
    const f32 v333 = max_f32(v332, v307);
    x2 = v333;
    const f32 v334 = x2;
    const f32 v335 = max_f32(v334, v308);
    x2 = v335;
    const f32 v336 = x2;
    const f32 v337 = max_f32(v336, v309);
    x2 = v337;
    const f32 v338 = x2;
    const f32 v339 = max_f32(v338, v310);
    x2 = v339;
    const f32 v340 = x2;
    const f32 v341 = max_f32(v340, v311);
    x2 = v341;
    const f32 v342 = x2;
    const f32 v343 = x0;
    const f32 v344 = (v343 - v342);
    const f32 v345 = exp_f32(v344);
    const f32 v346 = x1;
    const f32 v347 = (v346 * v345);
    x1 = v347;
    const f32 v349 = x1;
    s1[t] = v349;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v351 = t < (16);
    if (v351) {
      const i32 v353 = t + (16);
      const i32 v355 = t + (32);
      const i32 v357 = t + (48);
      const i32 v359 = t + (64);
      const i32 v361 = t + (80);
      const i32 v363 = t + (96);
      const i32 v365 = t + (112);
      const i32 v367 = t + (128);
      const i32 v369 = t + (144);
      const i32 v371 = t + (160);
      const i32 v373 = t + (176);
      const i32 v375 = t + (192);
      const i32 v377 = t + (208);
      const i32 v379 = t + (224);
      const i32 v381 = t + (240);
      const f32 v382 = s1[v353];
      const f32 v383 = s1[v355];
      const f32 v384 = s1[v357];
      const f32 v385 = s1[v359];
      const f32 v386 = s1[v361];
      const f32 v387 = s1[v363];
      const f32 v388 = s1[v365];
      const f32 v389 = s1[v367];
      const f32 v390 = s1[v369];
      const f32 v391 = s1[v371];
      const f32 v392 = s1[v373];
      const f32 v393 = s1[v375];
      const f32 v394 = s1[v377];
      const f32 v395 = s1[v379];
      const f32 v396 = s1[v381];
      const f32 v397 = x1;
      const f32 v398 = (v397 + v382);
      x1 = v398;
      const f32 v399 = x1;
      const f32 v400 = (v399 + v383);
      x1 = v400;
      const f32 v401 = x1;
      const f32 v402 = (v401 + v384);
      x1 = v402;
      const f32 v403 = x1;
      const f32 v404 = (v403 + v385);
      x1 = v404;
      const f32 v405 = x1;
      const f32 v406 = (v405 + v386);
      x1 = v406;
      const f32 v407 = x1;
      const f32 v408 = (v407 + v387);
      x1 = v408;
      const f32 v409 = x1;
      const f32 v410 = (v409 + v388);
      x1 = v410;
      const f32 v411 = x1;
      const f32 v412 = (v411 + v389);
      x1 = v412;
      const f32 v413 = x1;
      const f32 v414 = (v413 + v390);
      x1 = v414;
      const f32 v415 = x1;
      const f32 v416 = (v415 + v391);
      x1 = v416;
      const f32 v417 = x1;
      const f32 v418 = (v417 + v392);
      x1 = v418;
      const f32 v419 = x1;
      const f32 v420 = (v419 + v393);
      x1 = v420;
      const f32 v421 = x1;
      const f32 v422 = (v421 + v394);
      x1 = v422;
      const f32 v423 = x1;
      const f32 v424 = (v423 + v395);
      x1 = v424;
      const f32 v425 = x1;
      const f32 v426 = (v425 + v396);
      x1 = v426;
      const f32 v427 = x1;
      s1[t] = v427;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v429 = s1[(0)];
    x1 = v429;
    const f32 v445 = s1[(1)];
    const f32 v446 = s1[(2)];
    const f32 v447 = s1[(3)];
    const f32 v448 = s1[(4)];
    const f32 v449 = s1[(5)];
    const f32 v450 = s1[(6)];
    const f32 v451 = s1[(7)];
    const f32 v452 = s1[(8)];
    const f32 v453 = s1[(9)];
    const f32 v454 = s1[(10)];
    const f32 v455 = s1[(11)];
    const f32 v456 = s1[(12)];
    const f32 v457 = s1[(13)];
    const f32 v458 = s1[(14)];
    const f32 v459 = s1[(15)];
    const f32 v460 = x1;
    const f32 v461 = (v460 + v445);
    x1 = v461;
    const f32 v462 = x1;
    const f32 v463 = (v462 + v446);
    x1 = v463;
    const f32 v464 = x1;
    const f32 v465 = (v464 + v447);
    x1 = v465;
    const f32 v466 = x1;
    const f32 v467 = (v466 + v448);
    x1 = v467;
    const f32 v468 = x1;
    const f32 v469 = (v468 + v449);
    x1 = v469;
    const f32 v470 = x1;
    const f32 v471 = (v470 + v450);
    x1 = v471;
    const f32 v472 = x1;
    const f32 v473 = (v472 + v451);
    x1 = v473;
    const f32 v474 = x1;
    const f32 v475 = (v474 + v452);
    x1 = v475;
    const f32 v476 = x1;
    const f32 v477 = (v476 + v453);
    x1 = v477;
    const f32 v478 = x1;
    const f32 v479 = (v478 + v454);
    x1 = v479;
    const f32 v480 = x1;
    const f32 v481 = (v480 + v455);
    x1 = v481;
    const f32 v482 = x1;
    const f32 v483 = (v482 + v456);
    x1 = v483;
    const f32 v484 = x1;
    const f32 v485 = (v484 + v457);
    x1 = v485;
    const f32 v486 = x1;
    const f32 v487 = (v486 + v458);
    x1 = v487;
    const f32 v488 = x1;
    const f32 v489 = (v488 + v459);
    x1 = v489;
    const f32 v490 = x1;
    f32 x4 = (0.0f);
    f32 x5 = (0.0f);
    const i32 v498 = g * n.w[10];
    const i32 v499 = n.w[9] + v498;
    const i64 v500 = b1[v499];
    const f32 v501 = log_f32(v490);
    const i32 v504 = g * n.w[13];
    const i32 v505 = n.w[12] + v504;
    const i32 v508 = wrapped(v500, n.w[15], faults);
    const i32 v509 = v508 * n.w[16];
    const i32 v510 = v505 + v509;
    const f32 v511 = b2[v510];
    const f32 v512 = bitcast<f32>(n.w[23]);
    const i32 v513 = i32(v500);
    const bool v516 = v513 < (0);
    const bool v517 = v513 < n.w[2];
    const i32 v518 = (v516 ? (0) : v513);
    const i32 v519 = (v517 ? v518 : (0));
    const i64 v521 = i64(v519);
    const bool v522 = (v521 == v500);
    f32 x6 = v512;
    if (v522) {
      const i32 v525 = g * n.w[7];
      const i32 v526 = n.w[6] + v525;
      const i32 v528 = v519 * n.w[8];
      const i32 v529 = v526 + v528;
      const f32 v530 = bf16_of_bits(b0[v529]);
      const f32 v531 = v530;
      const f32 v532 = (v531 - v342);
      const f32 v533 = (v532 - v501);
      const f32 v534 = (v533 * v511);
      x6 = v534;
    }
    const f32 v535 = x6;
    const i32 v536 = n.w[2] - (1);
    const f32 v537 = f32(v536);
    const f32 v538 = (v512 * v537);
    const f32 v539 = (v535 + v538);
    const bool v540 = n.w[2] == (1);
    const f32 v541 = (v540 ? v535 : v539);
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v544 = t < (1);
    if (v544) {
      const i32 v547 = g * n.w[18];
      const i32 v548 = n.w[17] + v547;
      b3[v548] = v541;
      const i32 v551 = g * n.w[21];
      const i32 v552 = n.w[20] + v551;
      b4[v552] = v501;
    }
  }
}
