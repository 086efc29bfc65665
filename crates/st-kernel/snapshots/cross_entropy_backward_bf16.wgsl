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

fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

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
    let v164 = t < (16);
    if (v164) {
      let v165 = t + (16);
      for (var x2: i32 = v165; x2 < (256); x2 += (16)) {
        let v167 = s0[x2];
        let v168 = x0;
        let v169 = (v168 + v167);
        x0 = v169;
      }
      let v170 = x0;
      s0[t] = v170;
    }
    workgroupBarrier();
    let v171 = s0[(0)];
    x0 = v171;
    for (var x3: i32 = (1); x3 < (16); x3 += (1)) {
      let v174 = s0[x3];
      let v175 = x0;
      let v176 = (v175 + v174);
      x0 = v176;
    }
    let v177 = x0;
    let v180 = g * n[3].y;
    let v181 = n[3].x + v180;
    let v182 = bitcast<f32>(b2[v181]);
    let v185 = (0) < n[0].z;
    if (v185) {
      let v189 = g * n[1].w;
      let v190 = n[1].z + v189;
      let v191 = v190 % (4);
      let v192 = (4) - v191;
      let v193 = v192 % (4);
      let v194 = v193 < n[0].z;
      let v195 = select(n[0].z, v193, v194);
      let v196 = n[0].z - v195;
      let v198 = v196 / (4);
      let v200 = v198 * (4);
      let v201 = v195 + v200;
      let v202 = n[0].z - v200;
      let v206 = t * (4);
      let v209 = v195 + v206;
      for (var x4: i32 = v209; x4 < v201; x4 += (2048)) {
        let v214 = x4 < v201;
        let v215 = select(v195, x4, v214);
        let v217 = x4 + (1024);
        let v218 = v217 < v201;
        let v219 = select(v195, v217, v218);
        let v221 = i64_of_i32(v215);
        let v223 = v215 + (1);
        let v225 = i64_of_i32(v223);
        let v227 = v215 + (2);
        let v229 = i64_of_i32(v227);
        let v231 = v215 + (3);
        let v233 = i64_of_i32(v231);
        let v234 = eq_i64(v221, v14);
        let v236 = v215 + (1);
        let v237 = eq_i64(v225, v14);
        let v239 = v215 + (2);
        let v240 = eq_i64(v229, v14);
        let v242 = v215 + (3);
        let v243 = eq_i64(v233, v14);
        let v244 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v234));
        let v246 = v215 + (1);
        let v247 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v237));
        let v249 = v215 + (2);
        let v250 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v240));
        let v252 = v215 + (3);
        let v253 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v243));
        let v256 = g * n[1].w;
        let v257 = n[1].z + v256;
        let v259 = v215 * n[2].x;
        let v260 = v257 + v259;
        let q261_0 = b0[((v260 >> 1u) + 0) >> 1u];
        let v261 = bitcast<f32>(((q261_0.x >> 0u) & 0xffffu) << 16u);
        let v262 = bitcast<f32>(((q261_0.x >> 16u) & 0xffffu) << 16u);
        let v263 = bitcast<f32>(((q261_0.y >> 0u) & 0xffffu) << 16u);
        let v264 = bitcast<f32>(((q261_0.y >> 16u) & 0xffffu) << 16u);
        let v265 = v261;
        let v267 = v215 + (1);
        let v268 = v262;
        let v270 = v215 + (2);
        let v271 = v263;
        let v273 = v215 + (3);
        let v274 = v264;
        let v275 = (v265 - v182);
        let v277 = v215 + (1);
        let v278 = (v268 - v182);
        let v280 = v215 + (2);
        let v281 = (v271 - v182);
        let v283 = v215 + (3);
        let v284 = (v274 - v182);
        let v285 = exp_f32(v275);
        let v287 = v215 + (1);
        let v288 = exp_f32(v278);
        let v290 = v215 + (2);
        let v291 = exp_f32(v281);
        let v293 = v215 + (3);
        let v294 = exp_f32(v284);
        let v295 = (v285 * v177);
        let v297 = v215 + (1);
        let v298 = (v288 * v177);
        let v300 = v215 + (2);
        let v301 = (v291 * v177);
        let v303 = v215 + (3);
        let v304 = (v294 * v177);
        let v305 = (v244 - v295);
        let v307 = v215 + (1);
        let v308 = (v247 - v298);
        let v310 = v215 + (2);
        let v311 = (v250 - v301);
        let v313 = v215 + (3);
        let v314 = (v253 - v304);
        let v315 = rounded_bf16(v305);
        let v317 = v215 + (1);
        let v318 = rounded_bf16(v308);
        let v320 = v215 + (2);
        let v321 = rounded_bf16(v311);
        let v323 = v215 + (3);
        let v324 = rounded_bf16(v314);
        let v326 = i64_of_i32(v219);
        let v328 = v219 + (1);
        let v330 = i64_of_i32(v328);
        let v332 = v219 + (2);
        let v334 = i64_of_i32(v332);
        let v336 = v219 + (3);
        let v338 = i64_of_i32(v336);
        let v339 = eq_i64(v326, v14);
        let v341 = v219 + (1);
        let v342 = eq_i64(v330, v14);
        let v344 = v219 + (2);
        let v345 = eq_i64(v334, v14);
        let v347 = v219 + (3);
        let v348 = eq_i64(v338, v14);
        let v349 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v339));
        let v351 = v219 + (1);
        let v352 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v342));
        let v354 = v219 + (2);
        let v355 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v345));
        let v357 = v219 + (3);
        let v358 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v348));
        let v361 = g * n[1].w;
        let v362 = n[1].z + v361;
        let v364 = v219 * n[2].x;
        let v365 = v362 + v364;
        let q366_0 = b0[((v365 >> 1u) + 0) >> 1u];
        let v366 = bitcast<f32>(((q366_0.x >> 0u) & 0xffffu) << 16u);
        let v367 = bitcast<f32>(((q366_0.x >> 16u) & 0xffffu) << 16u);
        let v368 = bitcast<f32>(((q366_0.y >> 0u) & 0xffffu) << 16u);
        let v369 = bitcast<f32>(((q366_0.y >> 16u) & 0xffffu) << 16u);
        let v370 = v366;
        let v372 = v219 + (1);
        let v373 = v367;
        let v375 = v219 + (2);
        let v376 = v368;
        let v378 = v219 + (3);
        let v379 = v369;
        let v380 = (v370 - v182);
        let v382 = v219 + (1);
        let v383 = (v373 - v182);
        let v385 = v219 + (2);
        let v386 = (v376 - v182);
        let v388 = v219 + (3);
        let v389 = (v379 - v182);
        let v390 = exp_f32(v380);
        let v392 = v219 + (1);
        let v393 = exp_f32(v383);
        let v395 = v219 + (2);
        let v396 = exp_f32(v386);
        let v398 = v219 + (3);
        let v399 = exp_f32(v389);
        let v400 = (v390 * v177);
        let v402 = v219 + (1);
        let v403 = (v393 * v177);
        let v405 = v219 + (2);
        let v406 = (v396 * v177);
        let v408 = v219 + (3);
        let v409 = (v399 * v177);
        let v410 = (v349 - v400);
        let v412 = v219 + (1);
        let v413 = (v352 - v403);
        let v415 = v219 + (2);
        let v416 = (v355 - v406);
        let v418 = v219 + (3);
        let v419 = (v358 - v409);
        let v420 = rounded_bf16(v410);
        let v422 = v219 + (1);
        let v423 = rounded_bf16(v413);
        let v425 = v219 + (2);
        let v426 = rounded_bf16(v416);
        let v428 = v219 + (3);
        let v429 = rounded_bf16(v419);
        if (v214) {
          let v432 = g * n[4].x;
          let v433 = n[3].w + v432;
          let v435 = v215 * n[4].y;
          let v436 = v433 + v435;
          atomicStore(&b3[(v436 >> 1u) + 0], ((bits_of_bf16(v315) & 0xffffu) << 0u) | ((bits_of_bf16(v318) & 0xffffu) << 16u));
          atomicStore(&b3[(v436 >> 1u) + 1], ((bits_of_bf16(v321) & 0xffffu) << 0u) | ((bits_of_bf16(v324) & 0xffffu) << 16u));
        }
        if (v218) {
          let v439 = g * n[4].x;
          let v440 = n[3].w + v439;
          let v442 = v219 * n[4].y;
          let v443 = v440 + v442;
          atomicStore(&b3[(v443 >> 1u) + 0], ((bits_of_bf16(v420) & 0xffffu) << 0u) | ((bits_of_bf16(v423) & 0xffffu) << 16u));
          atomicStore(&b3[(v443 >> 1u) + 1], ((bits_of_bf16(v426) & 0xffffu) << 0u) | ((bits_of_bf16(v429) & 0xffffu) << 16u));
        }
      }
      let v445 = t < v202;
      if (v445) {
        let v446 = t < v195;
        let v447 = t + v200;
        let v448 = select(v447, t, v446);
        let v450 = i64_of_i32(v448);
        let v451 = eq_i64(v450, v14);
        let v452 = bitcast<f32>(select(bitcast<i32>(v16) | n[0].x, bitcast<i32>(v15), v451));
        let v455 = g * n[1].w;
        let v456 = n[1].z + v455;
        let v458 = v448 * n[2].x;
        let v459 = v456 + v458;
        let v460 = bitcast<f32>(((b0[(v459 / 2) >> 1u][(v459 / 2) & 1] >> u32(v459 % 2 * 16)) & 0xffffu) << 16u);
        let v461 = v460;
        let v462 = (v461 - v182);
        let v463 = exp_f32(v462);
        let v464 = (v463 * v177);
        let v465 = (v452 - v464);
        let v466 = rounded_bf16(v465);
        let v469 = g * n[4].x;
        let v470 = n[3].w + v469;
        let v472 = v448 * n[4].y;
        let v473 = v470 + v472;
        atomicAnd(&b3[v473 / 2], ~(65535u << u32(v473 % 2 * 16))); atomicOr(&b3[v473 / 2], ((bits_of_bf16(v466)) & 65535u) << u32(v473 % 2 * 16));
      }
    }
  }
}
