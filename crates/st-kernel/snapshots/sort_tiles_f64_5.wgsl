@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<storage, read> b3: array<u32>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 4>;
var<workgroup> s0: array<i32, 256>;
var<workgroup> s1: array<i32, 256>;

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

fn shr_i32(a: i32, b: i32) -> i32 { return a >> u32(clamp(b, 0, 31)); }

fn f64_of_words(low: i32, high: i32) -> f64 {
  return bitcast<f64>((u64(bitcast<u32>(high)) << 32u) | u64(bitcast<u32>(low)));
}

fn words_of_f64(x: f64) -> vec2<u32> {
  let bits = bitcast<u64>(x);
  return vec2<u32>(u32(bits & 0xfffffffflu), u32(bits >> 32u));
}

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
    let v370 = v335 + t;
    let v371 = v370 < n[1].y;
    if (v371) {
      let v372 = v351 + v370;
      let v373 = bitcast<i32>(b3[v372]);
      let v374 = v352 + v370;
      let v375 = bitcast<i32>(b3[v374]);
      let v376 = shr_i32(v373, v338);
      let v378 = (v376 & (255));
      let v379 = s1[v378];
      let v380 = v379 + t;
      let v383 = v6 * n[1].w;
      let v384 = n[1].z + v383;
      let v386 = v375 * n[2].x;
      let v387 = v384 + v386;
      let v388 = f64_of_words(bitcast<i32>(b0[2 * v387]), bitcast<i32>(b0[2 * v387 + 1]));
      let v390 = v380 < n[3].w;
      if (v390) {
        let v393 = v6 * n[2].z;
        let v394 = n[2].y + v393;
        let v396 = v380 * n[2].w;
        let v397 = v394 + v396;
        let v398 = v388;
        { let w = words_of_f64(v398); b1[2 * v397] = w.x; b1[2 * v397 + 1] = w.y; }
        let v399 = i64_of_i32(v375);
        let v402 = v6 * n[3].y;
        let v403 = n[3].x + v402;
        let v405 = v380 * n[3].z;
        let v406 = v403 + v405;
        let v407 = v399;
        b2[2 * v406] = v407.x; b2[2 * v406 + 1] = v407.y;
      }
    }
    let v410 = t + (128);
    let v411 = v335 + v410;
    let v412 = v411 < n[1].y;
    if (v412) {
      let v413 = v351 + v411;
      let v414 = bitcast<i32>(b3[v413]);
      let v415 = v352 + v411;
      let v416 = bitcast<i32>(b3[v415]);
      let v417 = shr_i32(v414, v338);
      let v419 = (v417 & (255));
      let v420 = s1[v419];
      let v421 = v420 + v410;
      let v424 = v6 * n[1].w;
      let v425 = n[1].z + v424;
      let v427 = v416 * n[2].x;
      let v428 = v425 + v427;
      let v429 = f64_of_words(bitcast<i32>(b0[2 * v428]), bitcast<i32>(b0[2 * v428 + 1]));
      let v431 = v421 < n[3].w;
      if (v431) {
        let v434 = v6 * n[2].z;
        let v435 = n[2].y + v434;
        let v437 = v421 * n[2].w;
        let v438 = v435 + v437;
        let v439 = v429;
        { let w = words_of_f64(v439); b1[2 * v438] = w.x; b1[2 * v438 + 1] = w.y; }
        let v440 = i64_of_i32(v416);
        let v443 = v6 * n[3].y;
        let v444 = n[3].x + v443;
        let v446 = v421 * n[3].z;
        let v447 = v444 + v446;
        let v448 = v440;
        b2[2 * v447] = v448.x; b2[2 * v447 + 1] = v448.y;
      }
    }
    let v451 = t + (256);
    let v452 = v335 + v451;
    let v453 = v452 < n[1].y;
    if (v453) {
      let v454 = v351 + v452;
      let v455 = bitcast<i32>(b3[v454]);
      let v456 = v352 + v452;
      let v457 = bitcast<i32>(b3[v456]);
      let v458 = shr_i32(v455, v338);
      let v460 = (v458 & (255));
      let v461 = s1[v460];
      let v462 = v461 + v451;
      let v465 = v6 * n[1].w;
      let v466 = n[1].z + v465;
      let v468 = v457 * n[2].x;
      let v469 = v466 + v468;
      let v470 = f64_of_words(bitcast<i32>(b0[2 * v469]), bitcast<i32>(b0[2 * v469 + 1]));
      let v472 = v462 < n[3].w;
      if (v472) {
        let v475 = v6 * n[2].z;
        let v476 = n[2].y + v475;
        let v478 = v462 * n[2].w;
        let v479 = v476 + v478;
        let v480 = v470;
        { let w = words_of_f64(v480); b1[2 * v479] = w.x; b1[2 * v479 + 1] = w.y; }
        let v481 = i64_of_i32(v457);
        let v484 = v6 * n[3].y;
        let v485 = n[3].x + v484;
        let v487 = v462 * n[3].z;
        let v488 = v485 + v487;
        let v489 = v481;
        b2[2 * v488] = v489.x; b2[2 * v488 + 1] = v489.y;
      }
    }
    let v492 = t + (384);
    let v493 = v335 + v492;
    let v494 = v493 < n[1].y;
    if (v494) {
      let v495 = v351 + v493;
      let v496 = bitcast<i32>(b3[v495]);
      let v497 = v352 + v493;
      let v498 = bitcast<i32>(b3[v497]);
      let v499 = shr_i32(v496, v338);
      let v501 = (v499 & (255));
      let v502 = s1[v501];
      let v503 = v502 + v492;
      let v506 = v6 * n[1].w;
      let v507 = n[1].z + v506;
      let v509 = v498 * n[2].x;
      let v510 = v507 + v509;
      let v511 = f64_of_words(bitcast<i32>(b0[2 * v510]), bitcast<i32>(b0[2 * v510 + 1]));
      let v513 = v503 < n[3].w;
      if (v513) {
        let v516 = v6 * n[2].z;
        let v517 = n[2].y + v516;
        let v519 = v503 * n[2].w;
        let v520 = v517 + v519;
        let v521 = v511;
        { let w = words_of_f64(v521); b1[2 * v520] = w.x; b1[2 * v520 + 1] = w.y; }
        let v522 = i64_of_i32(v498);
        let v525 = v6 * n[3].y;
        let v526 = n[3].x + v525;
        let v528 = v503 * n[3].z;
        let v529 = v526 + v528;
        let v530 = v522;
        b2[2 * v529] = v530.x; b2[2 * v529 + 1] = v530.y;
      }
    }
    let v533 = t + (512);
    let v534 = v335 + v533;
    let v535 = v534 < n[1].y;
    if (v535) {
      let v536 = v351 + v534;
      let v537 = bitcast<i32>(b3[v536]);
      let v538 = v352 + v534;
      let v539 = bitcast<i32>(b3[v538]);
      let v540 = shr_i32(v537, v338);
      let v542 = (v540 & (255));
      let v543 = s1[v542];
      let v544 = v543 + v533;
      let v547 = v6 * n[1].w;
      let v548 = n[1].z + v547;
      let v550 = v539 * n[2].x;
      let v551 = v548 + v550;
      let v552 = f64_of_words(bitcast<i32>(b0[2 * v551]), bitcast<i32>(b0[2 * v551 + 1]));
      let v554 = v544 < n[3].w;
      if (v554) {
        let v557 = v6 * n[2].z;
        let v558 = n[2].y + v557;
        let v560 = v544 * n[2].w;
        let v561 = v558 + v560;
        let v562 = v552;
        { let w = words_of_f64(v562); b1[2 * v561] = w.x; b1[2 * v561 + 1] = w.y; }
        let v563 = i64_of_i32(v539);
        let v566 = v6 * n[3].y;
        let v567 = n[3].x + v566;
        let v569 = v544 * n[3].z;
        let v570 = v567 + v569;
        let v571 = v563;
        b2[2 * v570] = v571.x; b2[2 * v570 + 1] = v571.y;
      }
    }
    let v574 = t + (640);
    let v575 = v335 + v574;
    let v576 = v575 < n[1].y;
    if (v576) {
      let v577 = v351 + v575;
      let v578 = bitcast<i32>(b3[v577]);
      let v579 = v352 + v575;
      let v580 = bitcast<i32>(b3[v579]);
      let v581 = shr_i32(v578, v338);
      let v583 = (v581 & (255));
      let v584 = s1[v583];
      let v585 = v584 + v574;
      let v588 = v6 * n[1].w;
      let v589 = n[1].z + v588;
      let v591 = v580 * n[2].x;
      let v592 = v589 + v591;
      let v593 = f64_of_words(bitcast<i32>(b0[2 * v592]), bitcast<i32>(b0[2 * v592 + 1]));
      let v595 = v585 < n[3].w;
      if (v595) {
        let v598 = v6 * n[2].z;
        let v599 = n[2].y + v598;
        let v601 = v585 * n[2].w;
        let v602 = v599 + v601;
        let v603 = v593;
        { let w = words_of_f64(v603); b1[2 * v602] = w.x; b1[2 * v602 + 1] = w.y; }
        let v604 = i64_of_i32(v580);
        let v607 = v6 * n[3].y;
        let v608 = n[3].x + v607;
        let v610 = v585 * n[3].z;
        let v611 = v608 + v610;
        let v612 = v604;
        b2[2 * v611] = v612.x; b2[2 * v611 + 1] = v612.y;
      }
    }
    let v615 = t + (768);
    let v616 = v335 + v615;
    let v617 = v616 < n[1].y;
    if (v617) {
      let v618 = v351 + v616;
      let v619 = bitcast<i32>(b3[v618]);
      let v620 = v352 + v616;
      let v621 = bitcast<i32>(b3[v620]);
      let v622 = shr_i32(v619, v338);
      let v624 = (v622 & (255));
      let v625 = s1[v624];
      let v626 = v625 + v615;
      let v629 = v6 * n[1].w;
      let v630 = n[1].z + v629;
      let v632 = v621 * n[2].x;
      let v633 = v630 + v632;
      let v634 = f64_of_words(bitcast<i32>(b0[2 * v633]), bitcast<i32>(b0[2 * v633 + 1]));
      let v636 = v626 < n[3].w;
      if (v636) {
        let v639 = v6 * n[2].z;
        let v640 = n[2].y + v639;
        let v642 = v626 * n[2].w;
        let v643 = v640 + v642;
        let v644 = v634;
        { let w = words_of_f64(v644); b1[2 * v643] = w.x; b1[2 * v643 + 1] = w.y; }
        let v645 = i64_of_i32(v621);
        let v648 = v6 * n[3].y;
        let v649 = n[3].x + v648;
        let v651 = v626 * n[3].z;
        let v652 = v649 + v651;
        let v653 = v645;
        b2[2 * v652] = v653.x; b2[2 * v652 + 1] = v653.y;
      }
    }
    let v656 = t + (896);
    let v657 = v335 + v656;
    let v658 = v657 < n[1].y;
    if (v658) {
      let v659 = v351 + v657;
      let v660 = bitcast<i32>(b3[v659]);
      let v661 = v352 + v657;
      let v662 = bitcast<i32>(b3[v661]);
      let v663 = shr_i32(v660, v338);
      let v665 = (v663 & (255));
      let v666 = s1[v665];
      let v667 = v666 + v656;
      let v670 = v6 * n[1].w;
      let v671 = n[1].z + v670;
      let v673 = v662 * n[2].x;
      let v674 = v671 + v673;
      let v675 = f64_of_words(bitcast<i32>(b0[2 * v674]), bitcast<i32>(b0[2 * v674 + 1]));
      let v677 = v667 < n[3].w;
      if (v677) {
        let v680 = v6 * n[2].z;
        let v681 = n[2].y + v680;
        let v683 = v667 * n[2].w;
        let v684 = v681 + v683;
        let v685 = v675;
        { let w = words_of_f64(v685); b1[2 * v684] = w.x; b1[2 * v684 + 1] = w.y; }
        let v686 = i64_of_i32(v662);
        let v689 = v6 * n[3].y;
        let v690 = n[3].x + v689;
        let v692 = v667 * n[3].z;
        let v693 = v690 + v692;
        let v694 = v686;
        b2[2 * v693] = v694.x; b2[2 * v693 + 1] = v694.y;
      }
    }
    let v697 = t + (1024);
    let v698 = v335 + v697;
    let v699 = v698 < n[1].y;
    if (v699) {
      let v700 = v351 + v698;
      let v701 = bitcast<i32>(b3[v700]);
      let v702 = v352 + v698;
      let v703 = bitcast<i32>(b3[v702]);
      let v704 = shr_i32(v701, v338);
      let v706 = (v704 & (255));
      let v707 = s1[v706];
      let v708 = v707 + v697;
      let v711 = v6 * n[1].w;
      let v712 = n[1].z + v711;
      let v714 = v703 * n[2].x;
      let v715 = v712 + v714;
      let v716 = f64_of_words(bitcast<i32>(b0[2 * v715]), bitcast<i32>(b0[2 * v715 + 1]));
      let v718 = v708 < n[3].w;
      if (v718) {
        let v721 = v6 * n[2].z;
        let v722 = n[2].y + v721;
        let v724 = v708 * n[2].w;
        let v725 = v722 + v724;
        let v726 = v716;
        { let w = words_of_f64(v726); b1[2 * v725] = w.x; b1[2 * v725 + 1] = w.y; }
        let v727 = i64_of_i32(v703);
        let v730 = v6 * n[3].y;
        let v731 = n[3].x + v730;
        let v733 = v708 * n[3].z;
        let v734 = v731 + v733;
        let v735 = v727;
        b2[2 * v734] = v735.x; b2[2 * v734 + 1] = v735.y;
      }
    }
    let v738 = t + (1152);
    let v739 = v335 + v738;
    let v740 = v739 < n[1].y;
    if (v740) {
      let v741 = v351 + v739;
      let v742 = bitcast<i32>(b3[v741]);
      let v743 = v352 + v739;
      let v744 = bitcast<i32>(b3[v743]);
      let v745 = shr_i32(v742, v338);
      let v747 = (v745 & (255));
      let v748 = s1[v747];
      let v749 = v748 + v738;
      let v752 = v6 * n[1].w;
      let v753 = n[1].z + v752;
      let v755 = v744 * n[2].x;
      let v756 = v753 + v755;
      let v757 = f64_of_words(bitcast<i32>(b0[2 * v756]), bitcast<i32>(b0[2 * v756 + 1]));
      let v759 = v749 < n[3].w;
      if (v759) {
        let v762 = v6 * n[2].z;
        let v763 = n[2].y + v762;
        let v765 = v749 * n[2].w;
        let v766 = v763 + v765;
        let v767 = v757;
        { let w = words_of_f64(v767); b1[2 * v766] = w.x; b1[2 * v766 + 1] = w.y; }
        let v768 = i64_of_i32(v744);
        let v771 = v6 * n[3].y;
        let v772 = n[3].x + v771;
        let v774 = v749 * n[3].z;
        let v775 = v772 + v774;
        let v776 = v768;
        b2[2 * v775] = v776.x; b2[2 * v775 + 1] = v776.y;
      }
    }
    let v779 = t + (1280);
    let v780 = v335 + v779;
    let v781 = v780 < n[1].y;
    if (v781) {
      let v782 = v351 + v780;
      let v783 = bitcast<i32>(b3[v782]);
      let v784 = v352 + v780;
      let v785 = bitcast<i32>(b3[v784]);
      let v786 = shr_i32(v783, v338);
      let v788 = (v786 & (255));
      let v789 = s1[v788];
      let v790 = v789 + v779;
      let v793 = v6 * n[1].w;
      let v794 = n[1].z + v793;
      let v796 = v785 * n[2].x;
      let v797 = v794 + v796;
      let v798 = f64_of_words(bitcast<i32>(b0[2 * v797]), bitcast<i32>(b0[2 * v797 + 1]));
      let v800 = v790 < n[3].w;
      if (v800) {
        let v803 = v6 * n[2].z;
        let v804 = n[2].y + v803;
        let v806 = v790 * n[2].w;
        let v807 = v804 + v806;
        let v808 = v798;
        { let w = words_of_f64(v808); b1[2 * v807] = w.x; b1[2 * v807 + 1] = w.y; }
        let v809 = i64_of_i32(v785);
        let v812 = v6 * n[3].y;
        let v813 = n[3].x + v812;
        let v815 = v790 * n[3].z;
        let v816 = v813 + v815;
        let v817 = v809;
        b2[2 * v816] = v817.x; b2[2 * v816 + 1] = v817.y;
      }
    }
    let v820 = t + (1408);
    let v821 = v335 + v820;
    let v822 = v821 < n[1].y;
    if (v822) {
      let v823 = v351 + v821;
      let v824 = bitcast<i32>(b3[v823]);
      let v825 = v352 + v821;
      let v826 = bitcast<i32>(b3[v825]);
      let v827 = shr_i32(v824, v338);
      let v829 = (v827 & (255));
      let v830 = s1[v829];
      let v831 = v830 + v820;
      let v834 = v6 * n[1].w;
      let v835 = n[1].z + v834;
      let v837 = v826 * n[2].x;
      let v838 = v835 + v837;
      let v839 = f64_of_words(bitcast<i32>(b0[2 * v838]), bitcast<i32>(b0[2 * v838 + 1]));
      let v841 = v831 < n[3].w;
      if (v841) {
        let v844 = v6 * n[2].z;
        let v845 = n[2].y + v844;
        let v847 = v831 * n[2].w;
        let v848 = v845 + v847;
        let v849 = v839;
        { let w = words_of_f64(v849); b1[2 * v848] = w.x; b1[2 * v848 + 1] = w.y; }
        let v850 = i64_of_i32(v826);
        let v853 = v6 * n[3].y;
        let v854 = n[3].x + v853;
        let v856 = v831 * n[3].z;
        let v857 = v854 + v856;
        let v858 = v850;
        b2[2 * v857] = v858.x; b2[2 * v857 + 1] = v858.y;
      }
    }
    let v861 = t + (1536);
    let v862 = v335 + v861;
    let v863 = v862 < n[1].y;
    if (v863) {
      let v864 = v351 + v862;
      let v865 = bitcast<i32>(b3[v864]);
      let v866 = v352 + v862;
      let v867 = bitcast<i32>(b3[v866]);
      let v868 = shr_i32(v865, v338);
      let v870 = (v868 & (255));
      let v871 = s1[v870];
      let v872 = v871 + v861;
      let v875 = v6 * n[1].w;
      let v876 = n[1].z + v875;
      let v878 = v867 * n[2].x;
      let v879 = v876 + v878;
      let v880 = f64_of_words(bitcast<i32>(b0[2 * v879]), bitcast<i32>(b0[2 * v879 + 1]));
      let v882 = v872 < n[3].w;
      if (v882) {
        let v885 = v6 * n[2].z;
        let v886 = n[2].y + v885;
        let v888 = v872 * n[2].w;
        let v889 = v886 + v888;
        let v890 = v880;
        { let w = words_of_f64(v890); b1[2 * v889] = w.x; b1[2 * v889 + 1] = w.y; }
        let v891 = i64_of_i32(v867);
        let v894 = v6 * n[3].y;
        let v895 = n[3].x + v894;
        let v897 = v872 * n[3].z;
        let v898 = v895 + v897;
        let v899 = v891;
        b2[2 * v898] = v899.x; b2[2 * v898 + 1] = v899.y;
      }
    }
    let v902 = t + (1664);
    let v903 = v335 + v902;
    let v904 = v903 < n[1].y;
    if (v904) {
      let v905 = v351 + v903;
      let v906 = bitcast<i32>(b3[v905]);
      let v907 = v352 + v903;
      let v908 = bitcast<i32>(b3[v907]);
      let v909 = shr_i32(v906, v338);
      let v911 = (v909 & (255));
      let v912 = s1[v911];
      let v913 = v912 + v902;
      let v916 = v6 * n[1].w;
      let v917 = n[1].z + v916;
      let v919 = v908 * n[2].x;
      let v920 = v917 + v919;
      let v921 = f64_of_words(bitcast<i32>(b0[2 * v920]), bitcast<i32>(b0[2 * v920 + 1]));
      let v923 = v913 < n[3].w;
      if (v923) {
        let v926 = v6 * n[2].z;
        let v927 = n[2].y + v926;
        let v929 = v913 * n[2].w;
        let v930 = v927 + v929;
        let v931 = v921;
        { let w = words_of_f64(v931); b1[2 * v930] = w.x; b1[2 * v930 + 1] = w.y; }
        let v932 = i64_of_i32(v908);
        let v935 = v6 * n[3].y;
        let v936 = n[3].x + v935;
        let v938 = v913 * n[3].z;
        let v939 = v936 + v938;
        let v940 = v932;
        b2[2 * v939] = v940.x; b2[2 * v939 + 1] = v940.y;
      }
    }
    let v943 = t + (1792);
    let v944 = v335 + v943;
    let v945 = v944 < n[1].y;
    if (v945) {
      let v946 = v351 + v944;
      let v947 = bitcast<i32>(b3[v946]);
      let v948 = v352 + v944;
      let v949 = bitcast<i32>(b3[v948]);
      let v950 = shr_i32(v947, v338);
      let v952 = (v950 & (255));
      let v953 = s1[v952];
      let v954 = v953 + v943;
      let v957 = v6 * n[1].w;
      let v958 = n[1].z + v957;
      let v960 = v949 * n[2].x;
      let v961 = v958 + v960;
      let v962 = f64_of_words(bitcast<i32>(b0[2 * v961]), bitcast<i32>(b0[2 * v961 + 1]));
      let v964 = v954 < n[3].w;
      if (v964) {
        let v967 = v6 * n[2].z;
        let v968 = n[2].y + v967;
        let v970 = v954 * n[2].w;
        let v971 = v968 + v970;
        let v972 = v962;
        { let w = words_of_f64(v972); b1[2 * v971] = w.x; b1[2 * v971 + 1] = w.y; }
        let v973 = i64_of_i32(v949);
        let v976 = v6 * n[3].y;
        let v977 = n[3].x + v976;
        let v979 = v954 * n[3].z;
        let v980 = v977 + v979;
        let v981 = v973;
        b2[2 * v980] = v981.x; b2[2 * v980 + 1] = v981.y;
      }
    }
    let v984 = t + (1920);
    let v985 = v335 + v984;
    let v986 = v985 < n[1].y;
    if (v986) {
      let v987 = v351 + v985;
      let v988 = bitcast<i32>(b3[v987]);
      let v989 = v352 + v985;
      let v990 = bitcast<i32>(b3[v989]);
      let v991 = shr_i32(v988, v338);
      let v993 = (v991 & (255));
      let v994 = s1[v993];
      let v995 = v994 + v984;
      let v998 = v6 * n[1].w;
      let v999 = n[1].z + v998;
      let v1001 = v990 * n[2].x;
      let v1002 = v999 + v1001;
      let v1003 = f64_of_words(bitcast<i32>(b0[2 * v1002]), bitcast<i32>(b0[2 * v1002 + 1]));
      let v1005 = v995 < n[3].w;
      if (v1005) {
        let v1008 = v6 * n[2].z;
        let v1009 = n[2].y + v1008;
        let v1011 = v995 * n[2].w;
        let v1012 = v1009 + v1011;
        let v1013 = v1003;
        { let w = words_of_f64(v1013); b1[2 * v1012] = w.x; b1[2 * v1012 + 1] = w.y; }
        let v1014 = i64_of_i32(v990);
        let v1017 = v6 * n[3].y;
        let v1018 = n[3].x + v1017;
        let v1020 = v995 * n[3].z;
        let v1021 = v1018 + v1020;
        let v1022 = v1014;
        b2[2 * v1021] = v1022.x; b2[2 * v1021 + 1] = v1022.y;
      }
    }
  }
}
