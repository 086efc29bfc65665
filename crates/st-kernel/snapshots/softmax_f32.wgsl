@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
@group(0) @binding(2) var<uniform> n: array<vec4<i32>, 3>;
@group(0) @binding(3) var<storage, read_write> faults: atomic<u32>;
var<workgroup> s0: array<f32, 256>;
var<workgroup> s1: array<f32, 256>;

fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

fn power_of_two(n: i32) -> f32 { return bitcast<f32>((n + 127) << 23u); }

fn max_f32(a: f32, b: f32) -> f32 { return select(b, a, a > b || is_nan(a)); }

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
  let v2 = g < n[0].y;
  if (v2) {
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    for (var x1: i32 = t; x1 < n[0].z; x1 += (256)) {
      let v11 = g * n[1].z;
      let v12 = n[1].y + v11;
      let v14 = x1 * n[1].w;
      let v15 = v12 + v14;
      let v16 = bitcast<f32>(b0[v15]);
      let v17 = x0;
      let v18 = max_f32(v17, v16);
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
      let v27 = max_f32(v26, v25);
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
      let v35 = max_f32(v34, v33);
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
      let v43 = max_f32(v42, v41);
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
      let v51 = max_f32(v50, v49);
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
      let v59 = max_f32(v58, v57);
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
      let v67 = max_f32(v66, v65);
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
      let v75 = max_f32(v74, v73);
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
      let v83 = max_f32(v82, v81);
      x0 = v83;
      let v84 = x0;
      s0[t] = v84;
    }
    workgroupBarrier();
    let v86 = s0[(0)];
    x0 = v86;
    let v87 = x0;
    var x2: f32 = (0.0f);
    for (var x3: i32 = t; x3 < n[0].z; x3 += (256)) {
      let v96 = g * n[1].z;
      let v97 = n[1].y + v96;
      let v99 = x3 * n[1].w;
      let v100 = v97 + v99;
      let v101 = bitcast<f32>(b0[v100]);
      let v102 = (v101 - v87);
      let v103 = exp_f32(v102);
      let v104 = x2;
      let v105 = (v104 + v103);
      x2 = v105;
    }
    let v107 = x2;
    s1[t] = v107;
    workgroupBarrier();
    let v109 = t < (128);
    if (v109) {
      let v111 = t + (128);
      let v112 = s1[v111];
      let v113 = x2;
      let v114 = (v113 + v112);
      x2 = v114;
      let v115 = x2;
      s1[t] = v115;
    }
    workgroupBarrier();
    let v117 = t < (64);
    if (v117) {
      let v119 = t + (64);
      let v120 = s1[v119];
      let v121 = x2;
      let v122 = (v121 + v120);
      x2 = v122;
      let v123 = x2;
      s1[t] = v123;
    }
    workgroupBarrier();
    let v125 = t < (32);
    if (v125) {
      let v127 = t + (32);
      let v128 = s1[v127];
      let v129 = x2;
      let v130 = (v129 + v128);
      x2 = v130;
      let v131 = x2;
      s1[t] = v131;
    }
    workgroupBarrier();
    let v133 = t < (16);
    if (v133) {
      let v135 = t + (16);
      let v136 = s1[v135];
      let v137 = x2;
      let v138 = (v137 + v136);
      x2 = v138;
      let v139 = x2;
      s1[t] = v139;
    }
    workgroupBarrier();
    let v141 = t < (8);
    if (v141) {
      let v143 = t + (8);
      let v144 = s1[v143];
      let v145 = x2;
      let v146 = (v145 + v144);
      x2 = v146;
      let v147 = x2;
      s1[t] = v147;
    }
    workgroupBarrier();
    let v149 = t < (4);
    if (v149) {
      let v151 = t + (4);
      let v152 = s1[v151];
      let v153 = x2;
      let v154 = (v153 + v152);
      x2 = v154;
      let v155 = x2;
      s1[t] = v155;
    }
    workgroupBarrier();
    let v157 = t < (2);
    if (v157) {
      let v159 = t + (2);
      let v160 = s1[v159];
      let v161 = x2;
      let v162 = (v161 + v160);
      x2 = v162;
      let v163 = x2;
      s1[t] = v163;
    }
    workgroupBarrier();
    let v165 = t < (1);
    if (v165) {
      let v167 = t + (1);
      let v168 = s1[v167];
      let v169 = x2;
      let v170 = (v169 + v168);
      x2 = v170;
      let v171 = x2;
      s1[t] = v171;
    }
    workgroupBarrier();
    let v173 = s1[(0)];
    x2 = v173;
    let v174 = x2;
    for (var x4: i32 = t; x4 < n[0].z; x4 += (256)) {
      let v181 = g * n[1].z;
      let v182 = n[1].y + v181;
      let v184 = x4 * n[1].w;
      let v185 = v182 + v184;
      let v186 = bitcast<f32>(b0[v185]);
      let v187 = (v186 - v87);
      let v188 = exp_f32(v187);
      let v189 = (v188 / v174);
      let v192 = g * n[2].y;
      let v193 = n[2].x + v192;
      let v195 = x4 * n[2].z;
      let v196 = v193 + v195;
      b1[v196] = bitcast<u32>(v189);
    }
  }
}
