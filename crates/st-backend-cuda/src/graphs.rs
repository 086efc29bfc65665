//! Graphs: a stream's work is recorded once and handed to the GPU as a whole, again and again.
//!
//! Recorded kernels know their memory by its address. So it comes from a pool that serves no other work and lives as long as a
//! graph or a tensor needs it, and streams are ordered by the recording alone.

use crate::device::{CudaDevice, Shared};
use crate::driver::Handle;
use crate::memory::{Block, handle};
use st_kernel::pool::{Memory, Pool};
use st_kernel::{Device, Graph, Graphs, MemoryStats, Owner, Result, Stream, runtime_err};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CString, c_int};
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Calls that usually must not be made while something is recorded, such as for memory, are allowed.
const RELAXED: c_int = 2;

thread_local!(static RECORDING: RefCell<Option<Recording>> = const { RefCell::new(None) });

/// What this thread records.
struct Recording {
    gpu: usize,
    stream: Stream,
    pool: Arc<Pool<Block>>,
    /// Memory of the host that recorded copies read.
    kept: Vec<Owner>,
}

/// Whether this thread records anything. What other streams have to do with its memory was done before that.
pub(crate) fn is_anything_recorded() -> bool {
    RECORDING.with_borrow(Option::is_some)
}

/// The pools of graphs, by their numbers.
#[derive(Default)]
pub(crate) struct Pools(Mutex<HashMap<u64, Weak<Pool<Block>>>>);

/// A graph, ready to run.
struct CudaGraph {
    shared: Arc<Shared>,
    /// What was recorded, and what the driver made of it.
    recorded: Handle,
    ready: Handle,
    _pool: Arc<Pool<Block>>,
    _kept: Vec<Owner>,
}

// SAFETY: the driver's handles may be used by any thread that has made their context its current one.
unsafe impl Send for CudaGraph {}
// SAFETY: as above; a launch does not change the graph.
unsafe impl Sync for CudaGraph {}

impl Pools {
    /// The pool of this number, beside that of all other work.
    fn get(&self, number: u64, usual: &Pool<Block>) -> Arc<Pool<Block>> {
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|_, pool| pool.strong_count() > 0);
        let known = pools.get(&number).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let pool = Arc::new(usual.beside());
            pools.insert(number, Arc::downgrade(&pool));
            pool
        })
    }

    /// Adds what the memory of graphs holds.
    pub(crate) fn add_to(&self, stats: &mut MemoryStats) {
        let pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for own in pools.values().filter_map(Weak::upgrade).map(|pool| pool.stats()) {
            stats.in_use += own.in_use;
            stats.cached += own.cached;
        }
    }
}

impl Shared {
    fn recording<T>(&self, f: impl FnOnce(&mut Recording) -> T) -> Option<T> {
        RECORDING.with_borrow_mut(|recording| recording.as_mut().filter(|r| r.gpu == self.index).map(f))
    }

    /// Whether what this thread asks for is recorded.
    pub(crate) fn is_recording(&self) -> bool {
        self.recording(|_| ()).is_some()
    }

    /// The pool that memory comes from.
    pub(crate) fn pool(&self) -> Arc<Pool<Block>> {
        self.recording(|recording| recording.pool.clone()).unwrap_or_else(|| self.pool.clone())
    }

    /// The graph that is being recorded keeps something.
    pub(crate) fn keep(&self, owner: Owner) {
        self.recording(|recording| recording.kept.push(owner));
    }

    /// The stream that the calling thread works in is about to use a block.
    pub(crate) fn visit(&self, block: &Block, writes: bool) -> Result<()> {
        if self.is_recording() || block.home() == self.order() {
            return Ok(());
        }
        // Whoever waits for this stream from here on finds everything in it.
        self.settle();
        block.visit(self.order(), writes)
    }

    /// What is asked of a stream from here on is recorded.
    pub(crate) fn record(&self, stream: Handle) -> Result<()> {
        // SAFETY: a stream of this context.
        let code = unsafe { (self.driver.cuStreamBeginCapture_v2)(stream, RELAXED) };
        self.driver.check("recording a graph", code)
    }

    /// What was recorded since then.
    pub(crate) fn recorded(&self, stream: Handle) -> Result<Handle> {
        let mut recorded = null_mut();
        // SAFETY: the stream's recording was begun; what is asked for is written.
        let code = unsafe { (self.driver.cuStreamEndCapture)(stream, &raw mut recorded) };
        self.driver.check("recording a graph", code)?;
        Ok(recorded)
    }

    /// What the driver makes of a graph, ready to run.
    pub(crate) fn instantiated(&self, recorded: Handle) -> Result<Handle> {
        let mut ready = null_mut();
        // SAFETY: the graph is there; what is asked for is written.
        let code = unsafe { (self.driver.cuGraphInstantiateWithFlags)(&raw mut ready, recorded, 0) };
        self.driver.check("making a graph", code)?;
        Ok(ready)
    }

    /// Refuses to wait for work that is recorded and not done.
    pub(crate) fn expect_no_recording(&self) -> Result<()> {
        match self.is_recording() {
            true => Err(runtime_err!(
                "CUDA error: operation not permitted when stream is capturing (reading a value, or waiting for one)"
            )),
            false => Ok(()),
        }
    }
}

impl Graphs for CudaDevice {
    fn begin(&self, pool: u64) -> Result<()> {
        let shared = self.shared();
        shared.enter()?;
        let stream = shared.order();
        if stream == 0 {
            return Err(runtime_err!(
                "CUDA graphs must be captured on a non-default stream. (However, after capture, it's ok to replay them on the default stream.)"
            ));
        }
        let pool = shared.pools.get(pool, &shared.pool);
        // A recorded stream cannot wait for what is not recorded.
        self.synchronize()?;
        shared.record(handle(stream))?;
        RECORDING.set(Some(Recording { gpu: shared.index, stream, pool, kept: Vec::new() }));
        Ok(())
    }

    fn is_recording(&self) -> bool {
        self.shared().is_recording()
    }

    fn end(&self) -> Result<Box<dyn Graph>> {
        let shared = self.shared();
        let recording = RECORDING.take().filter(|recording| recording.gpu == shared.index);
        let Some(Recording { stream, pool, kept, .. }) = recording else {
            return Err(runtime_err!("cuda: nothing is recorded by this thread"));
        };
        shared.enter()?;
        let recorded = shared.recorded(handle(stream))?;
        let ready = shared.instantiated(recorded).inspect_err(|_| {
            // SAFETY: it was recorded above.
            unsafe { (shared.driver.cuGraphDestroy)(recorded) };
        })?;
        Ok(Box::new(CudaGraph { shared: shared.clone(), recorded, ready, _pool: pool, _kept: kept }))
    }
}

impl Graph for CudaGraph {
    fn replay(&self) -> Result<()> {
        self.shared.enter()?;
        // SAFETY: the graph is ready, and keeps the memory that its kernels were given.
        let code = unsafe { (self.shared.driver.cuGraphLaunch)(self.ready, self.shared.stream()) };
        self.shared.driver.check("replaying a graph", code)
    }

    fn draw(&self, file: &str) -> Result<()> {
        let name = CString::new(file).map_err(|_| runtime_err!("cuda: a file's name with a zero byte"))?;
        // SAFETY: the graph and the name live until the call returns. 1: all that is known.
        let code = unsafe { (self.shared.driver.cuGraphDebugDotPrint)(self.recorded, name.as_ptr(), 1) };
        self.shared.driver.check("drawing a graph", code)
    }
}

impl Drop for CudaGraph {
    fn drop(&mut self) {
        if self.shared.enter().is_ok() {
            // SAFETY: its own handles; the driver lets a launch that is under way come to its end.
            unsafe {
                (self.shared.driver.cuGraphExecDestroy)(self.ready);
                (self.shared.driver.cuGraphDestroy)(self.recorded);
            }
        }
    }
}
