@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 6>;
@group(0) @binding(4) var<storage, read_write> faults: atomic<u32>;
var<workgroup> s0: array<f32, 1024>;
var<workgroup> s1: array<f32, 1024>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v5 = n[1].x + (63);
  let v6 = v5 / (64);
  let v7 = n[1].y + (63);
  let v8 = v7 / (64);
  let v10 = g % v8;
  let v11 = g / v8;
  let v12 = v11 % v6;
  let v13 = v11 / v6;
  let v14 = v12 * (64);
  let v15 = v10 * (64);
  let v18 = v13 < n[0].w;
  if (v18) {
    var x0: f32 = (0.0f);
    var x1: f32 = (0.0f);
    var x2: f32 = (0.0f);
    var x3: f32 = (0.0f);
    var x4: f32 = (0.0f);
    var x5: f32 = (0.0f);
    var x6: f32 = (0.0f);
    var x7: f32 = (0.0f);
    var x8: f32 = (0.0f);
    var x9: f32 = (0.0f);
    var x10: f32 = (0.0f);
    var x11: f32 = (0.0f);
    var x12: f32 = (0.0f);
    var x13: f32 = (0.0f);
    var x14: f32 = (0.0f);
    var x15: f32 = (0.0f);
    let v22 = t % (16);
    let v23 = t / (16);
    for (var x16: i32 = (0); x16 < n[1].z; x16 += (16)) {
      let v30 = t / (16);
      let v31 = t % (16);
      let v32 = v14 + v30;
      let v33 = x16 + v31;
      var x17: f32 = (0.0f);
      let v35 = v32 < n[1].x;
      let v36 = v33 < n[1].z;
      let v37 = v35 && v36;
      if (v37) {
        let v40 = v13 * n[2].x;
        let v41 = n[1].w + v40;
        let v43 = v32 * n[2].y;
        let v44 = v41 + v43;
        let v46 = v33 * n[2].w;
        let v47 = v44 + v46;
        let v48 = bitcast<f32>(b0[v47]);
        x17 = v48;
      }
      let v50 = v31 * (64);
      let v51 = v50 + v30;
      let v52 = x17;
      s0[v51] = v52;
      let v54 = t + (256);
      let v56 = v54 / (16);
      let v57 = v54 % (16);
      let v58 = v14 + v56;
      let v59 = x16 + v57;
      var x18: f32 = (0.0f);
      let v61 = v58 < n[1].x;
      let v62 = v59 < n[1].z;
      let v63 = v61 && v62;
      if (v63) {
        let v66 = v13 * n[2].x;
        let v67 = n[1].w + v66;
        let v69 = v58 * n[2].y;
        let v70 = v67 + v69;
        let v72 = v59 * n[2].w;
        let v73 = v70 + v72;
        let v74 = bitcast<f32>(b0[v73]);
        x18 = v74;
      }
      let v76 = v57 * (64);
      let v77 = v76 + v56;
      let v78 = x18;
      s0[v77] = v78;
      let v80 = t + (512);
      let v82 = v80 / (16);
      let v83 = v80 % (16);
      let v84 = v14 + v82;
      let v85 = x16 + v83;
      var x19: f32 = (0.0f);
      let v87 = v84 < n[1].x;
      let v88 = v85 < n[1].z;
      let v89 = v87 && v88;
      if (v89) {
        let v92 = v13 * n[2].x;
        let v93 = n[1].w + v92;
        let v95 = v84 * n[2].y;
        let v96 = v93 + v95;
        let v98 = v85 * n[2].w;
        let v99 = v96 + v98;
        let v100 = bitcast<f32>(b0[v99]);
        x19 = v100;
      }
      let v102 = v83 * (64);
      let v103 = v102 + v82;
      let v104 = x19;
      s0[v103] = v104;
      let v106 = t + (768);
      let v108 = v106 / (16);
      let v109 = v106 % (16);
      let v110 = v14 + v108;
      let v111 = x16 + v109;
      var x20: f32 = (0.0f);
      let v113 = v110 < n[1].x;
      let v114 = v111 < n[1].z;
      let v115 = v113 && v114;
      if (v115) {
        let v118 = v13 * n[2].x;
        let v119 = n[1].w + v118;
        let v121 = v110 * n[2].y;
        let v122 = v119 + v121;
        let v124 = v111 * n[2].w;
        let v125 = v122 + v124;
        let v126 = bitcast<f32>(b0[v125]);
        x20 = v126;
      }
      let v128 = v109 * (64);
      let v129 = v128 + v108;
      let v130 = x20;
      s0[v129] = v130;
      let v134 = t / (16);
      let v135 = t % (16);
      let v136 = v15 + v134;
      let v137 = x16 + v135;
      var x21: f32 = (0.0f);
      let v139 = v136 < n[1].y;
      let v140 = v137 < n[1].z;
      let v141 = v139 && v140;
      if (v141) {
        let v144 = v13 * n[3].y;
        let v145 = n[3].x + v144;
        let v147 = v136 * n[3].w;
        let v148 = v145 + v147;
        let v150 = v137 * n[4].x;
        let v151 = v148 + v150;
        let v152 = bitcast<f32>(b1[v151]);
        x21 = v152;
      }
      let v154 = v135 * (64);
      let v155 = v154 + v134;
      let v156 = x21;
      s1[v155] = v156;
      let v158 = t + (256);
      let v160 = v158 / (16);
      let v161 = v158 % (16);
      let v162 = v15 + v160;
      let v163 = x16 + v161;
      var x22: f32 = (0.0f);
      let v165 = v162 < n[1].y;
      let v166 = v163 < n[1].z;
      let v167 = v165 && v166;
      if (v167) {
        let v170 = v13 * n[3].y;
        let v171 = n[3].x + v170;
        let v173 = v162 * n[3].w;
        let v174 = v171 + v173;
        let v176 = v163 * n[4].x;
        let v177 = v174 + v176;
        let v178 = bitcast<f32>(b1[v177]);
        x22 = v178;
      }
      let v180 = v161 * (64);
      let v181 = v180 + v160;
      let v182 = x22;
      s1[v181] = v182;
      let v184 = t + (512);
      let v186 = v184 / (16);
      let v187 = v184 % (16);
      let v188 = v15 + v186;
      let v189 = x16 + v187;
      var x23: f32 = (0.0f);
      let v191 = v188 < n[1].y;
      let v192 = v189 < n[1].z;
      let v193 = v191 && v192;
      if (v193) {
        let v196 = v13 * n[3].y;
        let v197 = n[3].x + v196;
        let v199 = v188 * n[3].w;
        let v200 = v197 + v199;
        let v202 = v189 * n[4].x;
        let v203 = v200 + v202;
        let v204 = bitcast<f32>(b1[v203]);
        x23 = v204;
      }
      let v206 = v187 * (64);
      let v207 = v206 + v186;
      let v208 = x23;
      s1[v207] = v208;
      let v210 = t + (768);
      let v212 = v210 / (16);
      let v213 = v210 % (16);
      let v214 = v15 + v212;
      let v215 = x16 + v213;
      var x24: f32 = (0.0f);
      let v217 = v214 < n[1].y;
      let v218 = v215 < n[1].z;
      let v219 = v217 && v218;
      if (v219) {
        let v222 = v13 * n[3].y;
        let v223 = n[3].x + v222;
        let v225 = v214 * n[3].w;
        let v226 = v223 + v225;
        let v228 = v215 * n[4].x;
        let v229 = v226 + v228;
        let v230 = bitcast<f32>(b1[v229]);
        x24 = v230;
      }
      let v232 = v213 * (64);
      let v233 = v232 + v212;
      let v234 = x24;
      s1[v233] = v234;
      workgroupBarrier();
      for (var x25: i32 = (0); x25 < (16); x25 += (1)) {
        let v239 = x25 * (64);
        let v240 = v239 + v23;
        let v242 = s0[v240];
        let v244 = v240 + (16);
        let v245 = s0[v244];
        let v247 = v240 + (32);
        let v248 = s0[v247];
        let v250 = v240 + (48);
        let v251 = s0[v250];
        let v252 = v239 + v22;
        let v254 = s1[v252];
        let v256 = v252 + (16);
        let v257 = s1[v256];
        let v259 = v252 + (32);
        let v260 = s1[v259];
        let v262 = v252 + (48);
        let v263 = s1[v262];
        let v264 = (v242 * v254);
        let v265 = x0;
        let v266 = (v265 + v264);
        x0 = v266;
        let v267 = (v242 * v257);
        let v268 = x1;
        let v269 = (v268 + v267);
        x1 = v269;
        let v270 = (v242 * v260);
        let v271 = x2;
        let v272 = (v271 + v270);
        x2 = v272;
        let v273 = (v242 * v263);
        let v274 = x3;
        let v275 = (v274 + v273);
        x3 = v275;
        let v276 = (v245 * v254);
        let v277 = x4;
        let v278 = (v277 + v276);
        x4 = v278;
        let v279 = (v245 * v257);
        let v280 = x5;
        let v281 = (v280 + v279);
        x5 = v281;
        let v282 = (v245 * v260);
        let v283 = x6;
        let v284 = (v283 + v282);
        x6 = v284;
        let v285 = (v245 * v263);
        let v286 = x7;
        let v287 = (v286 + v285);
        x7 = v287;
        let v288 = (v248 * v254);
        let v289 = x8;
        let v290 = (v289 + v288);
        x8 = v290;
        let v291 = (v248 * v257);
        let v292 = x9;
        let v293 = (v292 + v291);
        x9 = v293;
        let v294 = (v248 * v260);
        let v295 = x10;
        let v296 = (v295 + v294);
        x10 = v296;
        let v297 = (v248 * v263);
        let v298 = x11;
        let v299 = (v298 + v297);
        x11 = v299;
        let v300 = (v251 * v254);
        let v301 = x12;
        let v302 = (v301 + v300);
        x12 = v302;
        let v303 = (v251 * v257);
        let v304 = x13;
        let v305 = (v304 + v303);
        x13 = v305;
        let v306 = (v251 * v260);
        let v307 = x14;
        let v308 = (v307 + v306);
        x14 = v308;
        let v309 = (v251 * v263);
        let v310 = x15;
        let v311 = (v310 + v309);
        x15 = v311;
      }
      workgroupBarrier();
    }
    let v313 = v14 + v23;
    let v315 = v15 + v22;
    let v316 = v313 < n[1].x;
    let v317 = v315 < n[1].y;
    let v318 = v316 && v317;
    if (v318) {
      let v319 = x0;
      let v322 = v13 * n[4].z;
      let v323 = n[4].y + v322;
      let v325 = v313 * n[4].w;
      let v326 = v323 + v325;
      let v328 = v315 * n[5].x;
      let v329 = v326 + v328;
      b2[v329] = bitcast<u32>(v319);
    }
    let v331 = v14 + v23;
    let v333 = v15 + v22;
    let v334 = v333 + (16);
    let v335 = v331 < n[1].x;
    let v336 = v334 < n[1].y;
    let v337 = v335 && v336;
    if (v337) {
      let v338 = x1;
      let v341 = v13 * n[4].z;
      let v342 = n[4].y + v341;
      let v344 = v331 * n[4].w;
      let v345 = v342 + v344;
      let v347 = v334 * n[5].x;
      let v348 = v345 + v347;
      b2[v348] = bitcast<u32>(v338);
    }
    let v350 = v14 + v23;
    let v352 = v15 + v22;
    let v353 = v352 + (32);
    let v354 = v350 < n[1].x;
    let v355 = v353 < n[1].y;
    let v356 = v354 && v355;
    if (v356) {
      let v357 = x2;
      let v360 = v13 * n[4].z;
      let v361 = n[4].y + v360;
      let v363 = v350 * n[4].w;
      let v364 = v361 + v363;
      let v366 = v353 * n[5].x;
      let v367 = v364 + v366;
      b2[v367] = bitcast<u32>(v357);
    }
    let v369 = v14 + v23;
    let v371 = v15 + v22;
    let v372 = v371 + (48);
    let v373 = v369 < n[1].x;
    let v374 = v372 < n[1].y;
    let v375 = v373 && v374;
    if (v375) {
      let v376 = x3;
      let v379 = v13 * n[4].z;
      let v380 = n[4].y + v379;
      let v382 = v369 * n[4].w;
      let v383 = v380 + v382;
      let v385 = v372 * n[5].x;
      let v386 = v383 + v385;
      b2[v386] = bitcast<u32>(v376);
    }
    let v388 = v14 + v23;
    let v389 = v388 + (16);
    let v391 = v15 + v22;
    let v392 = v389 < n[1].x;
    let v393 = v391 < n[1].y;
    let v394 = v392 && v393;
    if (v394) {
      let v395 = x4;
      let v398 = v13 * n[4].z;
      let v399 = n[4].y + v398;
      let v401 = v389 * n[4].w;
      let v402 = v399 + v401;
      let v404 = v391 * n[5].x;
      let v405 = v402 + v404;
      b2[v405] = bitcast<u32>(v395);
    }
    let v407 = v14 + v23;
    let v408 = v407 + (16);
    let v410 = v15 + v22;
    let v411 = v410 + (16);
    let v412 = v408 < n[1].x;
    let v413 = v411 < n[1].y;
    let v414 = v412 && v413;
    if (v414) {
      let v415 = x5;
      let v418 = v13 * n[4].z;
      let v419 = n[4].y + v418;
      let v421 = v408 * n[4].w;
      let v422 = v419 + v421;
      let v424 = v411 * n[5].x;
      let v425 = v422 + v424;
      b2[v425] = bitcast<u32>(v415);
    }
    let v427 = v14 + v23;
    let v428 = v427 + (16);
    let v430 = v15 + v22;
    let v431 = v430 + (32);
    let v432 = v428 < n[1].x;
    let v433 = v431 < n[1].y;
    let v434 = v432 && v433;
    if (v434) {
      let v435 = x6;
      let v438 = v13 * n[4].z;
      let v439 = n[4].y + v438;
      let v441 = v428 * n[4].w;
      let v442 = v439 + v441;
      let v444 = v431 * n[5].x;
      let v445 = v442 + v444;
      b2[v445] = bitcast<u32>(v435);
    }
    let v447 = v14 + v23;
    let v448 = v447 + (16);
    let v450 = v15 + v22;
    let v451 = v450 + (48);
    let v452 = v448 < n[1].x;
    let v453 = v451 < n[1].y;
    let v454 = v452 && v453;
    if (v454) {
      let v455 = x7;
      let v458 = v13 * n[4].z;
      let v459 = n[4].y + v458;
      let v461 = v448 * n[4].w;
      let v462 = v459 + v461;
      let v464 = v451 * n[5].x;
      let v465 = v462 + v464;
      b2[v465] = bitcast<u32>(v455);
    }
    let v467 = v14 + v23;
    let v468 = v467 + (32);
    let v470 = v15 + v22;
    let v471 = v468 < n[1].x;
    let v472 = v470 < n[1].y;
    let v473 = v471 && v472;
    if (v473) {
      let v474 = x8;
      let v477 = v13 * n[4].z;
      let v478 = n[4].y + v477;
      let v480 = v468 * n[4].w;
      let v481 = v478 + v480;
      let v483 = v470 * n[5].x;
      let v484 = v481 + v483;
      b2[v484] = bitcast<u32>(v474);
    }
    let v486 = v14 + v23;
    let v487 = v486 + (32);
    let v489 = v15 + v22;
    let v490 = v489 + (16);
    let v491 = v487 < n[1].x;
    let v492 = v490 < n[1].y;
    let v493 = v491 && v492;
    if (v493) {
      let v494 = x9;
      let v497 = v13 * n[4].z;
      let v498 = n[4].y + v497;
      let v500 = v487 * n[4].w;
      let v501 = v498 + v500;
      let v503 = v490 * n[5].x;
      let v504 = v501 + v503;
      b2[v504] = bitcast<u32>(v494);
    }
    let v506 = v14 + v23;
    let v507 = v506 + (32);
    let v509 = v15 + v22;
    let v510 = v509 + (32);
    let v511 = v507 < n[1].x;
    let v512 = v510 < n[1].y;
    let v513 = v511 && v512;
    if (v513) {
      let v514 = x10;
      let v517 = v13 * n[4].z;
      let v518 = n[4].y + v517;
      let v520 = v507 * n[4].w;
      let v521 = v518 + v520;
      let v523 = v510 * n[5].x;
      let v524 = v521 + v523;
      b2[v524] = bitcast<u32>(v514);
    }
    let v526 = v14 + v23;
    let v527 = v526 + (32);
    let v529 = v15 + v22;
    let v530 = v529 + (48);
    let v531 = v527 < n[1].x;
    let v532 = v530 < n[1].y;
    let v533 = v531 && v532;
    if (v533) {
      let v534 = x11;
      let v537 = v13 * n[4].z;
      let v538 = n[4].y + v537;
      let v540 = v527 * n[4].w;
      let v541 = v538 + v540;
      let v543 = v530 * n[5].x;
      let v544 = v541 + v543;
      b2[v544] = bitcast<u32>(v534);
    }
    let v546 = v14 + v23;
    let v547 = v546 + (48);
    let v549 = v15 + v22;
    let v550 = v547 < n[1].x;
    let v551 = v549 < n[1].y;
    let v552 = v550 && v551;
    if (v552) {
      let v553 = x12;
      let v556 = v13 * n[4].z;
      let v557 = n[4].y + v556;
      let v559 = v547 * n[4].w;
      let v560 = v557 + v559;
      let v562 = v549 * n[5].x;
      let v563 = v560 + v562;
      b2[v563] = bitcast<u32>(v553);
    }
    let v565 = v14 + v23;
    let v566 = v565 + (48);
    let v568 = v15 + v22;
    let v569 = v568 + (16);
    let v570 = v566 < n[1].x;
    let v571 = v569 < n[1].y;
    let v572 = v570 && v571;
    if (v572) {
      let v573 = x13;
      let v576 = v13 * n[4].z;
      let v577 = n[4].y + v576;
      let v579 = v566 * n[4].w;
      let v580 = v577 + v579;
      let v582 = v569 * n[5].x;
      let v583 = v580 + v582;
      b2[v583] = bitcast<u32>(v573);
    }
    let v585 = v14 + v23;
    let v586 = v585 + (48);
    let v588 = v15 + v22;
    let v589 = v588 + (32);
    let v590 = v586 < n[1].x;
    let v591 = v589 < n[1].y;
    let v592 = v590 && v591;
    if (v592) {
      let v593 = x14;
      let v596 = v13 * n[4].z;
      let v597 = n[4].y + v596;
      let v599 = v586 * n[4].w;
      let v600 = v597 + v599;
      let v602 = v589 * n[5].x;
      let v603 = v600 + v602;
      b2[v603] = bitcast<u32>(v593);
    }
    let v605 = v14 + v23;
    let v606 = v605 + (48);
    let v608 = v15 + v22;
    let v609 = v608 + (48);
    let v610 = v606 < n[1].x;
    let v611 = v609 < n[1].y;
    let v612 = v610 && v611;
    if (v612) {
      let v613 = x15;
      let v616 = v13 * n[4].z;
      let v617 = n[4].y + v616;
      let v619 = v606 * n[4].w;
      let v620 = v617 + v619;
      let v622 = v609 * n[5].x;
      let v623 = v620 + v622;
      b2[v623] = bitcast<u32>(v613);
    }
  }
}
