// Metal's words on the emulator.
#include "fibers.h"

namespace metal {
typedef u32 atomic_uint;
enum class mem_flags { mem_none, mem_device, mem_threadgroup };
inline void threadgroup_barrier(mem_flags, int line = __builtin_LINE()) { emulated::wait(emulated::Scope::group, line); }
inline f32 floor(f32 x) { return ::floorf(x); }
inline f32 ceil(f32 x) { return ::ceilf(x); }
inline f32 trunc(f32 x) { return ::truncf(x); }
inline f32 rint(f32 x) { return ::rintf(x); }
inline f32 fabs(f32 x) { return ::fabsf(x); }
inline f32 sqrt(f32 x) { return ::sqrtf(x); }
inline f32 copysign(f32 x, f32 y) { return ::copysignf(x, y); }
inline f32 fma(f32 a, f32 b, f32 c) { return ::fmaf(a, b, c); }
}  // namespace metal

typedef u32* Faults;
#define F32_MATH(name) metal::name
#define kernel
#define device
#define constant const
#define threadgroup SHARED

DEVICE void fault(Faults faults) { *faults |= 1; }
