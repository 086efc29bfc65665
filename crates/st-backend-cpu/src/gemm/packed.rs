//! A matrix that many small products share, packed once: the weight of a recurrent layer.

use super::Operand;
use super::pack;
#[cfg(target_arch = "x86_64")]
use super::simd::{Avx2, Avx512};
use super::simd::{Portable, Simd};
use super::tile::{Ahead, Fma, Kernel, Lines, ROWS_IN_PLACE, TileArgs};
use crate::isa::{Isa, isa};
use crate::pool::for_each;
use crate::scratch::Scratch;
use std::ptr::{null, null_mut};

/// Columns of a panel, whatever the instructions: a whole number of vectors of each family.
pub(crate) const WIDTH: usize = 32;

/// `k x n` numbers in panels of [`WIDTH`] columns.
pub(crate) struct Packed {
    isa: Isa,
    k: usize,
    n: usize,
    memory: Scratch<f32>,
}

/// Rows of one factor or of the results.
#[derive(Clone, Copy)]
pub(crate) struct RowsAt<P> {
    /// The first.
    pub(crate) at: P,
    /// How far apart they are.
    pub(crate) step: usize,
}

/// Calls a function generic over vectors with those of a family.
macro_rules! with_vectors {
    ($isa:expr, $call:ident($($arg:expr),*)) => {
        match $isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 | Isa::Amx => $call::<Avx512<f32>>($($arg),*),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => $call::<Avx2<f32>>($($arg),*),
            _ => $call::<Portable<f32, 4>>($($arg),*),
        }
    };
}

impl Packed {
    /// Packs a matrix of `k` rows and `n` columns.
    ///
    /// # Safety
    /// Its elements are readable.
    pub(crate) unsafe fn new(matrix: Operand<f32>, k: usize, n: usize) -> Packed {
        let packed = Packed { isa: isa(), k, n, memory: Scratch::new(n.next_multiple_of(WIDTH) * k) };
        for_each(packed.panels(), &|panel| {
            let lines = Lines {
                from: matrix.item(0).wrapping_offset((panel * WIDTH) as isize * matrix.col),
                line: matrix.col,
                step: matrix.row,
                count: packed.columns(panel),
                k,
            };
            // SAFETY: the lines are columns of the matrix, and the room for each panel is its own.
            unsafe { with_vectors!(packed.isa, pack(lines, packed.panel(panel))) }
        });
        packed
    }

    /// How many panels there are.
    pub(crate) fn panels(&self) -> usize {
        self.n.div_ceil(WIDTH)
    }

    /// How many columns a panel has.
    pub(crate) fn columns(&self, panel: usize) -> usize {
        (self.n - panel * WIDTH).min(WIDTH)
    }

    fn panel(&self, panel: usize) -> *mut f32 {
        self.memory.ptr().wrapping_add(panel * WIDTH * self.k)
    }

    /// Multiplies `rows` rows of `k` numbers by a panel, on the calling thread; adds to the results or replaces them.
    ///
    /// # Safety
    /// The rows are readable, and nobody else uses the results, which are writable.
    pub(crate) unsafe fn times(
        &self,
        panel: usize,
        a: RowsAt<*const f32>,
        rows: usize,
        c: RowsAt<*mut f32>,
        add: bool,
    ) {
        let args = TileArgs {
            k: self.k,
            a: a.at,
            a_row: a.step as isize,
            a_step: 1,
            b: self.panel(panel).cast_const(),
            b_step: WIDTH as isize,
            b_offsets: null(),
            b_whole: true,
            copy: null_mut(),
            ahead: Ahead::nothing(a.at),
            c: c.at,
            c_row: c.step as isize,
            rows,
            cols: self.columns(panel),
            add,
        };
        // SAFETY: promised by the caller; panels are padded with zeros to whole vectors.
        unsafe { with_vectors!(self.isa, multiply(args)) }
    }
}

unsafe fn pack<S: Simd<Elem = f32>>(lines: Lines<f32>, to: *mut f32)
where
    f32: super::Element<Acc = S::Elem>,
{
    // SAFETY: the caller's promise.
    unsafe { pack::panels::<S, f32>(lines, to, WIDTH, 0) }
}

/// Tiles as high and as wide as registers allow.
unsafe fn multiply<S: Simd<Elem = f32>>(all: TileArgs<f32, f32>)
where
    f32: super::Element<Acc = S::Elem>,
{
    let (high, wide) = (S::ROWS.min(ROWS_IN_PLACE), <Fma<S, f32> as Kernel>::COLS);
    for column in (0..all.cols).step_by(wide) {
        for row in (0..all.rows).step_by(high) {
            let tile = TileArgs {
                a: all.a.wrapping_offset(row as isize * all.a_row),
                b: all.b.wrapping_add(column),
                c: all.c.wrapping_offset(row as isize * all.c_row).wrapping_add(column),
                rows: (all.rows - row).min(high),
                cols: (all.cols - column).min(wide),
                ..all
            };
            // SAFETY: inside the rows and columns that the caller promises.
            unsafe { Fma::<S, f32>::tile(&tile) }
        }
    }
}
