@group(0) @binding(0) var<storage, read> b0: array<vec2<u32>>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
@group(0) @binding(4) var<storage, read_write> b4: array<u32>;
@group(0) @binding(5) var<uniform> n: array<vec4<i32>, 6>;
var<workgroup> s0: array<f32, 256>;
var<workgroup> s1: array<f32, 256>;
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

fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }

fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

fn is_infinite(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) == 0x7f800000u; }

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
    var x0: f32 = (-3.4028235e38f);
    var x1: f32 = (0.0f);
    var x2: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    let v13 = (0) < n[0].z;
    if (v13) {
      let v17 = g * n[1].w;
      let v18 = n[1].z + v17;
      let v19 = v18 % (4);
      let v20 = (4) - v19;
      let v21 = v20 % (4);
      let v22 = v21 < n[0].z;
      let v23 = select(n[0].z, v21, v22);
      let v24 = n[0].z - v23;
      let v26 = v24 / (4);
      let v28 = v26 * (4);
      let v29 = v23 + v28;
      let v30 = n[0].z - v28;
      let v34 = t * (4);
      let v37 = v23 + v34;
      for (var x3: i32 = v37; x3 < v29; x3 += (2048)) {
        let v42 = x3 < v29;
        let v43 = select(v23, x3, v42);
        let v45 = x3 + (1024);
        let v46 = v45 < v29;
        let v47 = select(v23, v45, v46);
        let v50 = g * n[1].w;
        let v51 = n[1].z + v50;
        let v53 = v43 * n[2].x;
        let v54 = v51 + v53;
        let q55_0 = b0[((v54 >> 1u) + 0) >> 1u];
        let v55 = bitcast<f32>(((q55_0.x >> 0u) & 0xffffu) << 16u);
        let v56 = bitcast<f32>(((q55_0.x >> 16u) & 0xffffu) << 16u);
        let v57 = bitcast<f32>(((q55_0.y >> 0u) & 0xffffu) << 16u);
        let v58 = bitcast<f32>(((q55_0.y >> 16u) & 0xffffu) << 16u);
        let v59 = v55;
        let v61 = v43 + (1);
        let v62 = v56;
        let v64 = v43 + (2);
        let v65 = v57;
        let v67 = v43 + (3);
        let v68 = v58;
        let v71 = g * n[1].w;
        let v72 = n[1].z + v71;
        let v74 = v47 * n[2].x;
        let v75 = v72 + v74;
        let q76_0 = b0[((v75 >> 1u) + 0) >> 1u];
        let v76 = bitcast<f32>(((q76_0.x >> 0u) & 0xffffu) << 16u);
        let v77 = bitcast<f32>(((q76_0.x >> 16u) & 0xffffu) << 16u);
        let v78 = bitcast<f32>(((q76_0.y >> 0u) & 0xffffu) << 16u);
        let v79 = bitcast<f32>(((q76_0.y >> 16u) & 0xffffu) << 16u);
        let v80 = v76;
        let v82 = v47 + (1);
        let v83 = v77;
        let v85 = v47 + (2);
        let v86 = v78;
        let v88 = v47 + (3);
        let v89 = v79;
        if (v42) {
          let v90 = x2;
          let v91 = max_f32(v90, v59);
          x2 = v91;
          let v93 = v43 + (1);
          let v94 = x2;
          let v95 = max_f32(v94, v62);
          x2 = v95;
          let v97 = v43 + (2);
          let v98 = x2;
          let v99 = max_f32(v98, v65);
          x2 = v99;
          let v101 = v43 + (3);
          let v102 = x2;
          let v103 = max_f32(v102, v68);
          x2 = v103;
          let v104 = max_f32(v59, v62);
          let v105 = max_f32(v104, v65);
          let v106 = max_f32(v105, v68);
          let v107 = x0;
          let v108 = (v107 < v106);
          if (v108) {
            let v109 = x0;
            let v110 = (v109 - v106);
            let v111 = exp_f32(v110);
            let v112 = x1;
            let v113 = (v112 * v111);
            x1 = v113;
            x0 = v106;
          }
          let v114 = x0;
          let v115 = (v59 - v114);
          let v116 = exp_f32(v115);
          let v117 = x1;
          let v118 = (v117 + v116);
          x1 = v118;
          let v119 = (v62 - v114);
          let v120 = exp_f32(v119);
          let v121 = x1;
          let v122 = (v121 + v120);
          x1 = v122;
          let v123 = (v65 - v114);
          let v124 = exp_f32(v123);
          let v125 = x1;
          let v126 = (v125 + v124);
          x1 = v126;
          let v127 = (v68 - v114);
          let v128 = exp_f32(v127);
          let v129 = x1;
          let v130 = (v129 + v128);
          x1 = v130;
        }
        if (v46) {
          let v131 = x2;
          let v132 = max_f32(v131, v80);
          x2 = v132;
          let v134 = v47 + (1);
          let v135 = x2;
          let v136 = max_f32(v135, v83);
          x2 = v136;
          let v138 = v47 + (2);
          let v139 = x2;
          let v140 = max_f32(v139, v86);
          x2 = v140;
          let v142 = v47 + (3);
          let v143 = x2;
          let v144 = max_f32(v143, v89);
          x2 = v144;
          let v145 = max_f32(v80, v83);
          let v146 = max_f32(v145, v86);
          let v147 = max_f32(v146, v89);
          let v148 = x0;
          let v149 = (v148 < v147);
          if (v149) {
            let v150 = x0;
            let v151 = (v150 - v147);
            let v152 = exp_f32(v151);
            let v153 = x1;
            let v154 = (v153 * v152);
            x1 = v154;
            x0 = v147;
          }
          let v155 = x0;
          let v156 = (v80 - v155);
          let v157 = exp_f32(v156);
          let v158 = x1;
          let v159 = (v158 + v157);
          x1 = v159;
          let v160 = (v83 - v155);
          let v161 = exp_f32(v160);
          let v162 = x1;
          let v163 = (v162 + v161);
          x1 = v163;
          let v164 = (v86 - v155);
          let v165 = exp_f32(v164);
          let v166 = x1;
          let v167 = (v166 + v165);
          x1 = v167;
          let v168 = (v89 - v155);
          let v169 = exp_f32(v168);
          let v170 = x1;
          let v171 = (v170 + v169);
          x1 = v171;
        }
      }
      let v173 = t < v30;
      if (v173) {
        let v174 = t < v23;
        let v175 = t + v28;
        let v176 = select(v175, t, v174);
        let v179 = g * n[1].w;
        let v180 = n[1].z + v179;
        let v182 = v176 * n[2].x;
        let v183 = v180 + v182;
        let v184 = bitcast<f32>(((b0[(v183 / 2) >> 1u][(v183 / 2) & 1] >> u32(v183 % 2 * 16)) & 0xffffu) << 16u);
        let v185 = v184;
        let v186 = x2;
        let v187 = max_f32(v186, v185);
        x2 = v187;
        let v188 = x0;
        let v189 = (v188 < v185);
        if (v189) {
          let v190 = x0;
          let v191 = (v190 - v185);
          let v192 = exp_f32(v191);
          let v193 = x1;
          let v194 = (v193 * v192);
          x1 = v194;
          x0 = v185;
        }
        let v195 = x0;
        let v196 = (v185 - v195);
        let v197 = exp_f32(v196);
        let v198 = x1;
        let v199 = (v198 + v197);
        x1 = v199;
      }
    }
    let v201 = x2;
    s0[t] = v201;
    workgroupBarrier();
    let v203 = t < (16);
    if (v203) {
      let v205 = t + (16);
      let v207 = t + (32);
      let v209 = t + (48);
      let v211 = t + (64);
      let v213 = t + (80);
      let v215 = t + (96);
      let v217 = t + (112);
      let v219 = t + (128);
      let v221 = t + (144);
      let v223 = t + (160);
      let v225 = t + (176);
      let v227 = t + (192);
      let v229 = t + (208);
      let v231 = t + (224);
      let v233 = t + (240);
      let v234 = s0[v205];
      let v235 = s0[v207];
      let v236 = s0[v209];
      let v237 = s0[v211];
      let v238 = s0[v213];
      let v239 = s0[v215];
      let v240 = s0[v217];
      let v241 = s0[v219];
      let v242 = s0[v221];
      let v243 = s0[v223];
      let v244 = s0[v225];
      let v245 = s0[v227];
      let v246 = s0[v229];
      let v247 = s0[v231];
      let v248 = s0[v233];
      let v249 = x2;
      let v250 = max_f32(v249, v234);
      x2 = v250;
      let v251 = x2;
      let v252 = max_f32(v251, v235);
      x2 = v252;
      let v253 = x2;
      let v254 = max_f32(v253, v236);
      x2 = v254;
      let v255 = x2;
      let v256 = max_f32(v255, v237);
      x2 = v256;
      let v257 = x2;
      let v258 = max_f32(v257, v238);
      x2 = v258;
      let v259 = x2;
      let v260 = max_f32(v259, v239);
      x2 = v260;
      let v261 = x2;
      let v262 = max_f32(v261, v240);
      x2 = v262;
      let v263 = x2;
      let v264 = max_f32(v263, v241);
      x2 = v264;
      let v265 = x2;
      let v266 = max_f32(v265, v242);
      x2 = v266;
      let v267 = x2;
      let v268 = max_f32(v267, v243);
      x2 = v268;
      let v269 = x2;
      let v270 = max_f32(v269, v244);
      x2 = v270;
      let v271 = x2;
      let v272 = max_f32(v271, v245);
      x2 = v272;
      let v273 = x2;
      let v274 = max_f32(v273, v246);
      x2 = v274;
      let v275 = x2;
      let v276 = max_f32(v275, v247);
      x2 = v276;
      let v277 = x2;
      let v278 = max_f32(v277, v248);
      x2 = v278;
      let v279 = x2;
      s0[t] = v279;
    }
    workgroupBarrier();
    let v281 = s0[(0)];
    x2 = v281;
    let v297 = s0[(1)];
    let v298 = s0[(2)];
    let v299 = s0[(3)];
    let v300 = s0[(4)];
    let v301 = s0[(5)];
    let v302 = s0[(6)];
    let v303 = s0[(7)];
    let v304 = s0[(8)];
    let v305 = s0[(9)];
    let v306 = s0[(10)];
    let v307 = s0[(11)];
    let v308 = s0[(12)];
    let v309 = s0[(13)];
    let v310 = s0[(14)];
    let v311 = s0[(15)];
    let v312 = x2;
    let v313 = max_f32(v312, v297);
    x2 = v313;
    let v314 = x2;
    let v315 = max_f32(v314, v298);
    x2 = v315;
    let v316 = x2;
    let v317 = max_f32(v316, v299);
    x2 = v317;
    let v318 = x2;
    let v319 = max_f32(v318, v300);
    x2 = v319;
    let v320 = x2;
    let v321 = max_f32(v320, v301);
    x2 = v321;
    let v322 = x2;
    let v323 = max_f32(v322, v302);
    x2 = v323;
    let v324 = x2;
    let v325 = max_f32(v324, v303);
    x2 = v325;
    let v326 = x2;
    let v327 = max_f32(v326, v304);
    x2 = v327;
    let v328 = x2;
    let v329 = max_f32(v328, v305);
    x2 = v329;
    let v330 = x2;
    let v331 = max_f32(v330, v306);
    x2 = v331;
    let v332 = x2;
    let v333 = max_f32(v332, v307);
    x2 = v333;
    let v334 = x2;
    let v335 = max_f32(v334, v308);
    x2 = v335;
    let v336 = x2;
    let v337 = max_f32(v336, v309);
    x2 = v337;
    let v338 = x2;
    let v339 = max_f32(v338, v310);
    x2 = v339;
    let v340 = x2;
    let v341 = max_f32(v340, v311);
    x2 = v341;
    let v342 = x2;
    let v343 = x0;
    let v344 = (v343 - v342);
    let v345 = exp_f32(v344);
    let v346 = x1;
    let v347 = (v346 * v345);
    x1 = v347;
    let v349 = x1;
    s1[t] = v349;
    workgroupBarrier();
    let v351 = t < (16);
    if (v351) {
      let v353 = t + (16);
      let v355 = t + (32);
      let v357 = t + (48);
      let v359 = t + (64);
      let v361 = t + (80);
      let v363 = t + (96);
      let v365 = t + (112);
      let v367 = t + (128);
      let v369 = t + (144);
      let v371 = t + (160);
      let v373 = t + (176);
      let v375 = t + (192);
      let v377 = t + (208);
      let v379 = t + (224);
      let v381 = t + (240);
      let v382 = s1[v353];
      let v383 = s1[v355];
      let v384 = s1[v357];
      let v385 = s1[v359];
      let v386 = s1[v361];
      let v387 = s1[v363];
      let v388 = s1[v365];
      let v389 = s1[v367];
      let v390 = s1[v369];
      let v391 = s1[v371];
      let v392 = s1[v373];
      let v393 = s1[v375];
      let v394 = s1[v377];
      let v395 = s1[v379];
      let v396 = s1[v381];
      let v397 = x1;
      let v398 = (v397 + v382);
      x1 = v398;
      let v399 = x1;
      let v400 = (v399 + v383);
      x1 = v400;
      let v401 = x1;
      let v402 = (v401 + v384);
      x1 = v402;
      let v403 = x1;
      let v404 = (v403 + v385);
      x1 = v404;
      let v405 = x1;
      let v406 = (v405 + v386);
      x1 = v406;
      let v407 = x1;
      let v408 = (v407 + v387);
      x1 = v408;
      let v409 = x1;
      let v410 = (v409 + v388);
      x1 = v410;
      let v411 = x1;
      let v412 = (v411 + v389);
      x1 = v412;
      let v413 = x1;
      let v414 = (v413 + v390);
      x1 = v414;
      let v415 = x1;
      let v416 = (v415 + v391);
      x1 = v416;
      let v417 = x1;
      let v418 = (v417 + v392);
      x1 = v418;
      let v419 = x1;
      let v420 = (v419 + v393);
      x1 = v420;
      let v421 = x1;
      let v422 = (v421 + v394);
      x1 = v422;
      let v423 = x1;
      let v424 = (v423 + v395);
      x1 = v424;
      let v425 = x1;
      let v426 = (v425 + v396);
      x1 = v426;
      let v427 = x1;
      s1[t] = v427;
    }
    workgroupBarrier();
    let v429 = s1[(0)];
    x1 = v429;
    let v445 = s1[(1)];
    let v446 = s1[(2)];
    let v447 = s1[(3)];
    let v448 = s1[(4)];
    let v449 = s1[(5)];
    let v450 = s1[(6)];
    let v451 = s1[(7)];
    let v452 = s1[(8)];
    let v453 = s1[(9)];
    let v454 = s1[(10)];
    let v455 = s1[(11)];
    let v456 = s1[(12)];
    let v457 = s1[(13)];
    let v458 = s1[(14)];
    let v459 = s1[(15)];
    let v460 = x1;
    let v461 = (v460 + v445);
    x1 = v461;
    let v462 = x1;
    let v463 = (v462 + v446);
    x1 = v463;
    let v464 = x1;
    let v465 = (v464 + v447);
    x1 = v465;
    let v466 = x1;
    let v467 = (v466 + v448);
    x1 = v467;
    let v468 = x1;
    let v469 = (v468 + v449);
    x1 = v469;
    let v470 = x1;
    let v471 = (v470 + v450);
    x1 = v471;
    let v472 = x1;
    let v473 = (v472 + v451);
    x1 = v473;
    let v474 = x1;
    let v475 = (v474 + v452);
    x1 = v475;
    let v476 = x1;
    let v477 = (v476 + v453);
    x1 = v477;
    let v478 = x1;
    let v479 = (v478 + v454);
    x1 = v479;
    let v480 = x1;
    let v481 = (v480 + v455);
    x1 = v481;
    let v482 = x1;
    let v483 = (v482 + v456);
    x1 = v483;
    let v484 = x1;
    let v485 = (v484 + v457);
    x1 = v485;
    let v486 = x1;
    let v487 = (v486 + v458);
    x1 = v487;
    let v488 = x1;
    let v489 = (v488 + v459);
    x1 = v489;
    let v490 = x1;
    var x4: f32 = (0.0f);
    var x5: f32 = (0.0f);
    let v498 = g * n[2].z;
    let v499 = n[2].y + v498;
    let v500 = vec2<u32>(b1[2 * v499], b1[2 * v499 + 1]);
    let v501 = log_f32(v490);
    let v504 = g * n[3].y;
    let v505 = n[3].x + v504;
    let v508 = wrapped(v500, n[3].w);
    let v509 = v508 * n[4].x;
    let v510 = v505 + v509;
    let v511 = bitcast<f32>(b2[v510]);
    let v512 = bitcast<f32>(n[5].w);
    let v513 = bitcast<i32>(v500.x);
    let v516 = v513 < (0);
    let v517 = v513 < n[0].z;
    let v518 = select(v513, (0), v516);
    let v519 = select((0), v518, v517);
    let v521 = i64_of_i32(v519);
    let v522 = eq_i64(v521, v500);
    var x6: f32 = v512;
    if (v522) {
      let v525 = g * n[1].w;
      let v526 = n[1].z + v525;
      let v528 = v519 * n[2].x;
      let v529 = v526 + v528;
      let v530 = bitcast<f32>(((b0[(v529 / 2) >> 1u][(v529 / 2) & 1] >> u32(v529 % 2 * 16)) & 0xffffu) << 16u);
      let v531 = v530;
      let v532 = (v531 - v342);
      let v533 = (v532 - v501);
      let v534 = (v533 * v511);
      x6 = v534;
    }
    let v535 = x6;
    let v536 = n[0].z - (1);
    let v537 = f32(v536);
    let v538 = (v512 * v537);
    let v539 = (v535 + v538);
    let v540 = n[0].z == (1);
    let v541 = bitcast<f32>(select(bitcast<i32>(v539) | n[0].x, bitcast<i32>(v535), v540));
    workgroupBarrier();
    let v544 = t < (1);
    if (v544) {
      let v547 = g * n[4].z;
      let v548 = n[4].y + v547;
      b3[v548] = bitcast<u32>(v541);
      let v551 = g * n[5].y;
      let v552 = n[5].x + v551;
      b4[v552] = bitcast<u32>(v501);
    }
  }
}
