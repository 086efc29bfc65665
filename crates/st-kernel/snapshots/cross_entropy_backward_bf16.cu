namespace st {
DEVICE f32 rounded_bf16(f32 x) { return bitcast<f32>(bits_of_bf16(x) << 16u); }

}

struct Numbers { i32 w[20]; };

extern "C" __global__ void __launch_bounds__(256) entry(const u16* b0, const i64* b1, const f32* b2, u16* b3, const Numbers n, u32* faults) {
  const i32 g = i32(blockIdx.x), t = i32(threadIdx.x);
  alignas(16) __shared__ f32 s0[256];
  const bool v3 = g < n.w[1];
  if (v3) {
    f32 x0 = (0.0f);
    const i32 v12 = g * n.w[10];
    const i32 v13 = n.w[9] + v12;
    const i64 v14 = b1[v13];
    const f32 v15 = bitcast<f32>(n.w[19]);
    const f32 v16 = bitcast<f32>(n.w[18]);
    const bool v17 = (0) < n.w[2];
    if (v17) {
      const i32 v21 = g * n.w[7];
      const i32 v22 = n.w[6] + v21;
      const i32 v23 = v22 % (4);
      const i32 v24 = (4) - v23;
      const i32 v25 = v24 % (4);
      const bool v26 = v25 < n.w[2];
      const i32 v27 = (v26 ? v25 : n.w[2]);
      const i32 v28 = n.w[2] - v27;
      const i32 v30 = v28 / (4);
      const i32 v32 = v30 * (4);
      const i32 v33 = v27 + v32;
      const i32 v34 = n.w[2] - v32;
      const i32 v38 = t * (4);
      const i32 v41 = v27 + v38;
      for (i32 x1 = v41; x1 < v33; x1 += (2048)) {
        const bool v46 = x1 < v33;
        const i32 v47 = (v46 ? x1 : v27);
        const i32 v49 = x1 + (1024);
        const bool v50 = v49 < v33;
        const i32 v51 = (v50 ? v49 : v27);
        const i64 v53 = i64(v47);
        const i32 v55 = v47 + (1);
        const i64 v57 = i64(v55);
        const i32 v59 = v47 + (2);
        const i64 v61 = i64(v59);
        const i32 v63 = v47 + (3);
        const i64 v65 = i64(v63);
        const bool v66 = (v53 == v14);
        const i32 v68 = v47 + (1);
        const bool v69 = (v57 == v14);
        const i32 v71 = v47 + (2);
        const bool v72 = (v61 == v14);
        const i32 v74 = v47 + (3);
        const bool v75 = (v65 == v14);
        const f32 v76 = (v66 ? v15 : v16);
        const i32 v78 = v47 + (1);
        const f32 v79 = (v69 ? v15 : v16);
        const i32 v81 = v47 + (2);
        const f32 v82 = (v72 ? v15 : v16);
        const i32 v84 = v47 + (3);
        const f32 v85 = (v75 ? v15 : v16);
        const i64 v87 = i64(v51);
        const i32 v89 = v51 + (1);
        const i64 v91 = i64(v89);
        const i32 v93 = v51 + (2);
        const i64 v95 = i64(v93);
        const i32 v97 = v51 + (3);
        const i64 v99 = i64(v97);
        const bool v100 = (v87 == v14);
        const i32 v102 = v51 + (1);
        const bool v103 = (v91 == v14);
        const i32 v105 = v51 + (2);
        const bool v106 = (v95 == v14);
        const i32 v108 = v51 + (3);
        const bool v109 = (v99 == v14);
        const f32 v110 = (v100 ? v15 : v16);
        const i32 v112 = v51 + (1);
        const f32 v113 = (v103 ? v15 : v16);
        const i32 v115 = v51 + (2);
        const f32 v116 = (v106 ? v15 : v16);
        const i32 v118 = v51 + (3);
        const f32 v119 = (v109 ? v15 : v16);
        if (v46) {
          const f32 v120 = x0;
          const f32 v121 = (v120 + v76);
          x0 = v121;
          const i32 v123 = v47 + (1);
          const f32 v124 = x0;
          const f32 v125 = (v124 + v79);
          x0 = v125;
          const i32 v127 = v47 + (2);
          const f32 v128 = x0;
          const f32 v129 = (v128 + v82);
          x0 = v129;
          const i32 v131 = v47 + (3);
          const f32 v132 = x0;
          const f32 v133 = (v132 + v85);
          x0 = v133;
        }
        if (v50) {
          const f32 v134 = x0;
          const f32 v135 = (v134 + v110);
          x0 = v135;
          const i32 v137 = v51 + (1);
          const f32 v138 = x0;
          const f32 v139 = (v138 + v113);
          x0 = v139;
          const i32 v141 = v51 + (2);
          const f32 v142 = x0;
          const f32 v143 = (v142 + v116);
          x0 = v143;
          const i32 v145 = v51 + (3);
          const f32 v146 = x0;
          const f32 v147 = (v146 + v119);
          x0 = v147;
        }
      }
      const bool v149 = t < v34;
      if (v149) {
        const bool v150 = t < v27;
        const i32 v151 = t + v32;
        const i32 v152 = (v150 ? t : v151);
        const i64 v154 = i64(v152);
        const bool v155 = (v154 == v14);
        const f32 v156 = (v155 ? v15 : v16);
        const f32 v157 = x0;
        const f32 v158 = (v157 + v156);
        x0 = v158;
      }
    }
    const f32 v160 = x0;
    s0[t] = v160;
    __syncthreads();
    const bool v164 = t < (16);
    if (v164) {
      const i32 v165 = t + (16);
      for (i32 x2 = v165; x2 < (256); x2 += (16)) {
        const f32 v167 = s0[x2];
        const f32 v168 = x0;
        const f32 v169 = (v168 + v167);
        x0 = v169;
      }
      const f32 v170 = x0;
      s0[t] = v170;
    }
    __syncthreads();
    const f32 v171 = s0[(0)];
    x0 = v171;
    for (i32 x3 = (1); x3 < (16); x3 += (1)) {
      const f32 v174 = s0[x3];
      const f32 v175 = x0;
      const f32 v176 = (v175 + v174);
      x0 = v176;
    }
    const f32 v177 = x0;
    const i32 v180 = g * n.w[13];
    const i32 v181 = n.w[12] + v180;
    const f32 v182 = b2[v181];
    const bool v185 = (0) < n.w[2];
    if (v185) {
      const i32 v189 = g * n.w[7];
      const i32 v190 = n.w[6] + v189;
      const i32 v191 = v190 % (4);
      const i32 v192 = (4) - v191;
      const i32 v193 = v192 % (4);
      const bool v194 = v193 < n.w[2];
      const i32 v195 = (v194 ? v193 : n.w[2]);
      const i32 v196 = n.w[2] - v195;
      const i32 v198 = v196 / (4);
      const i32 v200 = v198 * (4);
      const i32 v201 = v195 + v200;
      const i32 v202 = n.w[2] - v200;
      const i32 v206 = t * (4);
      const i32 v209 = v195 + v206;
      for (i32 x4 = v209; x4 < v201; x4 += (2048)) {
        const bool v214 = x4 < v201;
        const i32 v215 = (v214 ? x4 : v195);
        const i32 v217 = x4 + (1024);
        const bool v218 = v217 < v201;
        const i32 v219 = (v218 ? v217 : v195);
        const i64 v221 = i64(v215);
        const i32 v223 = v215 + (1);
        const i64 v225 = i64(v223);
        const i32 v227 = v215 + (2);
        const i64 v229 = i64(v227);
        const i32 v231 = v215 + (3);
        const i64 v233 = i64(v231);
        const bool v234 = (v221 == v14);
        const i32 v236 = v215 + (1);
        const bool v237 = (v225 == v14);
        const i32 v239 = v215 + (2);
        const bool v240 = (v229 == v14);
        const i32 v242 = v215 + (3);
        const bool v243 = (v233 == v14);
        const f32 v244 = (v234 ? v15 : v16);
        const i32 v246 = v215 + (1);
        const f32 v247 = (v237 ? v15 : v16);
        const i32 v249 = v215 + (2);
        const f32 v250 = (v240 ? v15 : v16);
        const i32 v252 = v215 + (3);
        const f32 v253 = (v243 ? v15 : v16);
        const i32 v256 = g * n.w[7];
        const i32 v257 = n.w[6] + v256;
        const i32 v259 = v215 * n.w[8];
        const i32 v260 = v257 + v259;
        const four<u16> q261 = load_four(b0 + v260);
        const f32 v261 = bf16_of_bits(q261.x);
        const f32 v262 = bf16_of_bits(q261.y);
        const f32 v263 = bf16_of_bits(q261.z);
        const f32 v264 = bf16_of_bits(q261.w);
        const f32 v265 = v261;
        const i32 v267 = v215 + (1);
        const f32 v268 = v262;
        const i32 v270 = v215 + (2);
        const f32 v271 = v263;
        const i32 v273 = v215 + (3);
        const f32 v274 = v264;
        const f32 v275 = (v265 - v182);
        const i32 v277 = v215 + (1);
        const f32 v278 = (v268 - v182);
        const i32 v280 = v215 + (2);
        const f32 v281 = (v271 - v182);
        const i32 v283 = v215 + (3);
        const f32 v284 = (v274 - v182);
        const f32 v285 = expf(v275);
        const i32 v287 = v215 + (1);
        const f32 v288 = expf(v278);
        const i32 v290 = v215 + (2);
        const f32 v291 = expf(v281);
        const i32 v293 = v215 + (3);
        const f32 v294 = expf(v284);
        const f32 v295 = (v285 * v177);
        const i32 v297 = v215 + (1);
        const f32 v298 = (v288 * v177);
        const i32 v300 = v215 + (2);
        const f32 v301 = (v291 * v177);
        const i32 v303 = v215 + (3);
        const f32 v304 = (v294 * v177);
        const f32 v305 = (v244 - v295);
        const i32 v307 = v215 + (1);
        const f32 v308 = (v247 - v298);
        const i32 v310 = v215 + (2);
        const f32 v311 = (v250 - v301);
        const i32 v313 = v215 + (3);
        const f32 v314 = (v253 - v304);
        const f32 v315 = rounded_bf16(v305);
        const i32 v317 = v215 + (1);
        const f32 v318 = rounded_bf16(v308);
        const i32 v320 = v215 + (2);
        const f32 v321 = rounded_bf16(v311);
        const i32 v323 = v215 + (3);
        const f32 v324 = rounded_bf16(v314);
        const i64 v326 = i64(v219);
        const i32 v328 = v219 + (1);
        const i64 v330 = i64(v328);
        const i32 v332 = v219 + (2);
        const i64 v334 = i64(v332);
        const i32 v336 = v219 + (3);
        const i64 v338 = i64(v336);
        const bool v339 = (v326 == v14);
        const i32 v341 = v219 + (1);
        const bool v342 = (v330 == v14);
        const i32 v344 = v219 + (2);
        const bool v345 = (v334 == v14);
        const i32 v347 = v219 + (3);
        const bool v348 = (v338 == v14);
        const f32 v349 = (v339 ? v15 : v16);
        const i32 v351 = v219 + (1);
        const f32 v352 = (v342 ? v15 : v16);
        const i32 v354 = v219 + (2);
        const f32 v355 = (v345 ? v15 : v16);
        const i32 v357 = v219 + (3);
        const f32 v358 = (v348 ? v15 : v16);
        const i32 v361 = g * n.w[7];
        const i32 v362 = n.w[6] + v361;
        const i32 v364 = v219 * n.w[8];
        const i32 v365 = v362 + v364;
        const four<u16> q366 = load_four(b0 + v365);
        const f32 v366 = bf16_of_bits(q366.x);
        const f32 v367 = bf16_of_bits(q366.y);
        const f32 v368 = bf16_of_bits(q366.z);
        const f32 v369 = bf16_of_bits(q366.w);
        const f32 v370 = v366;
        const i32 v372 = v219 + (1);
        const f32 v373 = v367;
        const i32 v375 = v219 + (2);
        const f32 v376 = v368;
        const i32 v378 = v219 + (3);
        const f32 v379 = v369;
        const f32 v380 = (v370 - v182);
        const i32 v382 = v219 + (1);
        const f32 v383 = (v373 - v182);
        const i32 v385 = v219 + (2);
        const f32 v386 = (v376 - v182);
        const i32 v388 = v219 + (3);
        const f32 v389 = (v379 - v182);
        const f32 v390 = expf(v380);
        const i32 v392 = v219 + (1);
        const f32 v393 = expf(v383);
        const i32 v395 = v219 + (2);
        const f32 v396 = expf(v386);
        const i32 v398 = v219 + (3);
        const f32 v399 = expf(v389);
        const f32 v400 = (v390 * v177);
        const i32 v402 = v219 + (1);
        const f32 v403 = (v393 * v177);
        const i32 v405 = v219 + (2);
        const f32 v406 = (v396 * v177);
        const i32 v408 = v219 + (3);
        const f32 v409 = (v399 * v177);
        const f32 v410 = (v349 - v400);
        const i32 v412 = v219 + (1);
        const f32 v413 = (v352 - v403);
        const i32 v415 = v219 + (2);
        const f32 v416 = (v355 - v406);
        const i32 v418 = v219 + (3);
        const f32 v419 = (v358 - v409);
        const f32 v420 = rounded_bf16(v410);
        const i32 v422 = v219 + (1);
        const f32 v423 = rounded_bf16(v413);
        const i32 v425 = v219 + (2);
        const f32 v426 = rounded_bf16(v416);
        const i32 v428 = v219 + (3);
        const f32 v429 = rounded_bf16(v419);
        if (v214) {
          const i32 v432 = g * n.w[16];
          const i32 v433 = n.w[15] + v432;
          const i32 v435 = v215 * n.w[17];
          const i32 v436 = v433 + v435;
          store_four(b3 + v436, u16(bits_of_bf16(v315)), u16(bits_of_bf16(v318)), u16(bits_of_bf16(v321)), u16(bits_of_bf16(v324)));
        }
        if (v218) {
          const i32 v439 = g * n.w[16];
          const i32 v440 = n.w[15] + v439;
          const i32 v442 = v219 * n.w[17];
          const i32 v443 = v440 + v442;
          store_four(b3 + v443, u16(bits_of_bf16(v420)), u16(bits_of_bf16(v423)), u16(bits_of_bf16(v426)), u16(bits_of_bf16(v429)));
        }
      }
      const bool v445 = t < v202;
      if (v445) {
        const bool v446 = t < v195;
        const i32 v447 = t + v200;
        const i32 v448 = (v446 ? t : v447);
        const i64 v450 = i64(v448);
        const bool v451 = (v450 == v14);
        const f32 v452 = (v451 ? v15 : v16);
        const i32 v455 = g * n.w[7];
        const i32 v456 = n.w[6] + v455;
        const i32 v458 = v448 * n.w[8];
        const i32 v459 = v456 + v458;
        const f32 v460 = bf16_of_bits(b0[v459]);
        const f32 v461 = v460;
        const f32 v462 = (v461 - v182);
        const f32 v463 = expf(v462);
        const f32 v464 = (v463 * v177);
        const f32 v465 = (v452 - v464);
        const f32 v466 = rounded_bf16(v465);
        const i32 v469 = g * n.w[16];
        const i32 v470 = n.w[15] + v469;
        const i32 v472 = v448 * n.w[17];
        const i32 v473 = v470 + v472;
        b3[v473] = u16(bits_of_bf16(v466));
      }
    }
  }
}
