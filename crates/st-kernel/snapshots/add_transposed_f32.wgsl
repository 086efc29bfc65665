@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;
var<workgroup> s0: array<f32, 1056>;

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = n[1].y + (31);
  let v6 = v4 / (32);
  let v7 = g % v6;
  let v8 = g / v6;
  let v9 = v7 * (32);
  let v12 = n[1].x + (31);
  let v14 = v12 / (32);
  let v15 = v8 % v14;
  let v16 = v8 / v14;
  let v17 = v15 * (32);
  let v19 = v16 < (1);
  if (v19) {
    let v22 = t % (32);
    let v23 = t / (32);
    let v25 = v17 + v22;
    let v27 = v25 < n[1].x;
    let v28 = v9 + v23;
    let v30 = v28 < n[1].y;
    let v31 = v27 && v30;
    if (v31) {
      let v33 = v23 * (33);
      let v34 = v33 + v22;
      let v37 = v25 * n[1].w;
      let v38 = n[1].z + v37;
      let v40 = v28 * n[2].x;
      let v41 = v38 + v40;
      let v42 = bitcast<f32>(b0[v41]);
      s0[v34] = v42;
    }
    let v44 = v23 + (8);
    let v45 = v17 + v22;
    let v47 = v45 < n[1].x;
    let v48 = v9 + v44;
    let v50 = v48 < n[1].y;
    let v51 = v47 && v50;
    if (v51) {
      let v53 = v44 * (33);
      let v54 = v53 + v22;
      let v57 = v45 * n[1].w;
      let v58 = n[1].z + v57;
      let v60 = v48 * n[2].x;
      let v61 = v58 + v60;
      let v62 = bitcast<f32>(b0[v61]);
      s0[v54] = v62;
    }
    let v64 = v23 + (16);
    let v65 = v17 + v22;
    let v67 = v65 < n[1].x;
    let v68 = v9 + v64;
    let v70 = v68 < n[1].y;
    let v71 = v67 && v70;
    if (v71) {
      let v73 = v64 * (33);
      let v74 = v73 + v22;
      let v77 = v65 * n[1].w;
      let v78 = n[1].z + v77;
      let v80 = v68 * n[2].x;
      let v81 = v78 + v80;
      let v82 = bitcast<f32>(b0[v81]);
      s0[v74] = v82;
    }
    let v84 = v23 + (24);
    let v85 = v17 + v22;
    let v87 = v85 < n[1].x;
    let v88 = v9 + v84;
    let v90 = v88 < n[1].y;
    let v91 = v87 && v90;
    if (v91) {
      let v93 = v84 * (33);
      let v94 = v93 + v22;
      let v97 = v85 * n[1].w;
      let v98 = n[1].z + v97;
      let v100 = v88 * n[2].x;
      let v101 = v98 + v100;
      let v102 = bitcast<f32>(b0[v101]);
      s0[v94] = v102;
    }
    workgroupBarrier();
    let v104 = v17 + v23;
    let v106 = v104 < n[1].x;
    let v107 = v9 + v22;
    let v109 = v107 < n[1].y;
    let v110 = v106 && v109;
    if (v110) {
      let v112 = v22 * (33);
      let v113 = v112 + v23;
      let v114 = s0[v113];
      let v117 = v104 * n[2].z;
      let v118 = n[2].y + v117;
      let v120 = v107 * n[2].w;
      let v121 = v118 + v120;
      let v122 = bitcast<f32>(b1[v121]);
      let v123 = (v114 + v122);
      let v126 = v104 * n[3].y;
      let v127 = n[3].x + v126;
      let v129 = v107 * n[3].z;
      let v130 = v127 + v129;
      b2[v130] = bitcast<u32>(v123);
    }
    let v132 = v23 + (8);
    let v133 = v17 + v132;
    let v135 = v133 < n[1].x;
    let v136 = v9 + v22;
    let v138 = v136 < n[1].y;
    let v139 = v135 && v138;
    if (v139) {
      let v141 = v22 * (33);
      let v142 = v141 + v132;
      let v143 = s0[v142];
      let v146 = v133 * n[2].z;
      let v147 = n[2].y + v146;
      let v149 = v136 * n[2].w;
      let v150 = v147 + v149;
      let v151 = bitcast<f32>(b1[v150]);
      let v152 = (v143 + v151);
      let v155 = v133 * n[3].y;
      let v156 = n[3].x + v155;
      let v158 = v136 * n[3].z;
      let v159 = v156 + v158;
      b2[v159] = bitcast<u32>(v152);
    }
    let v161 = v23 + (16);
    let v162 = v17 + v161;
    let v164 = v162 < n[1].x;
    let v165 = v9 + v22;
    let v167 = v165 < n[1].y;
    let v168 = v164 && v167;
    if (v168) {
      let v170 = v22 * (33);
      let v171 = v170 + v161;
      let v172 = s0[v171];
      let v175 = v162 * n[2].z;
      let v176 = n[2].y + v175;
      let v178 = v165 * n[2].w;
      let v179 = v176 + v178;
      let v180 = bitcast<f32>(b1[v179]);
      let v181 = (v172 + v180);
      let v184 = v162 * n[3].y;
      let v185 = n[3].x + v184;
      let v187 = v165 * n[3].z;
      let v188 = v185 + v187;
      b2[v188] = bitcast<u32>(v181);
    }
    let v190 = v23 + (24);
    let v191 = v17 + v190;
    let v193 = v191 < n[1].x;
    let v194 = v9 + v22;
    let v196 = v194 < n[1].y;
    let v197 = v193 && v196;
    if (v197) {
      let v199 = v22 * (33);
      let v200 = v199 + v190;
      let v201 = s0[v200];
      let v204 = v191 * n[2].z;
      let v205 = n[2].y + v204;
      let v207 = v194 * n[2].w;
      let v208 = v205 + v207;
      let v209 = bitcast<f32>(b1[v208]);
      let v210 = (v201 + v209);
      let v213 = v191 * n[3].y;
      let v214 = n[3].x + v213;
      let v216 = v194 * n[3].z;
      let v217 = v214 + v216;
      b2[v217] = bitcast<u32>(v210);
    }
  }
}
