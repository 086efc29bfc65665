@group(0) @binding(0) var<storage, read> b0: array<vec2<u32>>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<atomic<u32>>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 5>;
var<workgroup> s0: array<f32, 256>;

fn bits_of_bf16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return (bits >> 16u) | 0x40u; }
  return (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
}

fn rounded_bf16(x: f32) -> f32 { return bitcast<f32>(bits_of_bf16(x) << 16u); }

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

fn eq_i64(a: vec2<u32>, b: vec2<u32>) -> bool { return all(a == b); }

fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }

fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

fn power_of_two(n: i32) -> f32 { return bitcast<f32>((n + 127) << 23u); }

fn exp_fraction(r: f32) -> f32 {
  var p = 1.3838055e-3f;
  p = fma(p, r, 8.369167e-3f);
  p = fma(p, r, 4.1668102e-2f);
  p = fma(p, r, 1.6666517e-1f);
  p = fma(p, r, 4.9999994e-1f);
  return fma(p, r * r, r) + 1.0f;
}

fn scaled(y: f32, n: f32) -> f32 {
  let first = i32(n) / 2;
  return y * power_of_two(first) * power_of_two(i32(n) - first);
}

fn exp_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let bounded = clamp(x, -104.0f, 89.0f);
  let n = round(bounded * 1.44269504f);
  let r = fma(n, 2.12194442e-4f, fma(n, -0.693359375f, bounded));
  return scaled(exp_fraction(r), n);
}

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g < n[0].y;
  if (v3) {
    var x0: f32 = (0.0f);
    let v12 = g * n[2].z;
    let v13 = n[2].y + v12;
    let v14 = vec2<u32>(b1[2 * v13], b1[2 * v13 + 1]);
    let v15 = bitcast<f32>(n[4].w);
    let v16 = bitcast<f32>(n[4].z);
    let v17 = (0) < n[0].z;
    if (v17) {
      let v21 = g * n[1].w;
      let v22 = n[1].z + v21;
      let v23 = v22 % (4);
      let v24 = (4) - v23;
      let v25 = v24 % (4);
      let v26 = v25 < n[0].z;
      let v27 = select(n[0].z, v25, v26);
      let v28 = n[0].z - v27;
      let v30 = v28 / (4);
      let v32 = v30 * (4);
      let v33 = v27 + v32;
      let v34 = n[0].z - v32;
      let v38 = t * (4);
      let v41 = v27 + v38;
      for (var x1: i32 = v41; x1 < v33; x1 += (2048)) {
        let v46 = x1 < v33;
        let v47 = select(v27, x1, v46);
        let v49 = x1 + (1024);
        let v50 = v49 < v33;
        let v51 = select(v27, v49, v50);
        let v53 = i64_of_i32(v47);
        let v55 = v47 + (1);
        let v57 = i64_of_i32(v55);
        let v59 = v47 + (2);
        let v61 = i64_of_i32(v59);
        let v63 = v47 + (3);
        let v65 = i64_of_i32(v63);
        let v66 = eq_i64(v53, v14);
        let v68 = v47 + (1);
        let v69 = eq_i64(v57, v14);
        let v71 = v47 + (2);
        let v72 = eq_i64(v61, v14);
        let v74 = v47 + (3);
        let v75 = eq_i64(v65, v14);
        let v76 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v66));
        let v78 = v47 + (1);
        let v79 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v69));
        let v81 = v47 + (2);
        let v82 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v72));
        let v84 = v47 + (3);
        let v85 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v75));
        let v87 = i64_of_i32(v51);
        let v89 = v51 + (1);
        let v91 = i64_of_i32(v89);
        let v93 = v51 + (2);
        let v95 = i64_of_i32(v93);
        let v97 = v51 + (3);
        let v99 = i64_of_i32(v97);
        let v100 = eq_i64(v87, v14);
        let v102 = v51 + (1);
        let v103 = eq_i64(v91, v14);
        let v105 = v51 + (2);
        let v106 = eq_i64(v95, v14);
        let v108 = v51 + (3);
        let v109 = eq_i64(v99, v14);
        let v110 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v100));
        let v112 = v51 + (1);
        let v113 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v103));
        let v115 = v51 + (2);
        let v116 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v106));
        let v118 = v51 + (3);
        let v119 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v109));
        if (v46) {
          let v120 = x0;
          let v121 = (v120 + v76);
          x0 = v121;
          let v123 = v47 + (1);
          let v124 = x0;
          let v125 = (v124 + v79);
          x0 = v125;
          let v127 = v47 + (2);
          let v128 = x0;
          let v129 = (v128 + v82);
          x0 = v129;
          let v131 = v47 + (3);
          let v132 = x0;
          let v133 = (v132 + v85);
          x0 = v133;
        }
        if (v50) {
          let v134 = x0;
          let v135 = (v134 + v110);
          x0 = v135;
          let v137 = v51 + (1);
          let v138 = x0;
          let v139 = (v138 + v113);
          x0 = v139;
          let v141 = v51 + (2);
          let v142 = x0;
          let v143 = (v142 + v116);
          x0 = v143;
          let v145 = v51 + (3);
          let v146 = x0;
          let v147 = (v146 + v119);
          x0 = v147;
        }
      }
      let v149 = t < v34;
      if (v149) {
        let v150 = t < v27;
        let v151 = t + v32;
        let v152 = select(v151, t, v150);
        let v154 = i64_of_i32(v152);
        let v155 = eq_i64(v154, v14);
        let v156 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v155));
        let v157 = x0;
        let v158 = (v157 + v156);
        x0 = v158;
      }
    }
    let v160 = x0;
    s0[t] = v160;
    workgroupBarrier();
    let v162 = t < (16);
    if (v162) {
      let v164 = t + (16);
      let v166 = t + (32);
      let v168 = t + (48);
      let v170 = t + (64);
      let v172 = t + (80);
      let v174 = t + (96);
      let v176 = t + (112);
      let v178 = t + (128);
      let v180 = t + (144);
      let v182 = t + (160);
      let v184 = t + (176);
      let v186 = t + (192);
      let v188 = t + (208);
      let v190 = t + (224);
      let v192 = t + (240);
      let v193 = s0[v164];
      let v194 = s0[v166];
      let v195 = s0[v168];
      let v196 = s0[v170];
      let v197 = s0[v172];
      let v198 = s0[v174];
      let v199 = s0[v176];
      let v200 = s0[v178];
      let v201 = s0[v180];
      let v202 = s0[v182];
      let v203 = s0[v184];
      let v204 = s0[v186];
      let v205 = s0[v188];
      let v206 = s0[v190];
      let v207 = s0[v192];
      let v208 = x0;
      let v209 = (v208 + v193);
      x0 = v209;
      let v210 = x0;
      let v211 = (v210 + v194);
      x0 = v211;
      let v212 = x0;
      let v213 = (v212 + v195);
      x0 = v213;
      let v214 = x0;
      let v215 = (v214 + v196);
      x0 = v215;
      let v216 = x0;
      let v217 = (v216 + v197);
      x0 = v217;
      let v218 = x0;
      let v219 = (v218 + v198);
      x0 = v219;
      let v220 = x0;
      let v221 = (v220 + v199);
      x0 = v221;
      let v222 = x0;
      let v223 = (v222 + v200);
      x0 = v223;
      let v224 = x0;
      let v225 = (v224 + v201);
      x0 = v225;
      let v226 = x0;
      let v227 = (v226 + v202);
      x0 = v227;
      let v228 = x0;
      let v229 = (v228 + v203);
      x0 = v229;
      let v230 = x0;
      let v231 = (v230 + v204);
      x0 = v231;
      let v232 = x0;
      let v233 = (v232 + v205);
      x0 = v233;
      let v234 = x0;
      let v235 = (v234 + v206);
      x0 = v235;
      let v236 = x0;
      let v237 = (v236 + v207);
      x0 = v237;
      let v238 = x0;
      s0[t] = v238;
    }
    workgroupBarrier();
    let v240 = s0[(0)];
    x0 = v240;
    let v256 = s0[(1)];
    let v257 = s0[(2)];
    let v258 = s0[(3)];
    let v259 = s0[(4)];
    let v260 = s0[(5)];
    let v261 = s0[(6)];
    let v262 = s0[(7)];
    let v263 = s0[(8)];
    let v264 = s0[(9)];
    let v265 = s0[(10)];
    let v266 = s0[(11)];
    let v267 = s0[(12)];
    let v268 = s0[(13)];
    let v269 = s0[(14)];
    let v270 = s0[(15)];
    let v271 = x0;
    let v272 = (v271 + v256);
    x0 = v272;
    let v273 = x0;
    let v274 = (v273 + v257);
    x0 = v274;
    let v275 = x0;
    let v276 = (v275 + v258);
    x0 = v276;
    let v277 = x0;
    let v278 = (v277 + v259);
    x0 = v278;
    let v279 = x0;
    let v280 = (v279 + v260);
    x0 = v280;
    let v281 = x0;
    let v282 = (v281 + v261);
    x0 = v282;
    let v283 = x0;
    let v284 = (v283 + v262);
    x0 = v284;
    let v285 = x0;
    let v286 = (v285 + v263);
    x0 = v286;
    let v287 = x0;
    let v288 = (v287 + v264);
    x0 = v288;
    let v289 = x0;
    let v290 = (v289 + v265);
    x0 = v290;
    let v291 = x0;
    let v292 = (v291 + v266);
    x0 = v292;
    let v293 = x0;
    let v294 = (v293 + v267);
    x0 = v294;
    let v295 = x0;
    let v296 = (v295 + v268);
    x0 = v296;
    let v297 = x0;
    let v298 = (v297 + v269);
    x0 = v298;
    let v299 = x0;
    let v300 = (v299 + v270);
    x0 = v300;
    let v301 = x0;
    let v304 = g * n[3].y;
    let v305 = n[3].x + v304;
    let v306 = bitcast<f32>(b2[v305]);
    let v309 = (0) < n[0].z;
    if (v309) {
      let v313 = g * n[1].w;
      let v314 = n[1].z + v313;
      let v315 = v314 % (4);
      let v316 = (4) - v315;
      let v317 = v316 % (4);
      let v318 = v317 < n[0].z;
      let v319 = select(n[0].z, v317, v318);
      let v320 = n[0].z - v319;
      let v322 = v320 / (4);
      let v324 = v322 * (4);
      let v325 = v319 + v324;
      let v326 = n[0].z - v324;
      let v330 = t * (4);
      let v333 = v319 + v330;
      for (var x2: i32 = v333; x2 < v325; x2 += (2048)) {
        let v338 = x2 < v325;
        let v339 = select(v319, x2, v338);
        let v341 = x2 + (1024);
        let v342 = v341 < v325;
        let v343 = select(v319, v341, v342);
        let v345 = i64_of_i32(v339);
        let v347 = v339 + (1);
        let v349 = i64_of_i32(v347);
        let v351 = v339 + (2);
        let v353 = i64_of_i32(v351);
        let v355 = v339 + (3);
        let v357 = i64_of_i32(v355);
        let v358 = eq_i64(v345, v14);
        let v360 = v339 + (1);
        let v361 = eq_i64(v349, v14);
        let v363 = v339 + (2);
        let v364 = eq_i64(v353, v14);
        let v366 = v339 + (3);
        let v367 = eq_i64(v357, v14);
        let v368 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v358));
        let v370 = v339 + (1);
        let v371 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v361));
        let v373 = v339 + (2);
        let v374 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v364));
        let v376 = v339 + (3);
        let v377 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v367));
        let v380 = g * n[1].w;
        let v381 = n[1].z + v380;
        let v383 = v339 * n[2].x;
        let v384 = v381 + v383;
        let q385_0 = b0[((v384 >> 1u) + 0) >> 1u];
        let v385 = bitcast<f32>(((q385_0.x >> 0u) & 0xffffu) << 16u);
        let v386 = bitcast<f32>(((q385_0.x >> 16u) & 0xffffu) << 16u);
        let v387 = bitcast<f32>(((q385_0.y >> 0u) & 0xffffu) << 16u);
        let v388 = bitcast<f32>(((q385_0.y >> 16u) & 0xffffu) << 16u);
        let v389 = v385;
        let v391 = v339 + (1);
        let v392 = v386;
        let v394 = v339 + (2);
        let v395 = v387;
        let v397 = v339 + (3);
        let v398 = v388;
        let v399 = (v389 - v306);
        let v401 = v339 + (1);
        let v402 = (v392 - v306);
        let v404 = v339 + (2);
        let v405 = (v395 - v306);
        let v407 = v339 + (3);
        let v408 = (v398 - v306);
        let v409 = exp_f32(v399);
        let v411 = v339 + (1);
        let v412 = exp_f32(v402);
        let v414 = v339 + (2);
        let v415 = exp_f32(v405);
        let v417 = v339 + (3);
        let v418 = exp_f32(v408);
        let v419 = (v409 * v301);
        let v421 = v339 + (1);
        let v422 = (v412 * v301);
        let v424 = v339 + (2);
        let v425 = (v415 * v301);
        let v427 = v339 + (3);
        let v428 = (v418 * v301);
        let v429 = (v368 - v419);
        let v431 = v339 + (1);
        let v432 = (v371 - v422);
        let v434 = v339 + (2);
        let v435 = (v374 - v425);
        let v437 = v339 + (3);
        let v438 = (v377 - v428);
        let v439 = rounded_bf16(v429);
        let v441 = v339 + (1);
        let v442 = rounded_bf16(v432);
        let v444 = v339 + (2);
        let v445 = rounded_bf16(v435);
        let v447 = v339 + (3);
        let v448 = rounded_bf16(v438);
        let v450 = i64_of_i32(v343);
        let v452 = v343 + (1);
        let v454 = i64_of_i32(v452);
        let v456 = v343 + (2);
        let v458 = i64_of_i32(v456);
        let v460 = v343 + (3);
        let v462 = i64_of_i32(v460);
        let v463 = eq_i64(v450, v14);
        let v465 = v343 + (1);
        let v466 = eq_i64(v454, v14);
        let v468 = v343 + (2);
        let v469 = eq_i64(v458, v14);
        let v471 = v343 + (3);
        let v472 = eq_i64(v462, v14);
        let v473 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v463));
        let v475 = v343 + (1);
        let v476 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v466));
        let v478 = v343 + (2);
        let v479 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v469));
        let v481 = v343 + (3);
        let v482 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v472));
        let v485 = g * n[1].w;
        let v486 = n[1].z + v485;
        let v488 = v343 * n[2].x;
        let v489 = v486 + v488;
        let q490_0 = b0[((v489 >> 1u) + 0) >> 1u];
        let v490 = bitcast<f32>(((q490_0.x >> 0u) & 0xffffu) << 16u);
        let v491 = bitcast<f32>(((q490_0.x >> 16u) & 0xffffu) << 16u);
        let v492 = bitcast<f32>(((q490_0.y >> 0u) & 0xffffu) << 16u);
        let v493 = bitcast<f32>(((q490_0.y >> 16u) & 0xffffu) << 16u);
        let v494 = v490;
        let v496 = v343 + (1);
        let v497 = v491;
        let v499 = v343 + (2);
        let v500 = v492;
        let v502 = v343 + (3);
        let v503 = v493;
        let v504 = (v494 - v306);
        let v506 = v343 + (1);
        let v507 = (v497 - v306);
        let v509 = v343 + (2);
        let v510 = (v500 - v306);
        let v512 = v343 + (3);
        let v513 = (v503 - v306);
        let v514 = exp_f32(v504);
        let v516 = v343 + (1);
        let v517 = exp_f32(v507);
        let v519 = v343 + (2);
        let v520 = exp_f32(v510);
        let v522 = v343 + (3);
        let v523 = exp_f32(v513);
        let v524 = (v514 * v301);
        let v526 = v343 + (1);
        let v527 = (v517 * v301);
        let v529 = v343 + (2);
        let v530 = (v520 * v301);
        let v532 = v343 + (3);
        let v533 = (v523 * v301);
        let v534 = (v473 - v524);
        let v536 = v343 + (1);
        let v537 = (v476 - v527);
        let v539 = v343 + (2);
        let v540 = (v479 - v530);
        let v542 = v343 + (3);
        let v543 = (v482 - v533);
        let v544 = rounded_bf16(v534);
        let v546 = v343 + (1);
        let v547 = rounded_bf16(v537);
        let v549 = v343 + (2);
        let v550 = rounded_bf16(v540);
        let v552 = v343 + (3);
        let v553 = rounded_bf16(v543);
        if (v338) {
          let v556 = g * n[4].x;
          let v557 = n[3].w + v556;
          let v559 = v339 * n[4].y;
          let v560 = v557 + v559;
          atomicStore(&b3[(v560 >> 1u) + 0], ((bits_of_bf16(v439) & 0xffffu) << 0u) | ((bits_of_bf16(v442) & 0xffffu) << 16u));
          atomicStore(&b3[(v560 >> 1u) + 1], ((bits_of_bf16(v445) & 0xffffu) << 0u) | ((bits_of_bf16(v448) & 0xffffu) << 16u));
        }
        if (v342) {
          let v563 = g * n[4].x;
          let v564 = n[3].w + v563;
          let v566 = v343 * n[4].y;
          let v567 = v564 + v566;
          atomicStore(&b3[(v567 >> 1u) + 0], ((bits_of_bf16(v544) & 0xffffu) << 0u) | ((bits_of_bf16(v547) & 0xffffu) << 16u));
          atomicStore(&b3[(v567 >> 1u) + 1], ((bits_of_bf16(v550) & 0xffffu) << 0u) | ((bits_of_bf16(v553) & 0xffffu) << 16u));
        }
      }
      let v569 = t < v326;
      if (v569) {
        let v570 = t < v319;
        let v571 = t + v324;
        let v572 = select(v571, t, v570);
        let v574 = i64_of_i32(v572);
        let v575 = eq_i64(v574, v14);
        let v576 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v575));
        let v579 = g * n[1].w;
        let v580 = n[1].z + v579;
        let v582 = v572 * n[2].x;
        let v583 = v580 + v582;
        let v584 = bitcast<f32>(((b0[(v583 / 2) >> 1u][(v583 / 2) & 1] >> u32(v583 % 2 * 16)) & 0xffffu) << 16u);
        let v585 = v584;
        let v586 = (v585 - v306);
        let v587 = exp_f32(v586);
        let v588 = (v587 * v301);
        let v589 = (v576 - v588);
        let v590 = rounded_bf16(v589);
        let v593 = g * n[4].x;
        let v594 = n[3].w + v593;
        let v596 = v572 * n[4].y;
        let v597 = v594 + v596;
        atomicAnd(&b3[v597 / 2], ~(65535u << u32(v597 % 2 * 16))); atomicOr(&b3[v597 / 2], ((bits_of_bf16(v590)) & 65535u) << u32(v597 % 2 * 16));
      }
    }
  }
}
