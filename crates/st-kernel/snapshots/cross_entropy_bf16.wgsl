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
    let v136 = t < (16);
    if (v136) {
      let v137 = t + (16);
      for (var x2: i32 = v137; x2 < (256); x2 += (16)) {
        let v139 = s0[x2];
        let v140 = x0;
        let v141 = max_f32(v140, v139);
        x0 = v141;
      }
      let v142 = x0;
      s0[t] = v142;
    }
    workgroupBarrier();
    let v143 = s0[(0)];
    x0 = v143;
    for (var x3: i32 = (1); x3 < (16); x3 += (1)) {
      let v146 = s0[x3];
      let v147 = x0;
      let v148 = max_f32(v147, v146);
      x0 = v148;
    }
    let v149 = x0;
    var x4: f32 = (0.0f);
    let v152 = (0) < n[0].z;
    if (v152) {
      let v156 = g * n[1].w;
      let v157 = n[1].z + v156;
      let v158 = v157 % (4);
      let v159 = (4) - v158;
      let v160 = v159 % (4);
      let v161 = v160 < n[0].z;
      let v162 = select(n[0].z, v160, v161);
      let v163 = n[0].z - v162;
      let v165 = v163 / (4);
      let v167 = v165 * (4);
      let v168 = v162 + v167;
      let v169 = n[0].z - v167;
      let v173 = t * (4);
      let v176 = v162 + v173;
      for (var x5: i32 = v176; x5 < v168; x5 += (2048)) {
        let v181 = x5 < v168;
        let v182 = select(v162, x5, v181);
        let v184 = x5 + (1024);
        let v185 = v184 < v168;
        let v186 = select(v162, v184, v185);
        let v189 = g * n[1].w;
        let v190 = n[1].z + v189;
        let v192 = v182 * n[2].x;
        let v193 = v190 + v192;
        let q194_0 = b0[((v193 >> 1u) + 0) >> 1u];
        let v194 = bitcast<f32>(((q194_0.x >> 0u) & 0xffffu) << 16u);
        let v195 = bitcast<f32>(((q194_0.x >> 16u) & 0xffffu) << 16u);
        let v196 = bitcast<f32>(((q194_0.y >> 0u) & 0xffffu) << 16u);
        let v197 = bitcast<f32>(((q194_0.y >> 16u) & 0xffffu) << 16u);
        let v198 = v194;
        let v200 = v182 + (1);
        let v201 = v195;
        let v203 = v182 + (2);
        let v204 = v196;
        let v206 = v182 + (3);
        let v207 = v197;
        let v208 = (v198 - v149);
        let v210 = v182 + (1);
        let v211 = (v201 - v149);
        let v213 = v182 + (2);
        let v214 = (v204 - v149);
        let v216 = v182 + (3);
        let v217 = (v207 - v149);
        let v218 = exp_f32(v208);
        let v220 = v182 + (1);
        let v221 = exp_f32(v211);
        let v223 = v182 + (2);
        let v224 = exp_f32(v214);
        let v226 = v182 + (3);
        let v227 = exp_f32(v217);
        let v230 = g * n[1].w;
        let v231 = n[1].z + v230;
        let v233 = v186 * n[2].x;
        let v234 = v231 + v233;
        let q235_0 = b0[((v234 >> 1u) + 0) >> 1u];
        let v235 = bitcast<f32>(((q235_0.x >> 0u) & 0xffffu) << 16u);
        let v236 = bitcast<f32>(((q235_0.x >> 16u) & 0xffffu) << 16u);
        let v237 = bitcast<f32>(((q235_0.y >> 0u) & 0xffffu) << 16u);
        let v238 = bitcast<f32>(((q235_0.y >> 16u) & 0xffffu) << 16u);
        let v239 = v235;
        let v241 = v186 + (1);
        let v242 = v236;
        let v244 = v186 + (2);
        let v245 = v237;
        let v247 = v186 + (3);
        let v248 = v238;
        let v249 = (v239 - v149);
        let v251 = v186 + (1);
        let v252 = (v242 - v149);
        let v254 = v186 + (2);
        let v255 = (v245 - v149);
        let v257 = v186 + (3);
        let v258 = (v248 - v149);
        let v259 = exp_f32(v249);
        let v261 = v186 + (1);
        let v262 = exp_f32(v252);
        let v264 = v186 + (2);
        let v265 = exp_f32(v255);
        let v267 = v186 + (3);
        let v268 = exp_f32(v258);
        if (v181) {
          let v269 = x4;
          let v270 = (v269 + v218);
          x4 = v270;
          let v272 = v182 + (1);
          let v273 = x4;
          let v274 = (v273 + v221);
          x4 = v274;
          let v276 = v182 + (2);
          let v277 = x4;
          let v278 = (v277 + v224);
          x4 = v278;
          let v280 = v182 + (3);
          let v281 = x4;
          let v282 = (v281 + v227);
          x4 = v282;
        }
        if (v185) {
          let v283 = x4;
          let v284 = (v283 + v259);
          x4 = v284;
          let v286 = v186 + (1);
          let v287 = x4;
          let v288 = (v287 + v262);
          x4 = v288;
          let v290 = v186 + (2);
          let v291 = x4;
          let v292 = (v291 + v265);
          x4 = v292;
          let v294 = v186 + (3);
          let v295 = x4;
          let v296 = (v295 + v268);
          x4 = v296;
        }
      }
      let v298 = t < v169;
      if (v298) {
        let v299 = t < v162;
        let v300 = t + v167;
        let v301 = select(v300, t, v299);
        let v304 = g * n[1].w;
        let v305 = n[1].z + v304;
        let v307 = v301 * n[2].x;
        let v308 = v305 + v307;
        let v309 = bitcast<f32>(((b0[(v308 / 2) >> 1u][(v308 / 2) & 1] >> u32(v308 % 2 * 16)) & 0xffffu) << 16u);
        let v310 = v309;
        let v311 = (v310 - v149);
        let v312 = exp_f32(v311);
        let v313 = x4;
        let v314 = (v313 + v312);
        x4 = v314;
      }
    }
    let v316 = x4;
    s1[t] = v316;
    workgroupBarrier();
    let v320 = t < (16);
    if (v320) {
      let v321 = t + (16);
      for (var x6: i32 = v321; x6 < (256); x6 += (16)) {
        let v323 = s1[x6];
        let v324 = x4;
        let v325 = (v324 + v323);
        x4 = v325;
      }
      let v326 = x4;
      s1[t] = v326;
    }
    workgroupBarrier();
    let v327 = s1[(0)];
    x4 = v327;
    for (var x7: i32 = (1); x7 < (16); x7 += (1)) {
      let v330 = s1[x7];
      let v331 = x4;
      let v332 = (v331 + v330);
      x4 = v332;
    }
    let v333 = x4;
    var x8: f32 = (0.0f);
    let v336 = log_f32(v333);
    let v339 = g * n[3].y;
    let v340 = n[3].x + v339;
    let v343 = g * n[2].z;
    let v344 = n[2].y + v343;
    let v345 = vec2<u32>(b1[2 * v344], b1[2 * v344 + 1]);
    let v348 = wrapped(v345, n[3].w);
    let v349 = v348 * n[4].x;
    let v350 = v340 + v349;
    let v351 = bitcast<f32>(b2[v350]);
    let v352 = bitcast<f32>(n[5].w);
    let v353 = (0) < n[0].z;
    if (v353) {
      let v357 = g * n[1].w;
      let v358 = n[1].z + v357;
      let v359 = v358 % (4);
      let v360 = (4) - v359;
      let v361 = v360 % (4);
      let v362 = v361 < n[0].z;
      let v363 = select(n[0].z, v361, v362);
      let v364 = n[0].z - v363;
      let v366 = v364 / (4);
      let v368 = v366 * (4);
      let v369 = v363 + v368;
      let v370 = n[0].z - v368;
      let v374 = t * (4);
      let v377 = v363 + v374;
      for (var x9: i32 = v377; x9 < v369; x9 += (2048)) {
        let v382 = x9 < v369;
        let v383 = select(v363, x9, v382);
        let v385 = x9 + (1024);
        let v386 = v385 < v369;
        let v387 = select(v363, v385, v386);
        let v389 = i64_of_i32(v383);
        let v391 = v383 + (1);
        let v393 = i64_of_i32(v391);
        let v395 = v383 + (2);
        let v397 = i64_of_i32(v395);
        let v399 = v383 + (3);
        let v401 = i64_of_i32(v399);
        let v402 = eq_i64(v389, v345);
        let v404 = v383 + (1);
        let v405 = eq_i64(v393, v345);
        let v407 = v383 + (2);
        let v408 = eq_i64(v397, v345);
        let v410 = v383 + (3);
        let v411 = eq_i64(v401, v345);
        let v413 = i64_of_i32(v387);
        let v415 = v387 + (1);
        let v417 = i64_of_i32(v415);
        let v419 = v387 + (2);
        let v421 = i64_of_i32(v419);
        let v423 = v387 + (3);
        let v425 = i64_of_i32(v423);
        let v426 = eq_i64(v413, v345);
        let v428 = v387 + (1);
        let v429 = eq_i64(v417, v345);
        let v431 = v387 + (2);
        let v432 = eq_i64(v421, v345);
        let v434 = v387 + (3);
        let v435 = eq_i64(v425, v345);
        if (v382) {
          var x10: f32 = v352;
          if (v402) {
            let v438 = g * n[1].w;
            let v439 = n[1].z + v438;
            let v441 = v383 * n[2].x;
            let v442 = v439 + v441;
            let v443 = bitcast<f32>(((b0[(v442 / 2) >> 1u][(v442 / 2) & 1] >> u32(v442 % 2 * 16)) & 0xffffu) << 16u);
            let v444 = v443;
            let v445 = (v444 - v149);
            let v446 = (v445 - v336);
            let v447 = (v446 * v351);
            x10 = v447;
          }
          let v448 = x10;
          var x11: f32 = v352;
          if (v405) {
            let v450 = v383 + (1);
            let v453 = g * n[1].w;
            let v454 = n[1].z + v453;
            let v456 = v450 * n[2].x;
            let v457 = v454 + v456;
            let v458 = bitcast<f32>(((b0[(v457 / 2) >> 1u][(v457 / 2) & 1] >> u32(v457 % 2 * 16)) & 0xffffu) << 16u);
            let v459 = v458;
            let v460 = (v459 - v149);
            let v461 = (v460 - v336);
            let v462 = (v461 * v351);
            x11 = v462;
          }
          let v463 = x11;
          var x12: f32 = v352;
          if (v408) {
            let v465 = v383 + (2);
            let v468 = g * n[1].w;
            let v469 = n[1].z + v468;
            let v471 = v465 * n[2].x;
            let v472 = v469 + v471;
            let v473 = bitcast<f32>(((b0[(v472 / 2) >> 1u][(v472 / 2) & 1] >> u32(v472 % 2 * 16)) & 0xffffu) << 16u);
            let v474 = v473;
            let v475 = (v474 - v149);
            let v476 = (v475 - v336);
            let v477 = (v476 * v351);
            x12 = v477;
          }
          let v478 = x12;
          var x13: f32 = v352;
          if (v411) {
            let v480 = v383 + (3);
            let v483 = g * n[1].w;
            let v484 = n[1].z + v483;
            let v486 = v480 * n[2].x;
            let v487 = v484 + v486;
            let v488 = bitcast<f32>(((b0[(v487 / 2) >> 1u][(v487 / 2) & 1] >> u32(v487 % 2 * 16)) & 0xffffu) << 16u);
            let v489 = v488;
            let v490 = (v489 - v149);
            let v491 = (v490 - v336);
            let v492 = (v491 * v351);
            x13 = v492;
          }
          let v493 = x13;
          let v494 = x8;
          let v495 = (v494 + v448);
          x8 = v495;
          let v497 = v383 + (1);
          let v498 = x8;
          let v499 = (v498 + v463);
          x8 = v499;
          let v501 = v383 + (2);
          let v502 = x8;
          let v503 = (v502 + v478);
          x8 = v503;
          let v505 = v383 + (3);
          let v506 = x8;
          let v507 = (v506 + v493);
          x8 = v507;
        }
        if (v386) {
          var x14: f32 = v352;
          if (v426) {
            let v510 = g * n[1].w;
            let v511 = n[1].z + v510;
            let v513 = v387 * n[2].x;
            let v514 = v511 + v513;
            let v515 = bitcast<f32>(((b0[(v514 / 2) >> 1u][(v514 / 2) & 1] >> u32(v514 % 2 * 16)) & 0xffffu) << 16u);
            let v516 = v515;
            let v517 = (v516 - v149);
            let v518 = (v517 - v336);
            let v519 = (v518 * v351);
            x14 = v519;
          }
          let v520 = x14;
          var x15: f32 = v352;
          if (v429) {
            let v522 = v387 + (1);
            let v525 = g * n[1].w;
            let v526 = n[1].z + v525;
            let v528 = v522 * n[2].x;
            let v529 = v526 + v528;
            let v530 = bitcast<f32>(((b0[(v529 / 2) >> 1u][(v529 / 2) & 1] >> u32(v529 % 2 * 16)) & 0xffffu) << 16u);
            let v531 = v530;
            let v532 = (v531 - v149);
            let v533 = (v532 - v336);
            let v534 = (v533 * v351);
            x15 = v534;
          }
          let v535 = x15;
          var x16: f32 = v352;
          if (v432) {
            let v537 = v387 + (2);
            let v540 = g * n[1].w;
            let v541 = n[1].z + v540;
            let v543 = v537 * n[2].x;
            let v544 = v541 + v543;
            let v545 = bitcast<f32>(((b0[(v544 / 2) >> 1u][(v544 / 2) & 1] >> u32(v544 % 2 * 16)) & 0xffffu) << 16u);
            let v546 = v545;
            let v547 = (v546 - v149);
            let v548 = (v547 - v336);
            let v549 = (v548 * v351);
            x16 = v549;
          }
          let v550 = x16;
          var x17: f32 = v352;
          if (v435) {
            let v552 = v387 + (3);
            let v555 = g * n[1].w;
            let v556 = n[1].z + v555;
            let v558 = v552 * n[2].x;
            let v559 = v556 + v558;
            let v560 = bitcast<f32>(((b0[(v559 / 2) >> 1u][(v559 / 2) & 1] >> u32(v559 % 2 * 16)) & 0xffffu) << 16u);
            let v561 = v560;
            let v562 = (v561 - v149);
            let v563 = (v562 - v336);
            let v564 = (v563 * v351);
            x17 = v564;
          }
          let v565 = x17;
          let v566 = x8;
          let v567 = (v566 + v520);
          x8 = v567;
          let v569 = v387 + (1);
          let v570 = x8;
          let v571 = (v570 + v535);
          x8 = v571;
          let v573 = v387 + (2);
          let v574 = x8;
          let v575 = (v574 + v550);
          x8 = v575;
          let v577 = v387 + (3);
          let v578 = x8;
          let v579 = (v578 + v565);
          x8 = v579;
        }
      }
      let v581 = t < v370;
      if (v581) {
        let v582 = t < v363;
        let v583 = t + v368;
        let v584 = select(v583, t, v582);
        let v586 = i64_of_i32(v584);
        let v587 = eq_i64(v586, v345);
        var x18: f32 = v352;
        if (v587) {
          let v590 = g * n[1].w;
          let v591 = n[1].z + v590;
          let v593 = v584 * n[2].x;
          let v594 = v591 + v593;
          let v595 = bitcast<f32>(((b0[(v594 / 2) >> 1u][(v594 / 2) & 1] >> u32(v594 % 2 * 16)) & 0xffffu) << 16u);
          let v596 = v595;
          let v597 = (v596 - v149);
          let v598 = (v597 - v336);
          let v599 = (v598 * v351);
          x18 = v599;
        }
        let v600 = x18;
        let v601 = x8;
        let v602 = (v601 + v600);
        x8 = v602;
      }
    }
    let v604 = x8;
    s2[t] = v604;
    workgroupBarrier();
    let v608 = t < (16);
    if (v608) {
      let v609 = t + (16);
      for (var x19: i32 = v609; x19 < (256); x19 += (16)) {
        let v611 = s2[x19];
        let v612 = x8;
        let v613 = (v612 + v611);
        x8 = v613;
      }
      let v614 = x8;
      s2[t] = v614;
    }
    workgroupBarrier();
    let v615 = s2[(0)];
    x8 = v615;
    for (var x20: i32 = (1); x20 < (16); x20 += (1)) {
      let v618 = s2[x20];
      let v619 = x8;
      let v620 = (v619 + v618);
      x8 = v620;
    }
    let v621 = x8;
    workgroupBarrier();
    let v624 = t < (1);
    if (v624) {
      let v627 = g * n[4].z;
      let v628 = n[4].y + v627;
      b3[v628] = bitcast<u32>(v621);
      let v631 = g * n[5].y;
      let v632 = n[5].x + v631;
      b4[v632] = bitcast<u32>(v336);
    }
  }
}
