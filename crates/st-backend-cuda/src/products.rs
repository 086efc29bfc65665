//! Products that cuBLASLt makes, with what is done before and after them: copies, a bias, the rest of the kernel.

use crate::blas::{Product, Ready, Room};
use crate::device::{CudaBuffer, Shared};
use crate::driver::Address;
use crate::epilogue::{Part, Split, bias_elements, dense};
use crate::padding::{Mover, Padded};
use crate::program::{CudaProgram, Stages};
use smallvec::SmallVec;
use st_kernel::{Access, DType, Kernel, Launch, Result, Scalar};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Products of a kernel that are remembered: a growing sequence has a new one at each step.
const REMEMBERED: usize = 256;

/// What a kernel needs for its products.
#[derive(Default)]
pub(crate) struct Products {
    /// As cuBLASLt makes them, `None` where it cannot.
    ready: Mutex<HashMap<Product, Option<Arc<Ready>>>>,
    /// Kernels for what is done before and after them: a bias, and the rest of the body.
    around: Mutex<HashMap<Split, [Option<Arc<Around>>; 2]>>,
    /// Copies rows of matrices.
    mover: OnceLock<Mover>,
}

/// A kernel for a part of a product's body.
struct Around {
    part: Part,
    program: CudaProgram,
}

/// A product and what is done around it, up to memory and parameters.
pub(crate) struct Multiplied {
    product: Product,
    ready: Arc<Ready>,
    /// The same made of copies, where that is faster.
    padded: Option<(Padded, SmallVec<[Arc<Ready>; 4]>)>,
    /// Buffers of the operands, the results and the bias, and how many bytes into them: those that have a place.
    operands: [Place; 2],
    results: Option<Place>,
    bias: Option<Place>,
    /// What makes the bias, and what is left to do.
    before: Option<(Arc<Around>, Stages)>,
    after: Option<(Arc<Around>, Stages)>,
}

/// A buffer of a launch, and how many bytes into it.
#[derive(Clone, Copy)]
struct Place(usize, i64);

impl Place {
    fn of(access: &Access, dtype: DType) -> Place {
        Place(access.buffer as usize, access.offset as i64 * dtype.size() as i64)
    }

    fn among(self, addresses: &[Address]) -> Address {
        addresses[self.0].wrapping_add_signed(self.1)
    }
}

impl Products {
    /// How a launch with this memory is made by cuBLASLt, if it is.
    pub(crate) fn of(
        &self,
        kernel: &Kernel,
        launch: &Launch,
        rooms: &[Room],
        shared: &Arc<Shared>,
    ) -> Result<Option<Multiplied>> {
        // A bias, if the library cannot add it, is left to a kernel.
        for may in [true, false] {
            let Some((product, split)) = Product::of(kernel, launch, rooms, may) else { return Ok(None) };
            if let Some(ready) = self.ready(&product)? {
                return self.made(kernel, launch, rooms.len(), (product, ready), split, shared).map(Some);
            }
            if !product.biased {
                break;
            }
        }
        Ok(None)
    }

    /// What is made of a launch; memory that it is not given is the buffer of this number.
    fn made(
        &self,
        kernel: &Kernel,
        launch: &Launch,
        own: usize,
        (product, ready): (Product, Arc<Ready>),
        split: Split,
        shared: &Arc<Shared>,
    ) -> Result<Multiplied> {
        let Kernel::Matmul { batch, dtype, body, .. } = kernel else { unreachable!("a product") };
        let batch = *batch;
        let bias = split
            .bias_in_place(body, batch, launch)
            .map(|(read, dtype)| Place::of(&launch.reads[read], dtype));
        let [before, after] = {
            let mut around = self.around.lock().unwrap_or_else(PoisonError::into_inner);
            let made = |part: Part| {
                Arc::new(Around { program: CudaProgram::new(part.kernel.clone(), shared.clone()), part })
            };
            let parts = || [split.of_bias(body), split.rest(body, batch)].map(|part| part.map(made));
            around.entry(split).or_insert_with(parts).clone()
        };
        let before = before.filter(|_| bias.is_none()).map(|around| {
            let stages = around.program.stages(&around.part.launch_of_bias(launch, batch, own))?;
            Ok((around, stages))
        });
        let after = after.map(|around| {
            let results = match split.stored {
                Some(i) => launch.writes[i].clone(),
                None => dense(&launch.dims[..batch + 2], own),
            };
            let stages = around.program.stages(&around.part.launch(launch, batch, &results))?;
            Ok((around, stages))
        });
        let padded = Padded::of(&product).map(|padded| {
            let pieces: Option<_> =
                padded.pieces.iter().map(|piece| self.ready(&piece.product)).collect::<Result<_>>()?;
            Ok(pieces.map(|pieces| (padded, pieces)))
        });
        Ok(Multiplied {
            padded: padded.transpose()?.flatten(),
            operands: [0, 1].map(|i| Place::of(&launch.reads[i], *dtype)),
            results: split.stored.map(|i| Place::of(&launch.writes[i], product.result)),
            bias,
            before: before.transpose()?,
            after: after.transpose()?,
            product,
            ready,
        })
    }

    /// A product as cuBLASLt makes it, if it can.
    fn ready(&self, product: &Product) -> Result<Option<Arc<Ready>>> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = ready.get(product) {
            return Ok(found.clone());
        }
        if ready.len() >= REMEMBERED {
            ready.clear();
        }
        let made = Ready::new(product)?.map(Arc::new);
        ready.insert(product.clone(), made.clone());
        Ok(made)
    }

    /// Has cuBLASLt make the sums, and goes on from there.
    pub(crate) fn run(
        &self,
        shared: &Arc<Shared>,
        work: &Multiplied,
        mut addresses: SmallVec<[Address; 8]>,
        params: &[Scalar],
    ) -> Result<()> {
        let product = &work.product;
        let [a, b] = work.operands.map(|place| place.among(&addresses));
        let mut held: SmallVec<[CudaBuffer; 2]> = SmallVec::new();
        let mut memory = |elements: usize| -> Result<Address> {
            held.push(shared.alloc(elements * product.result.size())?);
            Ok(held[held.len() - 1].memory().address())
        };
        let bias = match &work.before {
            None => work.bias.map(|place| place.among(&addresses)),
            Some((around, stages)) => {
                let at = memory(bias_elements(product.n))?;
                addresses.push(at);
                around.program.run(stages, &addresses, params)?;
                addresses.pop();
                Some(at)
            }
        };
        let results = match work.results {
            Some(place) => place.among(&addresses),
            None => memory(product.batch * product.m * product.n)?,
        };
        self.sums(shared, work, [a, b, results], bias)?;
        let Some((around, stages)) = &work.after else { return Ok(()) };
        addresses.push(results);
        around.program.run(stages, &addresses, params)
    }

    /// The sums of a product, of copies of its matrices where that is faster.
    fn sums(
        &self,
        shared: &Arc<Shared>,
        work: &Multiplied,
        [a, b, c]: [Address; 3],
        bias: Option<Address>,
    ) -> Result<()> {
        let double = work.product.dtype == DType::F64;
        let Some((padded, pieces)) = &work.padded else {
            return work.ready.ask(shared, double, [a, b, c], bias);
        };
        let mover = match self.mover.get() {
            Some(mover) => mover,
            None => {
                let made = Mover::new(shared.clone())?;
                self.mover.get_or_init(|| made)
            }
        };
        let (b, _held) = padded.right(mover, shared, b)?;
        padded.pieces.iter().zip(pieces).try_for_each(|(piece, ready)| {
            piece.make(mover, shared, [a, b, c], |places| ready.ask(shared, double, places, bias))
        })
    }
}
