// HIP's words on the emulator: AMD's device library is the C library.
#include "cuda.h"

#undef F32_MATH
#undef F64_MATH
#define F32_MATH(name) __ocml_##name##_f32
#define F64_MATH(name) __ocml_##name##_f64
#define OCML(name) \
  DEVICE f32 __ocml_##name##_f32(f32 x) { return ::name##f(x); } \
  DEVICE f64 __ocml_##name##_f64(f64 x) { return ::name(x); }
#define OCML2(name) \
  DEVICE f32 __ocml_##name##_f32(f32 x, f32 y) { return ::name##f(x, y); } \
  DEVICE f64 __ocml_##name##_f64(f64 x, f64 y) { return ::name(x, y); }
OCML(floor) OCML(ceil) OCML(trunc) OCML(rint) OCML(fabs) OCML(sqrt) OCML(rsqrt)
OCML(exp) OCML(exp2) OCML(expm1) OCML(log) OCML(log2) OCML(log10) OCML(log1p)
OCML(sin) OCML(cos) OCML(tan) OCML(asin) OCML(acos) OCML(atan)
OCML(sinh) OCML(cosh) OCML(tanh) OCML(asinh) OCML(acosh) OCML(atanh)
OCML(erf) OCML(erfc) OCML(erfinv) OCML(lgamma)
OCML2(pow) OCML2(fmod) OCML2(atan2) OCML2(copysign)
DEVICE f32 __ocml_fma_f32(f32 a, f32 b, f32 c) { return ::fmaf(a, b, c); }
DEVICE f64 __ocml_fma_f64(f64 a, f64 b, f64 c) { return ::fma(a, b, c); }

#define wait_for_group() emulated::wait(emulated::Scope::group, __LINE__)
#define __builtin_amdgcn_workgroup_id_x() emulated::machine.group
#define __builtin_amdgcn_workitem_id_x() emulated::machine.thread
