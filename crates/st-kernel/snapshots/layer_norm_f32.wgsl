@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
@group(0) @binding(4) var<storage, read_write> b4: array<u32>;
@group(0) @binding(5) var<uniform> n: array<vec4<i32>, 6>;
@group(0) @binding(6) var<storage, read_write> faults: atomic<u32>;
var<workgroup> s0: array<f32, 256>;
var<workgroup> s1: array<f32, 256>;

fn rsqrt_f32(x: f32) -> f32 { return 1.0f / sqrt(x); }

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v2 = g < n[0].y;
  if (v2) {
    var x0: f32 = (0.0f);
    for (var x1: i32 = t; x1 < n[0].z; x1 += (256)) {
      let v11 = g * n[1].z;
      let v12 = n[1].y + v11;
      let v14 = x1 * n[1].w;
      let v15 = v12 + v14;
      let v16 = bitcast<f32>(b0[v15]);
      let v17 = x0;
      let v18 = (v17 + v16);
      x0 = v18;
    }
    let v20 = x0;
    s0[t] = v20;
    workgroupBarrier();
    let v22 = t < (128);
    if (v22) {
      let v24 = t + (128);
      let v25 = s0[v24];
      let v26 = x0;
      let v27 = (v26 + v25);
      x0 = v27;
      let v28 = x0;
      s0[t] = v28;
    }
    workgroupBarrier();
    let v30 = t < (64);
    if (v30) {
      let v32 = t + (64);
      let v33 = s0[v32];
      let v34 = x0;
      let v35 = (v34 + v33);
      x0 = v35;
      let v36 = x0;
      s0[t] = v36;
    }
    workgroupBarrier();
    let v38 = t < (32);
    if (v38) {
      let v40 = t + (32);
      let v41 = s0[v40];
      let v42 = x0;
      let v43 = (v42 + v41);
      x0 = v43;
      let v44 = x0;
      s0[t] = v44;
    }
    workgroupBarrier();
    let v46 = t < (16);
    if (v46) {
      let v48 = t + (16);
      let v49 = s0[v48];
      let v50 = x0;
      let v51 = (v50 + v49);
      x0 = v51;
      let v52 = x0;
      s0[t] = v52;
    }
    workgroupBarrier();
    let v54 = t < (8);
    if (v54) {
      let v56 = t + (8);
      let v57 = s0[v56];
      let v58 = x0;
      let v59 = (v58 + v57);
      x0 = v59;
      let v60 = x0;
      s0[t] = v60;
    }
    workgroupBarrier();
    let v62 = t < (4);
    if (v62) {
      let v64 = t + (4);
      let v65 = s0[v64];
      let v66 = x0;
      let v67 = (v66 + v65);
      x0 = v67;
      let v68 = x0;
      s0[t] = v68;
    }
    workgroupBarrier();
    let v70 = t < (2);
    if (v70) {
      let v72 = t + (2);
      let v73 = s0[v72];
      let v74 = x0;
      let v75 = (v74 + v73);
      x0 = v75;
      let v76 = x0;
      s0[t] = v76;
    }
    workgroupBarrier();
    let v78 = t < (1);
    if (v78) {
      let v80 = t + (1);
      let v81 = s0[v80];
      let v82 = x0;
      let v83 = (v82 + v81);
      x0 = v83;
      let v84 = x0;
      s0[t] = v84;
    }
    workgroupBarrier();
    let v86 = s0[(0)];
    x0 = v86;
    let v87 = x0;
    var x2: f32 = (0.0f);
    let v90 = bitcast<f32>(n[5].x);
    let v91 = (v87 * v90);
    for (var x3: i32 = t; x3 < n[0].z; x3 += (256)) {
      let v98 = g * n[1].z;
      let v99 = n[1].y + v98;
      let v101 = x3 * n[1].w;
      let v102 = v99 + v101;
      let v103 = bitcast<f32>(b0[v102]);
      let v104 = (v103 - v91);
      let v105 = (v104 * v104);
      let v106 = x2;
      let v107 = (v106 + v105);
      x2 = v107;
    }
    let v109 = x2;
    s1[t] = v109;
    workgroupBarrier();
    let v111 = t < (128);
    if (v111) {
      let v113 = t + (128);
      let v114 = s1[v113];
      let v115 = x2;
      let v116 = (v115 + v114);
      x2 = v116;
      let v117 = x2;
      s1[t] = v117;
    }
    workgroupBarrier();
    let v119 = t < (64);
    if (v119) {
      let v121 = t + (64);
      let v122 = s1[v121];
      let v123 = x2;
      let v124 = (v123 + v122);
      x2 = v124;
      let v125 = x2;
      s1[t] = v125;
    }
    workgroupBarrier();
    let v127 = t < (32);
    if (v127) {
      let v129 = t + (32);
      let v130 = s1[v129];
      let v131 = x2;
      let v132 = (v131 + v130);
      x2 = v132;
      let v133 = x2;
      s1[t] = v133;
    }
    workgroupBarrier();
    let v135 = t < (16);
    if (v135) {
      let v137 = t + (16);
      let v138 = s1[v137];
      let v139 = x2;
      let v140 = (v139 + v138);
      x2 = v140;
      let v141 = x2;
      s1[t] = v141;
    }
    workgroupBarrier();
    let v143 = t < (8);
    if (v143) {
      let v145 = t + (8);
      let v146 = s1[v145];
      let v147 = x2;
      let v148 = (v147 + v146);
      x2 = v148;
      let v149 = x2;
      s1[t] = v149;
    }
    workgroupBarrier();
    let v151 = t < (4);
    if (v151) {
      let v153 = t + (4);
      let v154 = s1[v153];
      let v155 = x2;
      let v156 = (v155 + v154);
      x2 = v156;
      let v157 = x2;
      s1[t] = v157;
    }
    workgroupBarrier();
    let v159 = t < (2);
    if (v159) {
      let v161 = t + (2);
      let v162 = s1[v161];
      let v163 = x2;
      let v164 = (v163 + v162);
      x2 = v164;
      let v165 = x2;
      s1[t] = v165;
    }
    workgroupBarrier();
    let v167 = t < (1);
    if (v167) {
      let v169 = t + (1);
      let v170 = s1[v169];
      let v171 = x2;
      let v172 = (v171 + v170);
      x2 = v172;
      let v173 = x2;
      s1[t] = v173;
    }
    workgroupBarrier();
    let v175 = s1[(0)];
    x2 = v175;
    let v176 = x2;
    let v177 = (v176 * v90);
    let v178 = bitcast<f32>(n[5].y);
    let v179 = (v177 + v178);
    let v180 = rsqrt_f32(v179);
    workgroupBarrier();
    let v183 = t < (1);
    if (v183) {
      let v186 = g * n[4].z;
      let v187 = n[4].y + v186;
      b4[v187] = bitcast<u32>(v180);
    }
    for (var x4: i32 = t; x4 < n[0].z; x4 += (256)) {
      let v194 = g * n[1].z;
      let v195 = n[1].y + v194;
      let v197 = x4 * n[1].w;
      let v198 = v195 + v197;
      let v199 = bitcast<f32>(b0[v198]);
      let v200 = (v199 - v91);
      let v201 = (v200 * v180);
      let v204 = g * n[2].y;
      let v205 = n[2].x + v204;
      let v207 = x4 * n[2].z;
      let v208 = v205 + v207;
      let v209 = bitcast<f32>(b1[v208]);
      let v210 = (v201 * v209);
      let v213 = g * n[3].x;
      let v214 = n[2].w + v213;
      let v216 = x4 * n[3].y;
      let v217 = v214 + v216;
      let v218 = bitcast<f32>(b2[v217]);
      let v219 = (v210 + v218);
      let v222 = g * n[3].w;
      let v223 = n[3].z + v222;
      let v225 = x4 * n[4].x;
      let v226 = v223 + v225;
      b3[v226] = bitcast<u32>(v219);
    }
  }
}
