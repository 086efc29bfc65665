@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
@group(0) @binding(3) var<storage, read_write> faults: atomic<u32>;
var<workgroup> s0: array<f32, 256>;
var<workgroup> s1: array<i32, 256>;

fn f16_of_bits(bits: u32) -> f32 {
  let sign = (bits & 0x8000u) << 16u;
  let size = bits & 0x7fffu;
  if (size >= 0x7c00u) { return bitcast<f32>(sign | 0x7f800000u | ((size & 0x3ffu) << 13u)); }
  if (size >= 0x400u) { return bitcast<f32>(sign | ((size << 13u) + 0x38000000u)); }
  return bitcast<f32>(sign | bitcast<u32>(f32(size) * 5.9604644775390625e-8f));
}

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v2 = g < n[0].y;
  if (v2) {
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    var x1: i32 = (2147483647);
    for (var x2: i32 = t; x2 < n[0].z; x2 += (256)) {
      let v11 = g * n[1].z;
      let v12 = n[1].y + v11;
      let v14 = x2 * n[1].w;
      let v15 = v12 + v14;
      let v16 = f16_of_bits(((b0[v15 / 2] >> u32(v15 % 2 * 16)) & 0xffffu));
      let v17 = x0;
      let v18 = x1;
      let v19 = (v17 < v16);
      let v20 = (v16 == v17);
      let v21 = x2 < v18;
      let v22 = (v16 == v16);
      let v23 = (v17 == v17);
      let v24 = (!v22);
      let v25 = (!v23);
      let v26 = v24 && v23;
      let v27 = v24 && v25;
      let v28 = v19 || v26;
      let v29 = v20 || v27;
      let v30 = v29 && v21;
      let v31 = v28 || v30;
      let v32 = select(v17, v16, v31);
      let v33 = select(v18, x2, v31);
      x0 = v32;
      x1 = v33;
    }
    let v35 = x0;
    s0[t] = v35;
    let v36 = x1;
    s1[t] = v36;
    workgroupBarrier();
    let v38 = t < (128);
    if (v38) {
      let v40 = t + (128);
      let v41 = s0[v40];
      let v42 = s1[v40];
      let v43 = x0;
      let v44 = x1;
      let v45 = (v43 < v41);
      let v46 = (v41 == v43);
      let v47 = v42 < v44;
      let v48 = (v41 == v41);
      let v49 = (v43 == v43);
      let v50 = (!v48);
      let v51 = (!v49);
      let v52 = v50 && v49;
      let v53 = v50 && v51;
      let v54 = v45 || v52;
      let v55 = v46 || v53;
      let v56 = v55 && v47;
      let v57 = v54 || v56;
      let v58 = select(v43, v41, v57);
      let v59 = select(v44, v42, v57);
      x0 = v58;
      x1 = v59;
      let v60 = x0;
      s0[t] = v60;
      let v61 = x1;
      s1[t] = v61;
    }
    workgroupBarrier();
    let v63 = t < (64);
    if (v63) {
      let v65 = t + (64);
      let v66 = s0[v65];
      let v67 = s1[v65];
      let v68 = x0;
      let v69 = x1;
      let v70 = (v68 < v66);
      let v71 = (v66 == v68);
      let v72 = v67 < v69;
      let v73 = (v66 == v66);
      let v74 = (v68 == v68);
      let v75 = (!v73);
      let v76 = (!v74);
      let v77 = v75 && v74;
      let v78 = v75 && v76;
      let v79 = v70 || v77;
      let v80 = v71 || v78;
      let v81 = v80 && v72;
      let v82 = v79 || v81;
      let v83 = select(v68, v66, v82);
      let v84 = select(v69, v67, v82);
      x0 = v83;
      x1 = v84;
      let v85 = x0;
      s0[t] = v85;
      let v86 = x1;
      s1[t] = v86;
    }
    workgroupBarrier();
    let v88 = t < (32);
    if (v88) {
      let v90 = t + (32);
      let v91 = s0[v90];
      let v92 = s1[v90];
      let v93 = x0;
      let v94 = x1;
      let v95 = (v93 < v91);
      let v96 = (v91 == v93);
      let v97 = v92 < v94;
      let v98 = (v91 == v91);
      let v99 = (v93 == v93);
      let v100 = (!v98);
      let v101 = (!v99);
      let v102 = v100 && v99;
      let v103 = v100 && v101;
      let v104 = v95 || v102;
      let v105 = v96 || v103;
      let v106 = v105 && v97;
      let v107 = v104 || v106;
      let v108 = select(v93, v91, v107);
      let v109 = select(v94, v92, v107);
      x0 = v108;
      x1 = v109;
      let v110 = x0;
      s0[t] = v110;
      let v111 = x1;
      s1[t] = v111;
    }
    workgroupBarrier();
    let v113 = t < (16);
    if (v113) {
      let v115 = t + (16);
      let v116 = s0[v115];
      let v117 = s1[v115];
      let v118 = x0;
      let v119 = x1;
      let v120 = (v118 < v116);
      let v121 = (v116 == v118);
      let v122 = v117 < v119;
      let v123 = (v116 == v116);
      let v124 = (v118 == v118);
      let v125 = (!v123);
      let v126 = (!v124);
      let v127 = v125 && v124;
      let v128 = v125 && v126;
      let v129 = v120 || v127;
      let v130 = v121 || v128;
      let v131 = v130 && v122;
      let v132 = v129 || v131;
      let v133 = select(v118, v116, v132);
      let v134 = select(v119, v117, v132);
      x0 = v133;
      x1 = v134;
      let v135 = x0;
      s0[t] = v135;
      let v136 = x1;
      s1[t] = v136;
    }
    workgroupBarrier();
    let v138 = t < (8);
    if (v138) {
      let v140 = t + (8);
      let v141 = s0[v140];
      let v142 = s1[v140];
      let v143 = x0;
      let v144 = x1;
      let v145 = (v143 < v141);
      let v146 = (v141 == v143);
      let v147 = v142 < v144;
      let v148 = (v141 == v141);
      let v149 = (v143 == v143);
      let v150 = (!v148);
      let v151 = (!v149);
      let v152 = v150 && v149;
      let v153 = v150 && v151;
      let v154 = v145 || v152;
      let v155 = v146 || v153;
      let v156 = v155 && v147;
      let v157 = v154 || v156;
      let v158 = select(v143, v141, v157);
      let v159 = select(v144, v142, v157);
      x0 = v158;
      x1 = v159;
      let v160 = x0;
      s0[t] = v160;
      let v161 = x1;
      s1[t] = v161;
    }
    workgroupBarrier();
    let v163 = t < (4);
    if (v163) {
      let v165 = t + (4);
      let v166 = s0[v165];
      let v167 = s1[v165];
      let v168 = x0;
      let v169 = x1;
      let v170 = (v168 < v166);
      let v171 = (v166 == v168);
      let v172 = v167 < v169;
      let v173 = (v166 == v166);
      let v174 = (v168 == v168);
      let v175 = (!v173);
      let v176 = (!v174);
      let v177 = v175 && v174;
      let v178 = v175 && v176;
      let v179 = v170 || v177;
      let v180 = v171 || v178;
      let v181 = v180 && v172;
      let v182 = v179 || v181;
      let v183 = select(v168, v166, v182);
      let v184 = select(v169, v167, v182);
      x0 = v183;
      x1 = v184;
      let v185 = x0;
      s0[t] = v185;
      let v186 = x1;
      s1[t] = v186;
    }
    workgroupBarrier();
    let v188 = t < (2);
    if (v188) {
      let v190 = t + (2);
      let v191 = s0[v190];
      let v192 = s1[v190];
      let v193 = x0;
      let v194 = x1;
      let v195 = (v193 < v191);
      let v196 = (v191 == v193);
      let v197 = v192 < v194;
      let v198 = (v191 == v191);
      let v199 = (v193 == v193);
      let v200 = (!v198);
      let v201 = (!v199);
      let v202 = v200 && v199;
      let v203 = v200 && v201;
      let v204 = v195 || v202;
      let v205 = v196 || v203;
      let v206 = v205 && v197;
      let v207 = v204 || v206;
      let v208 = select(v193, v191, v207);
      let v209 = select(v194, v192, v207);
      x0 = v208;
      x1 = v209;
      let v210 = x0;
      s0[t] = v210;
      let v211 = x1;
      s1[t] = v211;
    }
    workgroupBarrier();
    let v213 = t < (1);
    if (v213) {
      let v215 = t + (1);
      let v216 = s0[v215];
      let v217 = s1[v215];
      let v218 = x0;
      let v219 = x1;
      let v220 = (v218 < v216);
      let v221 = (v216 == v218);
      let v222 = v217 < v219;
      let v223 = (v216 == v216);
      let v224 = (v218 == v218);
      let v225 = (!v223);
      let v226 = (!v224);
      let v227 = v225 && v224;
      let v228 = v225 && v226;
      let v229 = v220 || v227;
      let v230 = v221 || v228;
      let v231 = v230 && v222;
      let v232 = v229 || v231;
      let v233 = select(v218, v216, v232);
      let v234 = select(v219, v217, v232);
      x0 = v233;
      x1 = v234;
      let v235 = x0;
      s0[t] = v235;
      let v236 = x1;
      s1[t] = v236;
    }
    workgroupBarrier();
    let v238 = s0[(0)];
    let v239 = s1[(0)];
    x0 = v238;
    x1 = v239;
    let v240 = x1;
    let v241 = i64_of_i32(v240);
    workgroupBarrier();
    let v244 = t < (1);
    if (v244) {
      let v247 = g * n[2].y;
      let v248 = n[2].x + v247;
      b1[2 * v248] = v241.x; b1[2 * v248 + 1] = v241.y;
    }
  }
}
