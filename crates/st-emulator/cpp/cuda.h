// CUDA's words on the emulator.
#include "fibers.h"

typedef u32* Faults;
#define F32_MATH(name) ::name##f
#define F64_MATH(name) ::name

#define __global__
#define __device__
#define __shared__ SHARED
#define __launch_bounds__(...)
#define __syncthreads() emulated::wait(emulated::Scope::group, __LINE__)
#define __shfl_xor_sync(mask, value, lanes) \
  emulated::shown_by(value, (emulated::machine.thread ^ (lanes)) % emulated::WARP, __LINE__)
#define __pipeline_memcpy_async(to, from, bytes) emulated::copy_later(to, from, bytes)
#define __pipeline_commit() emulated::close_copies()
#define __pipeline_wait_prior(left) emulated::wait_for_copies(left)
#define threadIdx emulated_index(emulated::machine.thread)
#define blockIdx emulated_index(emulated::machine.group)

struct emulated_index {
  u32 x;
  explicit emulated_index(u32 x) : x(x) {}
};

DEVICE void fault(Faults faults) { *faults |= 1; }

DEVICE u32 bits_of_bf16(f32 x) {
  const u32 bits = bitcast<u32>(x);
  return (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fffu : (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}

DEVICE f32 max_f32(f32 a, f32 b) { return a > b || a != a ? a : b; }
DEVICE f32 min_f32(f32 a, f32 b) { return a < b || a != a ? a : b; }
DEVICE f32 rsqrtf(f32 x) { return 1 / sqrtf(x); }
DEVICE f64 rsqrt(f64 x) { return 1 / sqrt(x); }

// By halving: slow, and exact enough to compare with.
DEVICE f64 erfinv(f64 y) {
  if (!(fabs(y) < 1)) { return fabs(y) == 1 ? copysign(INFINITY, y) : NAN; }
  f64 low = -7, high = 7;
  for (int i = 0; i < 100; i++) { (erf((low + high) / 2) < y ? low : high) = (low + high) / 2; }
  return (low + high) / 2;
}
DEVICE f32 erfinvf(f32 y) { return f32(erfinv(y)); }
