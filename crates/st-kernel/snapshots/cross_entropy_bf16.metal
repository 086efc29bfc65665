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
    const i32 v6 = g * n.w[10];
    const i32 v7 = n.w[9] + v6;
    const i64 v8 = b1[v7];
    f32 x0 = (-3.4028235e38f);
    f32 x1 = (0.0f);
    f32 x2 = bitcast<f32>(0xff800000u);
    const bool v18 = (0) < n.w[2];
    if (v18) {
      const i32 v22 = g * n.w[7];
      const i32 v23 = n.w[6] + v22;
      const i32 v24 = v23 % (4);
      const i32 v25 = (4) - v24;
      const i32 v26 = v25 % (4);
      const bool v27 = v26 < n.w[2];
      const i32 v28 = (v27 ? v26 : n.w[2]);
      const i32 v29 = n.w[2] - v28;
      const i32 v31 = v29 / (4);
      const i32 v33 = v31 * (4);
      const i32 v34 = v28 + v33;
      const i32 v35 = n.w[2] - v33;
      const i32 v39 = t * (4);
      const i32 v42 = v28 + v39;
      for (i32 x3 = v42; x3 < v34; x3 += (2048)) {
        const bool v47 = x3 < v34;
        const i32 v48 = (v47 ? x3 : v28);
        const i32 v50 = x3 + (1024);
        const bool v51 = v50 < v34;
        const i32 v52 = (v51 ? v50 : v28);
        const i32 v55 = g * n.w[7];
        const i32 v56 = n.w[6] + v55;
        const i32 v58 = v48 * n.w[8];
        const i32 v59 = v56 + v58;
        const words q60 = load_words(b0 + v59);
        const f32 v60 = bf16_of_low(q60.x);
        const f32 v61 = bf16_of_high(q60.x);
        const f32 v62 = bf16_of_low(q60.y);
        const f32 v63 = bf16_of_high(q60.y);
        const f32 v64 = v60;
        const i32 v66 = v48 + (1);
        const f32 v67 = v61;
        const i32 v69 = v48 + (2);
        const f32 v70 = v62;
        const i32 v72 = v48 + (3);
        const f32 v73 = v63;
        const i32 v76 = g * n.w[7];
        const i32 v77 = n.w[6] + v76;
        const i32 v79 = v52 * n.w[8];
        const i32 v80 = v77 + v79;
        const words q81 = load_words(b0 + v80);
        const f32 v81 = bf16_of_low(q81.x);
        const f32 v82 = bf16_of_high(q81.x);
        const f32 v83 = bf16_of_low(q81.y);
        const f32 v84 = bf16_of_high(q81.y);
        const f32 v85 = v81;
        const i32 v87 = v52 + (1);
        const f32 v88 = v82;
        const i32 v90 = v52 + (2);
        const f32 v91 = v83;
        const i32 v93 = v52 + (3);
        const f32 v94 = v84;
        if (v47) {
          const f32 v95 = x2;
          const f32 v96 = max_f32(v95, v64);
          x2 = v96;
          const i32 v98 = v48 + (1);
          const f32 v99 = x2;
          const f32 v100 = max_f32(v99, v67);
          x2 = v100;
          const i32 v102 = v48 + (2);
          const f32 v103 = x2;
          const f32 v104 = max_f32(v103, v70);
          x2 = v104;
          const i32 v106 = v48 + (3);
          const f32 v107 = x2;
          const f32 v108 = max_f32(v107, v73);
          x2 = v108;
          const f32 v109 = max_f32(v64, v67);
          const f32 v110 = max_f32(v109, v70);
          const f32 v111 = max_f32(v110, v73);
          const f32 v112 = x0;
          const bool v113 = (v112 < v111);
          if (v113) {
            const f32 v114 = x0;
            const f32 v115 = (v114 - v111);
            const f32 v116 = exp_f32(v115);
            const f32 v117 = x1;
            const f32 v118 = (v117 * v116);
            x1 = v118;
            x0 = v111;
          }
          const f32 v119 = x0;
          const f32 v120 = (v64 - v119);
          const f32 v121 = exp_f32(v120);
          const f32 v122 = x1;
          const f32 v123 = (v122 + v121);
          x1 = v123;
          const f32 v124 = (v67 - v119);
          const f32 v125 = exp_f32(v124);
          const f32 v126 = x1;
          const f32 v127 = (v126 + v125);
          x1 = v127;
          const f32 v128 = (v70 - v119);
          const f32 v129 = exp_f32(v128);
          const f32 v130 = x1;
          const f32 v131 = (v130 + v129);
          x1 = v131;
          const f32 v132 = (v73 - v119);
          const f32 v133 = exp_f32(v132);
          const f32 v134 = x1;
          const f32 v135 = (v134 + v133);
          x1 = v135;
        }
        if (v51) {
          const f32 v136 = x2;
          const f32 v137 = max_f32(v136, v85);
          x2 = v137;
          const i32 v139 = v52 + (1);
          const f32 v140 = x2;
          const f32 v141 = max_f32(v140, v88);
          x2 = v141;
          const i32 v143 = v52 + (2);
          const f32 v144 = x2;
          const f32 v145 = max_f32(v144, v91);
          x2 = v145;
          const i32 v147 = v52 + (3);
          const f32 v148 = x2;
          const f32 v149 = max_f32(v148, v94);
          x2 = v149;
          const f32 v150 = max_f32(v85, v88);
          const f32 v151 = max_f32(v150, v91);
          const f32 v152 = max_f32(v151, v94);
          const f32 v153 = x0;
          const bool v154 = (v153 < v152);
          if (v154) {
            const f32 v155 = x0;
            const f32 v156 = (v155 - v152);
            const f32 v157 = exp_f32(v156);
            const f32 v158 = x1;
            const f32 v159 = (v158 * v157);
            x1 = v159;
            x0 = v152;
          }
          const f32 v160 = x0;
          const f32 v161 = (v85 - v160);
          const f32 v162 = exp_f32(v161);
          const f32 v163 = x1;
          const f32 v164 = (v163 + v162);
          x1 = v164;
          const f32 v165 = (v88 - v160);
          const f32 v166 = exp_f32(v165);
          const f32 v167 = x1;
          const f32 v168 = (v167 + v166);
          x1 = v168;
          const f32 v169 = (v91 - v160);
          const f32 v170 = exp_f32(v169);
          const f32 v171 = x1;
          const f32 v172 = (v171 + v170);
          x1 = v172;
          const f32 v173 = (v94 - v160);
          const f32 v174 = exp_f32(v173);
          const f32 v175 = x1;
          const f32 v176 = (v175 + v174);
          x1 = v176;
        }
      }
      const bool v178 = t < v35;
      if (v178) {
        const bool v179 = t < v28;
        const i32 v180 = t + v33;
        const i32 v181 = (v179 ? t : v180);
        const i32 v184 = g * n.w[7];
        const i32 v185 = n.w[6] + v184;
        const i32 v187 = v181 * n.w[8];
        const i32 v188 = v185 + v187;
        const f32 v189 = bf16_of_bits(b0[v188]);
        const f32 v190 = v189;
        const f32 v191 = x2;
        const f32 v192 = max_f32(v191, v190);
        x2 = v192;
        const f32 v193 = x0;
        const bool v194 = (v193 < v190);
        if (v194) {
          const f32 v195 = x0;
          const f32 v196 = (v195 - v190);
          const f32 v197 = exp_f32(v196);
          const f32 v198 = x1;
          const f32 v199 = (v198 * v197);
          x1 = v199;
          x0 = v190;
        }
        const f32 v200 = x0;
        const f32 v201 = (v190 - v200);
        const f32 v202 = exp_f32(v201);
        const f32 v203 = x1;
        const f32 v204 = (v203 + v202);
        x1 = v204;
      }
    }
    const f32 v206 = x2;
    s0[t] = v206;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v208 = t < (16);
    if (v208) {
      const i32 v210 = t + (16);
      const i32 v212 = t + (32);
      const i32 v214 = t + (48);
      const i32 v216 = t + (64);
      const i32 v218 = t + (80);
      const i32 v220 = t + (96);
      const i32 v222 = t + (112);
      const i32 v224 = t + (128);
      const i32 v226 = t + (144);
      const i32 v228 = t + (160);
      const i32 v230 = t + (176);
      const i32 v232 = t + (192);
      const i32 v234 = t + (208);
      const i32 v236 = t + (224);
      const i32 v238 = t + (240);
      const f32 v239 = s0[v210];
      const f32 v240 = s0[v212];
      const f32 v241 = s0[v214];
      const f32 v242 = s0[v216];
      const f32 v243 = s0[v218];
      const f32 v244 = s0[v220];
      const f32 v245 = s0[v222];
      const f32 v246 = s0[v224];
      const f32 v247 = s0[v226];
      const f32 v248 = s0[v228];
      const f32 v249 = s0[v230];
      const f32 v250 = s0[v232];
      const f32 v251 = s0[v234];
      const f32 v252 = s0[v236];
      const f32 v253 = s0[v238];
      const f32 v254 = x2;
      const f32 v255 = max_f32(v254, v239);
      x2 = v255;
      const f32 v256 = x2;
      const f32 v257 = max_f32(v256, v240);
      x2 = v257;
      const f32 v258 = x2;
      const f32 v259 = max_f32(v258, v241);
      x2 = v259;
      const f32 v260 = x2;
      const f32 v261 = max_f32(v260, v242);
      x2 = v261;
      const f32 v262 = x2;
      const f32 v263 = max_f32(v262, v243);
      x2 = v263;
      const f32 v264 = x2;
      const f32 v265 = max_f32(v264, v244);
      x2 = v265;
      const f32 v266 = x2;
      const f32 v267 = max_f32(v266, v245);
      x2 = v267;
      const f32 v268 = x2;
      const f32 v269 = max_f32(v268, v246);
      x2 = v269;
      const f32 v270 = x2;
      const f32 v271 = max_f32(v270, v247);
      x2 = v271;
      const f32 v272 = x2;
      const f32 v273 = max_f32(v272, v248);
      x2 = v273;
      const f32 v274 = x2;
      const f32 v275 = max_f32(v274, v249);
      x2 = v275;
      const f32 v276 = x2;
      const f32 v277 = max_f32(v276, v250);
      x2 = v277;
      const f32 v278 = x2;
      const f32 v279 = max_f32(v278, v251);
      x2 = v279;
      const f32 v280 = x2;
      const f32 v281 = max_f32(v280, v252);
      x2 = v281;
      const f32 v282 = x2;
      const f32 v283 = max_f32(v282, v253);
      x2 = v283;
      const f32 v284 = x2;
      s0[t] = v284;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v286 = s0[(0)];
    x2 = v286;
    const f32 v302 = s0[(1)];
    const f32 v303 = s0[(2)];
    const f32 v304 = s0[(3)];
    const f32 v305 = s0[(4)];
    const f32 v306 = s0[(5)];
    const f32 v307 = s0[(6)];
    const f32 v308 = s0[(7)];
    const f32 v309 = s0[(8)];
    const f32 v310 = s0[(9)];
    const f32 v311 = s0[(10)];
    const f32 v312 = s0[(11)];
    const f32 v313 = s0[(12)];
    const f32 v314 = s0[(13)];
    const f32 v315 = s0[(14)];
    const f32 v316 = s0[(15)];
    const f32 v317 = x2;
    const f32 v318 = max_f32(v317, v302);
    x2 = v318;
    const f32 v319 = x2;
    const f32 v320 = max_f32(v319, v303);
    x2 = v320;
    const f32 v321 = x2;
    const f32 v322 = max_f32(v321, v304);
    x2 = v322;
    const f32 v323 = x2;
    const f32 v324 = max_f32(v323, v305);
    x2 = v324;
    const f32 v325 = x2;
    const f32 v326 = max_f32(v325, v306);
    x2 = v326;
    const f32 v327 = x2;
    const f32 v328 = max_f32(v327, v307);
    x2 = v328;
    const f32 v329 = x2;
    const f32 v330 = max_f32(v329, v308);
    x2 = v330;
    const f32 v331 = x2;
    const f32 v332 = max_f32(v331, v309);
    x2 = v332;
    const f32 v333 = x2;
    const f32 v334 = max_f32(v333, v310);
    x2 = v334;
    const f32 v335 = x2;
    const f32 v336 = max_f32(v335, v311);
    x2 = v336;
    const f32 v337 = x2;
    const f32 v338 = max_f32(v337, v312);
    x2 = v338;
    const f32 v339 = x2;
    const f32 v340 = max_f32(v339, v313);
    x2 = v340;
    const f32 v341 = x2;
    const f32 v342 = max_f32(v341, v314);
    x2 = v342;
    const f32 v343 = x2;
    const f32 v344 = max_f32(v343, v315);
    x2 = v344;
    const f32 v345 = x2;
    const f32 v346 = max_f32(v345, v316);
    x2 = v346;
    const f32 v347 = x2;
    const f32 v348 = x0;
    const f32 v349 = (v348 - v347);
    const f32 v350 = exp_f32(v349);
    const f32 v351 = x1;
    const f32 v352 = (v351 * v350);
    x1 = v352;
    const f32 v354 = x1;
    s1[t] = v354;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v356 = t < (16);
    if (v356) {
      const i32 v358 = t + (16);
      const i32 v360 = t + (32);
      const i32 v362 = t + (48);
      const i32 v364 = t + (64);
      const i32 v366 = t + (80);
      const i32 v368 = t + (96);
      const i32 v370 = t + (112);
      const i32 v372 = t + (128);
      const i32 v374 = t + (144);
      const i32 v376 = t + (160);
      const i32 v378 = t + (176);
      const i32 v380 = t + (192);
      const i32 v382 = t + (208);
      const i32 v384 = t + (224);
      const i32 v386 = t + (240);
      const f32 v387 = s1[v358];
      const f32 v388 = s1[v360];
      const f32 v389 = s1[v362];
      const f32 v390 = s1[v364];
      const f32 v391 = s1[v366];
      const f32 v392 = s1[v368];
      const f32 v393 = s1[v370];
      const f32 v394 = s1[v372];
      const f32 v395 = s1[v374];
      const f32 v396 = s1[v376];
      const f32 v397 = s1[v378];
      const f32 v398 = s1[v380];
      const f32 v399 = s1[v382];
      const f32 v400 = s1[v384];
      const f32 v401 = s1[v386];
      const f32 v402 = x1;
      const f32 v403 = (v402 + v387);
      x1 = v403;
      const f32 v404 = x1;
      const f32 v405 = (v404 + v388);
      x1 = v405;
      const f32 v406 = x1;
      const f32 v407 = (v406 + v389);
      x1 = v407;
      const f32 v408 = x1;
      const f32 v409 = (v408 + v390);
      x1 = v409;
      const f32 v410 = x1;
      const f32 v411 = (v410 + v391);
      x1 = v411;
      const f32 v412 = x1;
      const f32 v413 = (v412 + v392);
      x1 = v413;
      const f32 v414 = x1;
      const f32 v415 = (v414 + v393);
      x1 = v415;
      const f32 v416 = x1;
      const f32 v417 = (v416 + v394);
      x1 = v417;
      const f32 v418 = x1;
      const f32 v419 = (v418 + v395);
      x1 = v419;
      const f32 v420 = x1;
      const f32 v421 = (v420 + v396);
      x1 = v421;
      const f32 v422 = x1;
      const f32 v423 = (v422 + v397);
      x1 = v423;
      const f32 v424 = x1;
      const f32 v425 = (v424 + v398);
      x1 = v425;
      const f32 v426 = x1;
      const f32 v427 = (v426 + v399);
      x1 = v427;
      const f32 v428 = x1;
      const f32 v429 = (v428 + v400);
      x1 = v429;
      const f32 v430 = x1;
      const f32 v431 = (v430 + v401);
      x1 = v431;
      const f32 v432 = x1;
      s1[t] = v432;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v434 = s1[(0)];
    x1 = v434;
    const f32 v450 = s1[(1)];
    const f32 v451 = s1[(2)];
    const f32 v452 = s1[(3)];
    const f32 v453 = s1[(4)];
    const f32 v454 = s1[(5)];
    const f32 v455 = s1[(6)];
    const f32 v456 = s1[(7)];
    const f32 v457 = s1[(8)];
    const f32 v458 = s1[(9)];
    const f32 v459 = s1[(10)];
    const f32 v460 = s1[(11)];
    const f32 v461 = s1[(12)];
    const f32 v462 = s1[(13)];
    const f32 v463 = s1[(14)];
    const f32 v464 = s1[(15)];
    const f32 v465 = x1;
    const f32 v466 = (v465 + v450);
    x1 = v466;
    const f32 v467 = x1;
    const f32 v468 = (v467 + v451);
    x1 = v468;
    const f32 v469 = x1;
    const f32 v470 = (v469 + v452);
    x1 = v470;
    const f32 v471 = x1;
    const f32 v472 = (v471 + v453);
    x1 = v472;
    const f32 v473 = x1;
    const f32 v474 = (v473 + v454);
    x1 = v474;
    const f32 v475 = x1;
    const f32 v476 = (v475 + v455);
    x1 = v476;
    const f32 v477 = x1;
    const f32 v478 = (v477 + v456);
    x1 = v478;
    const f32 v479 = x1;
    const f32 v480 = (v479 + v457);
    x1 = v480;
    const f32 v481 = x1;
    const f32 v482 = (v481 + v458);
    x1 = v482;
    const f32 v483 = x1;
    const f32 v484 = (v483 + v459);
    x1 = v484;
    const f32 v485 = x1;
    const f32 v486 = (v485 + v460);
    x1 = v486;
    const f32 v487 = x1;
    const f32 v488 = (v487 + v461);
    x1 = v488;
    const f32 v489 = x1;
    const f32 v490 = (v489 + v462);
    x1 = v490;
    const f32 v491 = x1;
    const f32 v492 = (v491 + v463);
    x1 = v492;
    const f32 v493 = x1;
    const f32 v494 = (v493 + v464);
    x1 = v494;
    const f32 v495 = x1;
    f32 x4 = (0.0f);
    f32 x5 = (0.0f);
    const f32 v501 = log_f32(v495);
    const i32 v504 = g * n.w[13];
    const i32 v505 = n.w[12] + v504;
    const i32 v508 = wrapped(v8, n.w[15], faults);
    const i32 v509 = v508 * n.w[16];
    const i32 v510 = v505 + v509;
    const f32 v511 = b2[v510];
    const f32 v512 = bitcast<f32>(n.w[23]);
    const i32 v513 = i32(v8);
    const bool v516 = v513 < (0);
    const bool v517 = v513 < n.w[2];
    const i32 v518 = (v516 ? (0) : v513);
    const i32 v519 = (v517 ? v518 : (0));
    const i64 v521 = i64(v519);
    const bool v522 = (v521 == v8);
    f32 x6 = v512;
    if (v522) {
      const i32 v525 = g * n.w[7];
      const i32 v526 = n.w[6] + v525;
      const i32 v528 = v519 * n.w[8];
      const i32 v529 = v526 + v528;
      const f32 v530 = bf16_of_bits(b0[v529]);
      const f32 v531 = v530;
      const f32 v532 = (v531 - v347);
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
