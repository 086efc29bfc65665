// Attention on Hopper, where there are rows enough: two groups of four warps multiply, 64 rows each, and four warps bring them
// blocks of the other side. Who brings waits until a place is free, and who multiplies until a block is there; so nobody waits
// for those who do the same.

#if BY_WARPGROUPS

namespace flash {

const i32 GROUPS = 2, ROWS = 64 * GROUPS, SEEN = 128;
// Threads that bring blocks of a kind, and places for these.
const i32 BRINGERS = 64, PLACES = 3;

// Where eight neighbours stand in a block of so many rows: each 64 columns are a part of their own, as the units expect.
template <i32 HEIGHT> DEVICE i32 seat(i32 row, i32 eight) {
  return (eight / 8 * HEIGHT + row) * 64 + ((eight % 8) ^ (row & 7)) * 8;
}

// So many threads fetch some rows of a block, from its row `at` on; what is beyond the matrix is zero.
template <i32 WIDTH, i32 HEIGHT, i32 COUNT, i32 BY>
DEVICE void bring(u16* block, i32 at, const Matrix& m, i32 first, i32 thread) {
  const i32 EIGHTS = WIDTH / 8, STEP = BY / EIGHTS;
  const i32 row = thread / EIGHTS, eight = thread % EIGHTS;
  // Of rows that lie four apart every other one is shuffled alike.
  const u32 to[2] = {address(block + seat<HEIGHT>(at + row, eight)),
                     address(block + seat<HEIGHT>(at + row + STEP, eight)) - STEP * 128};
  const u16* from = m.at + i64(first + row) * m.pitch + 8 * eight;
  const i64 step = i64(STEP) * m.pitch;
  if (first + COUNT <= m.rows && WIDTH == m.width) {
#pragma unroll
    for (i32 i = 0; i < COUNT / STEP; i++, from += step) { fetch_eight(to[i % 2] + i * STEP * 128, from); }
    return;
  }
  const i32 rows = 8 * eight < m.width ? m.rows - first - row : 0;
#pragma unroll 4
  for (i32 i = 0; i < COUNT / STEP; i++, from += step) {
    fetch_eight(to[i % 2] + i * STEP * 128, m.at, from, i * STEP < rows);
  }
}

// Gates: each opens when so many have arrived, again and again. Whoever waits says whether for an even or an odd time.
DEVICE void gate(u64* at, u32 count) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(u32(__cvta_generic_to_shared(at))), "r"(count));
}
DEVICE void arrive(u64* at) {
  asm volatile("mbarrier.arrive.release.cta.shared::cta.b64 _, [%0];" ::"r"(u32(__cvta_generic_to_shared(at))) : "memory");
}
DEVICE void pass(u64* at, i32 odd) {
  asm volatile("{\n.reg .pred p;\nagain:\nmbarrier.try_wait.parity.acquire.cta.shared::cta.b64 p, [%0], %1;\n@!p bra again;\n}"
               ::"r"(u32(__cvta_generic_to_shared(at))), "r"(odd)
               : "memory");
}

// The gates of the places: opened by so many who bring a block, and by the warps that are done with it.
struct Gates {
  u64 full[PLACES], free[PLACES];
  METHOD void set(u32 bringers) {
    for (i32 i = 0; i < PLACES; i++) {
      gate(&full[i], bringers);
      gate(&free[i], 4 * GROUPS);
    }
  }
};

// A place, and whether it is used for an odd time.
struct Turn {
  i32 place = 0, odd = 0;
  METHOD void next() {
    if (++place == PLACES) {
      place = 0;
      odd ^= 1;
    }
  }
};

// Takes scores of 16 rows: they become shares; what was summed before is to shrink by `shrunk`.
DEVICE void share(f32 (&s)[SEEN / 8][4], f32 (&most)[2], f32 (&totals)[2], f32 (&shrunk)[2], f32 by) {
#pragma unroll
  for (i32 half = 0; half < 2; half++) {
    f32 high = most[half];
#pragma unroll
    for (i32 j = 0; j < SEEN / 8; j++) { high = fmaxf(high, fmaxf(s[j][2 * half], s[j][2 * half + 1])); }
    high = largest(high);
    const f32 shift = high == lowest() ? 0.0f : high * by;
    shrunk[half] = exp2_of(most[half] * by - shift);
    most[half] = high;
    f32 sum = 0.0f;
#pragma unroll
    for (i32 j = 0; j < SEEN / 8; j++) {
#pragma unroll
      for (i32 i = 2 * half; i < 2 * half + 2; i++) {
        s[j][i] = exp2_of(s[j][i] * by - shift);
        sum += s[j][i];
      }
    }
    totals[half] = totals[half] * shrunk[half] + sum;
  }
}

// Rounds shares to half precision.
template <bool BRAIN> DEVICE void pack_all(u32 (&a)[SEEN / 16][4], const f32 (&s)[SEEN / 8][4]) {
#pragma unroll
  for (i32 p = 0; p < SEEN / 16; p++) {
#pragma unroll
    for (i32 i = 0; i < 4; i++) {
      const f32(&from)[4] = s[2 * p + i / 2];
      a[p][i] = pair<BRAIN>(from[i % 2 * 2], from[i % 2 * 2 + 1]);
    }
  }
}

// What all threads begin with.
DEVICE void open(Gates* gates, i32 kinds, u32 bringers) {
  if (threadIdx.x == 0) {
    for (i32 i = 0; i < kinds; i++) { gates[i].set(bringers); }
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  }
  __syncthreads();
}

// Waits until the four warps of a group have what they have fetched.
DEVICE void assemble(i32 group) {
  wait_for_all();
  asm volatile("bar.sync %0, 128;" ::"r"(group + 1) : "memory");
}

// A warp needs a place no more.
DEVICE void leave(Gates* gates, i32 place) {
  __syncwarp();
  if (threadIdx.x % 32 == 0) { arrive(&gates->free[place]); }
}

template <i32 WIDTH, bool BRAIN, bool CAUSAL>
DEVICE void forward_by_groups(u16* room, const Matrix& q, const Matrix& k, const Matrix& v, const Place& to, f32* logs,
                              i32 log_pitch, f32 scale, i32 first) {
  const i32 OWN = ROWS * WIDTH, SIZE = SEEN * WIDTH;
  u16 *const keys = room + OWN, *const values = keys + PLACES * SIZE;
  Gates *const of_keys = (Gates*)(values + PLACES * SIZE), *const of_values = of_keys + 1;
  open(of_keys, 2, BRINGERS);
  const i32 end = CAUSAL && first + ROWS < k.rows ? first + ROWS : k.rows, blocks = (end + SEEN - 1) / SEEN;
  // The last block comes first: it alone is not seen by all.
  if (threadIdx.x < THREADS) {
    warpgroup::give_registers<40>();
    const bool later = i32(threadIdx.x) >= BRINGERS;
    Gates* const gates = later ? of_values : of_keys;
    u16* const block = later ? values : keys;
    const Matrix m = later ? v : k;
    Turn turn;
    for (i32 i = blocks - 1; i >= 0; i--, turn.next()) {
      pass(&gates->free[turn.place], turn.odd ^ 1);
      bring<WIDTH, SEEN, SEEN, BRINGERS>(block + turn.place * SIZE, 0, m, i * SEEN, i32(threadIdx.x) % BRINGERS);
      fetched();
      wait_for_all();
      arrive(&gates->full[turn.place]);
    }
    return;
  }
  warpgroup::take_registers<232>();
  const i32 group = i32(threadIdx.x) / THREADS - 1, lane = i32(threadIdx.x) % 32, own = first + 64 * group;
  const i32 begin = own + i32(threadIdx.x) % THREADS / 32 * 16;
  bring<WIDTH, ROWS, 64, THREADS>(room, 64 * group, q, own, i32(threadIdx.x) % THREADS);
  fetched();
  assemble(group);
  f32 s[SEEN / 8][4], sums[WIDTH / 8][4] = {}, most[2] = {lowest(), lowest()}, totals[2] = {}, shrunk[2];
  u32 a[SEEN / 16][4];
  const f32 by = scale * LOG2_E;
  Turn key, value;
  const auto ask = [&]() {
    pass(&of_keys->full[key.place], key.odd);
    warpgroup::begin();
    warpgroup::scores<WIDTH, BRAIN, ROWS, SEEN>(s, room + group * 64 * 64, keys + key.place * SIZE);
    warpgroup::commit();
  };
  const auto add = [&]() {
    pass(&of_values->full[value.place], value.odd);
    warpgroup::begin();
    warpgroup::through<WIDTH, BRAIN, SEEN>(sums, a, values + value.place * SIZE);
    warpgroup::commit();
  };
  const auto weigh = [&](i32 from) {
    if (from + SEEN > k.rows || (CAUSAL && from + SEEN > own)) {
#pragma unroll
      for (i32 j = 0; j < SEEN / 8; j++) {
#pragma unroll
        for (i32 n = 0; n < 4; n++) {
          const i32 column = from + 8 * j + lane % 4 * 2 + n % 2, line = begin + lane / 4 + n / 2 * 8;
          s[j][n] = column >= k.rows | (CAUSAL & column > line) ? lowest() : s[j][n];
        }
      }
    }
    share(s, most, totals, shrunk, by);
  };
  // The groups take turns with asking for products, so that one of them weighs while the other's are made.
  const auto take_turn = [&](i32 whose) { asm volatile("bar.sync %0, 256;" ::"r"(whose + 3) : "memory"); };
  const auto hand_over = [&](i32 whose) { asm volatile("bar.arrive %0, 256;" ::"r"(whose + 3) : "memory"); };
  if (group == 1) { hand_over(0); }
  ask();
  warpgroup::wait<0>();
  leave(of_keys, key.place);
  weigh((blocks - 1) * SEEN);
  pack_all<BRAIN>(a, s);
  // Scores of a block are weighed while the one before is added.
  for (i32 i = blocks - 2; i >= 0; i--) {
    key.next();
    take_turn(group);
    ask();
    add();
    hand_over(1 - group);
    warpgroup::wait<1>();
    leave(of_keys, key.place);
    weigh(i * SEEN);
    warpgroup::wait<0>();
    leave(of_values, value.place);
    value.next();
#pragma unroll
    for (i32 j = 0; j < WIDTH / 8; j++) {
#pragma unroll
      for (i32 n = 0; n < 4; n++) { sums[j][n] *= shrunk[n / 2]; }
    }
    pack_all<BRAIN>(a, s);
  }
  add();
  f32 factors[2];
#pragma unroll
  for (i32 half = 0; half < 2; half++) {
    const f32 sum = total(totals[half]);
    factors[half] = sum == 0.0f ? 0.0f : 1.0f / sum;
    const i32 line = begin + lane / 4 + 8 * half;
    if (lane % 4 == 0 && line < q.rows) { logs[i64(line) * log_pitch] = most[half] * scale + logf(sum); }
  }
  warpgroup::wait<0>();
  store<WIDTH, BRAIN>(to, sums, begin, lane, factors[0], factors[1]);
}

// The gradients of queries, or of keys and values, of operands as `backward` has them.
template <i32 WIDTH, bool BRAIN, bool CAUSAL, bool KEYS>
DEVICE void backward_by_groups(u16* room, const Matrix& own, const Matrix& own_too, const Matrix& other,
                               const Matrix& other_too, const Place& to, const Place& to_too, const f32* logs,
                               i32 log_pitch, const f32* dots, f32 scale, i32 first) {
  const i32 OWN = ROWS * WIDTH, SIZE = BLOCK * WIDTH;
  u16* const others = room + 2 * OWN;
  // Of the queries of a block: logarithms, then dots.
  f32* const numbers = (f32*)(others + PLACES * 2 * SIZE);
  Gates* const gates = (Gates*)(numbers + PLACES * 2 * BLOCK);
  open(gates, 1, THREADS);
  const i32 start = CAUSAL && KEYS ? first : 0;
  const i32 end = CAUSAL && !KEYS && first + ROWS < other.rows ? first + ROWS : other.rows;
  Turn turn;
  if (threadIdx.x < THREADS) {
    warpgroup::give_registers<KEYS ? 24 : 40>();
    const bool later = i32(threadIdx.x) >= BRINGERS;
    const i32 thread = i32(threadIdx.x) % BRINGERS;
    const Matrix m = later ? other_too : other;
    for (i32 block = start; block < end; block += BLOCK, turn.next()) {
      pass(&gates->free[turn.place], turn.odd ^ 1);
      bring<WIDTH, BLOCK, BLOCK, BRINGERS>(others + (2 * turn.place + later) * SIZE, 0, m, block, thread);
      if (KEYS) {
        f32* const there = numbers + (2 * turn.place + later) * BLOCK;
        fetch_numbers(there, later ? dots : logs, later ? 1 : log_pitch, block, other.rows, thread);
      }
      fetched();
      wait_for_all();
      arrive(&gates->full[turn.place]);
    }
    return;
  }
  warpgroup::take_registers<KEYS ? 240 : 232>();
  const i32 group = i32(threadIdx.x) / THREADS - 1, lane = i32(threadIdx.x) % 32, mine = first + 64 * group;
  const i32 line = mine + i32(threadIdx.x) % THREADS / 32 * 16 + lane / 4;
  bring<WIDTH, ROWS, 64, THREADS>(room, 64 * group, own, mine, i32(threadIdx.x) % THREADS);
  bring<WIDTH, ROWS, 64, THREADS>(room + OWN, 64 * group, own_too, mine, i32(threadIdx.x) % THREADS);
  fetched();
  f32 sums[WIDTH / 8][4] = {}, sums_too[WIDTH / 8][4] = {};
  f32 log[2] = {}, dot[2] = {};
  if (!KEYS) {
#pragma unroll
    for (i32 half = 0; half < 2; half++) {
      if (line + 8 * half < own.rows) {
        log[half] = shift_of(logs[i64(line + 8 * half) * log_pitch]);
        dot[half] = dots[line + 8 * half];
      }
    }
  }
  assemble(group);
  const f32 by = scale * LOG2_E;
  const u16 *const mine_here = room + group * 64 * 64, *const mine_too = mine_here + OWN;
  // What none of these rows sees is left alone.
  const i32 begin = CAUSAL && KEYS ? mine : start, stop = CAUSAL && !KEYS && mine + 64 < end ? mine + 64 : end;
  for (i32 block = start; block < begin; block += BLOCK, turn.next()) {
    if (block < end) { leave(gates, turn.place); }
  }
  f32 s[BLOCK / 8][4];
  u32 grads[BLOCK / 16][4];
  const auto ask = [&]() {
    pass(&gates->full[turn.place], turn.odd);
    warpgroup::begin();
    warpgroup::scores<WIDTH, BRAIN, ROWS, BLOCK>(s, mine_here, others + 2 * turn.place * SIZE);
  };
  // The scores of a block become gradients of scores.
  const auto derive = [&](i32 block) {
    const u16* const here_too = others + (2 * turn.place + 1) * SIZE;
    const f32* const here_numbers = numbers + 2 * turn.place * BLOCK;
    f32 g[BLOCK / 8][4];
    warpgroup::begin();
    warpgroup::scores<WIDTH, BRAIN, ROWS, BLOCK>(g, mine_too, here_too);
    warpgroup::commit();
    const auto weigh = [&](bool all) {
#pragma unroll
      for (i32 j = 0; j < BLOCK / 8; j++) {
#pragma unroll
        for (i32 i = 0; i < 4; i++) {
          const i32 at = 8 * j + lane % 4 * 2 + i % 2;
          const f32 shift = KEYS ? shift_of(here_numbers[at]) : log[i / 2];
          s[j][i] = exp2_of(s[j][i] * by - shift);
          if (!all) {
            const i32 row = line + i / 2 * 8, column = block + at;
            const i32 query = KEYS ? column : row, key = KEYS ? row : column;
            const bool hidden = column >= other.rows | row >= own.rows | (CAUSAL & key > query);
            s[j][i] = hidden ? 0.0f : s[j][i];
          }
        }
      }
    };
    const bool whole = block + BLOCK <= other.rows && mine + 64 <= own.rows;
    if (whole && (!CAUSAL || (KEYS ? block >= mine + 64 : block + BLOCK <= mine))) {
      weigh(true);
    } else {
      weigh(false);
    }
    if constexpr (KEYS) {
      u32 shares[BLOCK / 16][4];
#pragma unroll
      for (i32 p = 0; p < BLOCK / 16; p++) { pack<BRAIN>(shares[p], s, p); }
      warpgroup::begin();
      warpgroup::through<WIDTH, BRAIN, BLOCK>(sums_too, shares, here_too);
      warpgroup::commit();
    }
    warpgroup::wait<KEYS ? 1 : 0>();
#pragma unroll
    for (i32 j = 0; j < BLOCK / 8; j++) {
#pragma unroll
      for (i32 i = 0; i < 4; i++) {
        const f32 less = KEYS ? here_numbers[BLOCK + 8 * j + lane % 4 * 2 + i % 2] : dot[i / 2];
        s[j][i] *= g[j][i] - less;
      }
    }
#pragma unroll
    for (i32 p = 0; p < BLOCK / 16; p++) { pack<BRAIN>(grads[p], s, p); }
  };
  if (begin < stop) {
    ask();
    warpgroup::commit();
    warpgroup::wait<0>();
    i32 block = begin;
    for (; block + BLOCK < stop; block += BLOCK) {
      derive(block);
      const i32 place = turn.place;
      turn.next();
      ask();
      warpgroup::through<WIDTH, BRAIN, BLOCK>(sums, grads, others + 2 * place * SIZE);
      warpgroup::commit();
      warpgroup::wait<0>();
      leave(gates, place);
    }
    derive(block);
    warpgroup::begin();
    warpgroup::through<WIDTH, BRAIN, BLOCK>(sums, grads, others + 2 * turn.place * SIZE);
    warpgroup::commit();
    warpgroup::wait<0>();
  }
  store<WIDTH, BRAIN>(to, sums, line - lane / 4, lane, scale, scale);
  if constexpr (KEYS) { store<WIDTH, BRAIN>(to_too, sums_too, line - lane / 4, lane, 1.0f, 1.0f); }
}

}  // namespace flash

#endif
