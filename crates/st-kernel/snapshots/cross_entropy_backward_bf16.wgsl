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
    let v6 = g * n[2].z;
    let v7 = n[2].y + v6;
    let v8 = vec2<u32>(b1[2 * v7], b1[2 * v7 + 1]);
    let v11 = g * n[3].y;
    let v12 = n[3].x + v11;
    let v13 = bitcast<f32>(b2[v12]);
    var x0: f32 = (0.0f);
    let v20 = bitcast<f32>(n[4].w);
    let v21 = bitcast<f32>(n[4].z);
    let v22 = (0) < n[0].z;
    if (v22) {
      let v26 = g * n[1].w;
      let v27 = n[1].z + v26;
      let v28 = v27 % (4);
      let v29 = (4) - v28;
      let v30 = v29 % (4);
      let v31 = v30 < n[0].z;
      let v32 = select(n[0].z, v30, v31);
      let v33 = n[0].z - v32;
      let v35 = v33 / (4);
      let v37 = v35 * (4);
      let v38 = v32 + v37;
      let v39 = n[0].z - v37;
      let v43 = t * (4);
      let v46 = v32 + v43;
      for (var x1: i32 = v46; x1 < v38; x1 += (2048)) {
        let v51 = x1 < v38;
        let v52 = select(v32, x1, v51);
        let v54 = x1 + (1024);
        let v55 = v54 < v38;
        let v56 = select(v32, v54, v55);
        let v58 = i64_of_i32(v52);
        let v60 = v52 + (1);
        let v62 = i64_of_i32(v60);
        let v64 = v52 + (2);
        let v66 = i64_of_i32(v64);
        let v68 = v52 + (3);
        let v70 = i64_of_i32(v68);
        let v71 = eq_i64(v58, v8);
        let v73 = v52 + (1);
        let v74 = eq_i64(v62, v8);
        let v76 = v52 + (2);
        let v77 = eq_i64(v66, v8);
        let v79 = v52 + (3);
        let v80 = eq_i64(v70, v8);
        let v81 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v71));
        let v83 = v52 + (1);
        let v84 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v74));
        let v86 = v52 + (2);
        let v87 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v77));
        let v89 = v52 + (3);
        let v90 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v80));
        let v92 = i64_of_i32(v56);
        let v94 = v56 + (1);
        let v96 = i64_of_i32(v94);
        let v98 = v56 + (2);
        let v100 = i64_of_i32(v98);
        let v102 = v56 + (3);
        let v104 = i64_of_i32(v102);
        let v105 = eq_i64(v92, v8);
        let v107 = v56 + (1);
        let v108 = eq_i64(v96, v8);
        let v110 = v56 + (2);
        let v111 = eq_i64(v100, v8);
        let v113 = v56 + (3);
        let v114 = eq_i64(v104, v8);
        let v115 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v105));
        let v117 = v56 + (1);
        let v118 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v108));
        let v120 = v56 + (2);
        let v121 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v111));
        let v123 = v56 + (3);
        let v124 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v114));
        if (v51) {
          let v125 = x0;
          let v126 = (v125 + v81);
          x0 = v126;
          let v128 = v52 + (1);
          let v129 = x0;
          let v130 = (v129 + v84);
          x0 = v130;
          let v132 = v52 + (2);
          let v133 = x0;
          let v134 = (v133 + v87);
          x0 = v134;
          let v136 = v52 + (3);
          let v137 = x0;
          let v138 = (v137 + v90);
          x0 = v138;
        }
        if (v55) {
          let v139 = x0;
          let v140 = (v139 + v115);
          x0 = v140;
          let v142 = v56 + (1);
          let v143 = x0;
          let v144 = (v143 + v118);
          x0 = v144;
          let v146 = v56 + (2);
          let v147 = x0;
          let v148 = (v147 + v121);
          x0 = v148;
          let v150 = v56 + (3);
          let v151 = x0;
          let v152 = (v151 + v124);
          x0 = v152;
        }
      }
      let v154 = t < v39;
      if (v154) {
        let v155 = t < v32;
        let v156 = t + v37;
        let v157 = select(v156, t, v155);
        let v159 = i64_of_i32(v157);
        let v160 = eq_i64(v159, v8);
        let v161 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v160));
        let v162 = x0;
        let v163 = (v162 + v161);
        x0 = v163;
      }
    }
    let v165 = x0;
    s0[t] = v165;
    workgroupBarrier();
    let v167 = t < (16);
    if (v167) {
      let v169 = t + (16);
      let v171 = t + (32);
      let v173 = t + (48);
      let v175 = t + (64);
      let v177 = t + (80);
      let v179 = t + (96);
      let v181 = t + (112);
      let v183 = t + (128);
      let v185 = t + (144);
      let v187 = t + (160);
      let v189 = t + (176);
      let v191 = t + (192);
      let v193 = t + (208);
      let v195 = t + (224);
      let v197 = t + (240);
      let v198 = s0[v169];
      let v199 = s0[v171];
      let v200 = s0[v173];
      let v201 = s0[v175];
      let v202 = s0[v177];
      let v203 = s0[v179];
      let v204 = s0[v181];
      let v205 = s0[v183];
      let v206 = s0[v185];
      let v207 = s0[v187];
      let v208 = s0[v189];
      let v209 = s0[v191];
      let v210 = s0[v193];
      let v211 = s0[v195];
      let v212 = s0[v197];
      let v213 = x0;
      let v214 = (v213 + v198);
      x0 = v214;
      let v215 = x0;
      let v216 = (v215 + v199);
      x0 = v216;
      let v217 = x0;
      let v218 = (v217 + v200);
      x0 = v218;
      let v219 = x0;
      let v220 = (v219 + v201);
      x0 = v220;
      let v221 = x0;
      let v222 = (v221 + v202);
      x0 = v222;
      let v223 = x0;
      let v224 = (v223 + v203);
      x0 = v224;
      let v225 = x0;
      let v226 = (v225 + v204);
      x0 = v226;
      let v227 = x0;
      let v228 = (v227 + v205);
      x0 = v228;
      let v229 = x0;
      let v230 = (v229 + v206);
      x0 = v230;
      let v231 = x0;
      let v232 = (v231 + v207);
      x0 = v232;
      let v233 = x0;
      let v234 = (v233 + v208);
      x0 = v234;
      let v235 = x0;
      let v236 = (v235 + v209);
      x0 = v236;
      let v237 = x0;
      let v238 = (v237 + v210);
      x0 = v238;
      let v239 = x0;
      let v240 = (v239 + v211);
      x0 = v240;
      let v241 = x0;
      let v242 = (v241 + v212);
      x0 = v242;
      let v243 = x0;
      s0[t] = v243;
    }
    workgroupBarrier();
    let v245 = s0[(0)];
    x0 = v245;
    let v261 = s0[(1)];
    let v262 = s0[(2)];
    let v263 = s0[(3)];
    let v264 = s0[(4)];
    let v265 = s0[(5)];
    let v266 = s0[(6)];
    let v267 = s0[(7)];
    let v268 = s0[(8)];
    let v269 = s0[(9)];
    let v270 = s0[(10)];
    let v271 = s0[(11)];
    let v272 = s0[(12)];
    let v273 = s0[(13)];
    let v274 = s0[(14)];
    let v275 = s0[(15)];
    let v276 = x0;
    let v277 = (v276 + v261);
    x0 = v277;
    let v278 = x0;
    let v279 = (v278 + v262);
    x0 = v279;
    let v280 = x0;
    let v281 = (v280 + v263);
    x0 = v281;
    let v282 = x0;
    let v283 = (v282 + v264);
    x0 = v283;
    let v284 = x0;
    let v285 = (v284 + v265);
    x0 = v285;
    let v286 = x0;
    let v287 = (v286 + v266);
    x0 = v287;
    let v288 = x0;
    let v289 = (v288 + v267);
    x0 = v289;
    let v290 = x0;
    let v291 = (v290 + v268);
    x0 = v291;
    let v292 = x0;
    let v293 = (v292 + v269);
    x0 = v293;
    let v294 = x0;
    let v295 = (v294 + v270);
    x0 = v295;
    let v296 = x0;
    let v297 = (v296 + v271);
    x0 = v297;
    let v298 = x0;
    let v299 = (v298 + v272);
    x0 = v299;
    let v300 = x0;
    let v301 = (v300 + v273);
    x0 = v301;
    let v302 = x0;
    let v303 = (v302 + v274);
    x0 = v303;
    let v304 = x0;
    let v305 = (v304 + v275);
    x0 = v305;
    let v306 = x0;
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
        let v358 = eq_i64(v345, v8);
        let v360 = v339 + (1);
        let v361 = eq_i64(v349, v8);
        let v363 = v339 + (2);
        let v364 = eq_i64(v353, v8);
        let v366 = v339 + (3);
        let v367 = eq_i64(v357, v8);
        let v368 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v358));
        let v370 = v339 + (1);
        let v371 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v361));
        let v373 = v339 + (2);
        let v374 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v364));
        let v376 = v339 + (3);
        let v377 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v367));
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
        let v399 = (v389 - v13);
        let v401 = v339 + (1);
        let v402 = (v392 - v13);
        let v404 = v339 + (2);
        let v405 = (v395 - v13);
        let v407 = v339 + (3);
        let v408 = (v398 - v13);
        let v409 = exp_f32(v399);
        let v411 = v339 + (1);
        let v412 = exp_f32(v402);
        let v414 = v339 + (2);
        let v415 = exp_f32(v405);
        let v417 = v339 + (3);
        let v418 = exp_f32(v408);
        let v419 = (v409 * v306);
        let v421 = v339 + (1);
        let v422 = (v412 * v306);
        let v424 = v339 + (2);
        let v425 = (v415 * v306);
        let v427 = v339 + (3);
        let v428 = (v418 * v306);
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
        let v463 = eq_i64(v450, v8);
        let v465 = v343 + (1);
        let v466 = eq_i64(v454, v8);
        let v468 = v343 + (2);
        let v469 = eq_i64(v458, v8);
        let v471 = v343 + (3);
        let v472 = eq_i64(v462, v8);
        let v473 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v463));
        let v475 = v343 + (1);
        let v476 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v466));
        let v478 = v343 + (2);
        let v479 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v469));
        let v481 = v343 + (3);
        let v482 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v472));
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
        let v504 = (v494 - v13);
        let v506 = v343 + (1);
        let v507 = (v497 - v13);
        let v509 = v343 + (2);
        let v510 = (v500 - v13);
        let v512 = v343 + (3);
        let v513 = (v503 - v13);
        let v514 = exp_f32(v504);
        let v516 = v343 + (1);
        let v517 = exp_f32(v507);
        let v519 = v343 + (2);
        let v520 = exp_f32(v510);
        let v522 = v343 + (3);
        let v523 = exp_f32(v513);
        let v524 = (v514 * v306);
        let v526 = v343 + (1);
        let v527 = (v517 * v306);
        let v529 = v343 + (2);
        let v530 = (v520 * v306);
        let v532 = v343 + (3);
        let v533 = (v523 * v306);
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
        let v575 = eq_i64(v574, v8);
        let v576 = bitcast<f32>(select(bitcast<i32>(v21) | n[0].x, bitcast<i32>(v20), v575));
        let v579 = g * n[1].w;
        let v580 = n[1].z + v579;
        let v582 = v572 * n[2].x;
        let v583 = v580 + v582;
        let v584 = bitcast<f32>(((b0[(v583 / 2) >> 1u][(v583 / 2) & 1] >> u32(v583 % 2 * 16)) & 0xffffu) << 16u);
        let v585 = v584;
        let v586 = (v585 - v13);
        let v587 = exp_f32(v586);
        let v588 = (v587 * v306);
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
