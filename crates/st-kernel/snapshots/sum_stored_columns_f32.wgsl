@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<uniform> n: array<vec4<i32>, 4>;
var<workgroup> s0: array<f32, 128>;

@compute @workgroup_size(128)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v4 = g * (8);
  let v5 = v4 < n[0].y;
  if (v5) {
    let v7 = g * (8);
    let v10 = t % (8);
    let v11 = v7 + v10;
    let v14 = n[0].y - (1);
    let v15 = v11 < v14;
    let v16 = select(v14, v11, v15);
    var x0: f32 = (0.0f);
    let v25 = t / (8);
    for (var x1: i32 = v25; x1 < n[0].z; x1 += (64)) {
      let v34 = x1 < n[0].z;
      let v35 = select((0), x1, v34);
      let v37 = x1 + (16);
      let v38 = v37 < n[0].z;
      let v39 = select((0), v37, v38);
      let v41 = x1 + (32);
      let v42 = v41 < n[0].z;
      let v43 = select((0), v41, v42);
      let v45 = x1 + (48);
      let v46 = v45 < n[0].z;
      let v47 = select((0), v45, v46);
      let v50 = v16 * n[1].w;
      let v51 = n[1].z + v50;
      let v53 = v35 * n[2].x;
      let v54 = v51 + v53;
      let v55 = bitcast<f32>(b0[v54]);
      let v56 = (v55 * v55);
      let v59 = v16 * n[1].w;
      let v60 = n[1].z + v59;
      let v62 = v39 * n[2].x;
      let v63 = v60 + v62;
      let v64 = bitcast<f32>(b0[v63]);
      let v65 = (v64 * v64);
      let v68 = v16 * n[1].w;
      let v69 = n[1].z + v68;
      let v71 = v43 * n[2].x;
      let v72 = v69 + v71;
      let v73 = bitcast<f32>(b0[v72]);
      let v74 = (v73 * v73);
      let v77 = v16 * n[1].w;
      let v78 = n[1].z + v77;
      let v80 = v47 * n[2].x;
      let v81 = v78 + v80;
      let v82 = bitcast<f32>(b0[v81]);
      let v83 = (v82 * v82);
      if (v34) {
        let v84 = x0;
        let v85 = (v84 + v56);
        x0 = v85;
        let v88 = v16 * n[2].z;
        let v89 = n[2].y + v88;
        let v91 = v35 * n[2].w;
        let v92 = v89 + v91;
        b1[v92] = bitcast<u32>(v56);
      }
      if (v38) {
        let v93 = x0;
        let v94 = (v93 + v65);
        x0 = v94;
        let v97 = v16 * n[2].z;
        let v98 = n[2].y + v97;
        let v100 = v39 * n[2].w;
        let v101 = v98 + v100;
        b1[v101] = bitcast<u32>(v65);
      }
      if (v42) {
        let v102 = x0;
        let v103 = (v102 + v74);
        x0 = v103;
        let v106 = v16 * n[2].z;
        let v107 = n[2].y + v106;
        let v109 = v43 * n[2].w;
        let v110 = v107 + v109;
        b1[v110] = bitcast<u32>(v74);
      }
      if (v46) {
        let v111 = x0;
        let v112 = (v111 + v83);
        x0 = v112;
        let v115 = v16 * n[2].z;
        let v116 = n[2].y + v115;
        let v118 = v47 * n[2].w;
        let v119 = v116 + v118;
        b1[v119] = bitcast<u32>(v83);
      }
    }
    let v121 = x0;
    s0[t] = v121;
    workgroupBarrier();
    let v123 = t < (64);
    if (v123) {
      let v125 = t + (64);
      let v126 = s0[v125];
      let v127 = x0;
      let v128 = (v127 + v126);
      x0 = v128;
      let v129 = x0;
      s0[t] = v129;
    }
    workgroupBarrier();
    let v132 = t % (8);
    let v134 = s0[v132];
    x0 = v134;
    let v137 = t % (8);
    let v139 = v137 + (8);
    let v142 = t % (8);
    let v144 = v142 + (16);
    let v147 = t % (8);
    let v149 = v147 + (24);
    let v152 = t % (8);
    let v154 = v152 + (32);
    let v157 = t % (8);
    let v159 = v157 + (40);
    let v162 = t % (8);
    let v164 = v162 + (48);
    let v167 = t % (8);
    let v169 = v167 + (56);
    let v170 = s0[v139];
    let v171 = s0[v144];
    let v172 = s0[v149];
    let v173 = s0[v154];
    let v174 = s0[v159];
    let v175 = s0[v164];
    let v176 = s0[v169];
    let v177 = x0;
    let v178 = (v177 + v170);
    x0 = v178;
    let v179 = x0;
    let v180 = (v179 + v171);
    x0 = v180;
    let v181 = x0;
    let v182 = (v181 + v172);
    x0 = v182;
    let v183 = x0;
    let v184 = (v183 + v173);
    x0 = v184;
    let v185 = x0;
    let v186 = (v185 + v174);
    x0 = v186;
    let v187 = x0;
    let v188 = (v187 + v175);
    x0 = v188;
    let v189 = x0;
    let v190 = (v189 + v176);
    x0 = v190;
    let v191 = x0;
    workgroupBarrier();
    let v194 = t < (8);
    let v198 = g * (8);
    let v199 = v198 + t;
    let v200 = v199 < n[0].y;
    let v201 = v194 && v200;
    if (v201) {
      let v204 = v16 * n[3].y;
      let v205 = n[3].x + v204;
      b2[v205] = bitcast<u32>(v191);
    }
  }
}
