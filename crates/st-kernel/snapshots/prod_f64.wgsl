@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
var<workgroup> s0: array<f64, 256>;

fn f64_of_words(low: i32, high: i32) -> f64 {
  return bitcast<f64>((u64(bitcast<u32>(high)) << 32u) | u64(bitcast<u32>(low)));
}

fn words_of_f64(x: f64) -> vec2<u32> {
  let bits = bitcast<u64>(x);
  return vec2<u32>(u32(bits & 0xfffffffflu), u32(bits >> 32u));
}

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v3 = g < n[0].y;
  if (v3) {
    var x0: f64 = (1.0lf);
    for (var x1: i32 = t; x1 < n[0].z; x1 += (256)) {
      let v18 = g * n[1].w;
      let v19 = n[1].z + v18;
      let v21 = x1 * n[2].x;
      let v22 = v19 + v21;
      let v23 = f64_of_words(bitcast<i32>(b0[2 * v22]), bitcast<i32>(b0[2 * v22 + 1]));
      let v24 = x0;
      let v25 = (v24 * v23);
      x0 = v25;
    }
    let v27 = x0;
    s0[t] = v27;
    workgroupBarrier();
    let v29 = t < (16);
    if (v29) {
      let v31 = t + (16);
      let v33 = t + (32);
      let v35 = t + (48);
      let v37 = t + (64);
      let v39 = t + (80);
      let v41 = t + (96);
      let v43 = t + (112);
      let v45 = t + (128);
      let v47 = t + (144);
      let v49 = t + (160);
      let v51 = t + (176);
      let v53 = t + (192);
      let v55 = t + (208);
      let v57 = t + (224);
      let v59 = t + (240);
      let v60 = s0[v31];
      let v61 = s0[v33];
      let v62 = s0[v35];
      let v63 = s0[v37];
      let v64 = s0[v39];
      let v65 = s0[v41];
      let v66 = s0[v43];
      let v67 = s0[v45];
      let v68 = s0[v47];
      let v69 = s0[v49];
      let v70 = s0[v51];
      let v71 = s0[v53];
      let v72 = s0[v55];
      let v73 = s0[v57];
      let v74 = s0[v59];
      let v75 = x0;
      let v76 = (v75 * v60);
      x0 = v76;
      let v77 = x0;
      let v78 = (v77 * v61);
      x0 = v78;
      let v79 = x0;
      let v80 = (v79 * v62);
      x0 = v80;
      let v81 = x0;
      let v82 = (v81 * v63);
      x0 = v82;
      let v83 = x0;
      let v84 = (v83 * v64);
      x0 = v84;
      let v85 = x0;
      let v86 = (v85 * v65);
      x0 = v86;
      let v87 = x0;
      let v88 = (v87 * v66);
      x0 = v88;
      let v89 = x0;
      let v90 = (v89 * v67);
      x0 = v90;
      let v91 = x0;
      let v92 = (v91 * v68);
      x0 = v92;
      let v93 = x0;
      let v94 = (v93 * v69);
      x0 = v94;
      let v95 = x0;
      let v96 = (v95 * v70);
      x0 = v96;
      let v97 = x0;
      let v98 = (v97 * v71);
      x0 = v98;
      let v99 = x0;
      let v100 = (v99 * v72);
      x0 = v100;
      let v101 = x0;
      let v102 = (v101 * v73);
      x0 = v102;
      let v103 = x0;
      let v104 = (v103 * v74);
      x0 = v104;
      let v105 = x0;
      s0[t] = v105;
    }
    workgroupBarrier();
    let v107 = s0[(0)];
    x0 = v107;
    let v123 = s0[(1)];
    let v124 = s0[(2)];
    let v125 = s0[(3)];
    let v126 = s0[(4)];
    let v127 = s0[(5)];
    let v128 = s0[(6)];
    let v129 = s0[(7)];
    let v130 = s0[(8)];
    let v131 = s0[(9)];
    let v132 = s0[(10)];
    let v133 = s0[(11)];
    let v134 = s0[(12)];
    let v135 = s0[(13)];
    let v136 = s0[(14)];
    let v137 = s0[(15)];
    let v138 = x0;
    let v139 = (v138 * v123);
    x0 = v139;
    let v140 = x0;
    let v141 = (v140 * v124);
    x0 = v141;
    let v142 = x0;
    let v143 = (v142 * v125);
    x0 = v143;
    let v144 = x0;
    let v145 = (v144 * v126);
    x0 = v145;
    let v146 = x0;
    let v147 = (v146 * v127);
    x0 = v147;
    let v148 = x0;
    let v149 = (v148 * v128);
    x0 = v149;
    let v150 = x0;
    let v151 = (v150 * v129);
    x0 = v151;
    let v152 = x0;
    let v153 = (v152 * v130);
    x0 = v153;
    let v154 = x0;
    let v155 = (v154 * v131);
    x0 = v155;
    let v156 = x0;
    let v157 = (v156 * v132);
    x0 = v157;
    let v158 = x0;
    let v159 = (v158 * v133);
    x0 = v159;
    let v160 = x0;
    let v161 = (v160 * v134);
    x0 = v161;
    let v162 = x0;
    let v163 = (v162 * v135);
    x0 = v163;
    let v164 = x0;
    let v165 = (v164 * v136);
    x0 = v165;
    let v166 = x0;
    let v167 = (v166 * v137);
    x0 = v167;
    let v168 = x0;
    workgroupBarrier();
    let v171 = t < (1);
    if (v171) {
      let v174 = g * n[2].z;
      let v175 = n[2].y + v174;
      { let w = words_of_f64(v168); b1[2 * v175] = w.x; b1[2 * v175 + 1] = w.y; }
    }
  }
}
