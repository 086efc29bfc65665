@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 4>;
var<workgroup> s0: array<i32, 256>;
var<workgroup> s1: array<i32, 256>;

fn shr_i32(a: i32, b: i32) -> i32 { return a >> u32(clamp(b, 0, 31)); }

@compute @workgroup_size(128)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = n[1].y + (2047);
  let v5 = v3 / (2048);
  let v6 = g / v5;
  let v7 = g % v5;
  let v8 = v6 * n[1].y;
  let v10 = v8 < n[0].y;
  if (v10) {
    let v15 = v5 + (31);
    let v17 = v15 / (32);
    let v18 = v7 / (32);
    let v20 = v18 * (32);
    let v23 = t * (2);
    var x0: i32 = (0);
    for (var x1: i32 = v20; x1 < v7; x1 += (1)) {
      let v29 = n[0].y / n[1].y;
      let v31 = n[0].y * (4);
      let v33 = v5 + (31);
      let v35 = v33 / (32);
      let v36 = v6 * v5;
      let v37 = v36 + x1;
      let v39 = v37 * (256);
      let v40 = v29 * v5;
      let v42 = v40 * (256);
      let v43 = v31 + v39;
      let v44 = v31 + v42;
      let v45 = v6 * v5;
      let v46 = v45 + x1;
      let v48 = v46 * (256);
      let v49 = v29 * v5;
      let v51 = v49 * (256);
      let v52 = v44 + v48;
      let v53 = v44 + v51;
      let v54 = v6 * v35;
      let v55 = v54 + x1;
      let v57 = v55 * (256);
      let v58 = v29 * v35;
      let v60 = v58 * (256);
      let v61 = v53 + v57;
      let v62 = v53 + v60;
      let v63 = v43 + v23;
      let v64 = x0;
      let v65 = bitcast<i32>(b3[v63]);
      let v66 = v64 + v65;
      x0 = v66;
    }
    let v67 = x0;
    var x2: i32 = (0);
    var x3: i32 = v67;
    for (var x4: i32 = (0); x4 < v17; x4 += (1)) {
      let v70 = n[0].y / n[1].y;
      let v72 = n[0].y * (4);
      let v74 = v5 + (31);
      let v76 = v74 / (32);
      let v77 = v6 * v5;
      let v78 = v77 + x4;
      let v80 = v78 * (256);
      let v81 = v70 * v5;
      let v83 = v81 * (256);
      let v84 = v72 + v80;
      let v85 = v72 + v83;
      let v86 = v6 * v5;
      let v87 = v86 + x4;
      let v89 = v87 * (256);
      let v90 = v70 * v5;
      let v92 = v90 * (256);
      let v93 = v85 + v89;
      let v94 = v85 + v92;
      let v95 = v6 * v76;
      let v96 = v95 + x4;
      let v98 = v96 * (256);
      let v99 = v70 * v76;
      let v101 = v99 * (256);
      let v102 = v94 + v98;
      let v103 = v94 + v101;
      let v104 = v102 + v23;
      let v105 = bitcast<i32>(b3[v104]);
      let v106 = x4 < v18;
      let v107 = select((0), v105, v106);
      let v108 = x2;
      let v109 = v108 + v105;
      x2 = v109;
      let v110 = x3;
      let v111 = v110 + v107;
      x3 = v111;
    }
    let v112 = x2;
    let v113 = x3;
    let v116 = t * (2);
    let v118 = v116 + (1);
    var x5: i32 = (0);
    for (var x6: i32 = v20; x6 < v7; x6 += (1)) {
      let v123 = n[0].y / n[1].y;
      let v125 = n[0].y * (4);
      let v127 = v5 + (31);
      let v129 = v127 / (32);
      let v130 = v6 * v5;
      let v131 = v130 + x6;
      let v133 = v131 * (256);
      let v134 = v123 * v5;
      let v136 = v134 * (256);
      let v137 = v125 + v133;
      let v138 = v125 + v136;
      let v139 = v6 * v5;
      let v140 = v139 + x6;
      let v142 = v140 * (256);
      let v143 = v123 * v5;
      let v145 = v143 * (256);
      let v146 = v138 + v142;
      let v147 = v138 + v145;
      let v148 = v6 * v129;
      let v149 = v148 + x6;
      let v151 = v149 * (256);
      let v152 = v123 * v129;
      let v154 = v152 * (256);
      let v155 = v147 + v151;
      let v156 = v147 + v154;
      let v157 = v137 + v118;
      let v158 = x5;
      let v159 = bitcast<i32>(b3[v157]);
      let v160 = v158 + v159;
      x5 = v160;
    }
    let v161 = x5;
    var x7: i32 = (0);
    var x8: i32 = v161;
    for (var x9: i32 = (0); x9 < v17; x9 += (1)) {
      let v164 = n[0].y / n[1].y;
      let v166 = n[0].y * (4);
      let v168 = v5 + (31);
      let v170 = v168 / (32);
      let v171 = v6 * v5;
      let v172 = v171 + x9;
      let v174 = v172 * (256);
      let v175 = v164 * v5;
      let v177 = v175 * (256);
      let v178 = v166 + v174;
      let v179 = v166 + v177;
      let v180 = v6 * v5;
      let v181 = v180 + x9;
      let v183 = v181 * (256);
      let v184 = v164 * v5;
      let v186 = v184 * (256);
      let v187 = v179 + v183;
      let v188 = v179 + v186;
      let v189 = v6 * v170;
      let v190 = v189 + x9;
      let v192 = v190 * (256);
      let v193 = v164 * v170;
      let v195 = v193 * (256);
      let v196 = v188 + v192;
      let v197 = v188 + v195;
      let v198 = v196 + v118;
      let v199 = bitcast<i32>(b3[v198]);
      let v200 = x9 < v18;
      let v201 = select((0), v199, v200);
      let v202 = x7;
      let v203 = v202 + v199;
      x7 = v203;
      let v204 = x8;
      let v205 = v204 + v201;
      x8 = v205;
    }
    let v206 = x7;
    let v207 = x8;
    let v208 = v112 + v206;
    var x10: i32 = v208;
    let v211 = x10;
    s0[t] = v211;
    workgroupBarrier();
    let v214 = t < (1);
    let v215 = t - (1);
    let v216 = select(v215, t, v214);
    let v218 = s0[v216];
    let v219 = select(v218, (0), v214);
    let v220 = v211 + v219;
    x10 = v220;
    let v221 = x10;
    let v223 = t + (128);
    s0[v223] = v221;
    workgroupBarrier();
    let v225 = t < (2);
    let v226 = t - (2);
    let v227 = select(v226, t, v225);
    let v229 = v227 + (128);
    let v230 = s0[v229];
    let v231 = select(v230, (0), v225);
    let v232 = v221 + v231;
    x10 = v232;
    let v233 = x10;
    s0[t] = v233;
    workgroupBarrier();
    let v236 = t < (4);
    let v237 = t - (4);
    let v238 = select(v237, t, v236);
    let v240 = s0[v238];
    let v241 = select(v240, (0), v236);
    let v242 = v233 + v241;
    x10 = v242;
    let v243 = x10;
    let v245 = t + (128);
    s0[v245] = v243;
    workgroupBarrier();
    let v247 = t < (8);
    let v248 = t - (8);
    let v249 = select(v248, t, v247);
    let v251 = v249 + (128);
    let v252 = s0[v251];
    let v253 = select(v252, (0), v247);
    let v254 = v243 + v253;
    x10 = v254;
    let v255 = x10;
    s0[t] = v255;
    workgroupBarrier();
    let v258 = t < (16);
    let v259 = t - (16);
    let v260 = select(v259, t, v258);
    let v262 = s0[v260];
    let v263 = select(v262, (0), v258);
    let v264 = v255 + v263;
    x10 = v264;
    let v265 = x10;
    let v267 = t + (128);
    s0[v267] = v265;
    workgroupBarrier();
    let v269 = t < (32);
    let v270 = t - (32);
    let v271 = select(v270, t, v269);
    let v273 = v271 + (128);
    let v274 = s0[v273];
    let v275 = select(v274, (0), v269);
    let v276 = v265 + v275;
    x10 = v276;
    let v277 = x10;
    s0[t] = v277;
    workgroupBarrier();
    let v280 = t < (64);
    let v281 = t - (64);
    let v282 = select(v281, t, v280);
    let v284 = s0[v282];
    let v285 = select(v284, (0), v280);
    let v286 = v277 + v285;
    x10 = v286;
    let v287 = x10;
    let v288 = v287 - v208;
    let v290 = n[0].y / n[1].y;
    let v292 = n[0].y * (4);
    let v294 = v5 + (31);
    let v296 = v294 / (32);
    let v297 = v6 * v5;
    let v298 = v297 + v7;
    let v300 = v298 * (256);
    let v301 = v290 * v5;
    let v303 = v301 * (256);
    let v304 = v292 + v300;
    let v305 = v292 + v303;
    let v306 = v6 * v5;
    let v307 = v306 + v7;
    let v309 = v307 * (256);
    let v310 = v290 * v5;
    let v312 = v310 * (256);
    let v313 = v305 + v309;
    let v314 = v305 + v312;
    let v315 = v6 * v296;
    let v316 = v315 + v7;
    let v318 = v316 * (256);
    let v319 = v290 * v296;
    let v321 = v319 * (256);
    let v322 = v314 + v318;
    let v323 = v314 + v321;
    let v324 = v313 + v23;
    let v325 = bitcast<i32>(b3[v324]);
    let v326 = v288 + v113;
    let v327 = v326 - v325;
    s1[v23] = v327;
    let v328 = v288 + v112;
    let v329 = v313 + v118;
    let v330 = bitcast<i32>(b3[v329]);
    let v331 = v328 + v207;
    let v332 = v331 - v330;
    s1[v118] = v332;
    let v333 = v328 + v206;
    workgroupBarrier();
    let v335 = v7 * (2048);
    let v338 = (n[0].w & (31));
    let v343 = n[0].w + (7);
    let v345 = v343 / (8);
    let v347 = v345 % (2);
    let v349 = v347 * (2);
    let v350 = v349 * n[0].y;
    let v351 = v350 + v8;
    let v352 = v351 + n[0].y;
    let v356 = n[0].w + (8);
    let v358 = v356 + (7);
    let v360 = v358 / (8);
    let v362 = v360 % (2);
    let v364 = v362 * (2);
    let v365 = v364 * n[0].y;
    let v366 = v365 + v8;
    let v367 = v366 + n[0].y;
    let v371 = v335 + t;
    let v372 = v371 < n[1].y;
    var x11: i32 = (0);
    var x12: i32 = (0);
    if (v372) {
      let v373 = v351 + v371;
      let v374 = bitcast<i32>(b3[v373]);
      x11 = v374;
      let v375 = v352 + v371;
      let v376 = bitcast<i32>(b3[v375]);
      x12 = v376;
    }
    let v377 = x11;
    let v378 = x12;
    let v382 = t + (128);
    let v383 = v335 + v382;
    let v384 = v383 < n[1].y;
    var x13: i32 = (0);
    var x14: i32 = (0);
    if (v384) {
      let v385 = v351 + v383;
      let v386 = bitcast<i32>(b3[v385]);
      x13 = v386;
      let v387 = v352 + v383;
      let v388 = bitcast<i32>(b3[v387]);
      x14 = v388;
    }
    let v389 = x13;
    let v390 = x14;
    let v394 = t + (256);
    let v395 = v335 + v394;
    let v396 = v395 < n[1].y;
    var x15: i32 = (0);
    var x16: i32 = (0);
    if (v396) {
      let v397 = v351 + v395;
      let v398 = bitcast<i32>(b3[v397]);
      x15 = v398;
      let v399 = v352 + v395;
      let v400 = bitcast<i32>(b3[v399]);
      x16 = v400;
    }
    let v401 = x15;
    let v402 = x16;
    let v406 = t + (384);
    let v407 = v335 + v406;
    let v408 = v407 < n[1].y;
    var x17: i32 = (0);
    var x18: i32 = (0);
    if (v408) {
      let v409 = v351 + v407;
      let v410 = bitcast<i32>(b3[v409]);
      x17 = v410;
      let v411 = v352 + v407;
      let v412 = bitcast<i32>(b3[v411]);
      x18 = v412;
    }
    let v413 = x17;
    let v414 = x18;
    let v418 = t + (512);
    let v419 = v335 + v418;
    let v420 = v419 < n[1].y;
    var x19: i32 = (0);
    var x20: i32 = (0);
    if (v420) {
      let v421 = v351 + v419;
      let v422 = bitcast<i32>(b3[v421]);
      x19 = v422;
      let v423 = v352 + v419;
      let v424 = bitcast<i32>(b3[v423]);
      x20 = v424;
    }
    let v425 = x19;
    let v426 = x20;
    let v430 = t + (640);
    let v431 = v335 + v430;
    let v432 = v431 < n[1].y;
    var x21: i32 = (0);
    var x22: i32 = (0);
    if (v432) {
      let v433 = v351 + v431;
      let v434 = bitcast<i32>(b3[v433]);
      x21 = v434;
      let v435 = v352 + v431;
      let v436 = bitcast<i32>(b3[v435]);
      x22 = v436;
    }
    let v437 = x21;
    let v438 = x22;
    let v442 = t + (768);
    let v443 = v335 + v442;
    let v444 = v443 < n[1].y;
    var x23: i32 = (0);
    var x24: i32 = (0);
    if (v444) {
      let v445 = v351 + v443;
      let v446 = bitcast<i32>(b3[v445]);
      x23 = v446;
      let v447 = v352 + v443;
      let v448 = bitcast<i32>(b3[v447]);
      x24 = v448;
    }
    let v449 = x23;
    let v450 = x24;
    let v454 = t + (896);
    let v455 = v335 + v454;
    let v456 = v455 < n[1].y;
    var x25: i32 = (0);
    var x26: i32 = (0);
    if (v456) {
      let v457 = v351 + v455;
      let v458 = bitcast<i32>(b3[v457]);
      x25 = v458;
      let v459 = v352 + v455;
      let v460 = bitcast<i32>(b3[v459]);
      x26 = v460;
    }
    let v461 = x25;
    let v462 = x26;
    let v466 = t + (1024);
    let v467 = v335 + v466;
    let v468 = v467 < n[1].y;
    var x27: i32 = (0);
    var x28: i32 = (0);
    if (v468) {
      let v469 = v351 + v467;
      let v470 = bitcast<i32>(b3[v469]);
      x27 = v470;
      let v471 = v352 + v467;
      let v472 = bitcast<i32>(b3[v471]);
      x28 = v472;
    }
    let v473 = x27;
    let v474 = x28;
    let v478 = t + (1152);
    let v479 = v335 + v478;
    let v480 = v479 < n[1].y;
    var x29: i32 = (0);
    var x30: i32 = (0);
    if (v480) {
      let v481 = v351 + v479;
      let v482 = bitcast<i32>(b3[v481]);
      x29 = v482;
      let v483 = v352 + v479;
      let v484 = bitcast<i32>(b3[v483]);
      x30 = v484;
    }
    let v485 = x29;
    let v486 = x30;
    let v490 = t + (1280);
    let v491 = v335 + v490;
    let v492 = v491 < n[1].y;
    var x31: i32 = (0);
    var x32: i32 = (0);
    if (v492) {
      let v493 = v351 + v491;
      let v494 = bitcast<i32>(b3[v493]);
      x31 = v494;
      let v495 = v352 + v491;
      let v496 = bitcast<i32>(b3[v495]);
      x32 = v496;
    }
    let v497 = x31;
    let v498 = x32;
    let v502 = t + (1408);
    let v503 = v335 + v502;
    let v504 = v503 < n[1].y;
    var x33: i32 = (0);
    var x34: i32 = (0);
    if (v504) {
      let v505 = v351 + v503;
      let v506 = bitcast<i32>(b3[v505]);
      x33 = v506;
      let v507 = v352 + v503;
      let v508 = bitcast<i32>(b3[v507]);
      x34 = v508;
    }
    let v509 = x33;
    let v510 = x34;
    let v514 = t + (1536);
    let v515 = v335 + v514;
    let v516 = v515 < n[1].y;
    var x35: i32 = (0);
    var x36: i32 = (0);
    if (v516) {
      let v517 = v351 + v515;
      let v518 = bitcast<i32>(b3[v517]);
      x35 = v518;
      let v519 = v352 + v515;
      let v520 = bitcast<i32>(b3[v519]);
      x36 = v520;
    }
    let v521 = x35;
    let v522 = x36;
    let v526 = t + (1664);
    let v527 = v335 + v526;
    let v528 = v527 < n[1].y;
    var x37: i32 = (0);
    var x38: i32 = (0);
    if (v528) {
      let v529 = v351 + v527;
      let v530 = bitcast<i32>(b3[v529]);
      x37 = v530;
      let v531 = v352 + v527;
      let v532 = bitcast<i32>(b3[v531]);
      x38 = v532;
    }
    let v533 = x37;
    let v534 = x38;
    let v538 = t + (1792);
    let v539 = v335 + v538;
    let v540 = v539 < n[1].y;
    var x39: i32 = (0);
    var x40: i32 = (0);
    if (v540) {
      let v541 = v351 + v539;
      let v542 = bitcast<i32>(b3[v541]);
      x39 = v542;
      let v543 = v352 + v539;
      let v544 = bitcast<i32>(b3[v543]);
      x40 = v544;
    }
    let v545 = x39;
    let v546 = x40;
    let v550 = t + (1920);
    let v551 = v335 + v550;
    let v552 = v551 < n[1].y;
    var x41: i32 = (0);
    var x42: i32 = (0);
    if (v552) {
      let v553 = v351 + v551;
      let v554 = bitcast<i32>(b3[v553]);
      x41 = v554;
      let v555 = v352 + v551;
      let v556 = bitcast<i32>(b3[v555]);
      x42 = v556;
    }
    let v557 = x41;
    let v558 = x42;
    if (v372) {
      let v559 = shr_i32(v377, v338);
      let v561 = (v559 & (255));
      let v562 = s1[v561];
      let v563 = v562 + t;
      let v564 = v366 + v563;
      b3[v564] = bitcast<u32>(v377);
      let v565 = v367 + v563;
      b3[v565] = bitcast<u32>(v378);
    }
    if (v384) {
      let v566 = shr_i32(v389, v338);
      let v568 = (v566 & (255));
      let v569 = s1[v568];
      let v570 = v569 + v382;
      let v571 = v366 + v570;
      b3[v571] = bitcast<u32>(v389);
      let v572 = v367 + v570;
      b3[v572] = bitcast<u32>(v390);
    }
    if (v396) {
      let v573 = shr_i32(v401, v338);
      let v575 = (v573 & (255));
      let v576 = s1[v575];
      let v577 = v576 + v394;
      let v578 = v366 + v577;
      b3[v578] = bitcast<u32>(v401);
      let v579 = v367 + v577;
      b3[v579] = bitcast<u32>(v402);
    }
    if (v408) {
      let v580 = shr_i32(v413, v338);
      let v582 = (v580 & (255));
      let v583 = s1[v582];
      let v584 = v583 + v406;
      let v585 = v366 + v584;
      b3[v585] = bitcast<u32>(v413);
      let v586 = v367 + v584;
      b3[v586] = bitcast<u32>(v414);
    }
    if (v420) {
      let v587 = shr_i32(v425, v338);
      let v589 = (v587 & (255));
      let v590 = s1[v589];
      let v591 = v590 + v418;
      let v592 = v366 + v591;
      b3[v592] = bitcast<u32>(v425);
      let v593 = v367 + v591;
      b3[v593] = bitcast<u32>(v426);
    }
    if (v432) {
      let v594 = shr_i32(v437, v338);
      let v596 = (v594 & (255));
      let v597 = s1[v596];
      let v598 = v597 + v430;
      let v599 = v366 + v598;
      b3[v599] = bitcast<u32>(v437);
      let v600 = v367 + v598;
      b3[v600] = bitcast<u32>(v438);
    }
    if (v444) {
      let v601 = shr_i32(v449, v338);
      let v603 = (v601 & (255));
      let v604 = s1[v603];
      let v605 = v604 + v442;
      let v606 = v366 + v605;
      b3[v606] = bitcast<u32>(v449);
      let v607 = v367 + v605;
      b3[v607] = bitcast<u32>(v450);
    }
    if (v456) {
      let v608 = shr_i32(v461, v338);
      let v610 = (v608 & (255));
      let v611 = s1[v610];
      let v612 = v611 + v454;
      let v613 = v366 + v612;
      b3[v613] = bitcast<u32>(v461);
      let v614 = v367 + v612;
      b3[v614] = bitcast<u32>(v462);
    }
    if (v468) {
      let v615 = shr_i32(v473, v338);
      let v617 = (v615 & (255));
      let v618 = s1[v617];
      let v619 = v618 + v466;
      let v620 = v366 + v619;
      b3[v620] = bitcast<u32>(v473);
      let v621 = v367 + v619;
      b3[v621] = bitcast<u32>(v474);
    }
    if (v480) {
      let v622 = shr_i32(v485, v338);
      let v624 = (v622 & (255));
      let v625 = s1[v624];
      let v626 = v625 + v478;
      let v627 = v366 + v626;
      b3[v627] = bitcast<u32>(v485);
      let v628 = v367 + v626;
      b3[v628] = bitcast<u32>(v486);
    }
    if (v492) {
      let v629 = shr_i32(v497, v338);
      let v631 = (v629 & (255));
      let v632 = s1[v631];
      let v633 = v632 + v490;
      let v634 = v366 + v633;
      b3[v634] = bitcast<u32>(v497);
      let v635 = v367 + v633;
      b3[v635] = bitcast<u32>(v498);
    }
    if (v504) {
      let v636 = shr_i32(v509, v338);
      let v638 = (v636 & (255));
      let v639 = s1[v638];
      let v640 = v639 + v502;
      let v641 = v366 + v640;
      b3[v641] = bitcast<u32>(v509);
      let v642 = v367 + v640;
      b3[v642] = bitcast<u32>(v510);
    }
    if (v516) {
      let v643 = shr_i32(v521, v338);
      let v645 = (v643 & (255));
      let v646 = s1[v645];
      let v647 = v646 + v514;
      let v648 = v366 + v647;
      b3[v648] = bitcast<u32>(v521);
      let v649 = v367 + v647;
      b3[v649] = bitcast<u32>(v522);
    }
    if (v528) {
      let v650 = shr_i32(v533, v338);
      let v652 = (v650 & (255));
      let v653 = s1[v652];
      let v654 = v653 + v526;
      let v655 = v366 + v654;
      b3[v655] = bitcast<u32>(v533);
      let v656 = v367 + v654;
      b3[v656] = bitcast<u32>(v534);
    }
    if (v540) {
      let v657 = shr_i32(v545, v338);
      let v659 = (v657 & (255));
      let v660 = s1[v659];
      let v661 = v660 + v538;
      let v662 = v366 + v661;
      b3[v662] = bitcast<u32>(v545);
      let v663 = v367 + v661;
      b3[v663] = bitcast<u32>(v546);
    }
    if (v552) {
      let v664 = shr_i32(v557, v338);
      let v666 = (v664 & (255));
      let v667 = s1[v666];
      let v668 = v667 + v550;
      let v669 = v366 + v668;
      b3[v669] = bitcast<u32>(v557);
      let v670 = v367 + v668;
      b3[v670] = bitcast<u32>(v558);
    }
  }
}
