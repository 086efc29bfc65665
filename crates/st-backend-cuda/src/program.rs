//! Kernels: compiled once for each class of launches, and launched.

use crate::blas::{Product, Ready};
use crate::calls::Call;
use crate::compiler;
use crate::device::{CudaBuffer, Shared, own};
use crate::driver::{Address, Handle};
use crate::epilogue::{Part, Split, bias_elements, dense};
use crate::padding::{Mover, Padded};
use smallvec::SmallVec;
use st_kernel::render::{Class, arranged, c, groups, numbers::Numbers, reach, shader};
use st_kernel::{Access, Body, Buffer, DType, Kernel, Launch, Program, Result, Scalar, runtime_err};
use std::collections::HashMap;
use std::ffi::{CString, c_int};
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The attribute of a function that says how much shared memory launches may ask for.
const MOST_SHARED: c_int = 8;
/// Groups a launch may have.
const GROUPS: usize = i32::MAX as usize;
/// Products of a kernel that are remembered: a growing sequence has a new one at each step.
const REMEMBERED: usize = 256;

/// A kernel on a GPU.
pub(crate) struct CudaProgram {
    kernel: Kernel,
    shared: Arc<Shared>,
    compiled: Mutex<HashMap<Class, Arc<Compiled>>>,
    /// Products as cuBLASLt makes them, `None` where it cannot.
    products: Mutex<HashMap<Product, Option<Arc<Ready>>>>,
    /// What is done before and after such products: a bias, and the rest of the body.
    around: Mutex<HashMap<Split, [Option<Arc<Around>>; 2]>>,
    /// Copies rows of matrices.
    mover: OnceLock<Mover>,
}

/// A kernel for a part of a product's body.
struct Around {
    part: Part,
    program: CudaProgram,
}

/// A kernel compiled for a class.
struct Compiled {
    function: Handle,
    threads: u32,
    /// Bytes of shared memory that a launch asks for.
    shared: u32,
    numbers: Numbers,
    /// How many of the launch's buffers it is given.
    buffers: usize,
}

// SAFETY: a function of a module that stays loaded; any thread may launch it.
unsafe impl Send for Compiled {}
// SAFETY: as above.
unsafe impl Sync for Compiled {}

impl CudaProgram {
    pub(crate) fn new(kernel: Kernel, shared: Arc<Shared>) -> CudaProgram {
        CudaProgram {
            kernel,
            shared,
            compiled: Mutex::default(),
            products: Mutex::default(),
            around: Mutex::default(),
            mover: OnceLock::new(),
        }
    }

    fn compiled(&self, class: &Class, launch: &Launch) -> Result<Arc<Compiled>> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = compiled.get(class) {
            return Ok(found.clone());
        }
        let made = Arc::new(Compiled::new(&self.kernel, class, launch, &self.shared)?);
        compiled.insert(class.clone(), made.clone());
        Ok(made)
    }
}

/// The function of a text, which is compiled unless it was kept.
pub(crate) fn loaded(text: &str, contract: bool, shared: &Shared) -> Result<Handle> {
    let code = compiler::code(text, &shared.kind, contract)?;
    let entry = CString::new(c::ENTRY).map_err(|_| runtime_err!("cuda: a name with a zero byte"))?;
    let (mut module, mut function) = (null_mut(), null_mut());
    let driver = shared.driver;
    // SAFETY: the code is the compiler's; modules stay loaded, and so do their functions.
    unsafe {
        let code = (driver.cuModuleLoadData)(&raw mut module, code.as_ptr().cast());
        driver.check("loading a kernel", code)?;
        let code = (driver.cuModuleGetFunction)(&raw mut function, module, entry.as_ptr());
        driver.check("finding a kernel", code)?;
    }
    Ok(function)
}

impl Compiled {
    fn new(kernel: &Kernel, class: &Class, launch: &Launch, shared: &Shared) -> Result<Compiled> {
        let shader = shader(kernel, class, launch)?;
        // What follows a product has the bits that it has in a kernel of its own.
        let contract = !matches!(kernel, Kernel::Loop { .. } | Kernel::Matmul { .. });
        let function = loaded(&c::CUDA.render(&shader)?, contract, shared)?;
        if shader.shared > 0 {
            // SAFETY: the function was just loaded.
            let code =
                unsafe { (shared.driver.cuFuncSetAttribute)(function, MOST_SHARED, shader.shared as c_int) };
            shared.driver.check("asking for shared memory", code)?;
        }
        let (threads, shared) = (shader.threads as u32, shader.shared as u32);
        Ok(Compiled { function, threads, shared, numbers: shader.numbers, buffers: shader.buffers })
    }

    /// Hands it to the GPU, to run after all that was asked for before.
    fn launch(
        &self,
        shared: &Shared,
        groups: u32,
        buffers: SmallVec<[Address; 8]>,
        numbers: Vec<u32>,
    ) -> Result<()> {
        shared.ask(Call::Kernel {
            function: self.function.expose_provenance(),
            groups,
            threads: self.threads,
            shared: self.shared,
            words: buffers,
            numbers,
            last: shared.faults_address,
        })
    }
}

impl Program for CudaProgram {
    fn launch(&self, launch: &Launch, buffers: &[Buffer], params: &[Scalar]) -> Result<()> {
        let shared = &self.shared;
        reach::check(&self.kernel, launch, |b| buffers.get(b as usize).map(|b| b.len()))?;
        shared.enter()?;
        let place = |(i, buffer): (usize, &Buffer)| {
            let memory = own(buffer)?.memory();
            shared.visit(memory, launch.writes.iter().any(|w| w.buffer as usize == i))?;
            Ok(memory.address())
        };
        let addresses: SmallVec<[Address; 8]> =
            buffers.iter().enumerate().map(place).collect::<Result<_>>()?;
        // A bias, if the library cannot add it, is left to a kernel.
        for may in [true, false] {
            let Some((product, split)) = Product::of(&self.kernel, launch, &addresses, may) else { break };
            if let Some(ready) = self.product(&product)? {
                return self.multiply(&product, &ready, split, launch, addresses, params);
            }
            if !product.biased {
                break;
            }
        }
        self.run(launch, &addresses, params)
    }

    fn kernel(&self) -> Option<&Kernel> {
        Some(&self.kernel)
    }
}

impl CudaProgram {
    /// Runs a launch by our own kernels.
    fn run(&self, launch: &Launch, addresses: &[Address], params: &[Scalar]) -> Result<()> {
        let work = arranged(&self.kernel, launch, &self.shared.machine)?;
        let scratch = (work.scratch > 0).then(|| self.shared.alloc(work.scratch)).transpose()?;
        for step in &work.stages {
            let count = groups(&self.kernel, step, &work.launch);
            if count == 0 {
                return Ok(());
            }
            if count > GROUPS {
                return Err(runtime_err!("cuda: a launch of {count} groups is more than a GPU counts"));
            }
            let compiled = self.compiled(&step.class, &work.launch)?;
            let numbers = compiled.numbers.fill(&work.launch, step.class.outer, step.parts, params)?;
            let mut given: SmallVec<[Address; 8]> = addresses[..compiled.buffers].into();
            given.extend(scratch.as_ref().map(|s| s.memory().address()));
            compiled.launch(&self.shared, count as u32, given, numbers)?;
        }
        Ok(())
    }

    /// A product as cuBLASLt makes it, if it can.
    fn product(&self, product: &Product) -> Result<Option<Arc<Ready>>> {
        let mut products = self.products.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = products.get(product) {
            return Ok(found.clone());
        }
        if products.len() >= REMEMBERED {
            products.clear();
        }
        let made = Ready::new(product)?.map(Arc::new);
        products.insert(product.clone(), made.clone());
        Ok(made)
    }

    /// What is done before and after a product.
    fn around(&self, split: &Split, batch: usize, body: &Body) -> [Option<Arc<Around>>; 2] {
        let mut around = self.around.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || {
            [split.of_bias(body), split.rest(body, batch)].map(|part| {
                let part = part?;
                let program = CudaProgram::new(part.kernel.clone(), self.shared.clone());
                Some(Arc::new(Around { part, program }))
            })
        };
        around.entry(*split).or_insert_with(made).clone()
    }

    /// Has cuBLASLt make the sums, and goes on from there.
    fn multiply(
        &self,
        product: &Product,
        ready: &Arc<Ready>,
        split: Split,
        launch: &Launch,
        mut addresses: SmallVec<[Address; 8]>,
        params: &[Scalar],
    ) -> Result<()> {
        let Kernel::Matmul { batch, dtype, body, .. } = &self.kernel else { unreachable!("a product") };
        let place = |access: &Access, dtype: DType| {
            addresses[access.buffer as usize].wrapping_add_signed(access.offset as i64 * dtype.size() as i64)
        };
        let [a, b] = [0, 1].map(|i| place(&launch.reads[i], *dtype));
        let stored = split.stored.map(|i| place(&launch.writes[i], product.result));
        let [before, after] = self.around(&split, *batch, body);
        let in_place = split.bias_in_place(body, *batch, launch, &addresses);
        let mut held: SmallVec<[CudaBuffer; 2]> = SmallVec::new();
        let mut memory = |elements: usize| -> Result<Address> {
            held.push(self.shared.alloc(elements * product.result.size())?);
            Ok(held[held.len() - 1].memory().address())
        };
        let bias = match (in_place, &before) {
            (None, Some(around)) => {
                let Around { part, program } = &**around;
                let at = memory(bias_elements(product.n))?;
                let given: SmallVec<[Address; 8]> = addresses.iter().copied().chain([at]).collect();
                program.run(&part.launch_of_bias(launch, *batch, addresses.len()), &given, params)?;
                Some(at)
            }
            _ => in_place,
        };
        let sums = match stored {
            Some(stored) => stored,
            None => memory(product.batch * product.m * product.n)?,
        };
        self.sums(product, ready, [a, b, sums], bias)?;
        let Some(Around { part, program }) = after.as_deref() else { return Ok(()) };
        let results = match split.stored {
            Some(i) => {
                Access { strides: launch.writes[i].strides[..batch + 2].into(), ..launch.writes[i].clone() }
            }
            None => dense(&launch.dims[..batch + 2], addresses.len()),
        };
        addresses.push(sums);
        program.run(&part.launch(launch, *batch, results), &addresses, params)
    }

    /// The sums of a product, of copies of its matrices where that is faster.
    fn sums(
        &self,
        product: &Product,
        ready: &Arc<Ready>,
        places: [Address; 3],
        bias: Option<Address>,
    ) -> Result<()> {
        let double = product.dtype == DType::F64;
        let padded = Padded::of(product);
        let of_pieces = |padded: &Padded| -> Result<Option<SmallVec<[Arc<Ready>; 4]>>> {
            padded.pieces.iter().map(|piece| self.product(&piece.product)).collect()
        };
        let better = padded.as_ref().map(of_pieces).transpose()?.flatten();
        let (Some(padded), Some(better)) = (padded, better) else {
            return ready.ask(&self.shared, double, places, bias);
        };
        let mover = match self.mover.get() {
            Some(mover) => mover,
            None => {
                let made = Mover::new(self.shared.clone())?;
                self.mover.get_or_init(|| made)
            }
        };
        let (b, _held) = padded.right(mover, &self.shared, places[1])?;
        padded.pieces.iter().zip(better).try_for_each(|(piece, ready)| {
            let ask = |places| ready.ask(&self.shared, double, places, bias);
            piece.make(mover, &self.shared, [places[0], b, places[2]], ask)
        })
    }
}
