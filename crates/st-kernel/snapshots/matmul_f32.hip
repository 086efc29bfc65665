struct Numbers { i32 w[22]; };

extern "C" __global__ void __launch_bounds__(256) entry(const f32* b0, const f32* b1, f32* b2, const Numbers n, u32* faults) {
  const i32 g = i32(__builtin_amdgcn_workgroup_id_x()), t = i32(__builtin_amdgcn_workitem_id_x());
  __shared__ f32 s0[1024];
  __shared__ f32 s1[1024];
  const i32 v5 = n.w[4] + (63);
  const i32 v6 = v5 / (64);
  const i32 v7 = n.w[5] + (63);
  const i32 v8 = v7 / (64);
  const i32 v10 = g % v8;
  const i32 v11 = g / v8;
  const i32 v12 = v11 % v6;
  const i32 v13 = v11 / v6;
  const i32 v14 = v12 * (64);
  const i32 v15 = v10 * (64);
  const bool v18 = v13 < n.w[3];
  if (v18) {
    f32 x0 = (0.0f);
    f32 x1 = (0.0f);
    f32 x2 = (0.0f);
    f32 x3 = (0.0f);
    f32 x4 = (0.0f);
    f32 x5 = (0.0f);
    f32 x6 = (0.0f);
    f32 x7 = (0.0f);
    f32 x8 = (0.0f);
    f32 x9 = (0.0f);
    f32 x10 = (0.0f);
    f32 x11 = (0.0f);
    f32 x12 = (0.0f);
    f32 x13 = (0.0f);
    f32 x14 = (0.0f);
    f32 x15 = (0.0f);
    const i32 v22 = t % (16);
    const i32 v23 = t / (16);
    for (i32 x16 = (0); x16 < n.w[6]; x16 += (16)) {
      const i32 v30 = t / (16);
      const i32 v31 = t % (16);
      const i32 v32 = v14 + v30;
      const i32 v33 = x16 + v31;
      f32 x17 = (0.0f);
      const bool v35 = v32 < n.w[4];
      const bool v36 = v33 < n.w[6];
      const bool v37 = v35 && v36;
      if (v37) {
        const i32 v40 = v13 * n.w[8];
        const i32 v41 = n.w[7] + v40;
        const i32 v43 = v32 * n.w[9];
        const i32 v44 = v41 + v43;
        const i32 v46 = v33 * n.w[11];
        const i32 v47 = v44 + v46;
        const f32 v48 = b0[v47];
        x17 = v48;
      }
      const i32 v50 = v31 * (64);
      const i32 v51 = v50 + v30;
      const f32 v52 = x17;
      s0[v51] = v52;
      const i32 v54 = t + (256);
      const i32 v56 = v54 / (16);
      const i32 v57 = v54 % (16);
      const i32 v58 = v14 + v56;
      const i32 v59 = x16 + v57;
      f32 x18 = (0.0f);
      const bool v61 = v58 < n.w[4];
      const bool v62 = v59 < n.w[6];
      const bool v63 = v61 && v62;
      if (v63) {
        const i32 v66 = v13 * n.w[8];
        const i32 v67 = n.w[7] + v66;
        const i32 v69 = v58 * n.w[9];
        const i32 v70 = v67 + v69;
        const i32 v72 = v59 * n.w[11];
        const i32 v73 = v70 + v72;
        const f32 v74 = b0[v73];
        x18 = v74;
      }
      const i32 v76 = v57 * (64);
      const i32 v77 = v76 + v56;
      const f32 v78 = x18;
      s0[v77] = v78;
      const i32 v80 = t + (512);
      const i32 v82 = v80 / (16);
      const i32 v83 = v80 % (16);
      const i32 v84 = v14 + v82;
      const i32 v85 = x16 + v83;
      f32 x19 = (0.0f);
      const bool v87 = v84 < n.w[4];
      const bool v88 = v85 < n.w[6];
      const bool v89 = v87 && v88;
      if (v89) {
        const i32 v92 = v13 * n.w[8];
        const i32 v93 = n.w[7] + v92;
        const i32 v95 = v84 * n.w[9];
        const i32 v96 = v93 + v95;
        const i32 v98 = v85 * n.w[11];
        const i32 v99 = v96 + v98;
        const f32 v100 = b0[v99];
        x19 = v100;
      }
      const i32 v102 = v83 * (64);
      const i32 v103 = v102 + v82;
      const f32 v104 = x19;
      s0[v103] = v104;
      const i32 v106 = t + (768);
      const i32 v108 = v106 / (16);
      const i32 v109 = v106 % (16);
      const i32 v110 = v14 + v108;
      const i32 v111 = x16 + v109;
      f32 x20 = (0.0f);
      const bool v113 = v110 < n.w[4];
      const bool v114 = v111 < n.w[6];
      const bool v115 = v113 && v114;
      if (v115) {
        const i32 v118 = v13 * n.w[8];
        const i32 v119 = n.w[7] + v118;
        const i32 v121 = v110 * n.w[9];
        const i32 v122 = v119 + v121;
        const i32 v124 = v111 * n.w[11];
        const i32 v125 = v122 + v124;
        const f32 v126 = b0[v125];
        x20 = v126;
      }
      const i32 v128 = v109 * (64);
      const i32 v129 = v128 + v108;
      const f32 v130 = x20;
      s0[v129] = v130;
      const i32 v134 = t / (16);
      const i32 v135 = t % (16);
      const i32 v136 = v15 + v134;
      const i32 v137 = x16 + v135;
      f32 x21 = (0.0f);
      const bool v139 = v136 < n.w[5];
      const bool v140 = v137 < n.w[6];
      const bool v141 = v139 && v140;
      if (v141) {
        const i32 v144 = v13 * n.w[13];
        const i32 v145 = n.w[12] + v144;
        const i32 v147 = v136 * n.w[15];
        const i32 v148 = v145 + v147;
        const i32 v150 = v137 * n.w[16];
        const i32 v151 = v148 + v150;
        const f32 v152 = b1[v151];
        x21 = v152;
      }
      const i32 v154 = v135 * (64);
      const i32 v155 = v154 + v134;
      const f32 v156 = x21;
      s1[v155] = v156;
      const i32 v158 = t + (256);
      const i32 v160 = v158 / (16);
      const i32 v161 = v158 % (16);
      const i32 v162 = v15 + v160;
      const i32 v163 = x16 + v161;
      f32 x22 = (0.0f);
      const bool v165 = v162 < n.w[5];
      const bool v166 = v163 < n.w[6];
      const bool v167 = v165 && v166;
      if (v167) {
        const i32 v170 = v13 * n.w[13];
        const i32 v171 = n.w[12] + v170;
        const i32 v173 = v162 * n.w[15];
        const i32 v174 = v171 + v173;
        const i32 v176 = v163 * n.w[16];
        const i32 v177 = v174 + v176;
        const f32 v178 = b1[v177];
        x22 = v178;
      }
      const i32 v180 = v161 * (64);
      const i32 v181 = v180 + v160;
      const f32 v182 = x22;
      s1[v181] = v182;
      const i32 v184 = t + (512);
      const i32 v186 = v184 / (16);
      const i32 v187 = v184 % (16);
      const i32 v188 = v15 + v186;
      const i32 v189 = x16 + v187;
      f32 x23 = (0.0f);
      const bool v191 = v188 < n.w[5];
      const bool v192 = v189 < n.w[6];
      const bool v193 = v191 && v192;
      if (v193) {
        const i32 v196 = v13 * n.w[13];
        const i32 v197 = n.w[12] + v196;
        const i32 v199 = v188 * n.w[15];
        const i32 v200 = v197 + v199;
        const i32 v202 = v189 * n.w[16];
        const i32 v203 = v200 + v202;
        const f32 v204 = b1[v203];
        x23 = v204;
      }
      const i32 v206 = v187 * (64);
      const i32 v207 = v206 + v186;
      const f32 v208 = x23;
      s1[v207] = v208;
      const i32 v210 = t + (768);
      const i32 v212 = v210 / (16);
      const i32 v213 = v210 % (16);
      const i32 v214 = v15 + v212;
      const i32 v215 = x16 + v213;
      f32 x24 = (0.0f);
      const bool v217 = v214 < n.w[5];
      const bool v218 = v215 < n.w[6];
      const bool v219 = v217 && v218;
      if (v219) {
        const i32 v222 = v13 * n.w[13];
        const i32 v223 = n.w[12] + v222;
        const i32 v225 = v214 * n.w[15];
        const i32 v226 = v223 + v225;
        const i32 v228 = v215 * n.w[16];
        const i32 v229 = v226 + v228;
        const f32 v230 = b1[v229];
        x24 = v230;
      }
      const i32 v232 = v213 * (64);
      const i32 v233 = v232 + v212;
      const f32 v234 = x24;
      s1[v233] = v234;
      wait_for_group();
      for (i32 x25 = (0); x25 < (16); x25 += (1)) {
        const i32 v239 = x25 * (64);
        const i32 v240 = v239 + v23;
        const f32 v242 = s0[v240];
        const i32 v244 = v240 + (16);
        const f32 v245 = s0[v244];
        const i32 v247 = v240 + (32);
        const f32 v248 = s0[v247];
        const i32 v250 = v240 + (48);
        const f32 v251 = s0[v250];
        const i32 v252 = v239 + v22;
        const f32 v254 = s1[v252];
        const i32 v256 = v252 + (16);
        const f32 v257 = s1[v256];
        const i32 v259 = v252 + (32);
        const f32 v260 = s1[v259];
        const i32 v262 = v252 + (48);
        const f32 v263 = s1[v262];
        const f32 v264 = (v242 * v254);
        const f32 v265 = x0;
        const f32 v266 = (v265 + v264);
        x0 = v266;
        const f32 v267 = (v242 * v257);
        const f32 v268 = x1;
        const f32 v269 = (v268 + v267);
        x1 = v269;
        const f32 v270 = (v242 * v260);
        const f32 v271 = x2;
        const f32 v272 = (v271 + v270);
        x2 = v272;
        const f32 v273 = (v242 * v263);
        const f32 v274 = x3;
        const f32 v275 = (v274 + v273);
        x3 = v275;
        const f32 v276 = (v245 * v254);
        const f32 v277 = x4;
        const f32 v278 = (v277 + v276);
        x4 = v278;
        const f32 v279 = (v245 * v257);
        const f32 v280 = x5;
        const f32 v281 = (v280 + v279);
        x5 = v281;
        const f32 v282 = (v245 * v260);
        const f32 v283 = x6;
        const f32 v284 = (v283 + v282);
        x6 = v284;
        const f32 v285 = (v245 * v263);
        const f32 v286 = x7;
        const f32 v287 = (v286 + v285);
        x7 = v287;
        const f32 v288 = (v248 * v254);
        const f32 v289 = x8;
        const f32 v290 = (v289 + v288);
        x8 = v290;
        const f32 v291 = (v248 * v257);
        const f32 v292 = x9;
        const f32 v293 = (v292 + v291);
        x9 = v293;
        const f32 v294 = (v248 * v260);
        const f32 v295 = x10;
        const f32 v296 = (v295 + v294);
        x10 = v296;
        const f32 v297 = (v248 * v263);
        const f32 v298 = x11;
        const f32 v299 = (v298 + v297);
        x11 = v299;
        const f32 v300 = (v251 * v254);
        const f32 v301 = x12;
        const f32 v302 = (v301 + v300);
        x12 = v302;
        const f32 v303 = (v251 * v257);
        const f32 v304 = x13;
        const f32 v305 = (v304 + v303);
        x13 = v305;
        const f32 v306 = (v251 * v260);
        const f32 v307 = x14;
        const f32 v308 = (v307 + v306);
        x14 = v308;
        const f32 v309 = (v251 * v263);
        const f32 v310 = x15;
        const f32 v311 = (v310 + v309);
        x15 = v311;
      }
      wait_for_group();
    }
    const i32 v313 = v14 + v23;
    const i32 v315 = v15 + v22;
    const bool v316 = v313 < n.w[4];
    const bool v317 = v315 < n.w[5];
    const bool v318 = v316 && v317;
    if (v318) {
      const f32 v319 = x0;
      const i32 v322 = v13 * n.w[18];
      const i32 v323 = n.w[17] + v322;
      const i32 v325 = v313 * n.w[19];
      const i32 v326 = v323 + v325;
      const i32 v328 = v315 * n.w[20];
      const i32 v329 = v326 + v328;
      b2[v329] = v319;
    }
    const i32 v331 = v14 + v23;
    const i32 v333 = v15 + v22;
    const i32 v334 = v333 + (16);
    const bool v335 = v331 < n.w[4];
    const bool v336 = v334 < n.w[5];
    const bool v337 = v335 && v336;
    if (v337) {
      const f32 v338 = x1;
      const i32 v341 = v13 * n.w[18];
      const i32 v342 = n.w[17] + v341;
      const i32 v344 = v331 * n.w[19];
      const i32 v345 = v342 + v344;
      const i32 v347 = v334 * n.w[20];
      const i32 v348 = v345 + v347;
      b2[v348] = v338;
    }
    const i32 v350 = v14 + v23;
    const i32 v352 = v15 + v22;
    const i32 v353 = v352 + (32);
    const bool v354 = v350 < n.w[4];
    const bool v355 = v353 < n.w[5];
    const bool v356 = v354 && v355;
    if (v356) {
      const f32 v357 = x2;
      const i32 v360 = v13 * n.w[18];
      const i32 v361 = n.w[17] + v360;
      const i32 v363 = v350 * n.w[19];
      const i32 v364 = v361 + v363;
      const i32 v366 = v353 * n.w[20];
      const i32 v367 = v364 + v366;
      b2[v367] = v357;
    }
    const i32 v369 = v14 + v23;
    const i32 v371 = v15 + v22;
    const i32 v372 = v371 + (48);
    const bool v373 = v369 < n.w[4];
    const bool v374 = v372 < n.w[5];
    const bool v375 = v373 && v374;
    if (v375) {
      const f32 v376 = x3;
      const i32 v379 = v13 * n.w[18];
      const i32 v380 = n.w[17] + v379;
      const i32 v382 = v369 * n.w[19];
      const i32 v383 = v380 + v382;
      const i32 v385 = v372 * n.w[20];
      const i32 v386 = v383 + v385;
      b2[v386] = v376;
    }
    const i32 v388 = v14 + v23;
    const i32 v389 = v388 + (16);
    const i32 v391 = v15 + v22;
    const bool v392 = v389 < n.w[4];
    const bool v393 = v391 < n.w[5];
    const bool v394 = v392 && v393;
    if (v394) {
      const f32 v395 = x4;
      const i32 v398 = v13 * n.w[18];
      const i32 v399 = n.w[17] + v398;
      const i32 v401 = v389 * n.w[19];
      const i32 v402 = v399 + v401;
      const i32 v404 = v391 * n.w[20];
      const i32 v405 = v402 + v404;
      b2[v405] = v395;
    }
    const i32 v407 = v14 + v23;
    const i32 v408 = v407 + (16);
    const i32 v410 = v15 + v22;
    const i32 v411 = v410 + (16);
    const bool v412 = v408 < n.w[4];
    const bool v413 = v411 < n.w[5];
    const bool v414 = v412 && v413;
    if (v414) {
      const f32 v415 = x5;
      const i32 v418 = v13 * n.w[18];
      const i32 v419 = n.w[17] + v418;
      const i32 v421 = v408 * n.w[19];
      const i32 v422 = v419 + v421;
      const i32 v424 = v411 * n.w[20];
      const i32 v425 = v422 + v424;
      b2[v425] = v415;
    }
    const i32 v427 = v14 + v23;
    const i32 v428 = v427 + (16);
    const i32 v430 = v15 + v22;
    const i32 v431 = v430 + (32);
    const bool v432 = v428 < n.w[4];
    const bool v433 = v431 < n.w[5];
    const bool v434 = v432 && v433;
    if (v434) {
      const f32 v435 = x6;
      const i32 v438 = v13 * n.w[18];
      const i32 v439 = n.w[17] + v438;
      const i32 v441 = v428 * n.w[19];
      const i32 v442 = v439 + v441;
      const i32 v444 = v431 * n.w[20];
      const i32 v445 = v442 + v444;
      b2[v445] = v435;
    }
    const i32 v447 = v14 + v23;
    const i32 v448 = v447 + (16);
    const i32 v450 = v15 + v22;
    const i32 v451 = v450 + (48);
    const bool v452 = v448 < n.w[4];
    const bool v453 = v451 < n.w[5];
    const bool v454 = v452 && v453;
    if (v454) {
      const f32 v455 = x7;
      const i32 v458 = v13 * n.w[18];
      const i32 v459 = n.w[17] + v458;
      const i32 v461 = v448 * n.w[19];
      const i32 v462 = v459 + v461;
      const i32 v464 = v451 * n.w[20];
      const i32 v465 = v462 + v464;
      b2[v465] = v455;
    }
    const i32 v467 = v14 + v23;
    const i32 v468 = v467 + (32);
    const i32 v470 = v15 + v22;
    const bool v471 = v468 < n.w[4];
    const bool v472 = v470 < n.w[5];
    const bool v473 = v471 && v472;
    if (v473) {
      const f32 v474 = x8;
      const i32 v477 = v13 * n.w[18];
      const i32 v478 = n.w[17] + v477;
      const i32 v480 = v468 * n.w[19];
      const i32 v481 = v478 + v480;
      const i32 v483 = v470 * n.w[20];
      const i32 v484 = v481 + v483;
      b2[v484] = v474;
    }
    const i32 v486 = v14 + v23;
    const i32 v487 = v486 + (32);
    const i32 v489 = v15 + v22;
    const i32 v490 = v489 + (16);
    const bool v491 = v487 < n.w[4];
    const bool v492 = v490 < n.w[5];
    const bool v493 = v491 && v492;
    if (v493) {
      const f32 v494 = x9;
      const i32 v497 = v13 * n.w[18];
      const i32 v498 = n.w[17] + v497;
      const i32 v500 = v487 * n.w[19];
      const i32 v501 = v498 + v500;
      const i32 v503 = v490 * n.w[20];
      const i32 v504 = v501 + v503;
      b2[v504] = v494;
    }
    const i32 v506 = v14 + v23;
    const i32 v507 = v506 + (32);
    const i32 v509 = v15 + v22;
    const i32 v510 = v509 + (32);
    const bool v511 = v507 < n.w[4];
    const bool v512 = v510 < n.w[5];
    const bool v513 = v511 && v512;
    if (v513) {
      const f32 v514 = x10;
      const i32 v517 = v13 * n.w[18];
      const i32 v518 = n.w[17] + v517;
      const i32 v520 = v507 * n.w[19];
      const i32 v521 = v518 + v520;
      const i32 v523 = v510 * n.w[20];
      const i32 v524 = v521 + v523;
      b2[v524] = v514;
    }
    const i32 v526 = v14 + v23;
    const i32 v527 = v526 + (32);
    const i32 v529 = v15 + v22;
    const i32 v530 = v529 + (48);
    const bool v531 = v527 < n.w[4];
    const bool v532 = v530 < n.w[5];
    const bool v533 = v531 && v532;
    if (v533) {
      const f32 v534 = x11;
      const i32 v537 = v13 * n.w[18];
      const i32 v538 = n.w[17] + v537;
      const i32 v540 = v527 * n.w[19];
      const i32 v541 = v538 + v540;
      const i32 v543 = v530 * n.w[20];
      const i32 v544 = v541 + v543;
      b2[v544] = v534;
    }
    const i32 v546 = v14 + v23;
    const i32 v547 = v546 + (48);
    const i32 v549 = v15 + v22;
    const bool v550 = v547 < n.w[4];
    const bool v551 = v549 < n.w[5];
    const bool v552 = v550 && v551;
    if (v552) {
      const f32 v553 = x12;
      const i32 v556 = v13 * n.w[18];
      const i32 v557 = n.w[17] + v556;
      const i32 v559 = v547 * n.w[19];
      const i32 v560 = v557 + v559;
      const i32 v562 = v549 * n.w[20];
      const i32 v563 = v560 + v562;
      b2[v563] = v553;
    }
    const i32 v565 = v14 + v23;
    const i32 v566 = v565 + (48);
    const i32 v568 = v15 + v22;
    const i32 v569 = v568 + (16);
    const bool v570 = v566 < n.w[4];
    const bool v571 = v569 < n.w[5];
    const bool v572 = v570 && v571;
    if (v572) {
      const f32 v573 = x13;
      const i32 v576 = v13 * n.w[18];
      const i32 v577 = n.w[17] + v576;
      const i32 v579 = v566 * n.w[19];
      const i32 v580 = v577 + v579;
      const i32 v582 = v569 * n.w[20];
      const i32 v583 = v580 + v582;
      b2[v583] = v573;
    }
    const i32 v585 = v14 + v23;
    const i32 v586 = v585 + (48);
    const i32 v588 = v15 + v22;
    const i32 v589 = v588 + (32);
    const bool v590 = v586 < n.w[4];
    const bool v591 = v589 < n.w[5];
    const bool v592 = v590 && v591;
    if (v592) {
      const f32 v593 = x14;
      const i32 v596 = v13 * n.w[18];
      const i32 v597 = n.w[17] + v596;
      const i32 v599 = v586 * n.w[19];
      const i32 v600 = v597 + v599;
      const i32 v602 = v589 * n.w[20];
      const i32 v603 = v600 + v602;
      b2[v603] = v593;
    }
    const i32 v605 = v14 + v23;
    const i32 v606 = v605 + (48);
    const i32 v608 = v15 + v22;
    const i32 v609 = v608 + (48);
    const bool v610 = v606 < n.w[4];
    const bool v611 = v609 < n.w[5];
    const bool v612 = v610 && v611;
    if (v612) {
      const f32 v613 = x15;
      const i32 v616 = v13 * n.w[18];
      const i32 v617 = n.w[17] + v616;
      const i32 v619 = v606 * n.w[19];
      const i32 v620 = v617 + v619;
      const i32 v622 = v609 * n.w[20];
      const i32 v623 = v620 + v622;
      b2[v623] = v613;
    }
  }
}
