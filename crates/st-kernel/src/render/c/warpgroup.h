// Products by the matrix units of Hopper, which a group of four warps holds together: 64 rows of the left operand times a block
// of the right one, straight from shared memory. Sums lie as those of a warp's products of 16 x 8 do, row by row.
//
// Blocks have 64 rows of 64 columns, 128 bytes, whose eights are shuffled as the units expect; wider ones are two of them.

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define BY_WARPGROUPS 1
#else
#define BY_WARPGROUPS 0
#endif

#if BY_WARPGROUPS

namespace warpgroup {

// What the units want to know of a block: where it is, how far its parts of 64 columns and those of eight rows are apart.
template <i32 HEIGHT = 64> DEVICE u64 block(const u16* at) {
  const u64 parts = HEIGHT * 128 >> 4, eights = 1024 >> 4, shuffled = 1;
  return u64((u32(__cvta_generic_to_shared(at)) & 0x3ffffu) >> 4) | parts << 16 | eights << 32 | shuffled << 62;
}

// Shared memory that threads have written may be read by the units, once all have waited for each other.
DEVICE void publish() { asm volatile("fence.proxy.async;" ::: "memory"); }

DEVICE void begin() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
DEVICE void commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
// Waits for all products but so many that were begun last.
template <i32 LATER> DEVICE void wait() { asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(LATER) : "memory"); }

// Who only fetches leaves registers to those who multiply.
template <i32 LEFT> DEVICE void give_registers() { asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(LEFT)); }
template <i32 ALL> DEVICE void take_registers() { asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(ALL)); }

#define SUMS_32 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
#define SUMS_64 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
#define FOUR(HOW, j) HOW "f"(s[j][0]), HOW "f"(s[j][1]), HOW "f"(s[j][2]), HOW "f"(s[j][3])
#define SIXTEEN(HOW, j) FOUR(HOW, j), FOUR(HOW, j + 1), FOUR(HOW, j + 2), FOUR(HOW, j + 3)
#define ALL_32(HOW) SIXTEEN(HOW, 0), SIXTEEN(HOW, 4)
#define ALL_64(HOW) ALL_32(HOW), SIXTEEN(HOW, 8), SIXTEEN(HOW, 12)

// 64 x 64 or 64 x 128 sums over 16 columns of two blocks; HOW says whether they are added to what is there.
#define OF_BLOCKS(TYPE, SHAPE, SUMS, A, B, ADD, ...) \
  asm volatile("wgmma.mma_async.sync.aligned." SHAPE ".f32." TYPE "." TYPE " {" SUMS "}, " A ", " B ", " ADD ", 1, 1, 0, 0;" \
               : __VA_ARGS__ : "l"(a), "l"(b))
#define OF_BLOCKS_64(TYPE, ADD, HOW) OF_BLOCKS(TYPE, "m64n64k16", SUMS_32, "%32", "%33", ADD, ALL_32(HOW))
#define OF_BLOCKS_128(TYPE, ADD, HOW) OF_BLOCKS(TYPE, "m64n128k16", SUMS_64, "%64", "%65", ADD, ALL_64(HOW))

// Sums over 16 rows of a block, of 64 columns or of 128; the left operand is in registers.
#define OF_FACTORS(TYPE, SHAPE, SUMS, A, B, ...) \
  asm volatile("{\n.reg .pred p;\nsetp.eq.b32 p, 0, 0;\nwgmma.mma_async.sync.aligned." SHAPE ".f32." TYPE "." TYPE \
               " {" SUMS "}, {" A "}, " B ", p, 1, 1, 1;\n}" \
               : __VA_ARGS__ : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b))
#define OF_FACTORS_64(TYPE) \
  OF_FACTORS(TYPE, "m64n64k16", SUMS_32, "%32, %33, %34, %35", "%36", ALL_32("+"))
#define OF_FACTORS_128(TYPE) \
  OF_FACTORS(TYPE, "m64n128k16", SUMS_64, "%64, %65, %66, %67", "%68", ALL_64("+"))

template <bool BRAIN, bool ADD> DEVICE void of_blocks(f32 (&s)[8][4], u64 a, u64 b) {
  if constexpr (BRAIN && ADD) { OF_BLOCKS_64("bf16", "1", "+"); }
  if constexpr (BRAIN && !ADD) { OF_BLOCKS_64("bf16", "0", "="); }
  if constexpr (!BRAIN && ADD) { OF_BLOCKS_64("f16", "1", "+"); }
  if constexpr (!BRAIN && !ADD) { OF_BLOCKS_64("f16", "0", "="); }
}

template <bool BRAIN, bool ADD> DEVICE void of_blocks(f32 (&s)[16][4], u64 a, u64 b) {
  if constexpr (BRAIN && ADD) { OF_BLOCKS_128("bf16", "1", "+"); }
  if constexpr (BRAIN && !ADD) { OF_BLOCKS_128("bf16", "0", "="); }
  if constexpr (!BRAIN && ADD) { OF_BLOCKS_128("f16", "1", "+"); }
  if constexpr (!BRAIN && !ADD) { OF_BLOCKS_128("f16", "0", "="); }
}

template <bool BRAIN> DEVICE void of_factors(f32 (&s)[8][4], const u32 (&a)[4], u64 b) {
  if constexpr (BRAIN) { OF_FACTORS_64("bf16"); } else { OF_FACTORS_64("f16"); }
}

template <bool BRAIN> DEVICE void of_factors(f32 (&s)[16][4], const u32 (&a)[4], u64 b) {
  if constexpr (BRAIN) { OF_FACTORS_128("bf16"); } else { OF_FACTORS_128("f16"); }
}

// Begins the products of 64 rows of a block of OWN rows and all rows of one of OTHER rows, each with its parts of 64 columns.
template <i32 WIDTH, bool BRAIN, i32 OWN = 64, i32 OTHER = 64>
DEVICE void scores(f32 (&s)[OTHER / 8][4], const u16* own, const u16* other) {
  const u64 a = block(own), b = block(other);
  of_blocks<BRAIN, false>(s, a, b);
#pragma unroll
  for (i32 p = 1; p < WIDTH / 16; p++) {
    // Sixteen columns are 32 bytes; four times as many are a part.
    const u64 at = u64(p % 4 * 2);
    of_blocks<BRAIN, true>(s, a + at + u64(p / 4 * OWN * 8), b + at + u64(p / 4 * OTHER * 8));
  }
}

// Begins to add factors times the rows of a block.
template <i32 WIDTH, bool BRAIN, i32 OTHER = 64>
DEVICE void through(f32 (&s)[WIDTH / 8][4], const u32 (&a)[OTHER / 16][4], const u16* other) {
  const u64 b = block<OTHER>(other);
#pragma unroll
  for (i32 p = 0; p < OTHER / 16; p++) { of_factors<BRAIN>(s, a[p], b + u64(128 * p)); }
}

#undef SUMS_32
#undef SUMS_64
#undef FOUR
#undef SIXTEEN
#undef ALL_32
#undef ALL_64
#undef OF_BLOCKS
#undef OF_BLOCKS_64
#undef OF_BLOCKS_128
#undef OF_FACTORS
#undef OF_FACTORS_64
#undef OF_FACTORS_128

}  // namespace warpgroup

#endif
