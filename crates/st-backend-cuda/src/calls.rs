//! What a run asks of the driver: launches, products of cuBLASLt, memory to clear.
//!
//! Usually each is asked for at once. Those of a run that comes again and again are gathered and go as one graph, which costs
//! the host a fraction: a graph that does the very same is replayed, and otherwise the calls are recorded and the driver
//! brings one of before up to date. Whatever else this thread asks of the GPU meanwhile goes after what was gathered so far,
//! and other threads wait with asking for memory, which might be what gathered calls still use.

use crate::blas::Ready;
use crate::device::{CudaDevice, Shared};
use crate::driver::{Address, Handle};
use crate::memory::handle;
use smallvec::SmallVec;
use st_kernel::{Error, Repeated, Result, Stream};
use std::cell::RefCell;
use std::ffi::c_void;
use std::ptr::{from_ref, null_mut, with_exposed_provenance_mut};
use std::sync::{Arc, LazyLock, MutexGuard, PoisonError};

/// The run of a plan from which on its calls are gathered: it has shown that it comes again.
const OFTEN: u32 = 3;
/// Fewer calls than these cost as much in a graph.
const FEW: usize = 4;
/// Graphs of a plan: memory often changes between two places from run to run.
const GRAPHS: usize = 2;
/// Graphs of a plan that the driver could not bring up to date before nobody tries any more.
const CHANGES: u32 = 8;

/// `ST_CUDA_GRAPHS=0` has every call be asked for by itself.
static OFF: LazyLock<bool> =
    LazyLock::new(|| std::env::var_os("ST_CUDA_GRAPHS").is_some_and(|value| value == "0"));

/// Something that is asked of the driver.
#[derive(PartialEq)]
pub(crate) enum Call {
    Kernel {
        function: usize,
        groups: u32,
        threads: u32,
        shared: u32,
        /// The first parameters, the numbers if there are any, and the last parameter.
        words: SmallVec<[u64; 8]>,
        numbers: Vec<u32>,
        last: u64,
    },
    Product {
        ready: Arc<Ready>,
        double: bool,
        places: [Address; 3],
        bias: Option<Address>,
        workspace: Address,
    },
    /// Zeros at the beginnings of rows.
    Clear { at: Address, pitch: usize, width: usize, rows: usize },
}

/// What this thread has gathered.
struct Gathered {
    gpu: usize,
    /// None once something else was asked for.
    calls: Option<Vec<Call>>,
    failed: Option<Error>,
}

thread_local!(static GATHERED: RefCell<Option<Gathered>> = const { RefCell::new(None) });

/// What is known of a plan that is run again and again.
#[derive(Default)]
struct Known {
    runs: u32,
    changes: u32,
    /// Calls with their graphs. Those that were used last come last.
    graphs: SmallVec<[(Vec<Call>, Executable); GRAPHS]>,
}

/// A graph that is ready to run.
struct Executable {
    graph: usize,
    shared: Arc<Shared>,
}

impl Drop for Executable {
    fn drop(&mut self) {
        if self.shared.enter().is_ok() {
            // SAFETY: its own; the driver lets a launch that is under way come to its end.
            unsafe { (self.shared.driver.cuGraphExecDestroy)(handle(self.graph as Stream)) };
        }
    }
}

impl Call {
    fn run(&self, shared: &Shared, stream: Handle) -> Result<()> {
        let driver = shared.driver;
        match self {
            Call::Kernel { function, groups, threads, shared, words, numbers, last } => {
                let mut parameters: SmallVec<[*mut c_void; 12]> =
                    words.iter().map(|word| from_ref(word).cast_mut().cast()).collect();
                if !numbers.is_empty() {
                    parameters.push(numbers.as_ptr().cast_mut().cast());
                }
                parameters.push(from_ref(last).cast_mut().cast());
                let (function, parameters) =
                    (with_exposed_provenance_mut(*function), parameters.as_mut_ptr());
                // SAFETY: the parameters are those of the kernel's text; the driver reads them before it returns. The kernel
                // stays inside its buffers, which was checked.
                let code = unsafe {
                    let launch = driver.cuLaunchKernel;
                    launch(function, *groups, 1, 1, *threads, 1, 1, *shared, stream, parameters, null_mut())
                };
                driver.check("launching a kernel", code)
            }
            Call::Product { ready, double, places, bias, workspace } => {
                ready.run(driver, *double, *places, *bias, *workspace, stream)
            }
            Call::Clear { at, pitch, width, rows } => {
                // SAFETY: whoever asked says that there are so many rows.
                let code = unsafe { (driver.cuMemsetD2D8Async)(*at, *pitch, 0, *width, *rows, stream) };
                driver.check("clearing memory", code)
            }
        }
    }
}

impl Shared {
    fn gathered<T>(&self, f: impl FnOnce(&mut Gathered) -> T) -> Option<T> {
        GATHERED.with_borrow_mut(|gathered| gathered.as_mut().filter(|g| g.gpu == self.index).map(f))
    }

    /// Asks the driver for something, to be done after all that was asked for before.
    pub(crate) fn ask(&self, call: Call) -> Result<()> {
        let mut call = Some(call);
        self.gathered(|gathered| gathered.calls.as_mut().map(|calls| calls.extend(call.take())));
        let Some(call) = call else { return Ok(()) };
        self.begin_mark()?;
        call.run(self, handle(self.order()))
    }

    /// Asks the driver for what was gathered; nothing more is gathered in this run.
    pub(crate) fn settle(&self) {
        if let Some(calls) = self.gathered(|gathered| gathered.calls.take()).flatten() {
            let stream = handle(self.order());
            let failed = calls.iter().try_for_each(|call| call.run(self, stream)).err();
            self.gathered(|gathered| gathered.failed = failed);
        }
    }

    /// The driver's handle of the stream that the calling thread works in, for what goes after what was gathered.
    pub(crate) fn stream(&self) -> Handle {
        self.settle();
        handle(self.order())
    }

    /// Keeps others from taking memory which gathered calls may still use, unless they are this thread's.
    pub(crate) fn turn(&self) -> Option<MutexGuard<'_, Stream>> {
        match self.gathered(|_| ()) {
            Some(()) => None,
            None => Some(self.turns.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

impl CudaDevice {
    /// Does the work of a run; once it has come often its calls go as a graph.
    pub(crate) fn do_again(&self, kept: &mut Repeated, work: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let shared = self.shared();
        let known = kept.get_or_insert_with(|| Box::new(Known::default())).downcast_mut::<Known>();
        let Some(known) = known.filter(|known| known.changes < CHANGES && !*OFF) else { return work() };
        known.runs = known.runs.saturating_add(1);
        if known.runs < OFTEN || shared.is_recording() {
            return work();
        }
        let Some(mut turn) = shared.turn() else { return work() };
        /// Nothing is gathered any more, whatever happens.
        struct End;
        impl Drop for End {
            fn drop(&mut self) {
                GATHERED.set(None);
            }
        }
        let end = End;
        GATHERED.set(Some(Gathered { gpu: shared.index, calls: Some(Vec::new()), failed: None }));
        let outcome = work();
        let gathered = GATHERED.take();
        drop(end);
        let handed_over = match gathered {
            Some(Gathered { failed: Some(failed), .. }) => Err(failed),
            Some(Gathered { calls: Some(calls), .. }) => shared.hand_over(calls, known, &mut turn),
            _ => Ok(()),
        };
        outcome.and(handed_over)
    }
}

impl Shared {
    /// Has the GPU do what was gathered.
    fn hand_over(self: &Arc<Self>, calls: Vec<Call>, known: &mut Known, recorder: &mut Stream) -> Result<()> {
        let stream = self.stream();
        self.enter()?;
        let found = match known.graphs.iter().position(|(theirs, _)| *theirs == calls) {
            Some(at) => Ok(known.graphs.remove(at)),
            None if calls.len() < FEW => Err(calls),
            None => match self.ready(&calls, known, recorder) {
                Ok(ready) => Ok((calls, ready)),
                Err(_) => {
                    // What cannot be recorded is asked for as ever.
                    known.changes = CHANGES;
                    Err(calls)
                }
            },
        };
        let (calls, ready) = match found {
            Ok(found) => found,
            Err(calls) => return calls.iter().try_for_each(|call| call.run(self, stream)),
        };
        // SAFETY: the graph is ready, and its calls are those of this run.
        let code = unsafe { (self.driver.cuGraphLaunch)(handle(ready.graph as Stream), stream) };
        known.graphs.push((calls, ready));
        self.driver.check("launching the kernels of a run", code)
    }

    /// A graph of some calls: one of before, brought up to date, or a new one.
    fn ready(
        self: &Arc<Self>,
        calls: &[Call],
        known: &mut Known,
        recorder: &mut Stream,
    ) -> Result<Executable> {
        if *recorder == 0 {
            *recorder = self.new_stream(0)?;
        }
        let stream = handle(*recorder);
        self.record(stream)?;
        let asked = calls.iter().try_for_each(|call| call.run(self, stream));
        let recorded = self.recorded(stream)?;
        let before = (known.graphs.len() == GRAPHS).then(|| known.graphs.remove(0).1);
        let ready = asked.and_then(|()| match before {
            Some(before) if self.is_updated(&before, recorded) => Ok(before),
            before => {
                known.changes += u32::from(before.is_some());
                let graph = self.instantiated(recorded)?.expose_provenance();
                Ok(Executable { graph, shared: self.clone() })
            }
        });
        // SAFETY: it was recorded above, and what is ready does not need it.
        unsafe { (self.driver.cuGraphDestroy)(recorded) };
        ready
    }

    /// Whether a graph could be made to do what was recorded.
    fn is_updated(&self, before: &Executable, recorded: Handle) -> bool {
        // A number and two handles: why it could not.
        let mut why = [null_mut::<c_void>(); 3];
        // SAFETY: both graphs are there; `why` has room.
        let code = unsafe {
            (self.driver.cuGraphExecUpdate_v2)(
                handle(before.graph as Stream),
                recorded,
                why.as_mut_ptr().cast(),
            )
        };
        code == 0
    }
}
