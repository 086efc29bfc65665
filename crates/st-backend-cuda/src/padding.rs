//! Products whose rows begin anywhere, as those of a vocabulary of 50,257 words do: matrix units are several times as fast on
//! copies whose sizes and rows are multiples of 16 bytes, which cost less than they save where much is multiplied. Large products
//! are made in pieces, so that the copies take little memory.

use crate::blas::{Matrix, Product};
use crate::calls::Call;
use crate::device::{CudaBuffer, Shared};
use crate::driver::{Address, Handle};
use crate::program::loaded;
use smallvec::{SmallVec, smallvec};
use st_kernel::render::THREADS;
use st_kernel::{DType, Result};
use std::sync::Arc;

/// What rows begin at multiples of, in bytes.
pub(crate) const WHOLE: usize = 16;
/// Multiply-adds that must be saved for each byte of a copy: measured on an H200.
const WORTH: usize = 100;
/// Multiply-adds from which on a product without copies is two.
const LARGE: usize = 1 << 30;

/// Bytes of copies that there are at a time: more lines of results are made in pieces.
const MOST: usize = 96 << 20;
/// Pieces have a multiple of so many lines, which is what matrix units' tiles have.
const LINES: usize = 128;

/// Groups that keep a GPU busy with copying: fewer rows are copied in parts.
const ENOUGH: usize = 1 << 10;

/// A product that is made of copies.
pub(crate) struct Padded {
    /// Lines of results that are made at a time.
    pub(crate) pieces: SmallVec<[Piece; 4]>,
    /// The right operand, if it is not whole where it is.
    b: Option<Copy>,
}

/// Some lines of results.
pub(crate) struct Piece {
    /// The product of the copies.
    pub(crate) product: Product,
    /// How far its lines are from those of the whole, in bytes: of the left operand and of the results.
    before: [Address; 2],
    /// The left operand and the results, if they are not whole where they are.
    a: Option<Copy>,
    c: Option<Copy>,
}

/// A copy of a matrix: as many rows and columns as are there, and as many as the copy has. Or the matrix itself, if what lies
/// behind its rows, or behind the last of them, is nobody's: there zeros are written.
struct Copy {
    dtype: DType,
    in_place: bool,
    there: (usize, usize),
    pitch: usize,
    own: (usize, usize),
    own_pitch: usize,
}

impl Padded {
    /// The product with copies, if they pay.
    pub(crate) fn of(product: &Product) -> Option<Padded> {
        let Product { dtype, result, batch: 1, m, n, k, a, b, c, .. } = *product else { return None };
        if dtype.size() != 2 {
            return None;
        }
        let whole = |size: usize, dtype: DType| size.next_multiple_of(WHOLE / dtype.size());
        let (wide, deep) = (whole(n, result), whole(k, dtype));
        let copy = |matrix: Matrix, dtype: DType, (lines, own_lines), (steps, own_steps)| {
            let (there, own) = match matrix.turned {
                true => ((lines, steps), (own_lines, own_steps)),
                false => ((steps, lines), (own_steps, own_lines)),
            };
            let pitch = matrix.pitch;
            let begins_well =
                pitch.is_multiple_of(WHOLE / dtype.size()) && matrix.alignment as usize >= WHOLE;
            let is_loose = matrix.loose && there.0 == own.0 && own.1 <= pitch;
            let ends_loose = there.1 == pitch && own.1 == pitch && (own.0 - there.0) * pitch <= matrix.behind;
            let in_place = begins_well && (is_loose || ends_loose);
            let own_pitch = if in_place { pitch } else { whole(own.1, dtype) };
            let is_whole = begins_well && there == own;
            (!is_whole).then_some(Copy { dtype, in_place, there, pitch, own, own_pitch })
        };
        let of_a = |m: usize| copy(a, dtype, (m, m), (k, deep));
        let of_b = copy(b, dtype, (n, wide), (k, deep));
        // Results need no zeros behind them.
        let of_c = |m: usize| copy(c, result, (m, m), (n, wide)).filter(|copy| !copy.in_place);
        let large: usize = [of_a(m), of_c(m)].iter().flatten().map(Copy::bytes).sum();
        let bytes = large + of_b.as_ref().map_or(0, Copy::bytes);
        // Lines that are neighbours are read by fours of words, too: what is left over is a product of its own.
        let over = if a.turned { 0 } else { m % (WHOLE / dtype.size()) };
        let splits = over > 0 && m * n * k >= LARGE;
        let is_odd = (wide, deep) != (n, k) && m * n * k >= LARGE;
        if bytes == 0 && !splits && !is_odd || m * n * k / WORTH < bytes {
            return None;
        }
        let of = |matrix: Matrix, copy: &Option<Copy>| match copy {
            Some(copy) if !copy.in_place => Matrix { pitch: copy.own_pitch, alignment: 256, ..matrix },
            _ => matrix,
        };
        let lines = m.div_ceil(large.div_ceil(MOST).max(1)).next_multiple_of(LINES);
        let piece = |first: usize, m: usize| {
            let before = [(a, dtype), (c, result)].map(|(matrix, dtype)| {
                let step = if matrix.turned { matrix.pitch } else { 1 };
                (first * step * dtype.size()) as Address
            });
            let (of_a, of_c) = (of_a(m), of_c(m));
            let [a, b, c] = [of(a, &of_a), of(b, &of_b), of(c, &of_c)];
            let product = Product { m, n: wide, k: deep, a, b, c, ..product.clone() };
            Piece { product, before, a: of_a, c: of_c }
        };
        let mut pieces: SmallVec<[Piece; 4]> =
            (0..m - over).step_by(lines).map(|first| piece(first, lines.min(m - over - first))).collect();
        pieces.extend((over > 0 && m > over).then(|| piece(m - over, over)));
        Some(Padded { pieces, b: of_b })
    }

    /// A copy of the right operand, or itself, and memory that is to be held meanwhile.
    pub(crate) fn right(
        &self,
        mover: &Mover,
        shared: &Shared,
        b: Address,
    ) -> Result<(Address, Option<CudaBuffer>)> {
        copied(self.b.as_ref(), mover, shared, b)
    }
}

impl Piece {
    /// Has the left operand copied, the product made by somebody and its results copied to their place.
    pub(crate) fn make(
        &self,
        mover: &Mover,
        shared: &Shared,
        [a, b, c]: [Address; 3],
        multiply: impl FnOnce([Address; 3]) -> Result<()>,
    ) -> Result<()> {
        let (a, _held) = copied(self.a.as_ref(), mover, shared, a + self.before[0])?;
        let c = c + self.before[1];
        let Some(copy) = &self.c else { return multiply([a, b, c]) };
        let own = shared.alloc(copy.bytes())?;
        let from = own.memory().address();
        multiply([a, b, from])?;
        mover.run(copy, [(from, copy.own_pitch), (c, copy.pitch)])
    }
}

/// A copy of an operand, or itself if it needs none.
fn copied(
    copy: Option<&Copy>,
    mover: &Mover,
    shared: &Shared,
    from: Address,
) -> Result<(Address, Option<CudaBuffer>)> {
    let Some(copy) = copy else { return Ok((from, None)) };
    if copy.in_place {
        copy.clear_rest(shared, from)?;
        return Ok((from, None));
    }
    let memory = shared.alloc(copy.bytes())?;
    let own = memory.memory().address();
    copy.clear_rest(shared, own)?;
    mover.run(copy, [(from, copy.pitch), (own, copy.own_pitch)])?;
    Ok((own, Some(memory)))
}

impl Copy {
    /// Bytes of memory of its own.
    fn bytes(&self) -> usize {
        if self.in_place { 0 } else { self.own.0 * self.own_pitch * self.dtype.size() }
    }

    /// Zeros where it is larger than what is there.
    fn clear_rest(&self, shared: &Shared, at: Address) -> Result<()> {
        let size = self.dtype.size();
        let (rows, columns) = self.there;
        let pitch = self.own_pitch * size;
        let width = (self.own_pitch - columns) * size;
        if width > 0 {
            shared.ask(Call::Clear { at: at + (columns * size) as u64, pitch, width, rows })?;
        }
        let rest = (self.own.0 - rows) * pitch;
        if rest > 0 {
            shared.ask(Call::Clear {
                at: at + (rows * pitch) as u64,
                pitch,
                width: pitch,
                rows: rest / pitch,
            })?;
        }
        Ok(())
    }
}

/// Groups copy a row each, or parts of it, by four words that are whole where they are written; what is read lies anywhere.
const TEXT: &str = r#"
typedef unsigned int u32;
typedef unsigned long long u64;
extern "C" __global__ void entry(const char *__restrict__ from, u64 from_pitch, char *to, u64 to_pitch, u64 parts, u64 all) {
  const u32 bytes = (u32)all, row = blockIdx.x / (u32)parts, part = blockIdx.x % (u32)parts;
  from += row * from_pitch, to += row * to_pitch;
  const u32 before = (u32)(0 - (u64)to) & 15, head = before < bytes ? before : bytes, fours = (bytes - head) / 16;
  const u64 start = (u64)(from + head);
  const u32 *source = (const u32 *)(start & ~(u64)3);
  const u32 shift = (u32)(start & 3) * 8;
  uint4 *target = (uint4 *)(to + head);
  #pragma unroll 2
  for (u32 i = part * blockDim.x + threadIdx.x; i < fours; i += (u32)parts * blockDim.x) {
    const u32 *w = source + 4 * i;
    const u32 a = w[0], b = w[1], c = w[2], d = w[3], e = shift ? w[4] : 0;
    target[i] = make_uint4(__funnelshift_r(a, b, shift), __funnelshift_r(b, c, shift), __funnelshift_r(c, d, shift),
                           __funnelshift_r(d, e, shift));
  }
  if (part > 0) { return; }
  const u32 last = head + 16 * fours;
  if (threadIdx.x < head) { to[threadIdx.x] = from[threadIdx.x]; }
  if (threadIdx.x < bytes - last) { to[last + threadIdx.x] = from[last + threadIdx.x]; }
}
"#;

/// Copies rows.
pub(crate) struct Mover {
    function: Handle,
    shared: Arc<Shared>,
}

// SAFETY: a function of a module that stays loaded; any thread may launch it.
unsafe impl Send for Mover {}
// SAFETY: as above.
unsafe impl Sync for Mover {}

impl Mover {
    pub(crate) fn new(shared: Arc<Shared>) -> Result<Mover> {
        Ok(Mover { function: loaded(TEXT, false, &shared)?, shared })
    }

    /// Copies what is there between addresses with their pitches.
    fn run(&self, copy: &Copy, [from, to]: [(Address, usize); 2]) -> Result<()> {
        let size = copy.dtype.size();
        let (rows, bytes) = (copy.there.0, copy.there.1 * size);
        let parts = (ENOUGH / rows.max(1)).min(bytes / (WHOLE * THREADS)).max(1);
        let [from_pitch, to_pitch] = [from.1, to.1].map(|pitch| (pitch * size) as u64);
        self.shared.ask(Call::Kernel {
            function: self.function.expose_provenance(),
            groups: (rows * parts) as u32,
            threads: THREADS as u32,
            shared: 0,
            words: smallvec![from.0, from_pitch, to.0, to_pitch, parts as u64],
            numbers: Vec::new(),
            last: bytes as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A product of matrices in half precision whose lines lie one after the other, or side by side.
    fn product([m, n, k]: [usize; 3], turned: [bool; 2]) -> Product {
        let matrix = |turned: bool, lines: usize, steps: usize| Matrix {
            turned,
            pitch: if turned { steps } else { lines },
            step: 0,
            alignment: 256,
            loose: false,
            behind: 0,
        };
        let (a, b, c) = (matrix(turned[0], m, k), matrix(turned[1], n, k), matrix(true, m, n));
        Product { dtype: DType::BF16, result: DType::BF16, batch: 1, m, n, k, a, b, c, biased: false }
    }

    #[test]
    fn pieces_are_all_lines_once_and_their_copies_are_small() {
        let cases = [
            ([8192, 50257, 768], [true, true]),
            ([8192, 768, 50257], [true, false]),
            ([50257, 768, 8192], [false, false]),
            ([1021, 1019, 1013], [false, true]),
        ];
        for (sizes, turned) in cases {
            let whole = product(sizes, turned);
            let padded = Padded::of(&whole).expect("copies pay");
            let mut lines = 0;
            for piece in &padded.pieces {
                let step = if whole.a.turned { whole.a.pitch } else { 1 };
                assert_eq!(
                    piece.before,
                    [2 * lines * step, 2 * lines * whole.c.pitch].map(|at| at as Address)
                );
                let copies = [&piece.a, &piece.c].into_iter().flatten().map(Copy::bytes).sum::<usize>();
                assert!(copies <= MOST + (MOST >> 2), "{sizes:?}: {copies} bytes");
                // All but a rest of a few lines are as many as are read at once.
                let few = piece.product.m < WHOLE / 2;
                assert!(whole.a.turned || few || piece.product.m.is_multiple_of(WHOLE / 2), "{sizes:?}");
                lines += piece.product.m;
            }
            assert_eq!(lines, sizes[0]);
        }
    }

    #[test]
    fn a_matrix_with_nothing_behind_its_rows_stays_where_it_is() {
        let mut whole = product([8192, 768, 50257], [true, false]);
        whole.a = Matrix { pitch: 50264, ..whole.a };
        assert!(Padded::of(&whole).is_some_and(|padded| padded.pieces[0].a.is_some()), "it is somebody's");
        whole.a.loose = true;
        let padded = Padded::of(&whole).expect("the other one is copied");
        assert_eq!(padded.pieces.len(), 1);
        let piece = &padded.pieces[0];
        assert!(piece.c.is_none() && padded.b.as_ref().is_some_and(|b| !b.in_place));
        let a = piece.a.as_ref().expect("zeros are written behind its rows");
        assert!(a.in_place && (a.there, a.own) == ((8192, 50257), (8192, 50264)) && a.bytes() == 0);
        assert_eq!(piece.product.a.pitch, 50264);
        let mut weights = product([50257, 768, 8192], [false, false]);
        weights.a = Matrix { pitch: 50264, loose: true, ..weights.a };
        let padded = Padded::of(&weights).expect("a line is left over");
        assert_eq!(padded.pieces.iter().map(|piece| piece.product.m).collect::<Vec<_>>(), [50256, 1]);
        assert!(padded.pieces.iter().all(|piece| piece.a.is_none()));
        let mut logits = product([8192, 50257, 768], [true, true]);
        logits.c = Matrix { pitch: 50264, loose: true, ..logits.c };
        let padded = Padded::of(&logits).expect("the other one is copied");
        assert!(padded.pieces.len() == 1 && padded.pieces[0].c.is_none());
        assert_eq!(padded.pieces[0].product.n, 50264);
    }

    #[test]
    fn a_matrix_with_room_behind_its_last_row_stays_where_it_is() {
        for (sizes, turned) in [([8192, 50257, 768], [true, true]), ([8192, 768, 50257], [true, false])] {
            let mut whole = product(sizes, turned);
            whole.a = Matrix { pitch: sizes[2].next_multiple_of(8), loose: true, ..whole.a };
            whole.c = Matrix { pitch: sizes[1].next_multiple_of(8), loose: true, ..whole.c };
            for (behind, stays) in [(6 * 768, false), (7 * 768, true)] {
                whole.b.behind = behind;
                let padded = Padded::of(&whole).expect("its sizes are odd");
                let b = padded.b.as_ref().expect("it is not whole");
                assert_eq!((b.in_place, b.there, b.own), (stays, (50257, 768), (50264, 768)), "{sizes:?}");
                let product = &padded.pieces[0].product;
                assert_eq!([product.n, product.k], [sizes[1], sizes[2]].map(|d| d.next_multiple_of(8)));
            }
        }
    }

    #[test]
    fn matrices_that_lie_well_and_small_products_are_not_copied() {
        assert!(Padded::of(&product([1024, 1024, 1024], [true, true])).is_none());
        assert!(Padded::of(&product([9, 9, 9], [true, true])).is_none());
    }
}
