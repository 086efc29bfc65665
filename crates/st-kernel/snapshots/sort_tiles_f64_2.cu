struct Numbers { i32 w[16]; };

extern "C" __global__ void __launch_bounds__(128) entry(const u8* b0, const u8* b1, const u8* b2, i32* b3, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  alignas(16) __shared__ i32 s0[256];
  alignas(16) __shared__ i32 s1[256];
  const i32 v3 = n.w[5] + (2047);
  const i32 v5 = v3 / (2048);
  const i32 v6 = g / v5;
  const i32 v7 = g % v5;
  const i32 v8 = v6 * n.w[5];
  const bool v10 = v8 < n.w[1];
  if (v10) {
    const i32 v15 = v5 + (31);
    const i32 v17 = v15 / (32);
    const i32 v18 = v7 / (32);
    const i32 v20 = v18 * (32);
    const i32 v23 = t * (2);
    i32 x0 = (0);
    for (i32 x1 = v20; x1 < v7; x1 += (1)) {
      const i32 v29 = n.w[1] / n.w[5];
      const i32 v31 = n.w[1] * (4);
      const i32 v33 = v5 + (31);
      const i32 v35 = v33 / (32);
      const i32 v36 = v6 * v5;
      const i32 v37 = v36 + x1;
      const i32 v39 = v37 * (256);
      const i32 v40 = v29 * v5;
      const i32 v42 = v40 * (256);
      const i32 v43 = v31 + v39;
      const i32 v44 = v31 + v42;
      const i32 v45 = v6 * v5;
      const i32 v46 = v45 + x1;
      const i32 v48 = v46 * (256);
      const i32 v49 = v29 * v5;
      const i32 v51 = v49 * (256);
      const i32 v52 = v44 + v48;
      const i32 v53 = v44 + v51;
      const i32 v54 = v6 * v35;
      const i32 v55 = v54 + x1;
      const i32 v57 = v55 * (256);
      const i32 v58 = v29 * v35;
      const i32 v60 = v58 * (256);
      const i32 v61 = v53 + v57;
      const i32 v62 = v53 + v60;
      const i32 v63 = v43 + v23;
      const i32 v64 = x0;
      const i32 v65 = b3[v63];
      const i32 v66 = v64 + v65;
      x0 = v66;
    }
    const i32 v67 = x0;
    i32 x2 = (0);
    i32 x3 = v67;
    for (i32 x4 = (0); x4 < v17; x4 += (1)) {
      const i32 v70 = n.w[1] / n.w[5];
      const i32 v72 = n.w[1] * (4);
      const i32 v74 = v5 + (31);
      const i32 v76 = v74 / (32);
      const i32 v77 = v6 * v5;
      const i32 v78 = v77 + x4;
      const i32 v80 = v78 * (256);
      const i32 v81 = v70 * v5;
      const i32 v83 = v81 * (256);
      const i32 v84 = v72 + v80;
      const i32 v85 = v72 + v83;
      const i32 v86 = v6 * v5;
      const i32 v87 = v86 + x4;
      const i32 v89 = v87 * (256);
      const i32 v90 = v70 * v5;
      const i32 v92 = v90 * (256);
      const i32 v93 = v85 + v89;
      const i32 v94 = v85 + v92;
      const i32 v95 = v6 * v76;
      const i32 v96 = v95 + x4;
      const i32 v98 = v96 * (256);
      const i32 v99 = v70 * v76;
      const i32 v101 = v99 * (256);
      const i32 v102 = v94 + v98;
      const i32 v103 = v94 + v101;
      const i32 v104 = v102 + v23;
      const i32 v105 = b3[v104];
      const bool v106 = x4 < v18;
      const i32 v107 = (v106 ? v105 : (0));
      const i32 v108 = x2;
      const i32 v109 = v108 + v105;
      x2 = v109;
      const i32 v110 = x3;
      const i32 v111 = v110 + v107;
      x3 = v111;
    }
    const i32 v112 = x2;
    const i32 v113 = x3;
    const i32 v116 = t * (2);
    const i32 v118 = v116 + (1);
    i32 x5 = (0);
    for (i32 x6 = v20; x6 < v7; x6 += (1)) {
      const i32 v123 = n.w[1] / n.w[5];
      const i32 v125 = n.w[1] * (4);
      const i32 v127 = v5 + (31);
      const i32 v129 = v127 / (32);
      const i32 v130 = v6 * v5;
      const i32 v131 = v130 + x6;
      const i32 v133 = v131 * (256);
      const i32 v134 = v123 * v5;
      const i32 v136 = v134 * (256);
      const i32 v137 = v125 + v133;
      const i32 v138 = v125 + v136;
      const i32 v139 = v6 * v5;
      const i32 v140 = v139 + x6;
      const i32 v142 = v140 * (256);
      const i32 v143 = v123 * v5;
      const i32 v145 = v143 * (256);
      const i32 v146 = v138 + v142;
      const i32 v147 = v138 + v145;
      const i32 v148 = v6 * v129;
      const i32 v149 = v148 + x6;
      const i32 v151 = v149 * (256);
      const i32 v152 = v123 * v129;
      const i32 v154 = v152 * (256);
      const i32 v155 = v147 + v151;
      const i32 v156 = v147 + v154;
      const i32 v157 = v137 + v118;
      const i32 v158 = x5;
      const i32 v159 = b3[v157];
      const i32 v160 = v158 + v159;
      x5 = v160;
    }
    const i32 v161 = x5;
    i32 x7 = (0);
    i32 x8 = v161;
    for (i32 x9 = (0); x9 < v17; x9 += (1)) {
      const i32 v164 = n.w[1] / n.w[5];
      const i32 v166 = n.w[1] * (4);
      const i32 v168 = v5 + (31);
      const i32 v170 = v168 / (32);
      const i32 v171 = v6 * v5;
      const i32 v172 = v171 + x9;
      const i32 v174 = v172 * (256);
      const i32 v175 = v164 * v5;
      const i32 v177 = v175 * (256);
      const i32 v178 = v166 + v174;
      const i32 v179 = v166 + v177;
      const i32 v180 = v6 * v5;
      const i32 v181 = v180 + x9;
      const i32 v183 = v181 * (256);
      const i32 v184 = v164 * v5;
      const i32 v186 = v184 * (256);
      const i32 v187 = v179 + v183;
      const i32 v188 = v179 + v186;
      const i32 v189 = v6 * v170;
      const i32 v190 = v189 + x9;
      const i32 v192 = v190 * (256);
      const i32 v193 = v164 * v170;
      const i32 v195 = v193 * (256);
      const i32 v196 = v188 + v192;
      const i32 v197 = v188 + v195;
      const i32 v198 = v196 + v118;
      const i32 v199 = b3[v198];
      const bool v200 = x9 < v18;
      const i32 v201 = (v200 ? v199 : (0));
      const i32 v202 = x7;
      const i32 v203 = v202 + v199;
      x7 = v203;
      const i32 v204 = x8;
      const i32 v205 = v204 + v201;
      x8 = v205;
    }
    const i32 v206 = x7;
    const i32 v207 = x8;
    const i32 v208 = v112 + v206;
    i32 x10 = v208;
    const i32 v211 = x10;
    s0[t] = v211;
    __syncthreads();
    const bool v214 = t < (1);
    const i32 v215 = t - (1);
    const i32 v216 = (v214 ? t : v215);
    const i32 v218 = s0[v216];
    const i32 v219 = (v214 ? (0) : v218);
    const i32 v220 = v211 + v219;
    x10 = v220;
    const i32 v221 = x10;
    const i32 v223 = t + (128);
    s0[v223] = v221;
    __syncthreads();
    const bool v225 = t < (2);
    const i32 v226 = t - (2);
    const i32 v227 = (v225 ? t : v226);
    const i32 v229 = v227 + (128);
    const i32 v230 = s0[v229];
    const i32 v231 = (v225 ? (0) : v230);
    const i32 v232 = v221 + v231;
    x10 = v232;
    const i32 v233 = x10;
    s0[t] = v233;
    __syncthreads();
    const bool v236 = t < (4);
    const i32 v237 = t - (4);
    const i32 v238 = (v236 ? t : v237);
    const i32 v240 = s0[v238];
    const i32 v241 = (v236 ? (0) : v240);
    const i32 v242 = v233 + v241;
    x10 = v242;
    const i32 v243 = x10;
    const i32 v245 = t + (128);
    s0[v245] = v243;
    __syncthreads();
    const bool v247 = t < (8);
    const i32 v248 = t - (8);
    const i32 v249 = (v247 ? t : v248);
    const i32 v251 = v249 + (128);
    const i32 v252 = s0[v251];
    const i32 v253 = (v247 ? (0) : v252);
    const i32 v254 = v243 + v253;
    x10 = v254;
    const i32 v255 = x10;
    s0[t] = v255;
    __syncthreads();
    const bool v258 = t < (16);
    const i32 v259 = t - (16);
    const i32 v260 = (v258 ? t : v259);
    const i32 v262 = s0[v260];
    const i32 v263 = (v258 ? (0) : v262);
    const i32 v264 = v255 + v263;
    x10 = v264;
    const i32 v265 = x10;
    const i32 v267 = t + (128);
    s0[v267] = v265;
    __syncthreads();
    const bool v269 = t < (32);
    const i32 v270 = t - (32);
    const i32 v271 = (v269 ? t : v270);
    const i32 v273 = v271 + (128);
    const i32 v274 = s0[v273];
    const i32 v275 = (v269 ? (0) : v274);
    const i32 v276 = v265 + v275;
    x10 = v276;
    const i32 v277 = x10;
    s0[t] = v277;
    __syncthreads();
    const bool v280 = t < (64);
    const i32 v281 = t - (64);
    const i32 v282 = (v280 ? t : v281);
    const i32 v284 = s0[v282];
    const i32 v285 = (v280 ? (0) : v284);
    const i32 v286 = v277 + v285;
    x10 = v286;
    const i32 v287 = x10;
    const i32 v288 = v287 - v208;
    const i32 v290 = n.w[1] / n.w[5];
    const i32 v292 = n.w[1] * (4);
    const i32 v294 = v5 + (31);
    const i32 v296 = v294 / (32);
    const i32 v297 = v6 * v5;
    const i32 v298 = v297 + v7;
    const i32 v300 = v298 * (256);
    const i32 v301 = v290 * v5;
    const i32 v303 = v301 * (256);
    const i32 v304 = v292 + v300;
    const i32 v305 = v292 + v303;
    const i32 v306 = v6 * v5;
    const i32 v307 = v306 + v7;
    const i32 v309 = v307 * (256);
    const i32 v310 = v290 * v5;
    const i32 v312 = v310 * (256);
    const i32 v313 = v305 + v309;
    const i32 v314 = v305 + v312;
    const i32 v315 = v6 * v296;
    const i32 v316 = v315 + v7;
    const i32 v318 = v316 * (256);
    const i32 v319 = v290 * v296;
    const i32 v321 = v319 * (256);
    const i32 v322 = v314 + v318;
    const i32 v323 = v314 + v321;
    const i32 v324 = v313 + v23;
    const i32 v325 = b3[v324];
    const i32 v326 = v288 + v113;
    const i32 v327 = v326 - v325;
    s1[v23] = v327;
    const i32 v328 = v288 + v112;
    const i32 v329 = v313 + v118;
    const i32 v330 = b3[v329];
    const i32 v331 = v328 + v207;
    const i32 v332 = v331 - v330;
    s1[v118] = v332;
    const i32 v333 = v328 + v206;
    __syncthreads();
    const i32 v335 = v7 * (2048);
    const i32 v338 = (n.w[3] & (31));
    const i32 v343 = n.w[3] + (7);
    const i32 v345 = v343 / (8);
    const i32 v347 = v345 % (2);
    const i32 v349 = v347 * (2);
    const i32 v350 = v349 * n.w[1];
    const i32 v351 = v350 + v8;
    const i32 v352 = v351 + n.w[1];
    const i32 v356 = n.w[3] + (8);
    const i32 v358 = v356 + (7);
    const i32 v360 = v358 / (8);
    const i32 v362 = v360 % (2);
    const i32 v364 = v362 * (2);
    const i32 v365 = v364 * n.w[1];
    const i32 v366 = v365 + v8;
    const i32 v367 = v366 + n.w[1];
    const i32 v371 = v335 + t;
    const bool v372 = v371 < n.w[5];
    i32 x11 = (0);
    i32 x12 = (0);
    if (v372) {
      const i32 v373 = v351 + v371;
      const i32 v374 = b3[v373];
      x11 = v374;
      const i32 v375 = v352 + v371;
      const i32 v376 = b3[v375];
      x12 = v376;
    }
    const i32 v377 = x11;
    const i32 v378 = x12;
    const i32 v382 = t + (128);
    const i32 v383 = v335 + v382;
    const bool v384 = v383 < n.w[5];
    i32 x13 = (0);
    i32 x14 = (0);
    if (v384) {
      const i32 v385 = v351 + v383;
      const i32 v386 = b3[v385];
      x13 = v386;
      const i32 v387 = v352 + v383;
      const i32 v388 = b3[v387];
      x14 = v388;
    }
    const i32 v389 = x13;
    const i32 v390 = x14;
    const i32 v394 = t + (256);
    const i32 v395 = v335 + v394;
    const bool v396 = v395 < n.w[5];
    i32 x15 = (0);
    i32 x16 = (0);
    if (v396) {
      const i32 v397 = v351 + v395;
      const i32 v398 = b3[v397];
      x15 = v398;
      const i32 v399 = v352 + v395;
      const i32 v400 = b3[v399];
      x16 = v400;
    }
    const i32 v401 = x15;
    const i32 v402 = x16;
    const i32 v406 = t + (384);
    const i32 v407 = v335 + v406;
    const bool v408 = v407 < n.w[5];
    i32 x17 = (0);
    i32 x18 = (0);
    if (v408) {
      const i32 v409 = v351 + v407;
      const i32 v410 = b3[v409];
      x17 = v410;
      const i32 v411 = v352 + v407;
      const i32 v412 = b3[v411];
      x18 = v412;
    }
    const i32 v413 = x17;
    const i32 v414 = x18;
    const i32 v418 = t + (512);
    const i32 v419 = v335 + v418;
    const bool v420 = v419 < n.w[5];
    i32 x19 = (0);
    i32 x20 = (0);
    if (v420) {
      const i32 v421 = v351 + v419;
      const i32 v422 = b3[v421];
      x19 = v422;
      const i32 v423 = v352 + v419;
      const i32 v424 = b3[v423];
      x20 = v424;
    }
    const i32 v425 = x19;
    const i32 v426 = x20;
    const i32 v430 = t + (640);
    const i32 v431 = v335 + v430;
    const bool v432 = v431 < n.w[5];
    i32 x21 = (0);
    i32 x22 = (0);
    if (v432) {
      const i32 v433 = v351 + v431;
      const i32 v434 = b3[v433];
      x21 = v434;
      const i32 v435 = v352 + v431;
      const i32 v436 = b3[v435];
      x22 = v436;
    }
    const i32 v437 = x21;
    const i32 v438 = x22;
    const i32 v442 = t + (768);
    const i32 v443 = v335 + v442;
    const bool v444 = v443 < n.w[5];
    i32 x23 = (0);
    i32 x24 = (0);
    if (v444) {
      const i32 v445 = v351 + v443;
      const i32 v446 = b3[v445];
      x23 = v446;
      const i32 v447 = v352 + v443;
      const i32 v448 = b3[v447];
      x24 = v448;
    }
    const i32 v449 = x23;
    const i32 v450 = x24;
    const i32 v454 = t + (896);
    const i32 v455 = v335 + v454;
    const bool v456 = v455 < n.w[5];
    i32 x25 = (0);
    i32 x26 = (0);
    if (v456) {
      const i32 v457 = v351 + v455;
      const i32 v458 = b3[v457];
      x25 = v458;
      const i32 v459 = v352 + v455;
      const i32 v460 = b3[v459];
      x26 = v460;
    }
    const i32 v461 = x25;
    const i32 v462 = x26;
    const i32 v466 = t + (1024);
    const i32 v467 = v335 + v466;
    const bool v468 = v467 < n.w[5];
    i32 x27 = (0);
    i32 x28 = (0);
    if (v468) {
      const i32 v469 = v351 + v467;
      const i32 v470 = b3[v469];
      x27 = v470;
      const i32 v471 = v352 + v467;
      const i32 v472 = b3[v471];
      x28 = v472;
    }
    const i32 v473 = x27;
    const i32 v474 = x28;
    const i32 v478 = t + (1152);
    const i32 v479 = v335 + v478;
    const bool v480 = v479 < n.w[5];
    i32 x29 = (0);
    i32 x30 = (0);
    if (v480) {
      const i32 v481 = v351 + v479;
      const i32 v482 = b3[v481];
      x29 = v482;
      const i32 v483 = v352 + v479;
      const i32 v484 = b3[v483];
      x30 = v484;
    }
    const i32 v485 = x29;
    const i32 v486 = x30;
    const i32 v490 = t + (1280);
    const i32 v491 = v335 + v490;
    const bool v492 = v491 < n.w[5];
    i32 x31 = (0);
    i32 x32 = (0);
    if (v492) {
      const i32 v493 = v351 + v491;
      const i32 v494 = b3[v493];
      x31 = v494;
      const i32 v495 = v352 + v491;
      const i32 v496 = b3[v495];
      x32 = v496;
    }
    const i32 v497 = x31;
    const i32 v498 = x32;
    const i32 v502 = t + (1408);
    const i32 v503 = v335 + v502;
    const bool v504 = v503 < n.w[5];
    i32 x33 = (0);
    i32 x34 = (0);
    if (v504) {
      const i32 v505 = v351 + v503;
      const i32 v506 = b3[v505];
      x33 = v506;
      const i32 v507 = v352 + v503;
      const i32 v508 = b3[v507];
      x34 = v508;
    }
    const i32 v509 = x33;
    const i32 v510 = x34;
    const i32 v514 = t + (1536);
    const i32 v515 = v335 + v514;
    const bool v516 = v515 < n.w[5];
    i32 x35 = (0);
    i32 x36 = (0);
    if (v516) {
      const i32 v517 = v351 + v515;
      const i32 v518 = b3[v517];
      x35 = v518;
      const i32 v519 = v352 + v515;
      const i32 v520 = b3[v519];
      x36 = v520;
    }
    const i32 v521 = x35;
    const i32 v522 = x36;
    const i32 v526 = t + (1664);
    const i32 v527 = v335 + v526;
    const bool v528 = v527 < n.w[5];
    i32 x37 = (0);
    i32 x38 = (0);
    if (v528) {
      const i32 v529 = v351 + v527;
      const i32 v530 = b3[v529];
      x37 = v530;
      const i32 v531 = v352 + v527;
      const i32 v532 = b3[v531];
      x38 = v532;
    }
    const i32 v533 = x37;
    const i32 v534 = x38;
    const i32 v538 = t + (1792);
    const i32 v539 = v335 + v538;
    const bool v540 = v539 < n.w[5];
    i32 x39 = (0);
    i32 x40 = (0);
    if (v540) {
      const i32 v541 = v351 + v539;
      const i32 v542 = b3[v541];
      x39 = v542;
      const i32 v543 = v352 + v539;
      const i32 v544 = b3[v543];
      x40 = v544;
    }
    const i32 v545 = x39;
    const i32 v546 = x40;
    const i32 v550 = t + (1920);
    const i32 v551 = v335 + v550;
    const bool v552 = v551 < n.w[5];
    i32 x41 = (0);
    i32 x42 = (0);
    if (v552) {
      const i32 v553 = v351 + v551;
      const i32 v554 = b3[v553];
      x41 = v554;
      const i32 v555 = v352 + v551;
      const i32 v556 = b3[v555];
      x42 = v556;
    }
    const i32 v557 = x41;
    const i32 v558 = x42;
    if (v372) {
      const i32 v559 = shr_int(v377, v338);
      const i32 v561 = (v559 & (255));
      const i32 v562 = s1[v561];
      const i32 v563 = v562 + t;
      const i32 v564 = v366 + v563;
      b3[v564] = v377;
      const i32 v565 = v367 + v563;
      b3[v565] = v378;
    }
    if (v384) {
      const i32 v566 = shr_int(v389, v338);
      const i32 v568 = (v566 & (255));
      const i32 v569 = s1[v568];
      const i32 v570 = v569 + v382;
      const i32 v571 = v366 + v570;
      b3[v571] = v389;
      const i32 v572 = v367 + v570;
      b3[v572] = v390;
    }
    if (v396) {
      const i32 v573 = shr_int(v401, v338);
      const i32 v575 = (v573 & (255));
      const i32 v576 = s1[v575];
      const i32 v577 = v576 + v394;
      const i32 v578 = v366 + v577;
      b3[v578] = v401;
      const i32 v579 = v367 + v577;
      b3[v579] = v402;
    }
    if (v408) {
      const i32 v580 = shr_int(v413, v338);
      const i32 v582 = (v580 & (255));
      const i32 v583 = s1[v582];
      const i32 v584 = v583 + v406;
      const i32 v585 = v366 + v584;
      b3[v585] = v413;
      const i32 v586 = v367 + v584;
      b3[v586] = v414;
    }
    if (v420) {
      const i32 v587 = shr_int(v425, v338);
      const i32 v589 = (v587 & (255));
      const i32 v590 = s1[v589];
      const i32 v591 = v590 + v418;
      const i32 v592 = v366 + v591;
      b3[v592] = v425;
      const i32 v593 = v367 + v591;
      b3[v593] = v426;
    }
    if (v432) {
      const i32 v594 = shr_int(v437, v338);
      const i32 v596 = (v594 & (255));
      const i32 v597 = s1[v596];
      const i32 v598 = v597 + v430;
      const i32 v599 = v366 + v598;
      b3[v599] = v437;
      const i32 v600 = v367 + v598;
      b3[v600] = v438;
    }
    if (v444) {
      const i32 v601 = shr_int(v449, v338);
      const i32 v603 = (v601 & (255));
      const i32 v604 = s1[v603];
      const i32 v605 = v604 + v442;
      const i32 v606 = v366 + v605;
      b3[v606] = v449;
      const i32 v607 = v367 + v605;
      b3[v607] = v450;
    }
    if (v456) {
      const i32 v608 = shr_int(v461, v338);
      const i32 v610 = (v608 & (255));
      const i32 v611 = s1[v610];
      const i32 v612 = v611 + v454;
      const i32 v613 = v366 + v612;
      b3[v613] = v461;
      const i32 v614 = v367 + v612;
      b3[v614] = v462;
    }
    if (v468) {
      const i32 v615 = shr_int(v473, v338);
      const i32 v617 = (v615 & (255));
      const i32 v618 = s1[v617];
      const i32 v619 = v618 + v466;
      const i32 v620 = v366 + v619;
      b3[v620] = v473;
      const i32 v621 = v367 + v619;
      b3[v621] = v474;
    }
    if (v480) {
      const i32 v622 = shr_int(v485, v338);
      const i32 v624 = (v622 & (255));
      const i32 v625 = s1[v624];
      const i32 v626 = v625 + v478;
      const i32 v627 = v366 + v626;
      b3[v627] = v485;
      const i32 v628 = v367 + v626;
      b3[v628] = v486;
    }
    if (v492) {
      const i32 v629 = shr_int(v497, v338);
      const i32 v631 = (v629 & (255));
      const i32 v632 = s1[v631];
      const i32 v633 = v632 + v490;
      const i32 v634 = v366 + v633;
      b3[v634] = v497;
      const i32 v635 = v367 + v633;
      b3[v635] = v498;
    }
    if (v504) {
      const i32 v636 = shr_int(v509, v338);
      const i32 v638 = (v636 & (255));
      const i32 v639 = s1[v638];
      const i32 v640 = v639 + v502;
      const i32 v641 = v366 + v640;
      b3[v641] = v509;
      const i32 v642 = v367 + v640;
      b3[v642] = v510;
    }
    if (v516) {
      const i32 v643 = shr_int(v521, v338);
      const i32 v645 = (v643 & (255));
      const i32 v646 = s1[v645];
      const i32 v647 = v646 + v514;
      const i32 v648 = v366 + v647;
      b3[v648] = v521;
      const i32 v649 = v367 + v647;
      b3[v649] = v522;
    }
    if (v528) {
      const i32 v650 = shr_int(v533, v338);
      const i32 v652 = (v650 & (255));
      const i32 v653 = s1[v652];
      const i32 v654 = v653 + v526;
      const i32 v655 = v366 + v654;
      b3[v655] = v533;
      const i32 v656 = v367 + v654;
      b3[v656] = v534;
    }
    if (v540) {
      const i32 v657 = shr_int(v545, v338);
      const i32 v659 = (v657 & (255));
      const i32 v660 = s1[v659];
      const i32 v661 = v660 + v538;
      const i32 v662 = v366 + v661;
      b3[v662] = v545;
      const i32 v663 = v367 + v661;
      b3[v663] = v546;
    }
    if (v552) {
      const i32 v664 = shr_int(v557, v338);
      const i32 v666 = (v664 & (255));
      const i32 v667 = s1[v666];
      const i32 v668 = v667 + v550;
      const i32 v669 = v366 + v668;
      b3[v669] = v557;
      const i32 v670 = v367 + v668;
      b3[v670] = v558;
    }
  }
}
