//! Kernels: compiled once for each class of launches, and launched.

use crate::blas::{Product, Ready};
use crate::calls::Call;
use crate::compiler;
use crate::device::{CudaBuffer, Shared, own};
use crate::driver::{Address, Handle};
use crate::padding::{Mover, Padded};
use smallvec::SmallVec;
use st_kernel::render::{
    Arranged, Class, after_product, arranged, c, groups, numbers::Numbers, reach, shader,
};
use st_kernel::{Access, Buffer, DType, Kernel, Launch, Program, Result, Scalar, runtime_err};
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
    /// Copies rows of matrices.
    mover: OnceLock<Mover>,
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
        let contract = !matches!(kernel, Kernel::Loop { .. });
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
        if let Some(product) = Product::of(&self.kernel, launch)
            && let Some(ready) = self.product(&product)?
        {
            return self.multiply(&product, &ready, launch, &addresses, params);
        }
        let work = arranged(&self.kernel, launch, &shared.machine)?;
        let scratch = (work.scratch > 0).then(|| shared.alloc(work.scratch)).transpose()?;
        self.run(&work, &addresses, scratch.as_ref(), params)
    }

    fn kernel(&self) -> Option<&Kernel> {
        Some(&self.kernel)
    }
}

impl CudaProgram {
    /// Runs the stages of a launch.
    fn run(
        &self,
        work: &Arranged,
        addresses: &[Address],
        scratch: Option<&CudaBuffer>,
        params: &[Scalar],
    ) -> Result<()> {
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
            given.extend(scratch.map(|s| s.memory().address()));
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

    /// Has cuBLASLt make the sums, and goes on from there.
    fn multiply(
        &self,
        product: &Product,
        ready: &Arc<Ready>,
        launch: &Launch,
        addresses: &[Address],
        params: &[Scalar],
    ) -> Result<()> {
        let Kernel::Matmul { dtype, body, .. } = &self.kernel else { unreachable!("a product") };
        let place = |access: &Access, dtype: DType| {
            addresses[access.buffer as usize].wrapping_add_signed(access.offset as i64 * dtype.size() as i64)
        };
        let [a, b] = [0, 1].map(|i| place(&launch.reads[i], *dtype));
        if product.is_whole {
            let result = body.insts[body.stores[0].value.0 as usize].1;
            return self.sums(product, ready, [a, b, place(&launch.writes[0], result)]);
        }
        let work = after_product(&self.kernel, launch, &self.shared.machine);
        let sums = self.shared.alloc(work.scratch)?;
        self.sums(product, ready, [a, b, sums.memory().address()])?;
        self.run(&work, addresses, Some(&sums), params)
    }

    /// The sums of a product, of copies of its matrices where that is faster.
    fn sums(&self, product: &Product, ready: &Arc<Ready>, places: [Address; 3]) -> Result<()> {
        let double = product.dtype == DType::F64;
        let padded = Padded::of(product);
        let better = padded.as_ref().map(|padded| self.product(&padded.product)).transpose()?.flatten();
        let (Some(padded), Some(better)) = (padded, better) else {
            return ready.ask(&self.shared, double, places);
        };
        let mover = match self.mover.get() {
            Some(mover) => mover,
            None => {
                let made = Mover::new(self.shared.clone())?;
                self.mover.get_or_init(|| made)
            }
        };
        let (own, _kept) = padded.fetch(mover, &self.shared, places)?;
        better.ask(&self.shared, double, own)?;
        padded.deliver(mover, own[2], places[2])
    }
}
