//! Products whose rows begin anywhere, as those of a vocabulary of 50,257 words do: matrix units are several times as fast on
//! copies whose sizes and rows are multiples of 16 bytes, which cost less than they save where much is multiplied.

use crate::blas::{Matrix, Product};
use crate::device::{CudaBuffer, Shared};
use crate::driver::Address;
use crate::program::CudaProgram;
use st_kernel::{Access, Body, DType, Inst, Kernel, Launch, Result, Store, Val};
use std::sync::Arc;

/// What rows begin at multiples of, in bytes.
const WHOLE: usize = 16;
/// Multiply-adds that must be saved for each byte of a copy: measured on an H200.
const WORTH: usize = 100;

/// A product that is made of copies.
pub(crate) struct Padded {
    /// The product of the copies.
    pub(crate) product: Product,
    /// Of the operands and the results, those that are copied.
    copies: [Option<Copy>; 3],
}

/// A copy of a matrix: as many rows and columns as are there, and as many as the copy has.
struct Copy {
    dtype: DType,
    there: (usize, usize),
    pitch: usize,
    own: (usize, usize),
    own_pitch: usize,
}

impl Padded {
    /// The product with copies, if they pay.
    pub(crate) fn of(product: &Product) -> Option<Padded> {
        let Product { dtype, result, batch: 1, m, n, k, a, b, c, is_whole } = *product else { return None };
        if dtype.size() != 2 {
            return None;
        }
        let whole = |size: usize, dtype: DType| size.next_multiple_of(WHOLE / dtype.size());
        // Sums that our kernel goes on with stay where it looks for them.
        let (wide, deep) = (if is_whole { whole(n, result) } else { n }, whole(k, dtype));
        let copy = |matrix: Matrix, dtype: DType, (lines, own_lines), (steps, own_steps), may: bool| {
            let (there, own) = match matrix.turned {
                true => ((lines, steps), (own_lines, own_steps)),
                false => ((steps, lines), (own_steps, own_lines)),
            };
            let lies_well = matrix.pitch.is_multiple_of(WHOLE / dtype.size())
                && matrix.alignment as usize >= WHOLE
                && there == own;
            let own_pitch = whole(own.1, dtype);
            (may && !lies_well).then_some(Copy { dtype, there, pitch: matrix.pitch, own, own_pitch })
        };
        let copies = [
            copy(a, dtype, (m, m), (k, deep), true),
            copy(b, dtype, (n, wide), (k, deep), true),
            copy(c, result, (m, m), (n, wide), is_whole),
        ];
        let bytes: usize = copies.iter().flatten().map(Copy::bytes).sum();
        if bytes == 0 || m * n * k / WORTH < bytes {
            return None;
        }
        let of = |matrix: Matrix, copy: &Option<Copy>| match copy {
            Some(copy) => Matrix { pitch: copy.own_pitch, alignment: 256, ..matrix },
            None => matrix,
        };
        let [a, b, c] = [of(a, &copies[0]), of(b, &copies[1]), of(c, &copies[2])];
        Some(Padded { product: Product { n: wide, k: deep, a, b, c, ..product.clone() }, copies })
    }

    /// Memory for the copies, and where the product's matrices are; operands are copied.
    pub(crate) fn fetch(
        &self,
        mover: &Mover,
        shared: &Shared,
        places: [Address; 3],
    ) -> Result<([Address; 3], [Option<CudaBuffer>; 3])> {
        let (mut own, mut kept) = (places, [None, None, None]);
        for (i, copy) in self.copies.iter().enumerate() {
            let Some(copy) = copy else { continue };
            let memory = shared.alloc(copy.bytes())?;
            own[i] = memory.memory().address();
            kept[i] = Some(memory);
            if i < 2 {
                copy.clear_rest(shared, own[i])?;
                mover.run(copy, [(places[i], copy.pitch), (own[i], copy.own_pitch)])?;
            }
        }
        Ok((own, kept))
    }

    /// Copies results to their place.
    pub(crate) fn deliver(&self, mover: &Mover, from: Address, to: Address) -> Result<()> {
        let Some(copy) = &self.copies[2] else { return Ok(()) };
        mover.run(copy, [(from, copy.own_pitch), (to, copy.pitch)])
    }
}

impl Copy {
    fn bytes(&self) -> usize {
        self.own.0 * self.own_pitch * self.dtype.size()
    }

    /// Zeros where the copy is larger than what is there.
    fn clear_rest(&self, shared: &Shared, at: Address) -> Result<()> {
        let size = self.dtype.size();
        let (driver, stream) = (shared.driver, shared.stream());
        let (rows, columns) = self.there;
        let pitch = self.own_pitch * size;
        let width = (self.own_pitch - columns) * size;
        if width > 0 {
            let at = at + (columns * size) as u64;
            // SAFETY: the ends of rows of the copy, which has that many.
            let code = unsafe { (driver.cuMemsetD2D8Async)(at, pitch, 0, width, rows, stream) };
            driver.check("clearing memory", code)?;
        }
        let rest = (self.own.0 - rows) * pitch;
        if rest > 0 {
            // SAFETY: the last rows of the copy.
            let code = unsafe { (driver.cuMemsetD8Async)(at + (rows * pitch) as u64, 0, rest, stream) };
            driver.check("clearing memory", code)?;
        }
        Ok(())
    }
}

/// Copies matrices of a dtype.
pub(crate) struct Mover(CudaProgram);

impl Mover {
    pub(crate) fn new(dtype: DType, shared: Arc<Shared>) -> Mover {
        let body = Body {
            insts: vec![(Inst::Load(0), dtype)],
            reads: vec![dtype],
            params: Vec::new(),
            stores: vec![Store { value: Val(0), per_row: false }],
        };
        let kernel = Kernel::Loop { outer: 2, inner: 0, row_reads: vec![false], body };
        Mover(CudaProgram::new(kernel, shared))
    }

    /// Copies what is there between addresses with their pitches.
    fn run(&self, copy: &Copy, [from, to]: [(Address, usize); 2]) -> Result<()> {
        let access = |buffer: u32, pitch: usize| Access {
            buffer,
            offset: 0,
            strides: [pitch as isize, 1].into_iter().collect(),
            gather: Vec::new(),
        };
        let launch = Launch {
            dims: [copy.there.0, copy.there.1].into_iter().collect(),
            reads: vec![access(0, from.1)],
            writes: vec![access(1, to.1)],
            ints: Vec::new(),
        };
        self.0.run_at(&launch, &[from.0, to.0])
    }
}
