// What CUDA, HIP and Metal say alike.

namespace st {

// ---- what functions in WGSL are written with ----

template <class T> struct vec2 {
  T x, y;
  METHOD vec2(T a, T b) : x(a), y(b) {}
};

template <class T, i32 N> struct array {
  T at[N];
  template <class... A> METHOD array(A... a) : at{a...} {}
  METHOD THREAD T& operator[](i32 i) { return at[i]; }
};

GENERIC T select(T no, T yes, bool condition) { return condition ? yes : no; }
GENERIC T min(T a, T b) { return b < a ? b : a; }
GENERIC T max(T a, T b) { return a < b ? b : a; }
GENERIC T clamp(T x, T low, T high) { return min(max(x, low), high); }
DEVICE f32 abs(f32 x) { return F32_MATH(fabs)(x); }
DEVICE f32 floor(f32 x) { return F32_MATH(floor)(x); }
DEVICE f32 trunc(f32 x) { return F32_MATH(trunc)(x); }
DEVICE f32 round(f32 x) { return F32_MATH(rint)(x); }
DEVICE f32 sqrt(f32 x) { return F32_MATH(sqrt)(x); }
DEVICE f32 fma(f32 a, f32 b, f32 c) { return F32_MATH(fma)(a, b, c); }
DEVICE f32 nan() { return bitcast<f32>(0x7fc00000u); }
DEVICE f32 infinity() { return bitcast<f32>(0x7f800000u); }
DEVICE u32 bits_seen(f32 x) { return bitcast<u32>(x); }

// ---- four neighbours, the first at a multiple of four ----

template <class T> struct alignas(4 * sizeof(T)) four {
  T x, y, z, w;
};

GENERIC four<T> load_four(GLOBAL const T* at) { return *(GLOBAL const four<T>*)at; }
GENERIC void store_four(GLOBAL T* at, T x, T y, T z, T w) { *(GLOBAL four<T>*)at = four<T>{x, y, z, w}; }
GENERIC four<T> load_shared_four(LOCAL const T* at) { return *(LOCAL const four<T>*)at; }
GENERIC void store_shared_four(LOCAL T* at, T x, T y, T z, T w) { *(LOCAL four<T>*)at = four<T>{x, y, z, w}; }

// In half precision they are two words.
struct alignas(8) words {
  u32 x, y;
};

DEVICE words load_words(GLOBAL const u16* at) { return *(GLOBAL const words*)at; }

// ---- positions and conversions ----

DEVICE i32 wrapped(i64 index, i32 size, Faults faults) {
  const i64 at = index < 0 ? index + size : index;
  if (at >= 0 && at < size) { return i32(at); }
  fault(faults);
  return 0;
}

DEVICE i64 i64_of_words(i32 low, i32 high) { return i64(u64(u32(high)) << 32 | u64(u32(low))); }

GENERIC i32 i32_of_float(T x) {
  if (x > T(-2147483649.0f) && x < T(2147483648.0f)) { return i32(x); }
  return -2147483647 - 1;
}

GENERIC i64 i64_of_float(T x) {
  if (x >= T(-9223372036854775808.0f) && x < T(9223372036854775808.0f)) { return i64(x); }
  return -i64(9223372036854775807) - 1;
}

DEVICE f32 bf16_of_bits(u32 bits) { return bitcast<f32>(bits << 16); }
DEVICE f32 bf16_of_low(u32 word) { return bitcast<f32>(word << 16); }
DEVICE f32 bf16_of_high(u32 word) { return bitcast<f32>(word & 0xffff0000u); }
DEVICE f32 rounded_f16(f32 x) { return f16_of_bits(bits_of_f16(x)); }

// ---- integers: sums and products wrap, division by zero gives zero ----

DEVICE i32 add_int(i32 a, i32 b) { return i32(u32(a) + u32(b)); }
DEVICE i64 add_int(i64 a, i64 b) { return i64(u64(a) + u64(b)); }
DEVICE i32 sub_int(i32 a, i32 b) { return i32(u32(a) - u32(b)); }
DEVICE i64 sub_int(i64 a, i64 b) { return i64(u64(a) - u64(b)); }
DEVICE i32 mul_int(i32 a, i32 b) { return i32(u32(a) * u32(b)); }
DEVICE i64 mul_int(i64 a, i64 b) { return i64(u64(a) * u64(b)); }
GENERIC T neg_int(T a) { return sub_int(T(0), a); }
GENERIC T abs_int(T a) { return a < 0 ? neg_int(a) : a; }
GENERIC T max_int(T a, T b) { return a < b ? b : a; }
GENERIC T min_int(T a, T b) { return b < a ? b : a; }
GENERIC T shl_int(T a, T b) { return b >= 0 && b < T(8 * sizeof(T)) ? T(u64(a) << b) : T(0); }
GENERIC T shr_int(T a, T b) { return a >> clamp(b, T(0), T(8 * sizeof(T) - 1)); }

GENERIC T truncdiv_int(T a, T b) {
  if (b == 0) { return 0; }
  return b == -1 ? neg_int(a) : T(a / b);
}

GENERIC T fmod_int(T a, T b) { return b == 0 || b == -1 ? T(0) : T(a % b); }

GENERIC T floordiv_int(T a, T b) {
  const T rest = fmod_int(a, b);
  return truncdiv_int(a, b) - T(rest != 0 && (rest < 0) != (b < 0));
}

GENERIC T mod_int(T a, T b) { return sub_int(a, mul_int(floordiv_int(a, b), b)); }

GENERIC T pow_int(T a, T b) {
  if (b < 0) {
    if (a == 1 || a == -1) { return b % 2 == 0 ? T(1) : a; }
    return 0;
  }
  T result = 1;
  for (; b > 0; b >>= 1) {
    if (b & 1) { result = mul_int(result, a); }
    a = mul_int(a, a);
  }
  return result;
}

GENERIC T gcd_int(T a, T b) {
  while (b != 0) {
    const T rest = fmod_int(a, b);
    a = b;
    b = rest;
  }
  return abs_int(a);
}

// Word n of the stream of a key: Philox4x32-10.
DEVICE i64 random_int(i64 key, i64 n) {
  u32 k0 = u32(key), k1 = u32(u64(key) >> 32);
  const u64 counter = u64(n) >> 2;
  u32 c[4] = {u32(counter), u32(counter >> 32), 0, 0};
  for (i32 i = 0; i < 10; i++) {
    const u64 a = u64(c[0]) * 0xd2511f53u, b = u64(c[2]) * 0xcd9e8d57u;
    c[0] = u32(b >> 32) ^ c[1] ^ k0;
    c[1] = u32(b);
    c[2] = u32(a >> 32) ^ c[3] ^ k1;
    c[3] = u32(a);
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  return c[n & 3];
}

// ---- booleans ----

DEVICE bool max_bool(bool a, bool b) { return a || b; }
DEVICE bool min_bool(bool a, bool b) { return a && b; }
DEVICE bool mul_bool(bool a, bool b) { return a && b; }
DEVICE bool add_bool(bool a, bool b) { return a || b; }
DEVICE bool lt_bool(bool a, bool b) { return !a && b; }
DEVICE bool le_bool(bool a, bool b) { return !a || b; }

}  // namespace st

using namespace st;
