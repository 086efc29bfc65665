//! Collectives by NCCL, NVIDIA's library of them, where it is installed.

use crate::device::{Shared, own};
use crate::driver::{Address, Handle};
use crate::library::{functions, open};
use st_kernel::{Communicator, DType, Exchange, ExchangeStep, Result, Union, runtime_err, value_err};
use std::ffi::{c_char, c_int};
use std::ptr::null_mut;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

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
    shared: Arc<Shared>,
    size: usize,
    /// NCCL's communicator; none once it was given up.
    communicator: Mutex<Option<usize>>,
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
        Ok(Place { shared, size, communicator: Mutex::new(Some(communicator.expose_provenance())) })
    }

    fn held(&self) -> MutexGuard<'_, Option<usize>> {
        self.communicator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, nccl: &Nccl, communicator: Handle, step: &ExchangeStep) -> Result<()> {
        let (count, stream) = (step.count, self.shared.stream());
        let kind = kind(step.dtype)?;
        let times = |whole: bool| count * if whole { self.size } else { 1 };
        let is_gather = step.what == Exchange::AllGather;
        let is_scatter = matches!(step.what, Exchange::ReduceScatter(_));
        let from = || self.place(step, &step.from, times(is_scatter), false);
        let to = || self.place(step, &step.to, times(is_gather), true);
        // SAFETY: both sides hold as many elements as the function reads and writes; they live until their streams are done.
        let code = unsafe {
            match step.what {
                Exchange::AllReduce(union) => {
                    let union = number(union, step.dtype);
                    (nccl.ncclAllReduce)(from()?, to()?, count, kind, union, communicator, stream)
                }
                Exchange::ReduceScatter(union) => {
                    let union = number(union, step.dtype);
                    (nccl.ncclReduceScatter)(from()?, to()?, count, kind, union, communicator, stream)
                }
                Exchange::AllGather => {
                    (nccl.ncclAllGather)(from()?, to()?, count, kind, communicator, stream)
                }
                Exchange::Broadcast(root) => {
                    // Only the root's side is read.
                    let from = if step.from.is_some() { from()? } else { to()? };
                    (nccl.ncclBroadcast)(from, to()?, count, kind, root as c_int, communicator, stream)
                }
                Exchange::Send(peer) => {
                    (nccl.ncclSend)(from()?, count, kind, peer as c_int, communicator, stream)
                }
                Exchange::Receive(peer) => {
                    (nccl.ncclRecv)(to()?, count, kind, peer as c_int, communicator, stream)
                }
            }
        };
        check("a collective", code)
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

impl Communicator for Place {
    fn run(&self, steps: &[ExchangeStep]) -> Result<()> {
        let nccl = library()?;
        let held = self.held();
        let communicator =
            held.ok_or_else(|| runtime_err!("cuda: this place among the ranks was given up"))?;
        let communicator = std::ptr::with_exposed_provenance_mut(communicator);
        self.shared.enter()?;
        // SAFETY: a group is ended by the same thread.
        check("beginning a group", unsafe { (nccl.ncclGroupStart)() })?;
        let outcome = steps.iter().try_for_each(|step| self.begin(nccl, communicator, step));
        // SAFETY: as above.
        let ended = check("a collective", unsafe { (nccl.ncclGroupEnd)() });
        outcome.and(ended)
    }

    fn check(&self) -> Result<()> {
        let (nccl, mut code) = (library()?, 0);
        let held = self.held();
        let Some(communicator) = *held else { return Ok(()) };
        let communicator = std::ptr::with_exposed_provenance_mut(communicator);
        // SAFETY: `code` is written; the communicator is there.
        check("a collective", unsafe { (nccl.ncclCommGetAsyncError)(communicator, &raw mut code) })?;
        check("a collective", code)
    }

    fn abort(&self) {
        let taken = self.held().take();
        if let (Some(communicator), Ok(nccl), Ok(())) = (taken, library(), self.shared.enter()) {
            // SAFETY: nobody has it any more. A failure is one of earlier work.
            unsafe { (nccl.ncclCommAbort)(std::ptr::with_exposed_provenance_mut(communicator)) };
        }
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
