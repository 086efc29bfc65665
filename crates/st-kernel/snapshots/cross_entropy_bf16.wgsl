@group(0) @binding(0) var<storage, read> b0: array<vec2<u32>>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
@group(0) @binding(4) var<storage, read_write> b4: array<u32>;
@group(0) @binding(5) var<uniform> n: array<vec4<i32>, 6>;
var<workgroup> s0: array<f32, 256>;
var<workgroup> s1: array<f32, 256>;
var<workgroup> s2: array<f32, 256>;
@group(0) @binding(6) var<storage, read_write> faults: atomic<u32>;

fn wrapped(index: vec2<u32>, size: i32) -> i32 {
  let low = bitcast<i32>(index.x);
  let fits = index.y == bitcast<u32>(low >> 31u);
  let at = select(low, low + size, low < 0);
  if (fits && at >= 0 && at < size) { return at; }
  atomicOr(&faults, 1u);
  return 0;
}

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

fn eq_i64(a: vec2<u32>, b: vec2<u32>) -> bool { return all(a == b); }

fn nan() -> f32 { return bitcast<f32>(n[0].x | 0x7fc00000); }

fn infinity() -> f32 { return bitcast<f32>(n[0].x | 0x7f800000); }

fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

fn is_infinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }

fn power_of_two(n: i32) -> f32 { return bitcast<f32>((n + 127) << 23u); }

fn chosen(no: f32, yes: f32, condition: bool) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(no), bitcast<u32>(yes), condition));
}

fn max_f32(a: f32, b: f32) -> f32 { return chosen(b, a, is_nan(a) || (a > b && !is_nan(b))); }

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

fn log_tail(f: f32) -> f32 {
  var p = 6.9172874e-2f;
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

fn log_split(x: f32) -> vec2<f32> {
  let small = x < 2.3509887e-38f;
  let bits = bitcast<i32>(select(x, x * 8388608.0f, small));
  let k = (bits - 0x3f3504f3) >> 23u;
  return vec2<f32>(f32(k) - select(0.0f, 23.0f, small), bitcast<f32>(bits - (k << 23u)) - 1.0f);
}

fn log_limits(x: f32, y: f32) -> f32 {
  if (x > 0.0f && !is_infinite(x)) { return y; }
  if (x > 0.0f) { return x; }
  if (x == 0.0f) { return -infinity(); }
  return nan();
}

fn log_f32(x: f32) -> f32 {
  let s = log_split(x);
  return log_limits(x, fma(s.x, 0.693359375f, s.y + fma(s.x, -2.12194442e-4f, log_tail(s.y))));
}

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g < n[0].y;
  if (v3) {
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    let v10 = (0) < n[0].z;
    if (v10) {
      let v14 = g * n[1].w;
      let v15 = n[1].z + v14;
      let v16 = v15 % (4);
      let v17 = (4) - v16;
      let v18 = v17 % (4);
      let v19 = v18 < n[0].z;
      let v20 = select(n[0].z, v18, v19);
      let v21 = n[0].z - v20;
      let v23 = v21 / (4);
      let v25 = v23 * (4);
      let v26 = v20 + v25;
      let v27 = n[0].z - v25;
      let v31 = t * (4);
      let v34 = v20 + v31;
      for (var x1: i32 = v34; x1 < v26; x1 += (2048)) {
        let v39 = x1 < v26;
        let v40 = select(v20, x1, v39);
        let v42 = x1 + (1024);
        let v43 = v42 < v26;
        let v44 = select(v20, v42, v43);
        let v47 = g * n[1].w;
        let v48 = n[1].z + v47;
        let v50 = v40 * n[2].x;
        let v51 = v48 + v50;
        let q52_0 = b0[((v51 >> 1u) + 0) >> 1u];
        let v52 = bitcast<f32>(((q52_0.x >> 0u) & 0xffffu) << 16u);
        let v53 = bitcast<f32>(((q52_0.x >> 16u) & 0xffffu) << 16u);
        let v54 = bitcast<f32>(((q52_0.y >> 0u) & 0xffffu) << 16u);
        let v55 = bitcast<f32>(((q52_0.y >> 16u) & 0xffffu) << 16u);
        let v56 = v52;
        let v58 = v40 + (1);
        let v59 = v53;
        let v61 = v40 + (2);
        let v62 = v54;
        let v64 = v40 + (3);
        let v65 = v55;
        let v68 = g * n[1].w;
        let v69 = n[1].z + v68;
        let v71 = v44 * n[2].x;
        let v72 = v69 + v71;
        let q73_0 = b0[((v72 >> 1u) + 0) >> 1u];
        let v73 = bitcast<f32>(((q73_0.x >> 0u) & 0xffffu) << 16u);
        let v74 = bitcast<f32>(((q73_0.x >> 16u) & 0xffffu) << 16u);
        let v75 = bitcast<f32>(((q73_0.y >> 0u) & 0xffffu) << 16u);
        let v76 = bitcast<f32>(((q73_0.y >> 16u) & 0xffffu) << 16u);
        let v77 = v73;
        let v79 = v44 + (1);
        let v80 = v74;
        let v82 = v44 + (2);
        let v83 = v75;
        let v85 = v44 + (3);
        let v86 = v76;
        if (v39) {
          let v87 = x0;
          let v88 = max_f32(v87, v56);
          x0 = v88;
          let v90 = v40 + (1);
          let v91 = x0;
          let v92 = max_f32(v91, v59);
          x0 = v92;
          let v94 = v40 + (2);
          let v95 = x0;
          let v96 = max_f32(v95, v62);
          x0 = v96;
          let v98 = v40 + (3);
          let v99 = x0;
          let v100 = max_f32(v99, v65);
          x0 = v100;
        }
        if (v43) {
          let v101 = x0;
          let v102 = max_f32(v101, v77);
          x0 = v102;
          let v104 = v44 + (1);
          let v105 = x0;
          let v106 = max_f32(v105, v80);
          x0 = v106;
          let v108 = v44 + (2);
          let v109 = x0;
          let v110 = max_f32(v109, v83);
          x0 = v110;
          let v112 = v44 + (3);
          let v113 = x0;
          let v114 = max_f32(v113, v86);
          x0 = v114;
        }
      }
      let v116 = t < v27;
      if (v116) {
        let v117 = t < v20;
        let v118 = t + v25;
        let v119 = select(v118, t, v117);
        let v122 = g * n[1].w;
        let v123 = n[1].z + v122;
        let v125 = v119 * n[2].x;
        let v126 = v123 + v125;
        let v127 = bitcast<f32>(((b0[(v126 / 2) >> 1u][(v126 / 2) & 1] >> u32(v126 % 2 * 16)) & 0xffffu) << 16u);
        let v128 = v127;
        let v129 = x0;
        let v130 = max_f32(v129, v128);
        x0 = v130;
      }
    }
    let v132 = x0;
    s0[t] = v132;
    workgroupBarrier();
    let v134 = t < (16);
    if (v134) {
      let v136 = t + (16);
      let v138 = t + (32);
      let v140 = t + (48);
      let v142 = t + (64);
      let v144 = t + (80);
      let v146 = t + (96);
      let v148 = t + (112);
      let v150 = t + (128);
      let v152 = t + (144);
      let v154 = t + (160);
      let v156 = t + (176);
      let v158 = t + (192);
      let v160 = t + (208);
      let v162 = t + (224);
      let v164 = t + (240);
      let v165 = s0[v136];
      let v166 = s0[v138];
      let v167 = s0[v140];
      let v168 = s0[v142];
      let v169 = s0[v144];
      let v170 = s0[v146];
      let v171 = s0[v148];
      let v172 = s0[v150];
      let v173 = s0[v152];
      let v174 = s0[v154];
      let v175 = s0[v156];
      let v176 = s0[v158];
      let v177 = s0[v160];
      let v178 = s0[v162];
      let v179 = s0[v164];
      let v180 = x0;
      let v181 = max_f32(v180, v165);
      x0 = v181;
      let v182 = x0;
      let v183 = max_f32(v182, v166);
      x0 = v183;
      let v184 = x0;
      let v185 = max_f32(v184, v167);
      x0 = v185;
      let v186 = x0;
      let v187 = max_f32(v186, v168);
      x0 = v187;
      let v188 = x0;
      let v189 = max_f32(v188, v169);
      x0 = v189;
      let v190 = x0;
      let v191 = max_f32(v190, v170);
      x0 = v191;
      let v192 = x0;
      let v193 = max_f32(v192, v171);
      x0 = v193;
      let v194 = x0;
      let v195 = max_f32(v194, v172);
      x0 = v195;
      let v196 = x0;
      let v197 = max_f32(v196, v173);
      x0 = v197;
      let v198 = x0;
      let v199 = max_f32(v198, v174);
      x0 = v199;
      let v200 = x0;
      let v201 = max_f32(v200, v175);
      x0 = v201;
      let v202 = x0;
      let v203 = max_f32(v202, v176);
      x0 = v203;
      let v204 = x0;
      let v205 = max_f32(v204, v177);
      x0 = v205;
      let v206 = x0;
      let v207 = max_f32(v206, v178);
      x0 = v207;
      let v208 = x0;
      let v209 = max_f32(v208, v179);
      x0 = v209;
      let v210 = x0;
      s0[t] = v210;
    }
    workgroupBarrier();
    let v212 = s0[(0)];
    x0 = v212;
    let v228 = s0[(1)];
    let v229 = s0[(2)];
    let v230 = s0[(3)];
    let v231 = s0[(4)];
    let v232 = s0[(5)];
    let v233 = s0[(6)];
    let v234 = s0[(7)];
    let v235 = s0[(8)];
    let v236 = s0[(9)];
    let v237 = s0[(10)];
    let v238 = s0[(11)];
    let v239 = s0[(12)];
    let v240 = s0[(13)];
    let v241 = s0[(14)];
    let v242 = s0[(15)];
    let v243 = x0;
    let v244 = max_f32(v243, v228);
    x0 = v244;
    let v245 = x0;
    let v246 = max_f32(v245, v229);
    x0 = v246;
    let v247 = x0;
    let v248 = max_f32(v247, v230);
    x0 = v248;
    let v249 = x0;
    let v250 = max_f32(v249, v231);
    x0 = v250;
    let v251 = x0;
    let v252 = max_f32(v251, v232);
    x0 = v252;
    let v253 = x0;
    let v254 = max_f32(v253, v233);
    x0 = v254;
    let v255 = x0;
    let v256 = max_f32(v255, v234);
    x0 = v256;
    let v257 = x0;
    let v258 = max_f32(v257, v235);
    x0 = v258;
    let v259 = x0;
    let v260 = max_f32(v259, v236);
    x0 = v260;
    let v261 = x0;
    let v262 = max_f32(v261, v237);
    x0 = v262;
    let v263 = x0;
    let v264 = max_f32(v263, v238);
    x0 = v264;
    let v265 = x0;
    let v266 = max_f32(v265, v239);
    x0 = v266;
    let v267 = x0;
    let v268 = max_f32(v267, v240);
    x0 = v268;
    let v269 = x0;
    let v270 = max_f32(v269, v241);
    x0 = v270;
    let v271 = x0;
    let v272 = max_f32(v271, v242);
    x0 = v272;
    let v273 = x0;
    var x2: f32 = (0.0f);
    let v276 = (0) < n[0].z;
    if (v276) {
      let v280 = g * n[1].w;
      let v281 = n[1].z + v280;
      let v282 = v281 % (4);
      let v283 = (4) - v282;
      let v284 = v283 % (4);
      let v285 = v284 < n[0].z;
      let v286 = select(n[0].z, v284, v285);
      let v287 = n[0].z - v286;
      let v289 = v287 / (4);
      let v291 = v289 * (4);
      let v292 = v286 + v291;
      let v293 = n[0].z - v291;
      let v297 = t * (4);
      let v300 = v286 + v297;
      for (var x3: i32 = v300; x3 < v292; x3 += (2048)) {
        let v305 = x3 < v292;
        let v306 = select(v286, x3, v305);
        let v308 = x3 + (1024);
        let v309 = v308 < v292;
        let v310 = select(v286, v308, v309);
        let v313 = g * n[1].w;
        let v314 = n[1].z + v313;
        let v316 = v306 * n[2].x;
        let v317 = v314 + v316;
        let q318_0 = b0[((v317 >> 1u) + 0) >> 1u];
        let v318 = bitcast<f32>(((q318_0.x >> 0u) & 0xffffu) << 16u);
        let v319 = bitcast<f32>(((q318_0.x >> 16u) & 0xffffu) << 16u);
        let v320 = bitcast<f32>(((q318_0.y >> 0u) & 0xffffu) << 16u);
        let v321 = bitcast<f32>(((q318_0.y >> 16u) & 0xffffu) << 16u);
        let v322 = v318;
        let v324 = v306 + (1);
        let v325 = v319;
        let v327 = v306 + (2);
        let v328 = v320;
        let v330 = v306 + (3);
        let v331 = v321;
        let v332 = (v322 - v273);
        let v334 = v306 + (1);
        let v335 = (v325 - v273);
        let v337 = v306 + (2);
        let v338 = (v328 - v273);
        let v340 = v306 + (3);
        let v341 = (v331 - v273);
        let v342 = exp_f32(v332);
        let v344 = v306 + (1);
        let v345 = exp_f32(v335);
        let v347 = v306 + (2);
        let v348 = exp_f32(v338);
        let v350 = v306 + (3);
        let v351 = exp_f32(v341);
        let v354 = g * n[1].w;
        let v355 = n[1].z + v354;
        let v357 = v310 * n[2].x;
        let v358 = v355 + v357;
        let q359_0 = b0[((v358 >> 1u) + 0) >> 1u];
        let v359 = bitcast<f32>(((q359_0.x >> 0u) & 0xffffu) << 16u);
        let v360 = bitcast<f32>(((q359_0.x >> 16u) & 0xffffu) << 16u);
        let v361 = bitcast<f32>(((q359_0.y >> 0u) & 0xffffu) << 16u);
        let v362 = bitcast<f32>(((q359_0.y >> 16u) & 0xffffu) << 16u);
        let v363 = v359;
        let v365 = v310 + (1);
        let v366 = v360;
        let v368 = v310 + (2);
        let v369 = v361;
        let v371 = v310 + (3);
        let v372 = v362;
        let v373 = (v363 - v273);
        let v375 = v310 + (1);
        let v376 = (v366 - v273);
        let v378 = v310 + (2);
        let v379 = (v369 - v273);
        let v381 = v310 + (3);
        let v382 = (v372 - v273);
        let v383 = exp_f32(v373);
        let v385 = v310 + (1);
        let v386 = exp_f32(v376);
        let v388 = v310 + (2);
        let v389 = exp_f32(v379);
        let v391 = v310 + (3);
        let v392 = exp_f32(v382);
        if (v305) {
          let v393 = x2;
          let v394 = (v393 + v342);
          x2 = v394;
          let v396 = v306 + (1);
          let v397 = x2;
          let v398 = (v397 + v345);
          x2 = v398;
          let v400 = v306 + (2);
          let v401 = x2;
          let v402 = (v401 + v348);
          x2 = v402;
          let v404 = v306 + (3);
          let v405 = x2;
          let v406 = (v405 + v351);
          x2 = v406;
        }
        if (v309) {
          let v407 = x2;
          let v408 = (v407 + v383);
          x2 = v408;
          let v410 = v310 + (1);
          let v411 = x2;
          let v412 = (v411 + v386);
          x2 = v412;
          let v414 = v310 + (2);
          let v415 = x2;
          let v416 = (v415 + v389);
          x2 = v416;
          let v418 = v310 + (3);
          let v419 = x2;
          let v420 = (v419 + v392);
          x2 = v420;
        }
      }
      let v422 = t < v293;
      if (v422) {
        let v423 = t < v286;
        let v424 = t + v291;
        let v425 = select(v424, t, v423);
        let v428 = g * n[1].w;
        let v429 = n[1].z + v428;
        let v431 = v425 * n[2].x;
        let v432 = v429 + v431;
        let v433 = bitcast<f32>(((b0[(v432 / 2) >> 1u][(v432 / 2) & 1] >> u32(v432 % 2 * 16)) & 0xffffu) << 16u);
        let v434 = v433;
        let v435 = (v434 - v273);
        let v436 = exp_f32(v435);
        let v437 = x2;
        let v438 = (v437 + v436);
        x2 = v438;
      }
    }
    let v440 = x2;
    s1[t] = v440;
    workgroupBarrier();
    let v442 = t < (16);
    if (v442) {
      let v444 = t + (16);
      let v446 = t + (32);
      let v448 = t + (48);
      let v450 = t + (64);
      let v452 = t + (80);
      let v454 = t + (96);
      let v456 = t + (112);
      let v458 = t + (128);
      let v460 = t + (144);
      let v462 = t + (160);
      let v464 = t + (176);
      let v466 = t + (192);
      let v468 = t + (208);
      let v470 = t + (224);
      let v472 = t + (240);
      let v473 = s1[v444];
      let v474 = s1[v446];
      let v475 = s1[v448];
      let v476 = s1[v450];
      let v477 = s1[v452];
      let v478 = s1[v454];
      let v479 = s1[v456];
      let v480 = s1[v458];
      let v481 = s1[v460];
      let v482 = s1[v462];
      let v483 = s1[v464];
      let v484 = s1[v466];
      let v485 = s1[v468];
      let v486 = s1[v470];
      let v487 = s1[v472];
      let v488 = x2;
      let v489 = (v488 + v473);
      x2 = v489;
      let v490 = x2;
      let v491 = (v490 + v474);
      x2 = v491;
      let v492 = x2;
      let v493 = (v492 + v475);
      x2 = v493;
      let v494 = x2;
      let v495 = (v494 + v476);
      x2 = v495;
      let v496 = x2;
      let v497 = (v496 + v477);
      x2 = v497;
      let v498 = x2;
      let v499 = (v498 + v478);
      x2 = v499;
      let v500 = x2;
      let v501 = (v500 + v479);
      x2 = v501;
      let v502 = x2;
      let v503 = (v502 + v480);
      x2 = v503;
      let v504 = x2;
      let v505 = (v504 + v481);
      x2 = v505;
      let v506 = x2;
      let v507 = (v506 + v482);
      x2 = v507;
      let v508 = x2;
      let v509 = (v508 + v483);
      x2 = v509;
      let v510 = x2;
      let v511 = (v510 + v484);
      x2 = v511;
      let v512 = x2;
      let v513 = (v512 + v485);
      x2 = v513;
      let v514 = x2;
      let v515 = (v514 + v486);
      x2 = v515;
      let v516 = x2;
      let v517 = (v516 + v487);
      x2 = v517;
      let v518 = x2;
      s1[t] = v518;
    }
    workgroupBarrier();
    let v520 = s1[(0)];
    x2 = v520;
    let v536 = s1[(1)];
    let v537 = s1[(2)];
    let v538 = s1[(3)];
    let v539 = s1[(4)];
    let v540 = s1[(5)];
    let v541 = s1[(6)];
    let v542 = s1[(7)];
    let v543 = s1[(8)];
    let v544 = s1[(9)];
    let v545 = s1[(10)];
    let v546 = s1[(11)];
    let v547 = s1[(12)];
    let v548 = s1[(13)];
    let v549 = s1[(14)];
    let v550 = s1[(15)];
    let v551 = x2;
    let v552 = (v551 + v536);
    x2 = v552;
    let v553 = x2;
    let v554 = (v553 + v537);
    x2 = v554;
    let v555 = x2;
    let v556 = (v555 + v538);
    x2 = v556;
    let v557 = x2;
    let v558 = (v557 + v539);
    x2 = v558;
    let v559 = x2;
    let v560 = (v559 + v540);
    x2 = v560;
    let v561 = x2;
    let v562 = (v561 + v541);
    x2 = v562;
    let v563 = x2;
    let v564 = (v563 + v542);
    x2 = v564;
    let v565 = x2;
    let v566 = (v565 + v543);
    x2 = v566;
    let v567 = x2;
    let v568 = (v567 + v544);
    x2 = v568;
    let v569 = x2;
    let v570 = (v569 + v545);
    x2 = v570;
    let v571 = x2;
    let v572 = (v571 + v546);
    x2 = v572;
    let v573 = x2;
    let v574 = (v573 + v547);
    x2 = v574;
    let v575 = x2;
    let v576 = (v575 + v548);
    x2 = v576;
    let v577 = x2;
    let v578 = (v577 + v549);
    x2 = v578;
    let v579 = x2;
    let v580 = (v579 + v550);
    x2 = v580;
    let v581 = x2;
    var x4: f32 = (0.0f);
    let v584 = log_f32(v581);
    let v587 = g * n[3].y;
    let v588 = n[3].x + v587;
    let v591 = g * n[2].z;
    let v592 = n[2].y + v591;
    let v593 = vec2<u32>(b1[2 * v592], b1[2 * v592 + 1]);
    let v596 = wrapped(v593, n[3].w);
    let v597 = v596 * n[4].x;
    let v598 = v588 + v597;
    let v599 = bitcast<f32>(b2[v598]);
    let v600 = bitcast<f32>(n[5].w);
    let v601 = (0) < n[0].z;
    if (v601) {
      let v605 = g * n[1].w;
      let v606 = n[1].z + v605;
      let v607 = v606 % (4);
      let v608 = (4) - v607;
      let v609 = v608 % (4);
      let v610 = v609 < n[0].z;
      let v611 = select(n[0].z, v609, v610);
      let v612 = n[0].z - v611;
      let v614 = v612 / (4);
      let v616 = v614 * (4);
      let v617 = v611 + v616;
      let v618 = n[0].z - v616;
      let v622 = t * (4);
      let v625 = v611 + v622;
      for (var x5: i32 = v625; x5 < v617; x5 += (2048)) {
        let v630 = x5 < v617;
        let v631 = select(v611, x5, v630);
        let v633 = x5 + (1024);
        let v634 = v633 < v617;
        let v635 = select(v611, v633, v634);
        let v637 = i64_of_i32(v631);
        let v639 = v631 + (1);
        let v641 = i64_of_i32(v639);
        let v643 = v631 + (2);
        let v645 = i64_of_i32(v643);
        let v647 = v631 + (3);
        let v649 = i64_of_i32(v647);
        let v650 = eq_i64(v637, v593);
        let v652 = v631 + (1);
        let v653 = eq_i64(v641, v593);
        let v655 = v631 + (2);
        let v656 = eq_i64(v645, v593);
        let v658 = v631 + (3);
        let v659 = eq_i64(v649, v593);
        let v661 = i64_of_i32(v635);
        let v663 = v635 + (1);
        let v665 = i64_of_i32(v663);
        let v667 = v635 + (2);
        let v669 = i64_of_i32(v667);
        let v671 = v635 + (3);
        let v673 = i64_of_i32(v671);
        let v674 = eq_i64(v661, v593);
        let v676 = v635 + (1);
        let v677 = eq_i64(v665, v593);
        let v679 = v635 + (2);
        let v680 = eq_i64(v669, v593);
        let v682 = v635 + (3);
        let v683 = eq_i64(v673, v593);
        if (v630) {
          var x6: f32 = v600;
          if (v650) {
            let v686 = g * n[1].w;
            let v687 = n[1].z + v686;
            let v689 = v631 * n[2].x;
            let v690 = v687 + v689;
            let v691 = bitcast<f32>(((b0[(v690 / 2) >> 1u][(v690 / 2) & 1] >> u32(v690 % 2 * 16)) & 0xffffu) << 16u);
            let v692 = v691;
            let v693 = (v692 - v273);
            let v694 = (v693 - v584);
            let v695 = (v694 * v599);
            x6 = v695;
          }
          let v696 = x6;
          var x7: f32 = v600;
          if (v653) {
            let v698 = v631 + (1);
            let v701 = g * n[1].w;
            let v702 = n[1].z + v701;
            let v704 = v698 * n[2].x;
            let v705 = v702 + v704;
            let v706 = bitcast<f32>(((b0[(v705 / 2) >> 1u][(v705 / 2) & 1] >> u32(v705 % 2 * 16)) & 0xffffu) << 16u);
            let v707 = v706;
            let v708 = (v707 - v273);
            let v709 = (v708 - v584);
            let v710 = (v709 * v599);
            x7 = v710;
          }
          let v711 = x7;
          var x8: f32 = v600;
          if (v656) {
            let v713 = v631 + (2);
            let v716 = g * n[1].w;
            let v717 = n[1].z + v716;
            let v719 = v713 * n[2].x;
            let v720 = v717 + v719;
            let v721 = bitcast<f32>(((b0[(v720 / 2) >> 1u][(v720 / 2) & 1] >> u32(v720 % 2 * 16)) & 0xffffu) << 16u);
            let v722 = v721;
            let v723 = (v722 - v273);
            let v724 = (v723 - v584);
            let v725 = (v724 * v599);
            x8 = v725;
          }
          let v726 = x8;
          var x9: f32 = v600;
          if (v659) {
            let v728 = v631 + (3);
            let v731 = g * n[1].w;
            let v732 = n[1].z + v731;
            let v734 = v728 * n[2].x;
            let v735 = v732 + v734;
            let v736 = bitcast<f32>(((b0[(v735 / 2) >> 1u][(v735 / 2) & 1] >> u32(v735 % 2 * 16)) & 0xffffu) << 16u);
            let v737 = v736;
            let v738 = (v737 - v273);
            let v739 = (v738 - v584);
            let v740 = (v739 * v599);
            x9 = v740;
          }
          let v741 = x9;
          let v742 = x4;
          let v743 = (v742 + v696);
          x4 = v743;
          let v745 = v631 + (1);
          let v746 = x4;
          let v747 = (v746 + v711);
          x4 = v747;
          let v749 = v631 + (2);
          let v750 = x4;
          let v751 = (v750 + v726);
          x4 = v751;
          let v753 = v631 + (3);
          let v754 = x4;
          let v755 = (v754 + v741);
          x4 = v755;
        }
        if (v634) {
          var x10: f32 = v600;
          if (v674) {
            let v758 = g * n[1].w;
            let v759 = n[1].z + v758;
            let v761 = v635 * n[2].x;
            let v762 = v759 + v761;
            let v763 = bitcast<f32>(((b0[(v762 / 2) >> 1u][(v762 / 2) & 1] >> u32(v762 % 2 * 16)) & 0xffffu) << 16u);
            let v764 = v763;
            let v765 = (v764 - v273);
            let v766 = (v765 - v584);
            let v767 = (v766 * v599);
            x10 = v767;
          }
          let v768 = x10;
          var x11: f32 = v600;
          if (v677) {
            let v770 = v635 + (1);
            let v773 = g * n[1].w;
            let v774 = n[1].z + v773;
            let v776 = v770 * n[2].x;
            let v777 = v774 + v776;
            let v778 = bitcast<f32>(((b0[(v777 / 2) >> 1u][(v777 / 2) & 1] >> u32(v777 % 2 * 16)) & 0xffffu) << 16u);
            let v779 = v778;
            let v780 = (v779 - v273);
            let v781 = (v780 - v584);
            let v782 = (v781 * v599);
            x11 = v782;
          }
          let v783 = x11;
          var x12: f32 = v600;
          if (v680) {
            let v785 = v635 + (2);
            let v788 = g * n[1].w;
            let v789 = n[1].z + v788;
            let v791 = v785 * n[2].x;
            let v792 = v789 + v791;
            let v793 = bitcast<f32>(((b0[(v792 / 2) >> 1u][(v792 / 2) & 1] >> u32(v792 % 2 * 16)) & 0xffffu) << 16u);
            let v794 = v793;
            let v795 = (v794 - v273);
            let v796 = (v795 - v584);
            let v797 = (v796 * v599);
            x12 = v797;
          }
          let v798 = x12;
          var x13: f32 = v600;
          if (v683) {
            let v800 = v635 + (3);
            let v803 = g * n[1].w;
            let v804 = n[1].z + v803;
            let v806 = v800 * n[2].x;
            let v807 = v804 + v806;
            let v808 = bitcast<f32>(((b0[(v807 / 2) >> 1u][(v807 / 2) & 1] >> u32(v807 % 2 * 16)) & 0xffffu) << 16u);
            let v809 = v808;
            let v810 = (v809 - v273);
            let v811 = (v810 - v584);
            let v812 = (v811 * v599);
            x13 = v812;
          }
          let v813 = x13;
          let v814 = x4;
          let v815 = (v814 + v768);
          x4 = v815;
          let v817 = v635 + (1);
          let v818 = x4;
          let v819 = (v818 + v783);
          x4 = v819;
          let v821 = v635 + (2);
          let v822 = x4;
          let v823 = (v822 + v798);
          x4 = v823;
          let v825 = v635 + (3);
          let v826 = x4;
          let v827 = (v826 + v813);
          x4 = v827;
        }
      }
      let v829 = t < v618;
      if (v829) {
        let v830 = t < v611;
        let v831 = t + v616;
        let v832 = select(v831, t, v830);
        let v834 = i64_of_i32(v832);
        let v835 = eq_i64(v834, v593);
        var x14: f32 = v600;
        if (v835) {
          let v838 = g * n[1].w;
          let v839 = n[1].z + v838;
          let v841 = v832 * n[2].x;
          let v842 = v839 + v841;
          let v843 = bitcast<f32>(((b0[(v842 / 2) >> 1u][(v842 / 2) & 1] >> u32(v842 % 2 * 16)) & 0xffffu) << 16u);
          let v844 = v843;
          let v845 = (v844 - v273);
          let v846 = (v845 - v584);
          let v847 = (v846 * v599);
          x14 = v847;
        }
        let v848 = x14;
        let v849 = x4;
        let v850 = (v849 + v848);
        x4 = v850;
      }
    }
    let v852 = x4;
    s2[t] = v852;
    workgroupBarrier();
    let v854 = t < (16);
    if (v854) {
      let v856 = t + (16);
      let v858 = t + (32);
      let v860 = t + (48);
      let v862 = t + (64);
      let v864 = t + (80);
      let v866 = t + (96);
      let v868 = t + (112);
      let v870 = t + (128);
      let v872 = t + (144);
      let v874 = t + (160);
      let v876 = t + (176);
      let v878 = t + (192);
      let v880 = t + (208);
      let v882 = t + (224);
      let v884 = t + (240);
      let v885 = s2[v856];
      let v886 = s2[v858];
      let v887 = s2[v860];
      let v888 = s2[v862];
      let v889 = s2[v864];
      let v890 = s2[v866];
      let v891 = s2[v868];
      let v892 = s2[v870];
      let v893 = s2[v872];
      let v894 = s2[v874];
      let v895 = s2[v876];
      let v896 = s2[v878];
      let v897 = s2[v880];
      let v898 = s2[v882];
      let v899 = s2[v884];
      let v900 = x4;
      let v901 = (v900 + v885);
      x4 = v901;
      let v902 = x4;
      let v903 = (v902 + v886);
      x4 = v903;
      let v904 = x4;
      let v905 = (v904 + v887);
      x4 = v905;
      let v906 = x4;
      let v907 = (v906 + v888);
      x4 = v907;
      let v908 = x4;
      let v909 = (v908 + v889);
      x4 = v909;
      let v910 = x4;
      let v911 = (v910 + v890);
      x4 = v911;
      let v912 = x4;
      let v913 = (v912 + v891);
      x4 = v913;
      let v914 = x4;
      let v915 = (v914 + v892);
      x4 = v915;
      let v916 = x4;
      let v917 = (v916 + v893);
      x4 = v917;
      let v918 = x4;
      let v919 = (v918 + v894);
      x4 = v919;
      let v920 = x4;
      let v921 = (v920 + v895);
      x4 = v921;
      let v922 = x4;
      let v923 = (v922 + v896);
      x4 = v923;
      let v924 = x4;
      let v925 = (v924 + v897);
      x4 = v925;
      let v926 = x4;
      let v927 = (v926 + v898);
      x4 = v927;
      let v928 = x4;
      let v929 = (v928 + v899);
      x4 = v929;
      let v930 = x4;
      s2[t] = v930;
    }
    workgroupBarrier();
    let v932 = s2[(0)];
    x4 = v932;
    let v948 = s2[(1)];
    let v949 = s2[(2)];
    let v950 = s2[(3)];
    let v951 = s2[(4)];
    let v952 = s2[(5)];
    let v953 = s2[(6)];
    let v954 = s2[(7)];
    let v955 = s2[(8)];
    let v956 = s2[(9)];
    let v957 = s2[(10)];
    let v958 = s2[(11)];
    let v959 = s2[(12)];
    let v960 = s2[(13)];
    let v961 = s2[(14)];
    let v962 = s2[(15)];
    let v963 = x4;
    let v964 = (v963 + v948);
    x4 = v964;
    let v965 = x4;
    let v966 = (v965 + v949);
    x4 = v966;
    let v967 = x4;
    let v968 = (v967 + v950);
    x4 = v968;
    let v969 = x4;
    let v970 = (v969 + v951);
    x4 = v970;
    let v971 = x4;
    let v972 = (v971 + v952);
    x4 = v972;
    let v973 = x4;
    let v974 = (v973 + v953);
    x4 = v974;
    let v975 = x4;
    let v976 = (v975 + v954);
    x4 = v976;
    let v977 = x4;
    let v978 = (v977 + v955);
    x4 = v978;
    let v979 = x4;
    let v980 = (v979 + v956);
    x4 = v980;
    let v981 = x4;
    let v982 = (v981 + v957);
    x4 = v982;
    let v983 = x4;
    let v984 = (v983 + v958);
    x4 = v984;
    let v985 = x4;
    let v986 = (v985 + v959);
    x4 = v986;
    let v987 = x4;
    let v988 = (v987 + v960);
    x4 = v988;
    let v989 = x4;
    let v990 = (v989 + v961);
    x4 = v990;
    let v991 = x4;
    let v992 = (v991 + v962);
    x4 = v992;
    let v993 = x4;
    workgroupBarrier();
    let v996 = t < (1);
    if (v996) {
      let v999 = g * n[4].z;
      let v1000 = n[4].y + v999;
      b3[v1000] = bitcast<u32>(v993);
      let v1003 = g * n[5].y;
      let v1004 = n[5].x + v1003;
      b4[v1004] = bitcast<u32>(v584);
    }
  }
}
