// Attention by the matrix units of NVIDIA's GPUs, from Ampere on: products of 16 x 8 over 16 steps that a warp holds together.
//
// Four warps have 64 or 128 rows of their own side (queries; keys for the gradients of keys and values) and walks the
// blocks of the other side, of which the next is fetched while the present one is multiplied. A warp has 16 rows of each 64,
// which share what it reads of the other side. On Hopper the four warps multiply together (`warpgroup.h`).

namespace flash {

const i32 BLOCK = 64, THREADS = 128;
const f32 LOG2_E = 1.4426950408889634f;

// Rows of elements in half precision, neighbours in a row.
struct Matrix {
  const u16* at;
  i32 pitch, rows, width;
};

// Where results go.
struct Place {
  u16* at;
  i32 pitch, rows, width;
};

// Which rows of which item a group works on.
struct Task {
  i32 tile, item;
};

DEVICE Task task(i32 g, i32 tiles) { return {g % tiles, g / tiles}; }

// The same where low tiles have most work: they are begun first, so that none is late, of as many items at a time as a cache
// holds the other sides of.
DEVICE Task task(i32 g, i32 tiles, i32 items, i32 rows, i32 width) {
  const i32 HELD = 1 << 24, fit = HELD / (width + 1) / (rows + 1), most = fit > 0 ? fit : 1;
  const i32 turns = (items + most - 1) / most, many = (items + turns - 1) / turns;
  const i32 turn = g / (many * tiles), at = g % (many * tiles);
  const i32 left = items - turn * many, here = left < many ? left : many;
  return {at / here, turn * many + at % here};
}

DEVICE u32 address(const u16* at) { return u32(__cvta_generic_to_shared(at)); }

// Where eight neighbours stand in blocks of 64 rows: shuffled, so that eight rows of a column are in different banks.
template <i32 WIDTH> DEVICE i32 spot(i32 row, i32 eight) {
  const i32 turn = WIDTH == 32 ? (row >> 1) & 3 : row & 7;
  if (!BY_WARPGROUPS || WIDTH == 32) { return (row * (WIDTH / 8) + (eight ^ turn)) * 8; }
  // Of wide blocks each 64 columns are a part of their own.
  const i32 part = row / BLOCK * (WIDTH / 64) + eight / 8;
  return (part * BLOCK + row % BLOCK) * 64 + ((eight % 8) ^ turn) * 8;
}

DEVICE void fetch_eight(u32 to, const u16* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from));
}

// The same where there may be nothing; then something else is read, and zeros are written.
DEVICE void fetch_eight(u32 to, const u16* any, const u16* from, bool there) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(there ? from : any), "r"(there ? 16 : 0));
}

// Begins to fetch a block; what is beyond the matrix is zero. A thread fetches eights of the same columns, some rows apart.
template <i32 WIDTH, i32 ROWS = BLOCK> DEVICE void fetch(u16* block, const Matrix& m, i32 first) {
  const i32 EIGHTS = WIDTH / 8, STEP = THREADS / EIGHTS;
  const i32 row = i32(threadIdx.x) / EIGHTS, eight = i32(threadIdx.x) % EIGHTS;
  const u32 to = address(block + spot<WIDTH>(row, eight));
  const u16* from = m.at + i64(first + row) * m.pitch + 8 * eight;
  const i64 step = i64(STEP) * m.pitch;
  if (first + ROWS <= m.rows && WIDTH == m.width) {
#pragma unroll
    for (i32 i = 0; i < ROWS / STEP; i++, from += step) { fetch_eight(to + 2 * spot<WIDTH>(i * STEP, 0), from); }
    return;
  }
  const i32 rows = 8 * eight < m.width ? m.rows - first - row : 0;
#pragma unroll
  for (i32 i = 0; i < ROWS / STEP; i++, from += step) {
    fetch_eight(to + 2 * spot<WIDTH>(i * STEP, 0), m.at, from, i * STEP < rows);
  }
}

// Begins to fetch a number for each row of a block; what is beyond the last one is zero.
DEVICE void fetch_numbers(f32* block, const f32* from, i32 pitch, i32 first, i32 rows, i32 i) {
  const bool there = first + i < rows;
  const f32* at = there ? from + i64(first + i) * pitch : from;
  const u32 to = u32(__cvta_generic_to_shared(block + i));
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(to), "l"(at), "r"(there ? 4 : 0));
}

DEVICE void fetched() { asm volatile("cp.async.commit_group;"); }
DEVICE void wait_for_all() {
  asm volatile("cp.async.wait_group 0;");
#if BY_WARPGROUPS
  warpgroup::publish();
#endif
}

// Whether the four warps multiply together.
template <i32 WIDTH> DEVICE constexpr bool together() { return BY_WARPGROUPS && WIDTH >= 64; }

DEVICE void load(u32 (&to)[4], const u16* from) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(address(from)));
}

DEVICE void load_turned(u32 (&to)[4], const u16* from) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(address(from)));
}

template <bool BRAIN> DEVICE void multiply(f32 (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  if (BRAIN) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  } else {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  }
}

// Two numbers in half precision, the first in the low bits.
template <bool BRAIN> DEVICE u32 pair(f32 low, f32 high) {
  u32 both;
  if (BRAIN) {
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
  } else {
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
  }
  return both;
}

DEVICE f32 exp2_of(f32 x) {
  f32 y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

DEVICE f32 lowest() { return bitcast<f32>(0xff800000u); }

// A warp's rows of a block times the rows of another: 16 x BLOCK sums, once or twice.
template <i32 WIDTH, bool BRAIN, i32 TILES>
DEVICE void scores(f32 (&sums)[TILES][BLOCK / 8][4], const u16* own, const u16* other, i32 row, i32 lane) {
#pragma unroll
  for (i32 t = 0; t < TILES; t++) {
#pragma unroll
    for (i32 j = 0; j < BLOCK / 8; j++) { sums[t][j][0] = sums[t][j][1] = sums[t][j][2] = sums[t][j][3] = 0.0f; }
  }
#pragma unroll
  for (i32 p = 0; p < WIDTH / 16; p++) {
    u32 a[TILES][4];
#pragma unroll
    for (i32 t = 0; t < TILES; t++) { load(a[t], own + spot<WIDTH>(row + BLOCK * t + (lane & 15), 2 * p + (lane >> 4))); }
#pragma unroll
    for (i32 j = 0; j < BLOCK / 16; j++) {
      u32 b[4];
      load(b, other + spot<WIDTH>(16 * j + (lane & 7) + ((lane >> 4) << 3), 2 * p + ((lane >> 3) & 1)));
#pragma unroll
      for (i32 t = 0; t < TILES; t++) {
        multiply<BRAIN>(sums[t][2 * j], a[t], b[0], b[1]);
        multiply<BRAIN>(sums[t][2 * j + 1], a[t], b[2], b[3]);
      }
    }
  }
}

// 16 x 16 factors from column 16 p on, rounded to half precision.
template <bool BRAIN> DEVICE void pack(u32 (&a)[4], const f32 (&factors)[BLOCK / 8][4], i32 p) {
#pragma unroll
  for (i32 i = 0; i < 4; i++) {
    const f32(&from)[4] = factors[2 * p + i / 2];
    a[i] = pair<BRAIN>(from[i % 2 * 2], from[i % 2 * 2 + 1]);
  }
}

// Adds 16 x BLOCK factors, rounded to half precision, times a block.
template <i32 WIDTH, bool BRAIN, i32 TILES>
DEVICE void through(f32 (&sums)[TILES][WIDTH / 8][4], const f32 (&factors)[TILES][BLOCK / 8][4], const u16* block,
                    i32 lane) {
#pragma unroll
  for (i32 p = 0; p < BLOCK / 16; p++) {
    u32 a[TILES][4];
#pragma unroll
    for (i32 t = 0; t < TILES; t++) { pack<BRAIN>(a[t], factors[t], p); }
#pragma unroll
    for (i32 j = 0; j < WIDTH / 16; j++) {
      u32 b[4];
      load_turned(b, block + spot<WIDTH>(16 * p + (lane & 7) + (((lane >> 3) & 1) << 3), 2 * j + (lane >> 4)));
#pragma unroll
      for (i32 t = 0; t < TILES; t++) {
        multiply<BRAIN>(sums[t][2 * j], a[t], b[0], b[1]);
        multiply<BRAIN>(sums[t][2 * j + 1], a[t], b[2], b[3]);
      }
    }
  }
}

// Writes a warp's 16 rows, each times a factor.
template <i32 WIDTH, bool BRAIN>
DEVICE void store(const Place& to, const f32 (&sums)[WIDTH / 8][4], i32 first, i32 lane, f32 low, f32 high) {
#pragma unroll
  for (i32 half = 0; half < 2; half++) {
    const i32 row = first + lane / 4 + 8 * half;
    const f32 factor = half ? high : low;
    if (row < to.rows) {
      u16* at = to.at + i64(row) * to.pitch + lane % 4 * 2;
#pragma unroll
      for (i32 j = 0; j < WIDTH / 8; j++) {
        if (8 * j < to.width) {
          *(u32*)(at + 8 * j) = pair<BRAIN>(sums[j][2 * half] * factor, sums[j][2 * half + 1] * factor);
        }
      }
    }
  }
}

// What four neighbouring lanes, which share a row, have together.
DEVICE f32 largest(f32 x) {
  x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 1));
  return fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 2));
}

DEVICE f32 total(f32 x) {
  x += __shfl_xor_sync(0xffffffffu, x, 1);
  return x + __shfl_xor_sync(0xffffffffu, x, 2);
}

// Takes a block's scores of 16 rows: they become shares of each row, and what was summed before shrinks accordingly.
template <i32 WIDTH>
DEVICE void share(f32 (&s)[BLOCK / 8][4], f32 (&sums)[WIDTH / 8][4], f32 (&most)[2], f32 (&totals)[2], f32 by) {
#pragma unroll
  for (i32 half = 0; half < 2; half++) {
    f32 high = most[half];
#pragma unroll
    for (i32 j = 0; j < BLOCK / 8; j++) { high = fmaxf(high, fmaxf(s[j][2 * half], s[j][2 * half + 1])); }
    high = largest(high);
    const f32 shift = high == lowest() ? 0.0f : high * by;
    const f32 shrunk = exp2_of(most[half] * by - shift);
    most[half] = high;
    f32 sum = 0.0f;
#pragma unroll
    for (i32 j = 0; j < BLOCK / 8; j++) {
#pragma unroll
      for (i32 i = 2 * half; i < 2 * half + 2; i++) {
        s[j][i] = exp2_of(s[j][i] * by - shift);
        sum += s[j][i];
      }
    }
    totals[half] = totals[half] * shrunk + sum;
#pragma unroll
    for (i32 j = 0; j < WIDTH / 8; j++) {
      sums[j][2 * half] *= shrunk;
      sums[j][2 * half + 1] *= shrunk;
    }
  }
}

template <i32 WIDTH, bool BRAIN, bool CAUSAL, i32 TILES>
DEVICE void forward(u16* room, const Matrix& q, const Matrix& k, const Matrix& v, const Place& to, f32* logs,
                    i32 log_pitch, f32 scale, i32 first) {
  const i32 SIZE = BLOCK * WIDTH, ROWS = BLOCK * TILES;
  const i32 lane = i32(threadIdx.x) % 32, row = i32(threadIdx.x) / 32 * 16;
  const i32 end = CAUSAL && first + ROWS < k.rows ? first + ROWS : k.rows;
  u16* const others = room + TILES * SIZE;
  const auto bring = [&](i32 key, i32 turn) {
    if (key < end) {
      fetch<WIDTH>(others + turn * 2 * SIZE, k, key);
      fetch<WIDTH>(others + turn * 2 * SIZE + SIZE, v, key);
    }
    fetched();
  };
  fetch<WIDTH, ROWS>(room, q, first);
  bring(0, 0);
  f32 sums[TILES][WIDTH / 8][4] = {}, most[TILES][2], totals[TILES][2] = {};
#pragma unroll
  for (i32 t = 0; t < TILES; t++) { most[t][0] = most[t][1] = lowest(); }
  const f32 by = scale * LOG2_E;
  for (i32 key = 0, turn = 0; key < end; key += BLOCK, turn ^= 1) {
    u16* const here = others + turn * 2 * SIZE;
    wait_for_all();
    __syncthreads();
    f32 s[TILES][BLOCK / 8][4];
    const auto weigh = [&](i32 t) {
      const i32 own = first + row + BLOCK * t;
      if (key + BLOCK > k.rows || (CAUSAL && key + BLOCK > own)) {
#pragma unroll
        for (i32 j = 0; j < BLOCK / 8; j++) {
#pragma unroll
          for (i32 i = 0; i < 4; i++) {
            const i32 column = key + 8 * j + lane % 4 * 2 + i % 2, line = own + lane / 4 + i / 2 * 8;
            if (column >= k.rows || (CAUSAL && column > line)) { s[t][j][i] = lowest(); }
          }
        }
      }
      share<WIDTH>(s[t], sums[t], most[t], totals[t], by);
    };
    if constexpr (together<WIDTH>()) {
#if BY_WARPGROUPS
      // While some rows are weighed, products of the others go on.
      warpgroup::begin();
#pragma unroll
      for (i32 t = 0; t < TILES; t++) {
        warpgroup::scores<WIDTH, BRAIN>(s[t], room + t * SIZE, here);
        warpgroup::commit();
      }
      bring(key + BLOCK, turn ^ 1);
#pragma unroll
      for (i32 t = 0; t < TILES; t++) {
        warpgroup::wait<TILES - 1>();
        weigh(t);
        u32 a[BLOCK / 16][4];
#pragma unroll
        for (i32 p = 0; p < BLOCK / 16; p++) { pack<BRAIN>(a[p], s[t], p); }
        warpgroup::begin();
        warpgroup::through<WIDTH, BRAIN>(sums[t], a, here + SIZE);
        warpgroup::commit();
      }
      warpgroup::wait<0>();
#endif
    } else {
      bring(key + BLOCK, turn ^ 1);
      scores<WIDTH, BRAIN, TILES>(s, room, here, row, lane);
#pragma unroll
      for (i32 t = 0; t < TILES; t++) { weigh(t); }
      through<WIDTH, BRAIN, TILES>(sums, s, here + SIZE, lane);
    }
  }
#pragma unroll
  for (i32 t = 0; t < TILES; t++) {
    f32 factors[2];
    const i32 begin = first + row + BLOCK * t;
#pragma unroll
    for (i32 half = 0; half < 2; half++) {
      const f32 sum = total(totals[t][half]);
      factors[half] = sum == 0.0f ? 0.0f : 1.0f / sum;
      const i32 line = begin + lane / 4 + 8 * half;
      if (lane % 4 == 0 && line < q.rows) { logs[i64(line) * log_pitch] = most[t][half] * scale + logf(sum); }
    }
    store<WIDTH, BRAIN>(to, sums[t], begin, lane, factors[0], factors[1]);
  }
}

// By what scores are shifted, given the logarithm of their row's sum: not at all where the row has no keys.
DEVICE f32 shift_of(f32 log) { return log == lowest() ? 0.0f : log * LOG2_E; }

// The gradients of queries, or of keys and values: `own` and `other` are the operands of the scores, `own_too` and `other_too`
// those of the gradients of shares; `to` gets the gradient of `own`, `to_too` that of `own_too` where KEYS are asked for.
template <i32 WIDTH, bool BRAIN, bool CAUSAL, bool KEYS>
DEVICE void backward(u16* room, const Matrix& own, const Matrix& own_too, const Matrix& other, const Matrix& other_too,
                     const Place& to, const Place& to_too, const f32* logs, i32 log_pitch, const f32* dots, f32 scale,
                     i32 first) {
  const i32 SIZE = BLOCK * WIDTH;
  const i32 lane = i32(threadIdx.x) % 32, row = i32(threadIdx.x) / 32 * 16;
  const i32 begin = CAUSAL && KEYS ? first : 0;
  const i32 end = CAUSAL && !KEYS && first + BLOCK < other.rows ? first + BLOCK : other.rows;
  u16* const others = room + 2 * SIZE;
  // Of the queries of a block, twice: logarithms, then dots.
  f32* const numbers = (f32*)(room + 6 * SIZE);
  const auto bring = [&](i32 block, i32 turn) {
    if (block >= end) { return; }
    u16* const there = others + turn * 2 * SIZE;
    fetch<WIDTH>(there, other, block);
    fetch<WIDTH>(there + SIZE, other_too, block);
    if (KEYS) {
      const i32 i = i32(threadIdx.x) % BLOCK;
      f32* const to = numbers + turn * 2 * BLOCK;
      if (i32(threadIdx.x) < BLOCK) {
        fetch_numbers(to, logs, log_pitch, block, other.rows, i);
      } else {
        fetch_numbers(to + BLOCK, dots, 1, block, other.rows, i);
      }
    }
  };
  fetch<WIDTH>(room, own, first);
  fetch<WIDTH>(room + SIZE, own_too, first);
  bring(begin, 0);
  fetched();
  f32 sums[1][WIDTH / 8][4] = {}, sums_too[1][WIDTH / 8][4] = {};
  const f32 by = scale * LOG2_E;
  f32 log[2] = {}, dot[2] = {};
  if (!KEYS) {
#pragma unroll
    for (i32 half = 0; half < 2; half++) {
      const i32 query = first + row + lane / 4 + 8 * half;
      if (query < own.rows) {
        log[half] = shift_of(logs[i64(query) * log_pitch]);
        dot[half] = dots[query];
      }
    }
  }
  for (i32 block = begin, turn = 0; block < end; block += BLOCK, turn ^= 1) {
    u16* const here = others + turn * 2 * SIZE;
    wait_for_all();
    __syncthreads();
    bring(block + BLOCK, turn ^ 1);
    fetched();
    f32 s[1][BLOCK / 8][4], g[1][BLOCK / 8][4];
    const bool whole = block + BLOCK <= other.rows && first + BLOCK <= own.rows;
    const bool all_seen = !CAUSAL || (KEYS ? block >= first + BLOCK : block + BLOCK <= first);
    const f32* const own_numbers = numbers + turn * 2 * BLOCK;
    const auto share = [&](bool all) {
#pragma unroll
      for (i32 j = 0; j < BLOCK / 8; j++) {
#pragma unroll
        for (i32 i = 0; i < 4; i++) {
          const i32 at = 8 * j + lane % 4 * 2 + i % 2;
          const f32 shift = KEYS ? shift_of(own_numbers[at]) : log[i / 2];
          s[0][j][i] = exp2_of(s[0][j][i] * by - shift);
          if (!all) {
            const i32 line = first + row + lane / 4 + i / 2 * 8, column = block + at;
            const i32 query = KEYS ? column : line, key = KEYS ? line : column;
            const bool there = column < other.rows && line < own.rows;
            if (!there || (CAUSAL && key > query)) { s[0][j][i] = 0.0f; }
          }
        }
      }
    };
    // Most blocks are whole and seen by all.
    const auto weigh = [&]() {
      if (whole && all_seen) {
        share(true);
      } else {
        share(false);
      }
    };
    const auto derive = [&]() {
#pragma unroll
      for (i32 j = 0; j < BLOCK / 8; j++) {
#pragma unroll
        for (i32 i = 0; i < 4; i++) {
          const f32 less = KEYS ? own_numbers[BLOCK + 8 * j + lane % 4 * 2 + i % 2] : dot[i / 2];
          g[0][j][i] = s[0][j][i] * (g[0][j][i] - less);
        }
      }
    };
    if constexpr (together<WIDTH>()) {
#if BY_WARPGROUPS
      // What threads compute between products goes on beside the next of these.
      warpgroup::begin();
      warpgroup::scores<WIDTH, BRAIN>(s[0], room, here);
      warpgroup::commit();
      warpgroup::scores<WIDTH, BRAIN>(g[0], room + SIZE, here + SIZE);
      warpgroup::commit();
      warpgroup::wait<1>();
      weigh();
      if constexpr (KEYS) {
        u32 shares[BLOCK / 16][4];
#pragma unroll
        for (i32 p = 0; p < BLOCK / 16; p++) { pack<BRAIN>(shares[p], s[0], p); }
        warpgroup::begin();
        warpgroup::through<WIDTH, BRAIN>(sums_too[0], shares, here + SIZE);
        warpgroup::commit();
      }
      warpgroup::wait<KEYS ? 1 : 0>();
      derive();
      u32 grads[BLOCK / 16][4];
#pragma unroll
      for (i32 p = 0; p < BLOCK / 16; p++) { pack<BRAIN>(grads[p], g[0], p); }
      warpgroup::begin();
      warpgroup::through<WIDTH, BRAIN>(sums[0], grads, here);
      warpgroup::commit();
      warpgroup::wait<0>();
#endif
    } else {
      scores<WIDTH, BRAIN, 1>(s, room, here, row, lane);
      scores<WIDTH, BRAIN, 1>(g, room + SIZE, here + SIZE, row, lane);
      weigh();
      derive();
      if constexpr (KEYS) { through<WIDTH, BRAIN, 1>(sums_too, s, here + SIZE, lane); }
      through<WIDTH, BRAIN, 1>(sums, g, here, lane);
    }
  }
  wait_for_all();
  store<WIDTH, BRAIN>(to, sums[0], first + row, lane, scale, scale);
  if constexpr (KEYS) { store<WIDTH, BRAIN>(to_too, sums_too[0], first + row, lane, 1.0f, 1.0f); }
}

}  // namespace flash
