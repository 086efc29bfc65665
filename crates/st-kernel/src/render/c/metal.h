// What types and functions are called in Metal.

#include <metal_stdlib>

typedef char i8;
typedef uchar u8;
typedef short i16;
typedef ushort u16;
typedef int i32;
typedef uint u32;
typedef long i64;
typedef ulong u64;
typedef float f32;
typedef device metal::atomic_uint* Faults;

#define METHOD
#define DEVICE static METHOD inline
#define THREAD thread
#define GLOBAL device
#define LOCAL threadgroup
#define GENERIC template <class T> DEVICE
#define F32_MATH(name) metal::name

template <class T, class F> DEVICE T bitcast(F x) { return as_type<T>(x); }

DEVICE void fault(Faults faults) { metal::atomic_fetch_or_explicit(faults, 1u, metal::memory_order_relaxed); }

DEVICE f32 f16_of_bits(u32 bits) { return f32(as_type<half>(u16(bits))); }
DEVICE u32 bits_of_f16(f32 x) { return as_type<u16>(half(x)); }
