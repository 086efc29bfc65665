// What types and functions are called in CUDA.

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

#define METHOD __device__ __forceinline__
#define DEVICE static METHOD
#define THREAD
#define GLOBAL
#define LOCAL
#define GENERIC template <class T> DEVICE
#define F32_MATH(name) name##f
#define F64_MATH(name) ::name

template <class T, class F> DEVICE T bitcast(F x) {
  T y;
  memcpy(&y, &x, sizeof(T));
  return y;
}

DEVICE void fault(Faults faults) { atomicOr(faults, 1u); }

DEVICE f32 f16_of_bits(u32 bits) {
  f32 x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(u16(bits)));
  return x;
}

DEVICE u32 bits_of_f16(f32 x) {
  u16 bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
}

DEVICE u32 bits_of_bf16(f32 x) {
#if __CUDA_ARCH__ >= 800
  // Two at once are quicker than one; the other one is zero.
  u32 bits;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(0.0f), "f"(x));
  return bits;
#else
  const u32 bits = bitcast<u32>(x);
  return (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fffu : (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
#endif
}

// NaN before all numbers.
DEVICE f32 max_f32(f32 a, f32 b) {
#if __CUDA_ARCH__ >= 800
  f32 x;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(x) : "f"(a), "f"(b));
  return x;
#else
  return a > b || a != a ? a : b;
#endif
}

DEVICE f32 min_f32(f32 a, f32 b) {
#if __CUDA_ARCH__ >= 800
  f32 x;
  asm("min.NaN.f32 %0, %1, %2;" : "=f"(x) : "f"(a), "f"(b));
  return x;
#else
  return a < b || a != a ? a : b;
#endif
}
