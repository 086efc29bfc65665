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
    let v6 = g * n[2].z;
    let v7 = n[2].y + v6;
    let v8 = vec2<u32>(b1[2 * v7], b1[2 * v7 + 1]);
    var x0: f32 = (-3.4028235e38f);
    var x1: f32 = (0.0f);
    var x2: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    let v18 = (0) < n[0].z;
    if (v18) {
      let v22 = g * n[1].w;
      let v23 = n[1].z + v22;
      let v24 = v23 % (4);
      let v25 = (4) - v24;
      let v26 = v25 % (4);
      let v27 = v26 < n[0].z;
      let v28 = select(n[0].z, v26, v27);
      let v29 = n[0].z - v28;
      let v31 = v29 / (4);
      let v33 = v31 * (4);
      let v34 = v28 + v33;
      let v35 = n[0].z - v33;
      let v39 = t * (4);
      let v42 = v28 + v39;
      for (var x3: i32 = v42; x3 < v34; x3 += (2048)) {
        let v47 = x3 < v34;
        let v48 = select(v28, x3, v47);
        let v50 = x3 + (1024);
        let v51 = v50 < v34;
        let v52 = select(v28, v50, v51);
        let v55 = g * n[1].w;
        let v56 = n[1].z + v55;
        let v58 = v48 * n[2].x;
        let v59 = v56 + v58;
        let q60_0 = b0[((v59 >> 1u) + 0) >> 1u];
        let v60 = bitcast<f32>(((q60_0.x >> 0u) & 0xffffu) << 16u);
        let v61 = bitcast<f32>(((q60_0.x >> 16u) & 0xffffu) << 16u);
        let v62 = bitcast<f32>(((q60_0.y >> 0u) & 0xffffu) << 16u);
        let v63 = bitcast<f32>(((q60_0.y >> 16u) & 0xffffu) << 16u);
        let v64 = v60;
        let v66 = v48 + (1);
        let v67 = v61;
        let v69 = v48 + (2);
        let v70 = v62;
        let v72 = v48 + (3);
        let v73 = v63;
        let v76 = g * n[1].w;
        let v77 = n[1].z + v76;
        let v79 = v52 * n[2].x;
        let v80 = v77 + v79;
        let q81_0 = b0[((v80 >> 1u) + 0) >> 1u];
        let v81 = bitcast<f32>(((q81_0.x >> 0u) & 0xffffu) << 16u);
        let v82 = bitcast<f32>(((q81_0.x >> 16u) & 0xffffu) << 16u);
        let v83 = bitcast<f32>(((q81_0.y >> 0u) & 0xffffu) << 16u);
        let v84 = bitcast<f32>(((q81_0.y >> 16u) & 0xffffu) << 16u);
        let v85 = v81;
        let v87 = v52 + (1);
        let v88 = v82;
        let v90 = v52 + (2);
        let v91 = v83;
        let v93 = v52 + (3);
        let v94 = v84;
        if (v47) {
          let v95 = x2;
          let v96 = max_f32(v95, v64);
          x2 = v96;
          let v98 = v48 + (1);
          let v99 = x2;
          let v100 = max_f32(v99, v67);
          x2 = v100;
          let v102 = v48 + (2);
          let v103 = x2;
          let v104 = max_f32(v103, v70);
          x2 = v104;
          let v106 = v48 + (3);
          let v107 = x2;
          let v108 = max_f32(v107, v73);
          x2 = v108;
          let v109 = max_f32(v64, v67);
          let v110 = max_f32(v109, v70);
          let v111 = max_f32(v110, v73);
          let v112 = x0;
          let v113 = (v112 < v111);
          if (v113) {
            let v114 = x0;
            let v115 = (v114 - v111);
            let v116 = exp_f32(v115);
            let v117 = x1;
            let v118 = (v117 * v116);
            x1 = v118;
            x0 = v111;
          }
          let v119 = x0;
          let v120 = (v64 - v119);
          let v121 = exp_f32(v120);
          let v122 = x1;
          let v123 = (v122 + v121);
          x1 = v123;
          let v124 = (v67 - v119);
          let v125 = exp_f32(v124);
          let v126 = x1;
          let v127 = (v126 + v125);
          x1 = v127;
          let v128 = (v70 - v119);
          let v129 = exp_f32(v128);
          let v130 = x1;
          let v131 = (v130 + v129);
          x1 = v131;
          let v132 = (v73 - v119);
          let v133 = exp_f32(v132);
          let v134 = x1;
          let v135 = (v134 + v133);
          x1 = v135;
        }
        if (v51) {
          let v136 = x2;
          let v137 = max_f32(v136, v85);
          x2 = v137;
          let v139 = v52 + (1);
          let v140 = x2;
          let v141 = max_f32(v140, v88);
          x2 = v141;
          let v143 = v52 + (2);
          let v144 = x2;
          let v145 = max_f32(v144, v91);
          x2 = v145;
          let v147 = v52 + (3);
          let v148 = x2;
          let v149 = max_f32(v148, v94);
          x2 = v149;
          let v150 = max_f32(v85, v88);
          let v151 = max_f32(v150, v91);
          let v152 = max_f32(v151, v94);
          let v153 = x0;
          let v154 = (v153 < v152);
          if (v154) {
            let v155 = x0;
            let v156 = (v155 - v152);
            let v157 = exp_f32(v156);
            let v158 = x1;
            let v159 = (v158 * v157);
            x1 = v159;
            x0 = v152;
          }
          let v160 = x0;
          let v161 = (v85 - v160);
          let v162 = exp_f32(v161);
          let v163 = x1;
          let v164 = (v163 + v162);
          x1 = v164;
          let v165 = (v88 - v160);
          let v166 = exp_f32(v165);
          let v167 = x1;
          let v168 = (v167 + v166);
          x1 = v168;
          let v169 = (v91 - v160);
          let v170 = exp_f32(v169);
          let v171 = x1;
          let v172 = (v171 + v170);
          x1 = v172;
          let v173 = (v94 - v160);
          let v174 = exp_f32(v173);
          let v175 = x1;
          let v176 = (v175 + v174);
          x1 = v176;
        }
      }
      let v178 = t < v35;
      if (v178) {
        let v179 = t < v28;
        let v180 = t + v33;
        let v181 = select(v180, t, v179);
        let v184 = g * n[1].w;
        let v185 = n[1].z + v184;
        let v187 = v181 * n[2].x;
        let v188 = v185 + v187;
        let v189 = bitcast<f32>(((b0[(v188 / 2) >> 1u][(v188 / 2) & 1] >> u32(v188 % 2 * 16)) & 0xffffu) << 16u);
        let v190 = v189;
        let v191 = x2;
        let v192 = max_f32(v191, v190);
        x2 = v192;
        let v193 = x0;
        let v194 = (v193 < v190);
        if (v194) {
          let v195 = x0;
          let v196 = (v195 - v190);
          let v197 = exp_f32(v196);
          let v198 = x1;
          let v199 = (v198 * v197);
          x1 = v199;
          x0 = v190;
        }
        let v200 = x0;
        let v201 = (v190 - v200);
        let v202 = exp_f32(v201);
        let v203 = x1;
        let v204 = (v203 + v202);
        x1 = v204;
      }
    }
    let v206 = x2;
    s0[t] = v206;
    workgroupBarrier();
    let v208 = t < (16);
    if (v208) {
      let v210 = t + (16);
      let v212 = t + (32);
      let v214 = t + (48);
      let v216 = t + (64);
      let v218 = t + (80);
      let v220 = t + (96);
      let v222 = t + (112);
      let v224 = t + (128);
      let v226 = t + (144);
      let v228 = t + (160);
      let v230 = t + (176);
      let v232 = t + (192);
      let v234 = t + (208);
      let v236 = t + (224);
      let v238 = t + (240);
      let v239 = s0[v210];
      let v240 = s0[v212];
      let v241 = s0[v214];
      let v242 = s0[v216];
      let v243 = s0[v218];
      let v244 = s0[v220];
      let v245 = s0[v222];
      let v246 = s0[v224];
      let v247 = s0[v226];
      let v248 = s0[v228];
      let v249 = s0[v230];
      let v250 = s0[v232];
      let v251 = s0[v234];
      let v252 = s0[v236];
      let v253 = s0[v238];
      let v254 = x2;
      let v255 = max_f32(v254, v239);
      x2 = v255;
      let v256 = x2;
      let v257 = max_f32(v256, v240);
      x2 = v257;
      let v258 = x2;
      let v259 = max_f32(v258, v241);
      x2 = v259;
      let v260 = x2;
      let v261 = max_f32(v260, v242);
      x2 = v261;
      let v262 = x2;
      let v263 = max_f32(v262, v243);
      x2 = v263;
      let v264 = x2;
      let v265 = max_f32(v264, v244);
      x2 = v265;
      let v266 = x2;
      let v267 = max_f32(v266, v245);
      x2 = v267;
      let v268 = x2;
      let v269 = max_f32(v268, v246);
      x2 = v269;
      let v270 = x2;
      let v271 = max_f32(v270, v247);
      x2 = v271;
      let v272 = x2;
      let v273 = max_f32(v272, v248);
      x2 = v273;
      let v274 = x2;
      let v275 = max_f32(v274, v249);
      x2 = v275;
      let v276 = x2;
      let v277 = max_f32(v276, v250);
      x2 = v277;
      let v278 = x2;
      let v279 = max_f32(v278, v251);
      x2 = v279;
      let v280 = x2;
      let v281 = max_f32(v280, v252);
      x2 = v281;
      let v282 = x2;
      let v283 = max_f32(v282, v253);
      x2 = v283;
      let v284 = x2;
      s0[t] = v284;
    }
    workgroupBarrier();
    let v286 = s0[(0)];
    x2 = v286;
    let v302 = s0[(1)];
    let v303 = s0[(2)];
    let v304 = s0[(3)];
    let v305 = s0[(4)];
    let v306 = s0[(5)];
    let v307 = s0[(6)];
    let v308 = s0[(7)];
    let v309 = s0[(8)];
    let v310 = s0[(9)];
    let v311 = s0[(10)];
    let v312 = s0[(11)];
    let v313 = s0[(12)];
    let v314 = s0[(13)];
    let v315 = s0[(14)];
    let v316 = s0[(15)];
    let v317 = x2;
    let v318 = max_f32(v317, v302);
    x2 = v318;
    let v319 = x2;
    let v320 = max_f32(v319, v303);
    x2 = v320;
    let v321 = x2;
    let v322 = max_f32(v321, v304);
    x2 = v322;
    let v323 = x2;
    let v324 = max_f32(v323, v305);
    x2 = v324;
    let v325 = x2;
    let v326 = max_f32(v325, v306);
    x2 = v326;
    let v327 = x2;
    let v328 = max_f32(v327, v307);
    x2 = v328;
    let v329 = x2;
    let v330 = max_f32(v329, v308);
    x2 = v330;
    let v331 = x2;
    let v332 = max_f32(v331, v309);
    x2 = v332;
    let v333 = x2;
    let v334 = max_f32(v333, v310);
    x2 = v334;
    let v335 = x2;
    let v336 = max_f32(v335, v311);
    x2 = v336;
    let v337 = x2;
    let v338 = max_f32(v337, v312);
    x2 = v338;
    let v339 = x2;
    let v340 = max_f32(v339, v313);
    x2 = v340;
    let v341 = x2;
    let v342 = max_f32(v341, v314);
    x2 = v342;
    let v343 = x2;
    let v344 = max_f32(v343, v315);
    x2 = v344;
    let v345 = x2;
    let v346 = max_f32(v345, v316);
    x2 = v346;
    let v347 = x2;
    let v348 = x0;
    let v349 = (v348 - v347);
    let v350 = exp_f32(v349);
    let v351 = x1;
    let v352 = (v351 * v350);
    x1 = v352;
    let v354 = x1;
    s1[t] = v354;
    workgroupBarrier();
    let v356 = t < (16);
    if (v356) {
      let v358 = t + (16);
      let v360 = t + (32);
      let v362 = t + (48);
      let v364 = t + (64);
      let v366 = t + (80);
      let v368 = t + (96);
      let v370 = t + (112);
      let v372 = t + (128);
      let v374 = t + (144);
      let v376 = t + (160);
      let v378 = t + (176);
      let v380 = t + (192);
      let v382 = t + (208);
      let v384 = t + (224);
      let v386 = t + (240);
      let v387 = s1[v358];
      let v388 = s1[v360];
      let v389 = s1[v362];
      let v390 = s1[v364];
      let v391 = s1[v366];
      let v392 = s1[v368];
      let v393 = s1[v370];
      let v394 = s1[v372];
      let v395 = s1[v374];
      let v396 = s1[v376];
      let v397 = s1[v378];
      let v398 = s1[v380];
      let v399 = s1[v382];
      let v400 = s1[v384];
      let v401 = s1[v386];
      let v402 = x1;
      let v403 = (v402 + v387);
      x1 = v403;
      let v404 = x1;
      let v405 = (v404 + v388);
      x1 = v405;
      let v406 = x1;
      let v407 = (v406 + v389);
      x1 = v407;
      let v408 = x1;
      let v409 = (v408 + v390);
      x1 = v409;
      let v410 = x1;
      let v411 = (v410 + v391);
      x1 = v411;
      let v412 = x1;
      let v413 = (v412 + v392);
      x1 = v413;
      let v414 = x1;
      let v415 = (v414 + v393);
      x1 = v415;
      let v416 = x1;
      let v417 = (v416 + v394);
      x1 = v417;
      let v418 = x1;
      let v419 = (v418 + v395);
      x1 = v419;
      let v420 = x1;
      let v421 = (v420 + v396);
      x1 = v421;
      let v422 = x1;
      let v423 = (v422 + v397);
      x1 = v423;
      let v424 = x1;
      let v425 = (v424 + v398);
      x1 = v425;
      let v426 = x1;
      let v427 = (v426 + v399);
      x1 = v427;
      let v428 = x1;
      let v429 = (v428 + v400);
      x1 = v429;
      let v430 = x1;
      let v431 = (v430 + v401);
      x1 = v431;
      let v432 = x1;
      s1[t] = v432;
    }
    workgroupBarrier();
    let v434 = s1[(0)];
    x1 = v434;
    let v450 = s1[(1)];
    let v451 = s1[(2)];
    let v452 = s1[(3)];
    let v453 = s1[(4)];
    let v454 = s1[(5)];
    let v455 = s1[(6)];
    let v456 = s1[(7)];
    let v457 = s1[(8)];
    let v458 = s1[(9)];
    let v459 = s1[(10)];
    let v460 = s1[(11)];
    let v461 = s1[(12)];
    let v462 = s1[(13)];
    let v463 = s1[(14)];
    let v464 = s1[(15)];
    let v465 = x1;
    let v466 = (v465 + v450);
    x1 = v466;
    let v467 = x1;
    let v468 = (v467 + v451);
    x1 = v468;
    let v469 = x1;
    let v470 = (v469 + v452);
    x1 = v470;
    let v471 = x1;
    let v472 = (v471 + v453);
    x1 = v472;
    let v473 = x1;
    let v474 = (v473 + v454);
    x1 = v474;
    let v475 = x1;
    let v476 = (v475 + v455);
    x1 = v476;
    let v477 = x1;
    let v478 = (v477 + v456);
    x1 = v478;
    let v479 = x1;
    let v480 = (v479 + v457);
    x1 = v480;
    let v481 = x1;
    let v482 = (v481 + v458);
    x1 = v482;
    let v483 = x1;
    let v484 = (v483 + v459);
    x1 = v484;
    let v485 = x1;
    let v486 = (v485 + v460);
    x1 = v486;
    let v487 = x1;
    let v488 = (v487 + v461);
    x1 = v488;
    let v489 = x1;
    let v490 = (v489 + v462);
    x1 = v490;
    let v491 = x1;
    let v492 = (v491 + v463);
    x1 = v492;
    let v493 = x1;
    let v494 = (v493 + v464);
    x1 = v494;
    let v495 = x1;
    var x4: f32 = (0.0f);
    var x5: f32 = (0.0f);
    let v501 = log_f32(v495);
    let v504 = g * n[3].y;
    let v505 = n[3].x + v504;
    let v508 = wrapped(v8, n[3].w);
    let v509 = v508 * n[4].x;
    let v510 = v505 + v509;
    let v511 = bitcast<f32>(b2[v510]);
    let v512 = bitcast<f32>(n[5].w);
    let v513 = bitcast<i32>(v8.x);
    let v516 = v513 < (0);
    let v517 = v513 < n[0].z;
    let v518 = select(v513, (0), v516);
    let v519 = select((0), v518, v517);
    let v521 = i64_of_i32(v519);
    let v522 = eq_i64(v521, v8);
    var x6: f32 = v512;
    if (v522) {
      let v525 = g * n[1].w;
      let v526 = n[1].z + v525;
      let v528 = v519 * n[2].x;
      let v529 = v526 + v528;
      let v530 = bitcast<f32>(((b0[(v529 / 2) >> 1u][(v529 / 2) & 1] >> u32(v529 % 2 * 16)) & 0xffffu) << 16u);
      let v531 = v530;
      let v532 = (v531 - v347);
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
