// Functions in double precision that the dialects with doubles do not have, and those they have in place of WGSL's.

namespace st {

DEVICE f64 abs(f64 x) { return F64_MATH(fabs)(x); }
DEVICE f64 floor(f64 x) { return F64_MATH(floor)(x); }
DEVICE f64 trunc(f64 x) { return F64_MATH(trunc)(x); }
DEVICE f64 round(f64 x) { return F64_MATH(rint)(x); }
DEVICE f64 sqrt(f64 x) { return F64_MATH(sqrt)(x); }
DEVICE f64 fma(f64 a, f64 b, f64 c) { return F64_MATH(fma)(a, b, c); }
DEVICE f64 exp_f64(f64 x) { return F64_MATH(exp)(x); }
DEVICE f64 expm1_f64(f64 x) { return F64_MATH(expm1)(x); }
DEVICE f64 log_f64(f64 x) { return F64_MATH(log)(x); }
DEVICE f64 pow_f64(f64 x, f64 y) { return F64_MATH(pow)(x, y); }
DEVICE f64 erfc_f64(f64 x) { return F64_MATH(erfc)(x); }
DEVICE f64 lgamma_f64(f64 x) { return F64_MATH(lgamma)(x); }
DEVICE f64 nan_f64() { return bitcast<f64>(0x7ff8000000000000ull); }
DEVICE f64 infinity_f64() { return bitcast<f64>(0x7ff0000000000000ull); }
DEVICE u64 bits_seen_f64(f64 x) { return bitcast<u64>(x); }
DEVICE f64 f64_of_words(i32 low, i32 high) { return bitcast<f64>(i64_of_words(low, high)); }
DEVICE f64 max_f64(f64 a, f64 b) { return a > b || a != a ? a : b; }
DEVICE f64 min_f64(f64 a, f64 b) { return a < b || a != a ? a : b; }
DEVICE f64 truncdiv_f64(f64 a, f64 b) { return F64_MATH(trunc)(a / b); }

DEVICE f64 mod_f64(f64 a, f64 b) {
  const f64 rest = F64_MATH(fmod)(a, b);
  return rest != 0.0 && (rest < 0.0) != (b < 0.0) ? rest + b : rest;
}

DEVICE f64 floordiv_f64(f64 a, f64 b) {
  if (b == 0.0) { return a / b; }
  const f64 rest = F64_MATH(fmod)(a, b);
  f64 quotient = (a - rest) / b;
  if (rest != 0.0 && (rest < 0.0) != (b < 0.0)) { quotient -= 1.0; }
  if (quotient == 0.0) { return F64_MATH(copysign)(0.0, a / b); }
  const f64 below = F64_MATH(floor)(quotient);
  return quotient - below > 0.5 ? below + 1.0 : below;
}

DEVICE f64 sigmoid_f64(f64 x) {
  const f64 e = F64_MATH(exp)(-F64_MATH(fabs)(x));
  return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

}  // namespace st
