// What types and functions are called in HIP: without its headers, whose place the compiler's own words take.

typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;
typedef float f32;
typedef double f64;
typedef u32* Faults;

// HIP's compiler for run time brings these along.
#ifndef __HIPCC_RTC__
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __launch_bounds__(threads) __attribute__((amdgpu_flat_work_group_size(1, threads)))
#endif

#define METHOD __device__ inline __attribute__((always_inline))
#define DEVICE static METHOD
#define THREAD
#define GLOBAL
#define LOCAL
#define GENERIC template <class T> DEVICE
#define F32_MATH(name) __ocml_##name##_f32
#define F64_MATH(name) __ocml_##name##_f64

// Functions of AMD's device library.
#define OCML(name) \
  extern "C" __device__ f32 __ocml_##name##_f32(f32); \
  extern "C" __device__ f64 __ocml_##name##_f64(f64);
#define OCML2(name) \
  extern "C" __device__ f32 __ocml_##name##_f32(f32, f32); \
  extern "C" __device__ f64 __ocml_##name##_f64(f64, f64);
OCML(floor) OCML(ceil) OCML(trunc) OCML(rint) OCML(fabs) OCML(sqrt) OCML(rsqrt)
OCML(exp) OCML(exp2) OCML(expm1) OCML(log) OCML(log2) OCML(log10) OCML(log1p)
OCML(sin) OCML(cos) OCML(tan) OCML(asin) OCML(acos) OCML(atan)
OCML(sinh) OCML(cosh) OCML(tanh) OCML(asinh) OCML(acosh) OCML(atanh)
OCML(erf) OCML(erfc) OCML(erfinv) OCML(lgamma)
OCML2(pow) OCML2(fmod) OCML2(atan2) OCML2(copysign)
extern "C" __device__ f32 __ocml_fma_f32(f32, f32, f32);
extern "C" __device__ f64 __ocml_fma_f64(f64, f64, f64);

template <class T, class F> DEVICE T bitcast(F x) { return __builtin_bit_cast(T, x); }

DEVICE void fault(Faults faults) { __atomic_fetch_or(faults, 1u, __ATOMIC_RELAXED); }

DEVICE void wait_for_group() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}

DEVICE f32 f16_of_bits(u32 bits) { return bitcast<_Float16>(u16(bits)); }
DEVICE u32 bits_of_f16(f32 x) { return bitcast<u16>(_Float16(x)); }
