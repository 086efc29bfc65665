namespace st {
DEVICE bool is_nan(f32 x) { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

DEVICE bool is_infinite(f32 x) { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }

DEVICE f32 power_of_two(i32 n) { return bitcast<f32>((n + 127) << 23u); }

DEVICE f32 max_f32(f32 a, f32 b) { return select(b, a, a > b || is_nan(a)); }

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

struct Numbers { i32 w[19]; };

[[max_total_threads_per_threadgroup(256)]] kernel void entry(device const u16* b0 [[buffer(0)]], device const i64* b1 [[buffer(1)]], device f32* b2 [[buffer(2)]], device f32* b3 [[buffer(3)]], constant Numbers& n [[buffer(4)]], Faults faults [[buffer(5)]], u32 group_id [[threadgroup_position_in_grid]], u32 thread_id [[thread_position_in_threadgroup]]) {
  const i32 g = i32(group_id), t = i32(thread_id);
  alignas(16) threadgroup f32 s0[256];
  alignas(16) threadgroup f32 s1[256];
  alignas(16) threadgroup f32 s2[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    f32 x0 = bitcast<f32>(0xff800000u);
    const bool v10 = (0) < n.w[2];
    if (v10) {
      const i32 v14 = g * n.w[7];
      const i32 v15 = n.w[6] + v14;
      const i32 v16 = v15 % (4);
      const i32 v17 = (4) - v16;
      const i32 v18 = v17 % (4);
      const bool v19 = v18 < n.w[2];
      const i32 v20 = (v19 ? v18 : n.w[2]);
      const i32 v21 = n.w[2] - v20;
      const i32 v23 = v21 / (4);
      const i32 v25 = v23 * (4);
      const i32 v26 = v20 + v25;
      const i32 v27 = n.w[2] - v25;
      const i32 v31 = t * (4);
      const i32 v34 = v20 + v31;
      for (i32 x1 = v34; x1 < v26; x1 += (2048)) {
        const bool v39 = x1 < v26;
        const i32 v40 = (v39 ? x1 : v20);
        const i32 v42 = x1 + (1024);
        const bool v43 = v42 < v26;
        const i32 v44 = (v43 ? v42 : v20);
        const i32 v47 = g * n.w[7];
        const i32 v48 = n.w[6] + v47;
        const i32 v50 = v40 * n.w[8];
        const i32 v51 = v48 + v50;
        const four<u16> q52 = load_four(b0 + v51);
        const f32 v52 = bf16_of_bits(q52.x);
        const f32 v53 = bf16_of_bits(q52.y);
        const f32 v54 = bf16_of_bits(q52.z);
        const f32 v55 = bf16_of_bits(q52.w);
        const f32 v56 = v52;
        const i32 v58 = v40 + (1);
        const f32 v59 = v53;
        const i32 v61 = v40 + (2);
        const f32 v62 = v54;
        const i32 v64 = v40 + (3);
        const f32 v65 = v55;
        const i32 v68 = g * n.w[7];
        const i32 v69 = n.w[6] + v68;
        const i32 v71 = v44 * n.w[8];
        const i32 v72 = v69 + v71;
        const four<u16> q73 = load_four(b0 + v72);
        const f32 v73 = bf16_of_bits(q73.x);
        const f32 v74 = bf16_of_bits(q73.y);
        const f32 v75 = bf16_of_bits(q73.z);
        const f32 v76 = bf16_of_bits(q73.w);
        const f32 v77 = v73;
        const i32 v79 = v44 + (1);
        const f32 v80 = v74;
        const i32 v82 = v44 + (2);
        const f32 v83 = v75;
        const i32 v85 = v44 + (3);
        const f32 v86 = v76;
        if (v39) {
          const f32 v87 = x0;
          const f32 v88 = max_f32(v87, v56);
          x0 = v88;
          const i32 v90 = v40 + (1);
          const f32 v91 = x0;
          const f32 v92 = max_f32(v91, v59);
          x0 = v92;
          const i32 v94 = v40 + (2);
          const f32 v95 = x0;
          const f32 v96 = max_f32(v95, v62);
          x0 = v96;
          const i32 v98 = v40 + (3);
          const f32 v99 = x0;
          const f32 v100 = max_f32(v99, v65);
          x0 = v100;
        }
        if (v43) {
          const f32 v101 = x0;
          const f32 v102 = max_f32(v101, v77);
          x0 = v102;
          const i32 v104 = v44 + (1);
          const f32 v105 = x0;
          const f32 v106 = max_f32(v105, v80);
          x0 = v106;
          const i32 v108 = v44 + (2);
          const f32 v109 = x0;
          const f32 v110 = max_f32(v109, v83);
          x0 = v110;
          const i32 v112 = v44 + (3);
          const f32 v113 = x0;
          const f32 v114 = max_f32(v113, v86);
          x0 = v114;
        }
      }
      const bool v116 = t < v27;
      if (v116) {
        const bool v117 = t < v20;
        const i32 v118 = t + v25;
        const i32 v119 = (v117 ? t : v118);
        const i32 v122 = g * n.w[7];
        const i32 v123 = n.w[6] + v122;
        const i32 v125 = v119 * n.w[8];
        const i32 v126 = v123 + v125;
        const f32 v127 = bf16_of_bits(b0[v126]);
        const f32 v128 = v127;
        const f32 v129 = x0;
        const f32 v130 = max_f32(v129, v128);
        x0 = v130;
      }
    }
    const f32 v132 = x0;
    s0[t] = v132;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v136 = t < (16);
    if (v136) {
      const i32 v137 = t + (16);
      for (i32 x2 = v137; x2 < (256); x2 += (16)) {
        const f32 v139 = s0[x2];
        const f32 v140 = x0;
        const f32 v141 = max_f32(v140, v139);
        x0 = v141;
      }
      const f32 v142 = x0;
      s0[t] = v142;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v143 = s0[(0)];
    x0 = v143;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const f32 v146 = s0[x3];
      const f32 v147 = x0;
      const f32 v148 = max_f32(v147, v146);
      x0 = v148;
    }
    const f32 v149 = x0;
    f32 x4 = (0.0f);
    const bool v152 = (0) < n.w[2];
    if (v152) {
      const i32 v156 = g * n.w[7];
      const i32 v157 = n.w[6] + v156;
      const i32 v158 = v157 % (4);
      const i32 v159 = (4) - v158;
      const i32 v160 = v159 % (4);
      const bool v161 = v160 < n.w[2];
      const i32 v162 = (v161 ? v160 : n.w[2]);
      const i32 v163 = n.w[2] - v162;
      const i32 v165 = v163 / (4);
      const i32 v167 = v165 * (4);
      const i32 v168 = v162 + v167;
      const i32 v169 = n.w[2] - v167;
      const i32 v173 = t * (4);
      const i32 v176 = v162 + v173;
      for (i32 x5 = v176; x5 < v168; x5 += (2048)) {
        const bool v181 = x5 < v168;
        const i32 v182 = (v181 ? x5 : v162);
        const i32 v184 = x5 + (1024);
        const bool v185 = v184 < v168;
        const i32 v186 = (v185 ? v184 : v162);
        const i32 v189 = g * n.w[7];
        const i32 v190 = n.w[6] + v189;
        const i32 v192 = v182 * n.w[8];
        const i32 v193 = v190 + v192;
        const four<u16> q194 = load_four(b0 + v193);
        const f32 v194 = bf16_of_bits(q194.x);
        const f32 v195 = bf16_of_bits(q194.y);
        const f32 v196 = bf16_of_bits(q194.z);
        const f32 v197 = bf16_of_bits(q194.w);
        const f32 v198 = v194;
        const i32 v200 = v182 + (1);
        const f32 v201 = v195;
        const i32 v203 = v182 + (2);
        const f32 v204 = v196;
        const i32 v206 = v182 + (3);
        const f32 v207 = v197;
        const f32 v208 = (v198 - v149);
        const i32 v210 = v182 + (1);
        const f32 v211 = (v201 - v149);
        const i32 v213 = v182 + (2);
        const f32 v214 = (v204 - v149);
        const i32 v216 = v182 + (3);
        const f32 v217 = (v207 - v149);
        const f32 v218 = exp_f32(v208);
        const i32 v220 = v182 + (1);
        const f32 v221 = exp_f32(v211);
        const i32 v223 = v182 + (2);
        const f32 v224 = exp_f32(v214);
        const i32 v226 = v182 + (3);
        const f32 v227 = exp_f32(v217);
        const i32 v230 = g * n.w[7];
        const i32 v231 = n.w[6] + v230;
        const i32 v233 = v186 * n.w[8];
        const i32 v234 = v231 + v233;
        const four<u16> q235 = load_four(b0 + v234);
        const f32 v235 = bf16_of_bits(q235.x);
        const f32 v236 = bf16_of_bits(q235.y);
        const f32 v237 = bf16_of_bits(q235.z);
        const f32 v238 = bf16_of_bits(q235.w);
        const f32 v239 = v235;
        const i32 v241 = v186 + (1);
        const f32 v242 = v236;
        const i32 v244 = v186 + (2);
        const f32 v245 = v237;
        const i32 v247 = v186 + (3);
        const f32 v248 = v238;
        const f32 v249 = (v239 - v149);
        const i32 v251 = v186 + (1);
        const f32 v252 = (v242 - v149);
        const i32 v254 = v186 + (2);
        const f32 v255 = (v245 - v149);
        const i32 v257 = v186 + (3);
        const f32 v258 = (v248 - v149);
        const f32 v259 = exp_f32(v249);
        const i32 v261 = v186 + (1);
        const f32 v262 = exp_f32(v252);
        const i32 v264 = v186 + (2);
        const f32 v265 = exp_f32(v255);
        const i32 v267 = v186 + (3);
        const f32 v268 = exp_f32(v258);
        if (v181) {
          const f32 v269 = x4;
          const f32 v270 = (v269 + v218);
          x4 = v270;
          const i32 v272 = v182 + (1);
          const f32 v273 = x4;
          const f32 v274 = (v273 + v221);
          x4 = v274;
          const i32 v276 = v182 + (2);
          const f32 v277 = x4;
          const f32 v278 = (v277 + v224);
          x4 = v278;
          const i32 v280 = v182 + (3);
          const f32 v281 = x4;
          const f32 v282 = (v281 + v227);
          x4 = v282;
        }
        if (v185) {
          const f32 v283 = x4;
          const f32 v284 = (v283 + v259);
          x4 = v284;
          const i32 v286 = v186 + (1);
          const f32 v287 = x4;
          const f32 v288 = (v287 + v262);
          x4 = v288;
          const i32 v290 = v186 + (2);
          const f32 v291 = x4;
          const f32 v292 = (v291 + v265);
          x4 = v292;
          const i32 v294 = v186 + (3);
          const f32 v295 = x4;
          const f32 v296 = (v295 + v268);
          x4 = v296;
        }
      }
      const bool v298 = t < v169;
      if (v298) {
        const bool v299 = t < v162;
        const i32 v300 = t + v167;
        const i32 v301 = (v299 ? t : v300);
        const i32 v304 = g * n.w[7];
        const i32 v305 = n.w[6] + v304;
        const i32 v307 = v301 * n.w[8];
        const i32 v308 = v305 + v307;
        const f32 v309 = bf16_of_bits(b0[v308]);
        const f32 v310 = v309;
        const f32 v311 = (v310 - v149);
        const f32 v312 = exp_f32(v311);
        const f32 v313 = x4;
        const f32 v314 = (v313 + v312);
        x4 = v314;
      }
    }
    const f32 v316 = x4;
    s1[t] = v316;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v320 = t < (16);
    if (v320) {
      const i32 v321 = t + (16);
      for (i32 x6 = v321; x6 < (256); x6 += (16)) {
        const f32 v323 = s1[x6];
        const f32 v324 = x4;
        const f32 v325 = (v324 + v323);
        x4 = v325;
      }
      const f32 v326 = x4;
      s1[t] = v326;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v327 = s1[(0)];
    x4 = v327;
    for (i32 x7 = (1); x7 < (16); x7 += (1)) {
      const f32 v330 = s1[x7];
      const f32 v331 = x4;
      const f32 v332 = (v331 + v330);
      x4 = v332;
    }
    const f32 v333 = x4;
    f32 x8 = (0.0f);
    const f32 v336 = log_f32(v333);
    const i32 v339 = g * n.w[10];
    const i32 v340 = n.w[9] + v339;
    const i64 v341 = b1[v340];
    const f32 v342 = bitcast<f32>(n.w[18]);
    const bool v343 = (0) < n.w[2];
    if (v343) {
      const i32 v347 = g * n.w[7];
      const i32 v348 = n.w[6] + v347;
      const i32 v349 = v348 % (4);
      const i32 v350 = (4) - v349;
      const i32 v351 = v350 % (4);
      const bool v352 = v351 < n.w[2];
      const i32 v353 = (v352 ? v351 : n.w[2]);
      const i32 v354 = n.w[2] - v353;
      const i32 v356 = v354 / (4);
      const i32 v358 = v356 * (4);
      const i32 v359 = v353 + v358;
      const i32 v360 = n.w[2] - v358;
      const i32 v364 = t * (4);
      const i32 v367 = v353 + v364;
      for (i32 x9 = v367; x9 < v359; x9 += (2048)) {
        const bool v372 = x9 < v359;
        const i32 v373 = (v372 ? x9 : v353);
        const i32 v375 = x9 + (1024);
        const bool v376 = v375 < v359;
        const i32 v377 = (v376 ? v375 : v353);
        const i64 v379 = i64(v373);
        const i32 v381 = v373 + (1);
        const i64 v383 = i64(v381);
        const i32 v385 = v373 + (2);
        const i64 v387 = i64(v385);
        const i32 v389 = v373 + (3);
        const i64 v391 = i64(v389);
        const bool v392 = (v379 == v341);
        const i32 v394 = v373 + (1);
        const bool v395 = (v383 == v341);
        const i32 v397 = v373 + (2);
        const bool v398 = (v387 == v341);
        const i32 v400 = v373 + (3);
        const bool v401 = (v391 == v341);
        const i64 v403 = i64(v377);
        const i32 v405 = v377 + (1);
        const i64 v407 = i64(v405);
        const i32 v409 = v377 + (2);
        const i64 v411 = i64(v409);
        const i32 v413 = v377 + (3);
        const i64 v415 = i64(v413);
        const bool v416 = (v403 == v341);
        const i32 v418 = v377 + (1);
        const bool v419 = (v407 == v341);
        const i32 v421 = v377 + (2);
        const bool v422 = (v411 == v341);
        const i32 v424 = v377 + (3);
        const bool v425 = (v415 == v341);
        if (v372) {
          f32 x10 = v342;
          if (v392) {
            const i32 v428 = g * n.w[7];
            const i32 v429 = n.w[6] + v428;
            const i32 v431 = v373 * n.w[8];
            const i32 v432 = v429 + v431;
            const f32 v433 = bf16_of_bits(b0[v432]);
            const f32 v434 = v433;
            const f32 v435 = (v434 - v149);
            const f32 v436 = (v435 - v336);
            x10 = v436;
          }
          const f32 v437 = x10;
          f32 x11 = v342;
          if (v395) {
            const i32 v439 = v373 + (1);
            const i32 v442 = g * n.w[7];
            const i32 v443 = n.w[6] + v442;
            const i32 v445 = v439 * n.w[8];
            const i32 v446 = v443 + v445;
            const f32 v447 = bf16_of_bits(b0[v446]);
            const f32 v448 = v447;
            const f32 v449 = (v448 - v149);
            const f32 v450 = (v449 - v336);
            x11 = v450;
          }
          const f32 v451 = x11;
          f32 x12 = v342;
          if (v398) {
            const i32 v453 = v373 + (2);
            const i32 v456 = g * n.w[7];
            const i32 v457 = n.w[6] + v456;
            const i32 v459 = v453 * n.w[8];
            const i32 v460 = v457 + v459;
            const f32 v461 = bf16_of_bits(b0[v460]);
            const f32 v462 = v461;
            const f32 v463 = (v462 - v149);
            const f32 v464 = (v463 - v336);
            x12 = v464;
          }
          const f32 v465 = x12;
          f32 x13 = v342;
          if (v401) {
            const i32 v467 = v373 + (3);
            const i32 v470 = g * n.w[7];
            const i32 v471 = n.w[6] + v470;
            const i32 v473 = v467 * n.w[8];
            const i32 v474 = v471 + v473;
            const f32 v475 = bf16_of_bits(b0[v474]);
            const f32 v476 = v475;
            const f32 v477 = (v476 - v149);
            const f32 v478 = (v477 - v336);
            x13 = v478;
          }
          const f32 v479 = x13;
          const f32 v480 = x8;
          const f32 v481 = (v480 + v437);
          x8 = v481;
          const i32 v483 = v373 + (1);
          const f32 v484 = x8;
          const f32 v485 = (v484 + v451);
          x8 = v485;
          const i32 v487 = v373 + (2);
          const f32 v488 = x8;
          const f32 v489 = (v488 + v465);
          x8 = v489;
          const i32 v491 = v373 + (3);
          const f32 v492 = x8;
          const f32 v493 = (v492 + v479);
          x8 = v493;
        }
        if (v376) {
          f32 x14 = v342;
          if (v416) {
            const i32 v496 = g * n.w[7];
            const i32 v497 = n.w[6] + v496;
            const i32 v499 = v377 * n.w[8];
            const i32 v500 = v497 + v499;
            const f32 v501 = bf16_of_bits(b0[v500]);
            const f32 v502 = v501;
            const f32 v503 = (v502 - v149);
            const f32 v504 = (v503 - v336);
            x14 = v504;
          }
          const f32 v505 = x14;
          f32 x15 = v342;
          if (v419) {
            const i32 v507 = v377 + (1);
            const i32 v510 = g * n.w[7];
            const i32 v511 = n.w[6] + v510;
            const i32 v513 = v507 * n.w[8];
            const i32 v514 = v511 + v513;
            const f32 v515 = bf16_of_bits(b0[v514]);
            const f32 v516 = v515;
            const f32 v517 = (v516 - v149);
            const f32 v518 = (v517 - v336);
            x15 = v518;
          }
          const f32 v519 = x15;
          f32 x16 = v342;
          if (v422) {
            const i32 v521 = v377 + (2);
            const i32 v524 = g * n.w[7];
            const i32 v525 = n.w[6] + v524;
            const i32 v527 = v521 * n.w[8];
            const i32 v528 = v525 + v527;
            const f32 v529 = bf16_of_bits(b0[v528]);
            const f32 v530 = v529;
            const f32 v531 = (v530 - v149);
            const f32 v532 = (v531 - v336);
            x16 = v532;
          }
          const f32 v533 = x16;
          f32 x17 = v342;
          if (v425) {
            const i32 v535 = v377 + (3);
            const i32 v538 = g * n.w[7];
            const i32 v539 = n.w[6] + v538;
            const i32 v541 = v535 * n.w[8];
            const i32 v542 = v539 + v541;
            const f32 v543 = bf16_of_bits(b0[v542]);
            const f32 v544 = v543;
            const f32 v545 = (v544 - v149);
            const f32 v546 = (v545 - v336);
            x17 = v546;
          }
          const f32 v547 = x17;
          const f32 v548 = x8;
          const f32 v549 = (v548 + v505);
          x8 = v549;
          const i32 v551 = v377 + (1);
          const f32 v552 = x8;
          const f32 v553 = (v552 + v519);
          x8 = v553;
          const i32 v555 = v377 + (2);
          const f32 v556 = x8;
          const f32 v557 = (v556 + v533);
          x8 = v557;
          const i32 v559 = v377 + (3);
          const f32 v560 = x8;
          const f32 v561 = (v560 + v547);
          x8 = v561;
        }
      }
      const bool v563 = t < v360;
      if (v563) {
        const bool v564 = t < v353;
        const i32 v565 = t + v358;
        const i32 v566 = (v564 ? t : v565);
        const i64 v568 = i64(v566);
        const bool v569 = (v568 == v341);
        f32 x18 = v342;
        if (v569) {
          const i32 v572 = g * n.w[7];
          const i32 v573 = n.w[6] + v572;
          const i32 v575 = v566 * n.w[8];
          const i32 v576 = v573 + v575;
          const f32 v577 = bf16_of_bits(b0[v576]);
          const f32 v578 = v577;
          const f32 v579 = (v578 - v149);
          const f32 v580 = (v579 - v336);
          x18 = v580;
        }
        const f32 v581 = x18;
        const f32 v582 = x8;
        const f32 v583 = (v582 + v581);
        x8 = v583;
      }
    }
    const f32 v585 = x8;
    s2[t] = v585;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v589 = t < (16);
    if (v589) {
      const i32 v590 = t + (16);
      for (i32 x19 = v590; x19 < (256); x19 += (16)) {
        const f32 v592 = s2[x19];
        const f32 v593 = x8;
        const f32 v594 = (v593 + v592);
        x8 = v594;
      }
      const f32 v595 = x8;
      s2[t] = v595;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const f32 v596 = s2[(0)];
    x8 = v596;
    for (i32 x20 = (1); x20 < (16); x20 += (1)) {
      const f32 v599 = s2[x20];
      const f32 v600 = x8;
      const f32 v601 = (v600 + v599);
      x8 = v601;
    }
    const f32 v602 = x8;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    const bool v605 = t < (1);
    if (v605) {
      const i32 v608 = g * n.w[13];
      const i32 v609 = n.w[12] + v608;
      b2[v609] = v602;
      const i32 v612 = g * n.w[16];
      const i32 v613 = n.w[15] + v612;
      b3[v613] = v336;
    }
  }
}
