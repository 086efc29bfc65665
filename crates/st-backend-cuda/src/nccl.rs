//! Collectives by NCCL, NVIDIA's library of them, where it is installed.

use crate::deadlines::{Pending, Queue, late, watch};
use crate::device::{Shared, own};
use crate::driver::{Address, Handle, WITHOUT_TIME};
use crate::library::{functions, open};
use smallvec::SmallVec;
use st_kernel::{Communicator, DType, Exchange, ExchangeStep, Result, Union, runtime_err, value_err};
use std::ffi::{c_char, c_int};
use std::ptr::{null_mut, with_exposed_provenance_mut};
use std::sync::atomic::{AtomicUsize, Ordering::AcqRel, Ordering::Acquire, Ordering::Release};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// By which ranks find each other.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Meeting([c_char; 128]);

functions! {
    /// NCCL's functions.
    Nccl {
        ncclGetVersion(*mut c_int);
        ncclGetUniqueId(*mut Meeting);
        ncclCommInitRank(*mut Handle, c_int, Meeting, c_int);
        ncclCommAbort(Handle);
        ncclCommGetAsyncError(Handle, *mut c_int);
        ncclGroupStart();
        ncclGroupEnd();
        ncclAllReduce(Address, Address, usize, c_int, c_int, Handle, Handle);
        ncclReduceScatter(Address, Address, usize, c_int, c_int, Handle, Handle);
        ncclAllGather(Address, Address, usize, c_int, Handle, Handle);
        ncclBroadcast(Address, Address, usize, c_int, c_int, Handle, Handle);
        ncclSend(Address, usize, c_int, c_int, Handle, Handle);
        ncclRecv(Address, usize, c_int, c_int, Handle, Handle);
    }
}

/// NCCL's number for work that goes on.
const IN_PROGRESS: c_int = 7;

fn library() -> Result<&'static Nccl> {
    static NCCL: LazyLock<std::result::Result<Nccl, String>> = LazyLock::new(|| {
        let names = ["libnccl.so.2", "libnccl.so"].map(str::to_owned);
        let library = open(&names).ok_or("libnccl.so.2 was not found (pip install nvidia-nccl-cu13)")?;
        Nccl::of(library).map_err(|why| format!("it is too old: {why}"))
    });
    NCCL.as_ref().map_err(|why| runtime_err!("cuda: NCCL is not there: {why}"))
}

/// NCCL's version, such as 2.27.5.
pub(crate) fn version() -> Result<String> {
    let mut code = 0;
    // SAFETY: `code` is written.
    check("asking for the version", unsafe { (library()?.ncclGetVersion)(&raw mut code) })?;
    Ok(format!("{}.{}.{}", code / 10000, code / 100 % 100, code % 100))
}

/// A new meeting, for one rank to tell the others.
pub(crate) fn meeting() -> Result<Vec<u8>> {
    let mut meeting = Meeting([0; 128]);
    // SAFETY: `meeting` is written.
    check("making a meeting", unsafe { (library()?.ncclGetUniqueId)(&raw mut meeting) })?;
    Ok(meeting.0.iter().map(|&byte| byte as u8).collect())
}

/// A GPU's place among those of other processes.
pub(crate) struct Place {
    joined: Arc<Joined>,
    /// To the thread that calls NCCL: a call may hang, too.
    asks: Sender<Asked>,
}

/// A step with its addresses.
struct Ready {
    what: Exchange,
    dtype: DType,
    kind: c_int,
    count: usize,
    from: Address,
    to: Address,
}

type Steps = SmallVec<[Ready; 2]>;

/// Steps for a stream, and who hears how it went.
struct Asked {
    steps: Steps,
    stream: usize,
    outcome: Sender<Result<()>>,
}

/// What the place and who watches over it have in common.
pub(crate) struct Joined {
    pub(crate) shared: Arc<Shared>,
    size: usize,
    /// NCCL's communicator, 0 once it was given up.
    communicator: AtomicUsize,
    /// Whoever asks for collectives has it.
    turns: Mutex<()>,
    pending: Mutex<Queue>,
    /// Why it was given up.
    lost: Mutex<Option<String>>,
}

impl Place {
    pub(crate) fn new(shared: Arc<Shared>, meeting: &[u8], size: usize, rank: usize) -> Result<Place> {
        let nccl = library()?;
        let bytes: [u8; 128] =
            meeting.try_into().map_err(|_| value_err!("cuda: a meeting of NCCL has 128 bytes"))?;
        let meeting = Meeting(bytes.map(|byte| byte as c_char));
        let mut communicator: Handle = null_mut();
        shared.enter()?;
        // SAFETY: `communicator` is written; the context of the GPU that it is for is current.
        let code =
            unsafe { (nccl.ncclCommInitRank)(&raw mut communicator, size as c_int, meeting, rank as c_int) };
        check("finding the other ranks", code)?;
        let joined = Arc::new(Joined {
            shared,
            size,
            communicator: communicator.expose_provenance().into(),
            turns: Mutex::default(),
            pending: Mutex::default(),
            lost: Mutex::default(),
        });
        watch(Arc::downgrade(&joined));
        let (asks, asked) = channel::<Asked>();
        let worker = joined.clone();
        let work = move || {
            for Asked { steps, stream, outcome } in asked {
                let asked = worker.shared.enter().and_then(|()| worker.ask(&steps, stream));
                // Whoever does not wait any more has been told why.
                let _ = outcome.send(asked);
            }
        };
        let begun = thread::Builder::new().name("nccl".into()).spawn(work);
        begun.map_err(|why| runtime_err!("cuda: no thread for collectives: {why}"))?;
        Ok(Place { joined, asks })
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Joined {
    pub(crate) fn pending(&self) -> MutexGuard<'_, Queue> {
        locked(&self.pending)
    }

    pub(crate) fn is_given_up(&self) -> bool {
        self.communicator.load(Acquire) == 0
    }

    /// The communicator, or why there is none any more.
    fn communicator(&self) -> Result<Handle> {
        match self.communicator.load(Acquire) {
            0 => Err(match &*locked(&self.lost) {
                Some(why) => runtime_err!("{why}"),
                None => runtime_err!("cuda: this place among the ranks was given up"),
            }),
            number => Ok(with_exposed_provenance_mut(number)),
        }
    }

    /// What went wrong in the background.
    pub(crate) fn error(&self) -> Result<()> {
        let (nccl, communicator, mut code) = (library()?, self.communicator()?, 0);
        // SAFETY: `code` is written; the communicator is there.
        check("a collective", unsafe { (nccl.ncclCommGetAsyncError)(communicator, &raw mut code) })?;
        check("a collective", code)
    }

    /// Ends what is under way, whose results are nothing; whoever waits for the GPU next hears why.
    pub(crate) fn give_up(&self, why: &str) {
        *locked(&self.lost) = Some(why.to_owned());
        self.shared.lose(why);
        self.leave();
    }

    /// Gives the communicator back, once nobody calls it.
    fn leave(&self) {
        let _turn = locked(&self.turns);
        let taken = self.communicator.swap(0, AcqRel);
        if let (1.., Ok(nccl), Ok(())) = (taken, library(), self.shared.enter()) {
            // SAFETY: nobody has it any more. A failure is one of earlier work.
            unsafe { (nccl.ncclCommAbort)(with_exposed_provenance_mut(taken)) };
        }
    }

    /// Asks NCCL for steps.
    fn ask(&self, steps: &[Ready], stream: usize) -> Result<()> {
        let (nccl, communicator) = (library()?, self.communicator()?);
        let stream: Handle = with_exposed_provenance_mut(stream);
        // SAFETY: a group is ended by the same thread.
        check("beginning a group", unsafe { (nccl.ncclGroupStart)() })?;
        let outcome = steps.iter().try_for_each(|step| step.begin(nccl, communicator, stream));
        // SAFETY: as above.
        let ended = check("a collective", unsafe { (nccl.ncclGroupEnd)() });
        outcome.and(ended)
    }

    /// An event behind what was asked for last.
    fn end(&self) -> Result<usize> {
        let driver = self.shared.driver;
        let event = driver.event(WITHOUT_TIME)?;
        // SAFETY: an event and a stream of this context.
        let code = unsafe { (driver.cuEventRecord)(event, self.shared.stream()) };
        driver.check("marking a collective", code)?;
        Ok(event.expose_provenance())
    }

    /// A step with its addresses.
    fn ready(&self, step: &ExchangeStep) -> Result<Ready> {
        let times = |whole: bool| step.count * if whole { self.size } else { 1 };
        let is_gather = step.what == Exchange::AllGather;
        let is_scatter = matches!(step.what, Exchange::ReduceScatter(_));
        let from = || self.place(step, &step.from, times(is_scatter), false);
        let to = || self.place(step, &step.to, times(is_gather), true);
        let (from, to) = match step.what {
            Exchange::Send(_) => (from()?, 0),
            Exchange::Receive(_) => (0, to()?),
            // Only the root's side is read.
            Exchange::Broadcast(_) if step.from.is_none() => (to()?, to()?),
            _ => (from()?, to()?),
        };
        Ok(Ready { what: step.what, dtype: step.dtype, kind: kind(step.dtype)?, count: step.count, from, to })
    }

    /// The address of one side of a step, which this stream uses from now on.
    fn place(
        &self,
        step: &ExchangeStep,
        side: &Option<(st_kernel::Buffer, usize)>,
        count: usize,
        writes: bool,
    ) -> Result<Address> {
        let (buffer, start) = side.as_ref().ok_or_else(|| runtime_err!("cuda: a collective lacks memory"))?;
        let size = step.dtype.size();
        if (start + count) * size > buffer.len() {
            return Err(runtime_err!(
                "cuda: a collective reaches elements {start} to {} of memory of {} bytes",
                start + count,
                buffer.len()
            ));
        }
        let memory = own(buffer)?.memory();
        memory.visit(self.shared.order(), writes)?;
        Ok(memory.address() + (start * size) as Address)
    }
}

impl Ready {
    fn begin(&self, nccl: &Nccl, communicator: Handle, stream: Handle) -> Result<()> {
        let &Ready { what, dtype, kind, count, from, to } = self;
        // SAFETY: both sides hold as many elements as the function reads and writes; they live until their streams are done.
        let code = unsafe {
            match what {
                Exchange::AllReduce(union) => {
                    let union = number(union, dtype);
                    (nccl.ncclAllReduce)(from, to, count, kind, union, communicator, stream)
                }
                Exchange::ReduceScatter(union) => {
                    let union = number(union, dtype);
                    (nccl.ncclReduceScatter)(from, to, count, kind, union, communicator, stream)
                }
                Exchange::AllGather => (nccl.ncclAllGather)(from, to, count, kind, communicator, stream),
                Exchange::Broadcast(root) => {
                    (nccl.ncclBroadcast)(from, to, count, kind, root as c_int, communicator, stream)
                }
                Exchange::Send(peer) => {
                    (nccl.ncclSend)(from, count, kind, peer as c_int, communicator, stream)
                }
                Exchange::Receive(peer) => {
                    (nccl.ncclRecv)(to, count, kind, peer as c_int, communicator, stream)
                }
            }
        };
        check("a collective", code)
    }
}

impl Place {
    /// Has the thread that calls NCCL ask for steps. Where that does not come back (the first collective meets the others), it
    /// is left to itself: a communicator that somebody uses cannot be given back.
    fn asked(&self, steps: Steps, most: Duration, what: &str) -> Result<()> {
        let (outcome, told) = channel();
        let stream = self.joined.shared.stream().expose_provenance();
        let gone = |_| runtime_err!("cuda: the thread of collectives has ended");
        self.asks.send(Asked { steps, stream, outcome }).map_err(gone)?;
        told.recv_timeout(most).unwrap_or_else(|_| {
            let why = late(most, what);
            *locked(&self.joined.lost) = Some(why.clone());
            self.joined.communicator.store(0, Release);
            Err(runtime_err!("{why}"))
        })
    }
}

impl Communicator for Place {
    fn run(&self, steps: &[ExchangeStep], most: Duration) -> Result<()> {
        let joined = &self.joined;
        let (Some(first), _turn) = (steps.first(), locked(&joined.turns)) else { return Ok(()) };
        joined.communicator()?;
        joined.shared.enter()?;
        let steps: Steps = steps.iter().map(|step| joined.ready(step)).collect::<Result<_>>()?;
        if joined.shared.is_recording() {
            // When that is done nobody knows.
            return joined.ask(&steps, joined.shared.stream().expose_provenance());
        }
        let (what, since) = (format!("{:?} of {} elements", first.what, first.count), Instant::now());
        self.asked(steps, most, &what)?;
        let event = joined.end()?;
        joined.pending().push_back(Pending { what, most, since, event });
        Ok(())
    }

    fn check(&self) -> Result<()> {
        self.joined.error()
    }

    fn abort(&self) {
        self.joined.leave();
    }
}

/// The number of a dtype among NCCL's.
fn kind(dtype: DType) -> Result<c_int> {
    Ok(match dtype {
        DType::I8 => 0,
        DType::U8 | DType::Bool => 1,
        DType::I32 => 2,
        DType::U32 => 3,
        DType::I64 => 4,
        DType::U64 => 5,
        DType::F16 => 6,
        DType::F32 => 7,
        DType::F64 => 8,
        DType::BF16 => 9,
        DType::I16 | DType::U16 => {
            return Err(value_err!(
                "Input tensor data type is not supported for NCCL process group: {dtype}"
            ));
        }
    })
}

/// The number of a way to make one of many. Truth values are bytes there: their sum would be none.
fn number(union: Union, dtype: DType) -> c_int {
    match union {
        Union::Sum if dtype == DType::Bool => 2,
        Union::Sum => 0,
        Union::Product => 1,
        Union::Max => 2,
        Union::Min => 3,
        Union::Mean => 4,
    }
}

fn check(what: &str, code: c_int) -> Result<()> {
    let why = match code {
        0 | IN_PROGRESS => return Ok(()),
        1 => "a call of CUDA failed",
        2 => "a call of the system failed",
        4 => "an argument is wrong",
        5 => "it was not used as it should be",
        6 => "another process has ended, or the network fails",
        _ => "an error of its own",
    };
    Err(runtime_err!("cuda: {what} by NCCL failed: {why} ({code}); NCCL_DEBUG=WARN says more"))
}
