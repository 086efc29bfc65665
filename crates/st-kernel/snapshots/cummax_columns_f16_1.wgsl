@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<atomic<u32>>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
@group(0) @binding(3) var<storage, read> b3: array<u32>;
@group(0) @binding(4) var<uniform> n: array<vec4<i32>, 4>;

fn bits_of_f16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return sign | 0x7e00u; }
  if (size >= 0x477ff000u) { return sign | 0x7c00u; }
  if (size < 0x38800000u) {
    // Denormal: the sum with 1/2 has the wanted bits at its low end, rounded.
    if (size < 0x33000000u) { return sign; }
    let shift = 126u - (size >> 23u);
    let whole = (size & 0x7fffffu) | 0x800000u;
    let kept = whole >> shift;
    let rest = whole & ((1u << shift) - 1u);
    let tie = 1u << (shift - 1u);
    let up = rest > tie || (rest == tie && (kept & 1u) == 1u);
    return sign | (kept + u32(up));
  }
  return sign | ((size + 0xfffu + ((size >> 13u) & 1u) - 0x38000000u) >> 13u);
}

fn f16_of_bits(bits: u32) -> f32 {
  let sign = (bits & 0x8000u) << 16u;
  let size = bits & 0x7fffu;
  if (size >= 0x7c00u) { return bitcast<f32>(sign | 0x7f800000u | ((size & 0x3ffu) << 13u)); }
  if (size >= 0x400u) { return bitcast<f32>(sign | ((size << 13u) + 0x38000000u)); }
  return bitcast<f32>(sign | bitcast<u32>(f32(size) * 5.9604644775390625e-8f));
}

fn rounded_f16(x: f32) -> f32 { return f16_of_bits(bits_of_f16(x)); }

fn i64_of_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }

fn bits_seen(x: f32) -> u32 { return bitcast<u32>(x) | bitcast<u32>(n[0].x); }

fn is_nan(x: f32) -> bool { return (bits_seen(x) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(256)
fn kernel(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let g = i32(group.y * groups.x + group.x);
  let t = i32(local);
  let v2 = n[0].y * n[0].w;
  let v6 = g * (256);
  let v7 = v6 + t;
  let v9 = v7 < v2;
  if (v9) {
    let v10 = v7 % n[0].y;
    let v11 = v7 / n[0].y;
    let v16 = n[1].y + n[0].w;
    let v17 = v16 - (1);
    let v18 = v17 / n[0].w;
    let v19 = v11 * v18;
    let v20 = v19 + v18;
    let v21 = v20 < n[1].y;
    let v22 = select(n[1].y, v20, v21);
    var x0: f32 = bitcast<f32>(n[0].x | bitcast<i32>(0xff800000u));
    var x1: i32 = (0);
    for (var x2: i32 = (0); x2 < v11; x2 += (1)) {
      let v26 = x2 * n[0].y;
      let v27 = v26 + v10;
      let v29 = (0) * v2;
      let v30 = v29 + v27;
      let v31 = bitcast<f32>(b3[v30]);
      let v33 = (2) * v2;
      let v34 = v33 + v27;
      let v35 = bitcast<i32>(b3[v34]);
      let v36 = x0;
      let v37 = x1;
      let v38 = (v36 <= v31);
      let v39 = !is_nan(v31);
      let v40 = (!v39);
      let v41 = v38 || v40;
      let v42 = bitcast<f32>(select(bitcast<i32>(v36) | n[0].x, bitcast<i32>(v31), v41));
      let v43 = select(v37, v35, v41);
      x0 = v42;
      x1 = v43;
    }
    for (var x3: i32 = v19; x3 < v22; x3 += (4)) {
      let v46 = x3 < v22;
      let v47 = select(x3, x3, v46);
      let v50 = v10 * n[1].w;
      let v51 = n[1].z + v50;
      let v53 = v47 * n[2].x;
      let v54 = v51 + v53;
      let v55 = f16_of_bits(((b0[v54 / 2] >> u32(v54 % 2 * 16)) & 0xffffu));
      let v56 = v55;
      let v58 = x3 + (1);
      let v59 = v58 < v22;
      let v60 = select(x3, v58, v59);
      let v63 = v10 * n[1].w;
      let v64 = n[1].z + v63;
      let v66 = v60 * n[2].x;
      let v67 = v64 + v66;
      let v68 = f16_of_bits(((b0[v67 / 2] >> u32(v67 % 2 * 16)) & 0xffffu));
      let v69 = v68;
      let v71 = x3 + (2);
      let v72 = v71 < v22;
      let v73 = select(x3, v71, v72);
      let v76 = v10 * n[1].w;
      let v77 = n[1].z + v76;
      let v79 = v73 * n[2].x;
      let v80 = v77 + v79;
      let v81 = f16_of_bits(((b0[v80 / 2] >> u32(v80 % 2 * 16)) & 0xffffu));
      let v82 = v81;
      let v84 = x3 + (3);
      let v85 = v84 < v22;
      let v86 = select(x3, v84, v85);
      let v89 = v10 * n[1].w;
      let v90 = n[1].z + v89;
      let v92 = v86 * n[2].x;
      let v93 = v90 + v92;
      let v94 = f16_of_bits(((b0[v93 / 2] >> u32(v93 % 2 * 16)) & 0xffffu));
      let v95 = v94;
      if (v46) {
        let v96 = x0;
        let v97 = x1;
        let v98 = (v96 <= v56);
        let v99 = !is_nan(v56);
        let v100 = (!v99);
        let v101 = v98 || v100;
        let v102 = bitcast<f32>(select(bitcast<i32>(v96) | n[0].x, bitcast<i32>(v56), v101));
        let v103 = select(v97, v47, v101);
        x0 = v102;
        x1 = v103;
        let v106 = v10 * n[2].z;
        let v107 = n[2].y + v106;
        let v109 = v47 * n[2].w;
        let v110 = v107 + v109;
        let v111 = rounded_f16(v102);
        atomicAnd(&b1[v110 / 2], ~(65535u << u32(v110 % 2 * 16))); atomicOr(&b1[v110 / 2], ((bits_of_f16(v111)) & 65535u) << u32(v110 % 2 * 16));
        let v112 = i64_of_i32(v103);
        let v115 = v10 * n[3].y;
        let v116 = n[3].x + v115;
        let v118 = v47 * n[3].z;
        let v119 = v116 + v118;
        let v120 = v112;
        b2[2 * v119] = v120.x; b2[2 * v119 + 1] = v120.y;
      }
      if (v59) {
        let v121 = x0;
        let v122 = x1;
        let v123 = (v121 <= v69);
        let v124 = !is_nan(v69);
        let v125 = (!v124);
        let v126 = v123 || v125;
        let v127 = bitcast<f32>(select(bitcast<i32>(v121) | n[0].x, bitcast<i32>(v69), v126));
        let v128 = select(v122, v60, v126);
        x0 = v127;
        x1 = v128;
        let v131 = v10 * n[2].z;
        let v132 = n[2].y + v131;
        let v134 = v60 * n[2].w;
        let v135 = v132 + v134;
        let v136 = rounded_f16(v127);
        atomicAnd(&b1[v135 / 2], ~(65535u << u32(v135 % 2 * 16))); atomicOr(&b1[v135 / 2], ((bits_of_f16(v136)) & 65535u) << u32(v135 % 2 * 16));
        let v137 = i64_of_i32(v128);
        let v140 = v10 * n[3].y;
        let v141 = n[3].x + v140;
        let v143 = v60 * n[3].z;
        let v144 = v141 + v143;
        let v145 = v137;
        b2[2 * v144] = v145.x; b2[2 * v144 + 1] = v145.y;
      }
      if (v72) {
        let v146 = x0;
        let v147 = x1;
        let v148 = (v146 <= v82);
        let v149 = !is_nan(v82);
        let v150 = (!v149);
        let v151 = v148 || v150;
        let v152 = bitcast<f32>(select(bitcast<i32>(v146) | n[0].x, bitcast<i32>(v82), v151));
        let v153 = select(v147, v73, v151);
        x0 = v152;
        x1 = v153;
        let v156 = v10 * n[2].z;
        let v157 = n[2].y + v156;
        let v159 = v73 * n[2].w;
        let v160 = v157 + v159;
        let v161 = rounded_f16(v152);
        atomicAnd(&b1[v160 / 2], ~(65535u << u32(v160 % 2 * 16))); atomicOr(&b1[v160 / 2], ((bits_of_f16(v161)) & 65535u) << u32(v160 % 2 * 16));
        let v162 = i64_of_i32(v153);
        let v165 = v10 * n[3].y;
        let v166 = n[3].x + v165;
        let v168 = v73 * n[3].z;
        let v169 = v166 + v168;
        let v170 = v162;
        b2[2 * v169] = v170.x; b2[2 * v169 + 1] = v170.y;
      }
      if (v85) {
        let v171 = x0;
        let v172 = x1;
        let v173 = (v171 <= v95);
        let v174 = !is_nan(v95);
        let v175 = (!v174);
        let v176 = v173 || v175;
        let v177 = bitcast<f32>(select(bitcast<i32>(v171) | n[0].x, bitcast<i32>(v95), v176));
        let v178 = select(v172, v86, v176);
        x0 = v177;
        x1 = v178;
        let v181 = v10 * n[2].z;
        let v182 = n[2].y + v181;
        let v184 = v86 * n[2].w;
        let v185 = v182 + v184;
        let v186 = rounded_f16(v177);
        atomicAnd(&b1[v185 / 2], ~(65535u << u32(v185 % 2 * 16))); atomicOr(&b1[v185 / 2], ((bits_of_f16(v186)) & 65535u) << u32(v185 % 2 * 16));
        let v187 = i64_of_i32(v178);
        let v190 = v10 * n[3].y;
        let v191 = n[3].x + v190;
        let v193 = v86 * n[3].z;
        let v194 = v191 + v193;
        let v195 = v187;
        b2[2 * v194] = v195.x; b2[2 * v194 + 1] = v195.y;
      }
    }
  }
}
