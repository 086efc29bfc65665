namespace st {
DEVICE bool is_nan(f32 x) { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

DEVICE f32 chosen(f32 no, f32 yes, bool condition) {
  return bitcast<f32>(select(bitcast<u32>(no), bitcast<u32>(yes), condition));
}

DEVICE f32 max_f32(f32 a, f32 b) { return chosen(b, a, is_nan(a) || (a > b && !is_nan(b))); }

}

struct Numbers { i32 w[24]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u16* b0, const i64* b1, const f32* b2, f32* b3, f32* b4, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  alignas(16) __shared__ f32 s0[256];
  alignas(16) __shared__ f32 s1[256];
  alignas(16) __shared__ f32 s2[256];
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
    wait_for_group();
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
    wait_for_group();
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
        const f32 v218 = __ocml_exp_f32(v208);
        const i32 v220 = v182 + (1);
        const f32 v221 = __ocml_exp_f32(v211);
        const i32 v223 = v182 + (2);
        const f32 v224 = __ocml_exp_f32(v214);
        const i32 v226 = v182 + (3);
        const f32 v227 = __ocml_exp_f32(v217);
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
        const f32 v259 = __ocml_exp_f32(v249);
        const i32 v261 = v186 + (1);
        const f32 v262 = __ocml_exp_f32(v252);
        const i32 v264 = v186 + (2);
        const f32 v265 = __ocml_exp_f32(v255);
        const i32 v267 = v186 + (3);
        const f32 v268 = __ocml_exp_f32(v258);
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
        const f32 v312 = __ocml_exp_f32(v311);
        const f32 v313 = x4;
        const f32 v314 = (v313 + v312);
        x4 = v314;
      }
    }
    const f32 v316 = x4;
    s1[t] = v316;
    wait_for_group();
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
    wait_for_group();
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
    const f32 v336 = __ocml_log_f32(v333);
    const i32 v339 = g * n.w[13];
    const i32 v340 = n.w[12] + v339;
    const i32 v343 = g * n.w[10];
    const i32 v344 = n.w[9] + v343;
    const i64 v345 = b1[v344];
    const i32 v348 = wrapped(v345, n.w[15], faults);
    const i32 v349 = v348 * n.w[16];
    const i32 v350 = v340 + v349;
    const f32 v351 = b2[v350];
    const f32 v352 = bitcast<f32>(n.w[23]);
    const bool v353 = (0) < n.w[2];
    if (v353) {
      const i32 v357 = g * n.w[7];
      const i32 v358 = n.w[6] + v357;
      const i32 v359 = v358 % (4);
      const i32 v360 = (4) - v359;
      const i32 v361 = v360 % (4);
      const bool v362 = v361 < n.w[2];
      const i32 v363 = (v362 ? v361 : n.w[2]);
      const i32 v364 = n.w[2] - v363;
      const i32 v366 = v364 / (4);
      const i32 v368 = v366 * (4);
      const i32 v369 = v363 + v368;
      const i32 v370 = n.w[2] - v368;
      const i32 v374 = t * (4);
      const i32 v377 = v363 + v374;
      for (i32 x9 = v377; x9 < v369; x9 += (2048)) {
        const bool v382 = x9 < v369;
        const i32 v383 = (v382 ? x9 : v363);
        const i32 v385 = x9 + (1024);
        const bool v386 = v385 < v369;
        const i32 v387 = (v386 ? v385 : v363);
        const i64 v389 = i64(v383);
        const i32 v391 = v383 + (1);
        const i64 v393 = i64(v391);
        const i32 v395 = v383 + (2);
        const i64 v397 = i64(v395);
        const i32 v399 = v383 + (3);
        const i64 v401 = i64(v399);
        const bool v402 = (v389 == v345);
        const i32 v404 = v383 + (1);
        const bool v405 = (v393 == v345);
        const i32 v407 = v383 + (2);
        const bool v408 = (v397 == v345);
        const i32 v410 = v383 + (3);
        const bool v411 = (v401 == v345);
        const i64 v413 = i64(v387);
        const i32 v415 = v387 + (1);
        const i64 v417 = i64(v415);
        const i32 v419 = v387 + (2);
        const i64 v421 = i64(v419);
        const i32 v423 = v387 + (3);
        const i64 v425 = i64(v423);
        const bool v426 = (v413 == v345);
        const i32 v428 = v387 + (1);
        const bool v429 = (v417 == v345);
        const i32 v431 = v387 + (2);
        const bool v432 = (v421 == v345);
        const i32 v434 = v387 + (3);
        const bool v435 = (v425 == v345);
        if (v382) {
          f32 x10 = v352;
          if (v402) {
            const i32 v438 = g * n.w[7];
            const i32 v439 = n.w[6] + v438;
            const i32 v441 = v383 * n.w[8];
            const i32 v442 = v439 + v441;
            const f32 v443 = bf16_of_bits(b0[v442]);
            const f32 v444 = v443;
            const f32 v445 = (v444 - v149);
            const f32 v446 = (v445 - v336);
            const f32 v447 = (v446 * v351);
            x10 = v447;
          }
          const f32 v448 = x10;
          f32 x11 = v352;
          if (v405) {
            const i32 v450 = v383 + (1);
            const i32 v453 = g * n.w[7];
            const i32 v454 = n.w[6] + v453;
            const i32 v456 = v450 * n.w[8];
            const i32 v457 = v454 + v456;
            const f32 v458 = bf16_of_bits(b0[v457]);
            const f32 v459 = v458;
            const f32 v460 = (v459 - v149);
            const f32 v461 = (v460 - v336);
            const f32 v462 = (v461 * v351);
            x11 = v462;
          }
          const f32 v463 = x11;
          f32 x12 = v352;
          if (v408) {
            const i32 v465 = v383 + (2);
            const i32 v468 = g * n.w[7];
            const i32 v469 = n.w[6] + v468;
            const i32 v471 = v465 * n.w[8];
            const i32 v472 = v469 + v471;
            const f32 v473 = bf16_of_bits(b0[v472]);
            const f32 v474 = v473;
            const f32 v475 = (v474 - v149);
            const f32 v476 = (v475 - v336);
            const f32 v477 = (v476 * v351);
            x12 = v477;
          }
          const f32 v478 = x12;
          f32 x13 = v352;
          if (v411) {
            const i32 v480 = v383 + (3);
            const i32 v483 = g * n.w[7];
            const i32 v484 = n.w[6] + v483;
            const i32 v486 = v480 * n.w[8];
            const i32 v487 = v484 + v486;
            const f32 v488 = bf16_of_bits(b0[v487]);
            const f32 v489 = v488;
            const f32 v490 = (v489 - v149);
            const f32 v491 = (v490 - v336);
            const f32 v492 = (v491 * v351);
            x13 = v492;
          }
          const f32 v493 = x13;
          const f32 v494 = x8;
          const f32 v495 = (v494 + v448);
          x8 = v495;
          const i32 v497 = v383 + (1);
          const f32 v498 = x8;
          const f32 v499 = (v498 + v463);
          x8 = v499;
          const i32 v501 = v383 + (2);
          const f32 v502 = x8;
          const f32 v503 = (v502 + v478);
          x8 = v503;
          const i32 v505 = v383 + (3);
          const f32 v506 = x8;
          const f32 v507 = (v506 + v493);
          x8 = v507;
        }
        if (v386) {
          f32 x14 = v352;
          if (v426) {
            const i32 v510 = g * n.w[7];
            const i32 v511 = n.w[6] + v510;
            const i32 v513 = v387 * n.w[8];
            const i32 v514 = v511 + v513;
            const f32 v515 = bf16_of_bits(b0[v514]);
            const f32 v516 = v515;
            const f32 v517 = (v516 - v149);
            const f32 v518 = (v517 - v336);
            const f32 v519 = (v518 * v351);
            x14 = v519;
          }
          const f32 v520 = x14;
          f32 x15 = v352;
          if (v429) {
            const i32 v522 = v387 + (1);
            const i32 v525 = g * n.w[7];
            const i32 v526 = n.w[6] + v525;
            const i32 v528 = v522 * n.w[8];
            const i32 v529 = v526 + v528;
            const f32 v530 = bf16_of_bits(b0[v529]);
            const f32 v531 = v530;
            const f32 v532 = (v531 - v149);
            const f32 v533 = (v532 - v336);
            const f32 v534 = (v533 * v351);
            x15 = v534;
          }
          const f32 v535 = x15;
          f32 x16 = v352;
          if (v432) {
            const i32 v537 = v387 + (2);
            const i32 v540 = g * n.w[7];
            const i32 v541 = n.w[6] + v540;
            const i32 v543 = v537 * n.w[8];
            const i32 v544 = v541 + v543;
            const f32 v545 = bf16_of_bits(b0[v544]);
            const f32 v546 = v545;
            const f32 v547 = (v546 - v149);
            const f32 v548 = (v547 - v336);
            const f32 v549 = (v548 * v351);
            x16 = v549;
          }
          const f32 v550 = x16;
          f32 x17 = v352;
          if (v435) {
            const i32 v552 = v387 + (3);
            const i32 v555 = g * n.w[7];
            const i32 v556 = n.w[6] + v555;
            const i32 v558 = v552 * n.w[8];
            const i32 v559 = v556 + v558;
            const f32 v560 = bf16_of_bits(b0[v559]);
            const f32 v561 = v560;
            const f32 v562 = (v561 - v149);
            const f32 v563 = (v562 - v336);
            const f32 v564 = (v563 * v351);
            x17 = v564;
          }
          const f32 v565 = x17;
          const f32 v566 = x8;
          const f32 v567 = (v566 + v520);
          x8 = v567;
          const i32 v569 = v387 + (1);
          const f32 v570 = x8;
          const f32 v571 = (v570 + v535);
          x8 = v571;
          const i32 v573 = v387 + (2);
          const f32 v574 = x8;
          const f32 v575 = (v574 + v550);
          x8 = v575;
          const i32 v577 = v387 + (3);
          const f32 v578 = x8;
          const f32 v579 = (v578 + v565);
          x8 = v579;
        }
      }
      const bool v581 = t < v370;
      if (v581) {
        const bool v582 = t < v363;
        const i32 v583 = t + v368;
        const i32 v584 = (v582 ? t : v583);
        const i64 v586 = i64(v584);
        const bool v587 = (v586 == v345);
        f32 x18 = v352;
        if (v587) {
          const i32 v590 = g * n.w[7];
          const i32 v591 = n.w[6] + v590;
          const i32 v593 = v584 * n.w[8];
          const i32 v594 = v591 + v593;
          const f32 v595 = bf16_of_bits(b0[v594]);
          const f32 v596 = v595;
          const f32 v597 = (v596 - v149);
          const f32 v598 = (v597 - v336);
          const f32 v599 = (v598 * v351);
          x18 = v599;
        }
        const f32 v600 = x18;
        const f32 v601 = x8;
        const f32 v602 = (v601 + v600);
        x8 = v602;
      }
    }
    const f32 v604 = x8;
    s2[t] = v604;
    wait_for_group();
    const bool v608 = t < (16);
    if (v608) {
      const i32 v609 = t + (16);
      for (i32 x19 = v609; x19 < (256); x19 += (16)) {
        const f32 v611 = s2[x19];
        const f32 v612 = x8;
        const f32 v613 = (v612 + v611);
        x8 = v613;
      }
      const f32 v614 = x8;
      s2[t] = v614;
    }
    wait_for_group();
    const f32 v615 = s2[(0)];
    x8 = v615;
    for (i32 x20 = (1); x20 < (16); x20 += (1)) {
      const f32 v618 = s2[x20];
      const f32 v619 = x8;
      const f32 v620 = (v619 + v618);
      x8 = v620;
    }
    const f32 v621 = x8;
    wait_for_group();
    const bool v624 = t < (1);
    if (v624) {
      const i32 v627 = g * n.w[18];
      const i32 v628 = n.w[17] + v627;
      b3[v628] = v621;
      const i32 v631 = g * n.w[21];
      const i32 v632 = n.w[20] + v631;
      b4[v632] = v336;
    }
  }
}
