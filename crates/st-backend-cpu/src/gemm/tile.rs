//! The innermost kernel: a tile of sums, a few rows high and up to two vectors wide, kept in registers over k.

use super::element::Element;
use super::pack;
use super::simd::{Simd, Work};
use std::convert::Infallible;
use std::marker::PhantomData;

/// How blocks are cut, laid out and multiplied for one element type and family of instructions.
pub(super) trait Kernel: 'static {
    /// What operands hold.
    type Elem: Element;
    /// What packed panels hold.
    type Packed: Copy + 'static;
    /// The highest tile.
    const ROWS: usize;
    /// Panels of rows begin at multiples of this.
    const ROW_STEP: usize = 1;
    /// The widest tile, and the width of a packed panel of B.
    const COLS: usize;
    /// Whether a tile can read unpacked operands.
    const READS_IN_PLACE: bool;
    /// Packed panels hold a multiple of this many steps of k.
    const K_STEP: usize;
    /// Multiply-adds worth a thread's while.
    const THREAD_WORK: usize = 100_000;
    /// Bytes of A that a block keeps in the second-level cache.
    const A_BLOCK_BYTES: usize = 384 << 10;

    /// The most steps of k that blocks of an `m` by `n` product advance by at a time.
    fn k_block(m: usize, n: usize) -> usize;
    /// Rows that a packed panel of A has room for, given the rows it holds.
    fn panel_rows(rows: usize) -> usize;
    /// Packs panels of A of `rows` rows each, `panel` apart: `lines` are their rows.
    unsafe fn pack_a(lines: Lines<Self::Elem>, to: *mut Self::Packed, rows: usize, panel: usize);
    /// Packs panels of B, `panel` apart: `lines` are their columns.
    unsafe fn pack_b(lines: Lines<Self::Elem>, to: *mut Self::Packed, panel: usize);
    /// Readies the thread for tiles.
    unsafe fn begin() {}
    /// Ends what `begin` began.
    unsafe fn end() {}
    /// Multiplies a panel of A by a panel of B.
    unsafe fn tile(args: &TileArgs<Self::Packed, <Self::Elem as Element>::Acc>);
    /// Whether tiles pack the next panel of B between their own instructions.
    const PACKS_AHEAD: bool = false;
    /// A panel of B that is packed bit by bit.
    type Ahead;
    /// Begins to pack a panel of B, where the kernel packs ahead: `lines` are its columns.
    fn ahead(_lines: Lines<Self::Elem>, _to: *mut Self::Packed) -> Option<Self::Ahead> {
        None
    }
    /// Multiplies, and packs its share where so many tiles, this one among them, pack what is left.
    unsafe fn tile_ahead(
        args: &TileArgs<Self::Packed, <Self::Elem as Element>::Acc>,
        _ahead: &mut Self::Ahead,
        _tiles: usize,
    ) {
        // SAFETY: the caller's promise.
        unsafe { Self::tile(args) }
    }
}

/// Rows of A or columns of B to pack, `line` apart, their elements `step` apart.
#[derive(Clone, Copy)]
pub(super) struct Lines<T> {
    pub(super) from: *const T,
    pub(super) line: isize,
    pub(super) step: isize,
    pub(super) count: usize,
    pub(super) k: usize,
}

#[cfg(target_arch = "x86_64")]
impl<T: Copy> Lines<T> {
    /// So many lines at a time.
    pub(super) fn parts(self, count: usize) -> impl Iterator<Item = Lines<T>> {
        (0..self.count).step_by(count).map(move |first| Lines {
            from: self.from.wrapping_offset(first as isize * self.line),
            count: (self.count - first).min(count),
            ..self
        })
    }
}

/// A tile to compute: C (+)= A B.
pub(super) struct TileArgs<P, Acc> {
    pub(super) k: usize,
    pub(super) a: *const P,
    /// Distance between rows of A: 1, unless `a_step` is 1.
    pub(super) a_row: isize,
    pub(super) a_step: isize,
    pub(super) b: *const P,
    pub(super) b_step: isize,
    /// Where the steps of B lie from `b`, for [`Fma::gathered`].
    pub(super) b_offsets: *const isize,
    /// Whether whole vectors of B can be read although C has fewer columns.
    pub(super) b_whole: bool,
    /// Where the steps of B are copied as they are read, side by side, for later tiles; null if nowhere.
    pub(super) copy: *mut P,
    /// What is fetched meanwhile: of B, or, where its steps have offsets, of as many rows of anything.
    pub(super) ahead: Ahead<P>,
    pub(super) c: *mut Acc,
    pub(super) c_row: isize,
    pub(super) rows: usize,
    pub(super) cols: usize,
    /// Whether to add to what C holds.
    pub(super) add: bool,
}

/// What to fetch into the second-level cache: pairs of lines, one at every so many steps of k.
#[derive(Clone, Copy)]
pub(super) struct Ahead<P> {
    pub(super) pair: [*const P; 2],
    /// Distance between pairs of a run, of which so many are left.
    pub(super) step: isize,
    pub(super) left: usize,
    /// Pairs of each run that follows, and what is added to the distance where one begins.
    pub(super) run: usize,
    pub(super) jump: isize,
    pub(super) every: usize,
}

impl<P> Ahead<P> {
    /// Pairs that are equally far apart.
    pub(super) fn evenly(pair: [*const P; 2], step: isize) -> Self {
        Ahead { pair, step, left: usize::MAX, run: usize::MAX, jump: 0, every: 1 }
    }

    /// Little: all is there, or soon will be.
    pub(super) fn nothing(at: *const P) -> Self {
        Ahead { every: usize::MAX, ..Ahead::evenly([at; 2], 0) }
    }

    /// The same, without the first pairs.
    pub(super) fn after(mut self, pairs: usize) -> Self {
        let (runs, rest) =
            ((self.run - self.left + pairs) / self.run, (self.run - self.left + pairs) % self.run);
        let jumps = runs as isize * self.jump;
        self.pair = self.pair.map(|at| at.wrapping_offset(pairs as isize * self.step + jumps));
        self.left = self.run - rest;
        self
    }

    /// Goes on to the next pair.
    #[inline(always)]
    fn advance(&mut self) {
        self.left -= 1;
        let mut step = self.step;
        if self.left == 0 {
            self.left = self.run;
            step += self.jump;
        }
        for at in &mut self.pair {
            *at = at.wrapping_offset(step);
        }
    }
}

/// Kernels of multiply-add instructions on vectors of the type of the sums.
pub(super) struct Fma<S, T>(PhantomData<(S, T)>);

/// Vectors of the widest tile of a single row.
pub(super) const WIDE: usize = 8;

/// Rows read in place have addresses of their own, which must fit in registers.
pub(super) const ROWS_IN_PLACE: usize = 8;

impl<S: Simd, T: Element<Acc = S::Elem>> Kernel for Fma<S, T> {
    type Elem = T;
    type Packed = S::Elem;
    const ROWS: usize = S::ROWS;
    const COLS: usize = 2 * S::LANES;
    const READS_IN_PLACE: bool = T::SUMS_ARE_RESULTS;
    const K_STEP: usize = 1;
    type Ahead = Infallible;

    fn k_block(m: usize, n: usize) -> usize {
        /// Sums larger than this leave the cache between two blocks of k.
        const MANY_SUMS_BYTES: usize = 2 << 20;
        // A panel of B stays in the first-level cache, if fetching the sums again does not cost more.
        if m * n * size_of::<S::Elem>() >= MANY_SUMS_BYTES { 512 } else { 272 }
    }

    fn panel_rows(rows: usize) -> usize {
        rows
    }

    unsafe fn pack_a(lines: Lines<T>, to: *mut S::Elem, rows: usize, panel: usize) {
        // SAFETY: the caller's promise.
        unsafe { pack::panels::<S, T>(lines, to, rows, panel) }
    }

    unsafe fn pack_b(lines: Lines<T>, to: *mut S::Elem, panel: usize) {
        // SAFETY: the caller's promise.
        unsafe { pack::panels::<S, T>(lines, to, Self::COLS, panel) }
    }

    #[inline]
    unsafe fn tile(args: &TileArgs<S::Elem, S::Elem>) {
        // SAFETY: the caller's promise.
        unsafe {
            match (args.cols > S::LANES, args.a_row == 1, args.b_whole) {
                (true, true, true) => by_rows::<S, 2, true, true, false>(args),
                (true, true, false) => by_rows::<S, 2, true, false, false>(args),
                (true, false, true) => by_rows::<S, 2, false, true, false>(args),
                (true, false, false) => by_rows::<S, 2, false, false, false>(args),
                (false, true, true) => by_rows::<S, 1, true, true, false>(args),
                (false, true, false) => by_rows::<S, 1, true, false, false>(args),
                (false, false, true) => by_rows::<S, 1, false, true, false>(args),
                (false, false, false) => by_rows::<S, 1, false, false, false>(args),
            }
        }
    }
}

impl<S: Simd, T: Element<Acc = S::Elem>> Fma<S, T> {
    /// Multiplies packed panels, of which that of B has whole vectors.
    #[inline]
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "only pairs are always packed"))]
    pub(super) unsafe fn packed(args: &TileArgs<S::Elem, S::Elem>) {
        // SAFETY: the caller's promise.
        unsafe { by_rows::<S, 2, true, true, false>(args) }
    }

    /// Multiplies a packed panel of A by steps of B at offsets of their own, whose vectors can be read whole. A tile of
    /// one row may be [`WIDE`] vectors wide.
    #[inline]
    pub(super) unsafe fn gathered(args: &TileArgs<S::Elem, S::Elem>) {
        // SAFETY: the caller's promise.
        unsafe {
            match args.cols.div_ceil(S::LANES) {
                1 => by_rows::<S, 1, true, true, true>(args),
                2 => by_rows::<S, 2, true, true, true>(args),
                _ => S::enter(Rows::<S::Elem, 1, WIDE, true, true, true>(args)),
            }
        }
    }
}

/// Chooses the kernel for the tile's height.
#[inline]
unsafe fn by_rows<S: Simd, const VECS: usize, const PACKED: bool, const WHOLE: bool, const GATHERED: bool>(
    args: &TileArgs<S::Elem, S::Elem>,
) {
    macro_rules! choose {
        ($($rows:literal)*) => {
            match args.rows {
                $($rows if const { $rows <= S::ROWS && (PACKED || $rows <= ROWS_IN_PLACE) } => {
                    S::enter(Rows::<S::Elem, $rows, VECS, PACKED, WHOLE, GATHERED>(args))
                })*
                rows => unreachable!("no kernel for {rows} rows"),
            }
        };
    }
    // SAFETY: the caller's promise.
    unsafe { choose!(1 2 3 4 5 6 7 8 9 10 11 12 13 14) }
}

/// A tile of ROWS rows and VECS vectors. PACKED says that the rows of A are 1 apart, WHOLE that B can be read
/// without masks, which would cost an instruction slot of the multiply-adds, GATHERED that its steps have offsets.
struct Rows<
    'a,
    E,
    const ROWS: usize,
    const VECS: usize,
    const PACKED: bool,
    const WHOLE: bool,
    const GATHERED: bool,
>(&'a TileArgs<E, E>);

impl<
    S: Simd,
    const ROWS: usize,
    const VECS: usize,
    const PACKED: bool,
    const WHOLE: bool,
    const GATHERED: bool,
> Work<S> for Rows<'_, S::Elem, ROWS, VECS, PACKED, WHOLE, GATHERED>
{
    #[inline(always)]
    unsafe fn run(self) {
        let t = self.0;
        // SAFETY: the caller promises that A, B and C are as the arguments say; masks keep to their columns.
        unsafe {
            let mut masks = [S::mask(t.cols); VECS];
            for v in 1..VECS {
                masks[v] = S::mask(t.cols.saturating_sub(v * S::LANES));
            }
            for i in 0..ROWS {
                let row = t.c.offset(i as isize * t.c_row);
                S::prefetch(row);
                S::prefetch(row.wrapping_add(t.cols - 1));
            }
            let mut sums = [[S::splat(S::Elem::default()); VECS]; ROWS];
            let (mut a, mut b, mut copy, mut ahead) = (t.a, t.b, t.copy, t.ahead);
            let mut until_ahead = 1;
            for p in 0..t.k {
                if GATHERED {
                    b = t.b.wrapping_offset(*t.b_offsets.add(p));
                }
                if !GATHERED {
                    until_ahead -= 1;
                }
                if if GATHERED { p < ROWS } else { until_ahead == 0 } {
                    until_ahead = ahead.every;
                    S::prefetch_far(ahead.pair[0]);
                    S::prefetch_far(ahead.pair[1]);
                    ahead.advance();
                }
                let mut y = [S::splat(S::Elem::default()); VECS];
                for v in 0..VECS {
                    let at = b.add(v * S::LANES);
                    y[v] = if WHOLE { S::load_all(at) } else { S::load(at, masks[v]) };
                }
                if !GATHERED && !copy.is_null() {
                    for v in 0..VECS {
                        S::store(copy.add(v * S::LANES), y[v], S::mask(S::LANES));
                    }
                    copy = copy.add(2 * S::LANES);
                }
                for i in 0..ROWS {
                    let at = if PACKED { i as isize } else { i as isize * t.a_row };
                    let x = S::splat(*a.offset(at));
                    for v in 0..VECS {
                        sums[i][v] = S::mul_add(x, y[v], sums[i][v]);
                    }
                }
                a = if PACKED { a.wrapping_offset(t.a_step) } else { a.wrapping_add(1) };
                b = b.wrapping_offset(t.b_step);
            }
            for i in 0..ROWS {
                for v in 0..VECS {
                    let at = t.c.offset(i as isize * t.c_row).add(v * S::LANES);
                    let sum = if t.add { S::add(S::load(at, masks[v]), sums[i][v]) } else { sums[i][v] };
                    S::store(at, sum, masks[v]);
                }
            }
        }
    }
}
