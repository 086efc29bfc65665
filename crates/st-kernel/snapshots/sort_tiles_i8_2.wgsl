@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<atomic<u32>>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<storage, read> b3: array<u32>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 4>;
var<workgroup> s0: array<i32, 256>;
var<workgroup> s1: array<i32, 256>;

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

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
      let v566 = v6 * n[1].w;
      let v567 = n[1].z + v566;
      let v569 = v378 * n[2].x;
      let v570 = v567 + v569;
      let v571 = ((i32(((b0[v570 / 4] >> u32(v570 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v573 = v563 < n[3].w;
      if (v573) {
        let v576 = v6 * n[2].z;
        let v577 = n[2].y + v576;
        let v579 = v563 * n[2].w;
        let v580 = v577 + v579;
        let v581 = v571;
        atomicAnd(&b1[v580 / 4], ~(255u << u32(v580 % 4 * 8))); atomicOr(&b1[v580 / 4], ((bitcast<u32>(v581)) & 255u) << u32(v580 % 4 * 8));
        let v582 = i64_of_i32(v378);
        let v585 = v6 * n[3].y;
        let v586 = n[3].x + v585;
        let v588 = v563 * n[3].z;
        let v589 = v586 + v588;
        let v590 = v582;
        b2[2 * v589] = v590.x; b2[2 * v589 + 1] = v590.y;
      }
    }
    if (v384) {
      let v591 = shr_i32(v389, v338);
      let v593 = (v591 & (255));
      let v594 = s1[v593];
      let v595 = v594 + v382;
      let v598 = v6 * n[1].w;
      let v599 = n[1].z + v598;
      let v601 = v390 * n[2].x;
      let v602 = v599 + v601;
      let v603 = ((i32(((b0[v602 / 4] >> u32(v602 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v605 = v595 < n[3].w;
      if (v605) {
        let v608 = v6 * n[2].z;
        let v609 = n[2].y + v608;
        let v611 = v595 * n[2].w;
        let v612 = v609 + v611;
        let v613 = v603;
        atomicAnd(&b1[v612 / 4], ~(255u << u32(v612 % 4 * 8))); atomicOr(&b1[v612 / 4], ((bitcast<u32>(v613)) & 255u) << u32(v612 % 4 * 8));
        let v614 = i64_of_i32(v390);
        let v617 = v6 * n[3].y;
        let v618 = n[3].x + v617;
        let v620 = v595 * n[3].z;
        let v621 = v618 + v620;
        let v622 = v614;
        b2[2 * v621] = v622.x; b2[2 * v621 + 1] = v622.y;
      }
    }
    if (v396) {
      let v623 = shr_i32(v401, v338);
      let v625 = (v623 & (255));
      let v626 = s1[v625];
      let v627 = v626 + v394;
      let v630 = v6 * n[1].w;
      let v631 = n[1].z + v630;
      let v633 = v402 * n[2].x;
      let v634 = v631 + v633;
      let v635 = ((i32(((b0[v634 / 4] >> u32(v634 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v637 = v627 < n[3].w;
      if (v637) {
        let v640 = v6 * n[2].z;
        let v641 = n[2].y + v640;
        let v643 = v627 * n[2].w;
        let v644 = v641 + v643;
        let v645 = v635;
        atomicAnd(&b1[v644 / 4], ~(255u << u32(v644 % 4 * 8))); atomicOr(&b1[v644 / 4], ((bitcast<u32>(v645)) & 255u) << u32(v644 % 4 * 8));
        let v646 = i64_of_i32(v402);
        let v649 = v6 * n[3].y;
        let v650 = n[3].x + v649;
        let v652 = v627 * n[3].z;
        let v653 = v650 + v652;
        let v654 = v646;
        b2[2 * v653] = v654.x; b2[2 * v653 + 1] = v654.y;
      }
    }
    if (v408) {
      let v655 = shr_i32(v413, v338);
      let v657 = (v655 & (255));
      let v658 = s1[v657];
      let v659 = v658 + v406;
      let v662 = v6 * n[1].w;
      let v663 = n[1].z + v662;
      let v665 = v414 * n[2].x;
      let v666 = v663 + v665;
      let v667 = ((i32(((b0[v666 / 4] >> u32(v666 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v669 = v659 < n[3].w;
      if (v669) {
        let v672 = v6 * n[2].z;
        let v673 = n[2].y + v672;
        let v675 = v659 * n[2].w;
        let v676 = v673 + v675;
        let v677 = v667;
        atomicAnd(&b1[v676 / 4], ~(255u << u32(v676 % 4 * 8))); atomicOr(&b1[v676 / 4], ((bitcast<u32>(v677)) & 255u) << u32(v676 % 4 * 8));
        let v678 = i64_of_i32(v414);
        let v681 = v6 * n[3].y;
        let v682 = n[3].x + v681;
        let v684 = v659 * n[3].z;
        let v685 = v682 + v684;
        let v686 = v678;
        b2[2 * v685] = v686.x; b2[2 * v685 + 1] = v686.y;
      }
    }
    if (v420) {
      let v687 = shr_i32(v425, v338);
      let v689 = (v687 & (255));
      let v690 = s1[v689];
      let v691 = v690 + v418;
      let v694 = v6 * n[1].w;
      let v695 = n[1].z + v694;
      let v697 = v426 * n[2].x;
      let v698 = v695 + v697;
      let v699 = ((i32(((b0[v698 / 4] >> u32(v698 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v701 = v691 < n[3].w;
      if (v701) {
        let v704 = v6 * n[2].z;
        let v705 = n[2].y + v704;
        let v707 = v691 * n[2].w;
        let v708 = v705 + v707;
        let v709 = v699;
        atomicAnd(&b1[v708 / 4], ~(255u << u32(v708 % 4 * 8))); atomicOr(&b1[v708 / 4], ((bitcast<u32>(v709)) & 255u) << u32(v708 % 4 * 8));
        let v710 = i64_of_i32(v426);
        let v713 = v6 * n[3].y;
        let v714 = n[3].x + v713;
        let v716 = v691 * n[3].z;
        let v717 = v714 + v716;
        let v718 = v710;
        b2[2 * v717] = v718.x; b2[2 * v717 + 1] = v718.y;
      }
    }
    if (v432) {
      let v719 = shr_i32(v437, v338);
      let v721 = (v719 & (255));
      let v722 = s1[v721];
      let v723 = v722 + v430;
      let v726 = v6 * n[1].w;
      let v727 = n[1].z + v726;
      let v729 = v438 * n[2].x;
      let v730 = v727 + v729;
      let v731 = ((i32(((b0[v730 / 4] >> u32(v730 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v733 = v723 < n[3].w;
      if (v733) {
        let v736 = v6 * n[2].z;
        let v737 = n[2].y + v736;
        let v739 = v723 * n[2].w;
        let v740 = v737 + v739;
        let v741 = v731;
        atomicAnd(&b1[v740 / 4], ~(255u << u32(v740 % 4 * 8))); atomicOr(&b1[v740 / 4], ((bitcast<u32>(v741)) & 255u) << u32(v740 % 4 * 8));
        let v742 = i64_of_i32(v438);
        let v745 = v6 * n[3].y;
        let v746 = n[3].x + v745;
        let v748 = v723 * n[3].z;
        let v749 = v746 + v748;
        let v750 = v742;
        b2[2 * v749] = v750.x; b2[2 * v749 + 1] = v750.y;
      }
    }
    if (v444) {
      let v751 = shr_i32(v449, v338);
      let v753 = (v751 & (255));
      let v754 = s1[v753];
      let v755 = v754 + v442;
      let v758 = v6 * n[1].w;
      let v759 = n[1].z + v758;
      let v761 = v450 * n[2].x;
      let v762 = v759 + v761;
      let v763 = ((i32(((b0[v762 / 4] >> u32(v762 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v765 = v755 < n[3].w;
      if (v765) {
        let v768 = v6 * n[2].z;
        let v769 = n[2].y + v768;
        let v771 = v755 * n[2].w;
        let v772 = v769 + v771;
        let v773 = v763;
        atomicAnd(&b1[v772 / 4], ~(255u << u32(v772 % 4 * 8))); atomicOr(&b1[v772 / 4], ((bitcast<u32>(v773)) & 255u) << u32(v772 % 4 * 8));
        let v774 = i64_of_i32(v450);
        let v777 = v6 * n[3].y;
        let v778 = n[3].x + v777;
        let v780 = v755 * n[3].z;
        let v781 = v778 + v780;
        let v782 = v774;
        b2[2 * v781] = v782.x; b2[2 * v781 + 1] = v782.y;
      }
    }
    if (v456) {
      let v783 = shr_i32(v461, v338);
      let v785 = (v783 & (255));
      let v786 = s1[v785];
      let v787 = v786 + v454;
      let v790 = v6 * n[1].w;
      let v791 = n[1].z + v790;
      let v793 = v462 * n[2].x;
      let v794 = v791 + v793;
      let v795 = ((i32(((b0[v794 / 4] >> u32(v794 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v797 = v787 < n[3].w;
      if (v797) {
        let v800 = v6 * n[2].z;
        let v801 = n[2].y + v800;
        let v803 = v787 * n[2].w;
        let v804 = v801 + v803;
        let v805 = v795;
        atomicAnd(&b1[v804 / 4], ~(255u << u32(v804 % 4 * 8))); atomicOr(&b1[v804 / 4], ((bitcast<u32>(v805)) & 255u) << u32(v804 % 4 * 8));
        let v806 = i64_of_i32(v462);
        let v809 = v6 * n[3].y;
        let v810 = n[3].x + v809;
        let v812 = v787 * n[3].z;
        let v813 = v810 + v812;
        let v814 = v806;
        b2[2 * v813] = v814.x; b2[2 * v813 + 1] = v814.y;
      }
    }
    if (v468) {
      let v815 = shr_i32(v473, v338);
      let v817 = (v815 & (255));
      let v818 = s1[v817];
      let v819 = v818 + v466;
      let v822 = v6 * n[1].w;
      let v823 = n[1].z + v822;
      let v825 = v474 * n[2].x;
      let v826 = v823 + v825;
      let v827 = ((i32(((b0[v826 / 4] >> u32(v826 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v829 = v819 < n[3].w;
      if (v829) {
        let v832 = v6 * n[2].z;
        let v833 = n[2].y + v832;
        let v835 = v819 * n[2].w;
        let v836 = v833 + v835;
        let v837 = v827;
        atomicAnd(&b1[v836 / 4], ~(255u << u32(v836 % 4 * 8))); atomicOr(&b1[v836 / 4], ((bitcast<u32>(v837)) & 255u) << u32(v836 % 4 * 8));
        let v838 = i64_of_i32(v474);
        let v841 = v6 * n[3].y;
        let v842 = n[3].x + v841;
        let v844 = v819 * n[3].z;
        let v845 = v842 + v844;
        let v846 = v838;
        b2[2 * v845] = v846.x; b2[2 * v845 + 1] = v846.y;
      }
    }
    if (v480) {
      let v847 = shr_i32(v485, v338);
      let v849 = (v847 & (255));
      let v850 = s1[v849];
      let v851 = v850 + v478;
      let v854 = v6 * n[1].w;
      let v855 = n[1].z + v854;
      let v857 = v486 * n[2].x;
      let v858 = v855 + v857;
      let v859 = ((i32(((b0[v858 / 4] >> u32(v858 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v861 = v851 < n[3].w;
      if (v861) {
        let v864 = v6 * n[2].z;
        let v865 = n[2].y + v864;
        let v867 = v851 * n[2].w;
        let v868 = v865 + v867;
        let v869 = v859;
        atomicAnd(&b1[v868 / 4], ~(255u << u32(v868 % 4 * 8))); atomicOr(&b1[v868 / 4], ((bitcast<u32>(v869)) & 255u) << u32(v868 % 4 * 8));
        let v870 = i64_of_i32(v486);
        let v873 = v6 * n[3].y;
        let v874 = n[3].x + v873;
        let v876 = v851 * n[3].z;
        let v877 = v874 + v876;
        let v878 = v870;
        b2[2 * v877] = v878.x; b2[2 * v877 + 1] = v878.y;
      }
    }
    if (v492) {
      let v879 = shr_i32(v497, v338);
      let v881 = (v879 & (255));
      let v882 = s1[v881];
      let v883 = v882 + v490;
      let v886 = v6 * n[1].w;
      let v887 = n[1].z + v886;
      let v889 = v498 * n[2].x;
      let v890 = v887 + v889;
      let v891 = ((i32(((b0[v890 / 4] >> u32(v890 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v893 = v883 < n[3].w;
      if (v893) {
        let v896 = v6 * n[2].z;
        let v897 = n[2].y + v896;
        let v899 = v883 * n[2].w;
        let v900 = v897 + v899;
        let v901 = v891;
        atomicAnd(&b1[v900 / 4], ~(255u << u32(v900 % 4 * 8))); atomicOr(&b1[v900 / 4], ((bitcast<u32>(v901)) & 255u) << u32(v900 % 4 * 8));
        let v902 = i64_of_i32(v498);
        let v905 = v6 * n[3].y;
        let v906 = n[3].x + v905;
        let v908 = v883 * n[3].z;
        let v909 = v906 + v908;
        let v910 = v902;
        b2[2 * v909] = v910.x; b2[2 * v909 + 1] = v910.y;
      }
    }
    if (v504) {
      let v911 = shr_i32(v509, v338);
      let v913 = (v911 & (255));
      let v914 = s1[v913];
      let v915 = v914 + v502;
      let v918 = v6 * n[1].w;
      let v919 = n[1].z + v918;
      let v921 = v510 * n[2].x;
      let v922 = v919 + v921;
      let v923 = ((i32(((b0[v922 / 4] >> u32(v922 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v925 = v915 < n[3].w;
      if (v925) {
        let v928 = v6 * n[2].z;
        let v929 = n[2].y + v928;
        let v931 = v915 * n[2].w;
        let v932 = v929 + v931;
        let v933 = v923;
        atomicAnd(&b1[v932 / 4], ~(255u << u32(v932 % 4 * 8))); atomicOr(&b1[v932 / 4], ((bitcast<u32>(v933)) & 255u) << u32(v932 % 4 * 8));
        let v934 = i64_of_i32(v510);
        let v937 = v6 * n[3].y;
        let v938 = n[3].x + v937;
        let v940 = v915 * n[3].z;
        let v941 = v938 + v940;
        let v942 = v934;
        b2[2 * v941] = v942.x; b2[2 * v941 + 1] = v942.y;
      }
    }
    if (v516) {
      let v943 = shr_i32(v521, v338);
      let v945 = (v943 & (255));
      let v946 = s1[v945];
      let v947 = v946 + v514;
      let v950 = v6 * n[1].w;
      let v951 = n[1].z + v950;
      let v953 = v522 * n[2].x;
      let v954 = v951 + v953;
      let v955 = ((i32(((b0[v954 / 4] >> u32(v954 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v957 = v947 < n[3].w;
      if (v957) {
        let v960 = v6 * n[2].z;
        let v961 = n[2].y + v960;
        let v963 = v947 * n[2].w;
        let v964 = v961 + v963;
        let v965 = v955;
        atomicAnd(&b1[v964 / 4], ~(255u << u32(v964 % 4 * 8))); atomicOr(&b1[v964 / 4], ((bitcast<u32>(v965)) & 255u) << u32(v964 % 4 * 8));
        let v966 = i64_of_i32(v522);
        let v969 = v6 * n[3].y;
        let v970 = n[3].x + v969;
        let v972 = v947 * n[3].z;
        let v973 = v970 + v972;
        let v974 = v966;
        b2[2 * v973] = v974.x; b2[2 * v973 + 1] = v974.y;
      }
    }
    if (v528) {
      let v975 = shr_i32(v533, v338);
      let v977 = (v975 & (255));
      let v978 = s1[v977];
      let v979 = v978 + v526;
      let v982 = v6 * n[1].w;
      let v983 = n[1].z + v982;
      let v985 = v534 * n[2].x;
      let v986 = v983 + v985;
      let v987 = ((i32(((b0[v986 / 4] >> u32(v986 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v989 = v979 < n[3].w;
      if (v989) {
        let v992 = v6 * n[2].z;
        let v993 = n[2].y + v992;
        let v995 = v979 * n[2].w;
        let v996 = v993 + v995;
        let v997 = v987;
        atomicAnd(&b1[v996 / 4], ~(255u << u32(v996 % 4 * 8))); atomicOr(&b1[v996 / 4], ((bitcast<u32>(v997)) & 255u) << u32(v996 % 4 * 8));
        let v998 = i64_of_i32(v534);
        let v1001 = v6 * n[3].y;
        let v1002 = n[3].x + v1001;
        let v1004 = v979 * n[3].z;
        let v1005 = v1002 + v1004;
        let v1006 = v998;
        b2[2 * v1005] = v1006.x; b2[2 * v1005 + 1] = v1006.y;
      }
    }
    if (v540) {
      let v1007 = shr_i32(v545, v338);
      let v1009 = (v1007 & (255));
      let v1010 = s1[v1009];
      let v1011 = v1010 + v538;
      let v1014 = v6 * n[1].w;
      let v1015 = n[1].z + v1014;
      let v1017 = v546 * n[2].x;
      let v1018 = v1015 + v1017;
      let v1019 = ((i32(((b0[v1018 / 4] >> u32(v1018 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v1021 = v1011 < n[3].w;
      if (v1021) {
        let v1024 = v6 * n[2].z;
        let v1025 = n[2].y + v1024;
        let v1027 = v1011 * n[2].w;
        let v1028 = v1025 + v1027;
        let v1029 = v1019;
        atomicAnd(&b1[v1028 / 4], ~(255u << u32(v1028 % 4 * 8))); atomicOr(&b1[v1028 / 4], ((bitcast<u32>(v1029)) & 255u) << u32(v1028 % 4 * 8));
        let v1030 = i64_of_i32(v546);
        let v1033 = v6 * n[3].y;
        let v1034 = n[3].x + v1033;
        let v1036 = v1011 * n[3].z;
        let v1037 = v1034 + v1036;
        let v1038 = v1030;
        b2[2 * v1037] = v1038.x; b2[2 * v1037 + 1] = v1038.y;
      }
    }
    if (v552) {
      let v1039 = shr_i32(v557, v338);
      let v1041 = (v1039 & (255));
      let v1042 = s1[v1041];
      let v1043 = v1042 + v550;
      let v1046 = v6 * n[1].w;
      let v1047 = n[1].z + v1046;
      let v1049 = v558 * n[2].x;
      let v1050 = v1047 + v1049;
      let v1051 = ((i32(((b0[v1050 / 4] >> u32(v1050 % 4 * 8)) & 0xffu)) << 24u) >> 24u);
      let v1053 = v1043 < n[3].w;
      if (v1053) {
        let v1056 = v6 * n[2].z;
        let v1057 = n[2].y + v1056;
        let v1059 = v1043 * n[2].w;
        let v1060 = v1057 + v1059;
        let v1061 = v1051;
        atomicAnd(&b1[v1060 / 4], ~(255u << u32(v1060 % 4 * 8))); atomicOr(&b1[v1060 / 4], ((bitcast<u32>(v1061)) & 255u) << u32(v1060 % 4 * 8));
        let v1062 = i64_of_i32(v558);
        let v1065 = v6 * n[3].y;
        let v1066 = n[3].x + v1065;
        let v1068 = v1043 * n[3].z;
        let v1069 = v1066 + v1068;
        let v1070 = v1062;
        b2[2 * v1069] = v1070.x; b2[2 * v1069 + 1] = v1070.y;
      }
    }
  }
}
