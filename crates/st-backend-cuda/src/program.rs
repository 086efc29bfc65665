//! Kernels: compiled once for each class of launches, and launched.

use crate::compiler;
use crate::device::{Shared, own};
use crate::driver::{Address, Handle};
use smallvec::SmallVec;
use st_kernel::render::{Class, arranged, c, groups, numbers::Numbers, reach, shader};
use st_kernel::{Buffer, Kernel, Launch, Program, Result, Scalar, runtime_err};
use std::collections::HashMap;
use std::ffi::{CString, c_void};
use std::ptr::{from_ref, null_mut};
use std::sync::{Arc, Mutex, PoisonError};

/// Groups a launch may have.
const GROUPS: usize = i32::MAX as usize;

/// A kernel on a GPU.
pub(crate) struct CudaProgram {
    kernel: Kernel,
    shared: Arc<Shared>,
    compiled: Mutex<HashMap<Class, Arc<Compiled>>>,
}

/// A kernel compiled for a class.
struct Compiled {
    function: Handle,
    threads: u32,
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
        CudaProgram { kernel, shared, compiled: Mutex::default() }
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

impl Compiled {
    fn new(kernel: &Kernel, class: &Class, launch: &Launch, shared: &Shared) -> Result<Compiled> {
        let shader = shader(kernel, class, launch)?;
        let code = compiler::code(&c::CUDA.render(&shader)?, &shared.kind)?;
        let entry = CString::new(c::ENTRY).map_err(|_| runtime_err!("cuda: a name with a zero byte"))?;
        let (mut module, mut function) = (null_mut(), null_mut());
        // SAFETY: the code is the compiler's; modules stay loaded, and so do their functions.
        unsafe {
            let driver = shared.driver;
            driver.check(
                "loading a kernel",
                (driver.cuModuleLoadData)(&raw mut module, code.as_ptr().cast()),
            )?;
            driver.check(
                "finding a kernel",
                (driver.cuModuleGetFunction)(&raw mut function, module, entry.as_ptr()),
            )?;
        }
        let (threads, buffers) = (shader.threads as u32, shader.buffers);
        Ok(Compiled { function, threads, numbers: shader.numbers, buffers })
    }

    /// Hands it to the GPU, to run after all that was asked for before.
    fn launch(&self, shared: &Shared, groups: u32, buffers: &[Address], numbers: &[u32]) -> Result<()> {
        let mut parameters: SmallVec<[*mut c_void; 12]> =
            buffers.iter().map(|address| from_ref(address).cast_mut().cast()).collect();
        parameters.push(numbers.as_ptr().cast_mut().cast());
        parameters.push((&raw const shared.faults_address).cast_mut().cast());
        // SAFETY: the parameters are those of the kernel's text: addresses, numbers, the word of faults. The driver reads them
        // before it returns. The kernel stays inside its buffers, which was checked.
        let code = unsafe {
            (shared.driver.cuLaunchKernel)(
                self.function,
                groups,
                1,
                1,
                self.threads,
                1,
                1,
                0,
                shared.stream,
                parameters.as_mut_ptr(),
                null_mut(),
            )
        };
        shared.driver.check("launching a kernel", code)
    }
}

impl Program for CudaProgram {
    fn launch(&self, launch: &Launch, buffers: &[Buffer], params: &[Scalar]) -> Result<()> {
        let shared = &self.shared;
        reach::check(&self.kernel, launch, |b| buffers.get(b as usize).map(|b| b.len()))?;
        shared.enter()?;
        let addresses: SmallVec<[Address; 8]> =
            buffers.iter().map(|buffer| Ok(own(buffer)?.memory().address())).collect::<Result<_>>()?;
        let work = arranged(&self.kernel, launch, &shared.machine)?;
        let scratch = (work.scratch > 0).then(|| shared.alloc(work.scratch)).transpose()?;
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
            compiled.launch(shared, count as u32, &given, &numbers)?;
        }
        Ok(())
    }
}
