//! Kernels: compiled once for each class of launches, and launched. Launches that come again find what was made of them.

use crate::blas::Room;
use crate::calls::Call;
use crate::compiler;
use crate::device::{Shared, own};
use crate::driver::{Address, Handle};
use crate::products::{Multiplied, Products};
use smallvec::SmallVec;
use st_kernel::pool::Memory;
use st_kernel::render::{Class, arranged, c, groups, numbers::Numbers, reach, shader};
use st_kernel::{Buffer, Kernel, Launch, Program, Result, Scalar, runtime_err};
use std::collections::{HashMap, VecDeque};
use std::ffi::{CString, c_int};
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, PoisonError};

/// The attribute of a function that says how much shared memory launches may ask for.
const MOST_SHARED: c_int = 8;
/// Groups a launch may have.
const GROUPS: usize = i32::MAX as usize;
/// Launches that a program remembers: programs that repeat themselves ask for the same ones again and again.
const REMEMBERED: usize = 32;

/// A kernel on a GPU.
pub(crate) struct CudaProgram {
    kernel: Kernel,
    shared: Arc<Shared>,
    compiled: Mutex<HashMap<Class, Arc<Compiled>>>,
    /// What cuBLASLt does for it.
    products: Products,
    recent: Mutex<VecDeque<Recent>>,
}

/// For each buffer of a launch its bytes and those of its memory, which of the buffers that are distinct it is, and how many of
/// its address's bits are zeros.
type Asked = SmallVec<[([usize; 2], u8, u8); 8]>;

/// A launch that was asked for, and what is run for it.
struct Recent {
    asked: Asked,
    launch: Launch,
    work: Arc<Work>,
}

/// What is run for a launch.
enum Work {
    Own(Stages),
    Product(Box<Multiplied>),
}

/// Kernels of ours, up to memory and parameters.
pub(crate) struct Stages {
    stages: SmallVec<[Stage; 1]>,
    /// Bytes of scratch memory.
    scratch: usize,
}

struct Stage {
    compiled: Arc<Compiled>,
    groups: u32,
    /// Its numbers, without parameters.
    numbers: Vec<u32>,
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
            products: Products::default(),
            recent: Mutex::default(),
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
        shared.enter()?;
        let place = |(i, buffer): (usize, &Buffer)| {
            let memory = own(buffer)?.memory();
            shared.visit(memory, launch.writes.iter().any(|w| w.buffer as usize == i))?;
            Ok(Room { at: memory.address(), bytes: buffer.len(), all: memory.size() as usize })
        };
        let rooms: SmallVec<[Room; 8]> = buffers.iter().enumerate().map(place).collect::<Result<_>>()?;
        let addresses: SmallVec<[Address; 8]> = rooms.iter().map(|room| room.at).collect();
        let first = |at: &Address| addresses.iter().position(|other| other == at).expect("it is one") as u8;
        let zeros = |at: &Address| at.trailing_zeros().min(8) as u8;
        let asked = rooms.iter().map(|r| ([r.bytes, r.all], first(&r.at), zeros(&r.at))).collect();
        match &*self.recent(asked, launch, &rooms)? {
            Work::Own(stages) => self.run(stages, &addresses, params),
            Work::Product(product) => self.products.run(&self.shared, product, addresses, params),
        }
    }

    fn kernel(&self) -> Option<&Kernel> {
        Some(&self.kernel)
    }
}

impl CudaProgram {
    /// What is run for a launch, made or found among the last ones.
    fn recent(&self, asked: Asked, launch: &Launch, rooms: &[Room]) -> Result<Arc<Work>> {
        let lock = || self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = lock().iter().find(|r| r.asked == asked && r.launch == *launch) {
            return Ok(found.work.clone());
        }
        reach::check(&self.kernel, launch, |b| rooms.get(b as usize).map(|room| room.bytes))?;
        let work = Arc::new(match self.products.of(&self.kernel, launch, rooms, &self.shared)? {
            Some(product) => Work::Product(Box::new(product)),
            None => Work::Own(self.stages(launch)?),
        });
        let mut recent = lock();
        if recent.len() >= REMEMBERED {
            recent.pop_front();
        }
        recent.push_back(Recent { asked, launch: launch.clone(), work: work.clone() });
        Ok(work)
    }

    /// Makes a launch by our own kernels ready.
    pub(crate) fn stages(&self, launch: &Launch) -> Result<Stages> {
        let work = arranged(&self.kernel, launch, &self.shared.machine)?;
        let mut ready = Stages { stages: SmallVec::new(), scratch: work.scratch };
        for step in &work.stages {
            let count = groups(&self.kernel, step, &work.launch);
            if count == 0 {
                break;
            }
            if count > GROUPS {
                return Err(runtime_err!("cuda: a launch of {count} groups is more than a GPU counts"));
            }
            let compiled = self.compiled(&step.class, &work.launch)?;
            let numbers = compiled.numbers.of_launch(&work.launch, step.class.outer, step.parts)?;
            ready.stages.push(Stage { compiled, groups: count as u32, numbers });
        }
        Ok(ready)
    }

    /// Runs the stages of a launch.
    pub(crate) fn run(&self, ready: &Stages, addresses: &[Address], params: &[Scalar]) -> Result<()> {
        let scratch = (ready.scratch > 0).then(|| self.shared.alloc(ready.scratch)).transpose()?;
        for Stage { compiled, groups, numbers } in &ready.stages {
            let mut numbers = numbers.clone();
            compiled.numbers.add_params(params, &mut numbers)?;
            let mut given: SmallVec<[Address; 8]> = addresses[..compiled.buffers].into();
            given.extend(scratch.as_ref().map(|s| s.memory().address()));
            compiled.launch(&self.shared, *groups, given, numbers)?;
        }
        Ok(())
    }
}
