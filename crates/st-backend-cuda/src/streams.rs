//! Streams and events.
//!
//! Work goes to the stream that the calling thread has chosen; at first that is the driver's stream number 0, which other
//! libraries use too, so that memory shared with them needs no waiting. Others are made when they are asked for, a few of each
//! priority, and stay.

use crate::device::{CudaDevice, Shared};
use crate::driver::{APART, Handle, NOT_READY, WITHOUT_TIME};
use crate::memory::handle;
use st_kernel::{Event, Result, Stream, Streams};
use std::cell::RefCell;
use std::ffi::c_int;
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};

/// Streams of a priority.
const EACH: usize = 32;

/// The priority beyond which torch has none.
const HIGHEST: i32 = -3;

thread_local! {
    /// The stream of each GPU that this thread has chosen.
    static CHOSEN: RefCell<Vec<Stream>> = const { RefCell::new(Vec::new()) };
}

/// The stream of a GPU that this thread has chosen.
pub(crate) fn chosen(gpu: usize) -> Stream {
    CHOSEN.with_borrow(|all| all.get(gpu).copied().unwrap_or(0))
}

/// The streams that were made: for each priority how often one was asked for, and those there are.
#[derive(Default)]
pub(crate) struct Made(Mutex<Vec<(c_int, usize, Vec<Stream>)>>);

impl Shared {
    /// A new stream; the context is current.
    pub(crate) fn new_stream(&self, priority: c_int) -> Result<Stream> {
        let mut stream: Handle = null_mut();
        // SAFETY: `stream` is written.
        let code = unsafe { (self.driver.cuStreamCreateWithPriority)(&raw mut stream, APART, priority) };
        self.driver.check("making a stream", code)?;
        Ok(stream.expose_provenance() as Stream)
    }

    /// What the driver says of a stream or an event: done, or not yet.
    fn done(&self, code: c_int) -> Result<bool> {
        match code {
            NOT_READY => Ok(false),
            code => self.driver.check("a kernel that ran before this", code).map(|()| true),
        }
    }
}

impl Streams for CudaDevice {
    fn stream(&self, priority: i32) -> Result<Stream> {
        let shared = self.shared();
        let (least, greatest) = self.priorities()?;
        let priority = priority.clamp(greatest, least);
        let mut made = shared.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = made.iter().position(|(of, ..)| *of == priority).unwrap_or_else(|| {
            made.push((priority, 0, Vec::new()));
            made.len() - 1
        });
        let (_, asked, streams) = &mut made[at];
        *asked += 1;
        if let Some(&stream) = streams.get((*asked - 1) % EACH) {
            return Ok(stream);
        }
        let stream = shared.new_stream(priority)?;
        streams.push(stream);
        Ok(stream)
    }

    fn priorities(&self) -> Result<(i32, i32)> {
        let shared = self.shared();
        shared.enter()?;
        let (mut least, mut greatest) = (0, 0);
        // SAFETY: both are written.
        let code = unsafe { (shared.driver.cuCtxGetStreamPriorityRange)(&raw mut least, &raw mut greatest) };
        shared.driver.check("asking for priorities", code)?;
        Ok((least, greatest.max(HIGHEST)))
    }

    fn current(&self) -> Stream {
        chosen(self.shared().index)
    }

    fn choose(&self, stream: Stream) {
        let gpu = self.shared().index;
        CHOSEN.with_borrow_mut(|all| {
            all.resize(all.len().max(gpu + 1), 0);
            all[gpu] = stream;
        });
    }

    fn is_done(&self, stream: Stream) -> Result<bool> {
        let shared = self.shared();
        shared.enter()?;
        // SAFETY: a stream of this context.
        shared.done(unsafe { (shared.driver.cuStreamQuery)(handle(stream)) })
    }

    fn wait(&self, stream: Stream) -> Result<()> {
        let shared = self.shared();
        shared.enter()?;
        shared.wait(handle(stream))
    }

    fn event(&self, timing: bool) -> Result<Event> {
        let shared = self.shared();
        shared.enter()?;
        let event = shared.driver.event(if timing { 0 } else { WITHOUT_TIME })?;
        Ok(event.expose_provenance() as Event)
    }

    fn record(&self, event: Event, stream: Stream) -> Result<()> {
        let shared = self.shared();
        shared.enter()?;
        // SAFETY: an event and a stream of this context.
        let code = unsafe { (shared.driver.cuEventRecord)(handle(event), handle(stream)) };
        shared.driver.check("recording an event", code)
    }

    fn has_happened(&self, event: Event) -> Result<bool> {
        let shared = self.shared();
        shared.enter()?;
        // SAFETY: an event of this context.
        shared.done(unsafe { (shared.driver.cuEventQuery)(handle(event)) })
    }

    fn wait_for(&self, event: Event) -> Result<()> {
        let shared = self.shared();
        shared.enter()?;
        // SAFETY: an event of this context.
        let code = unsafe { (shared.driver.cuEventSynchronize)(handle(event)) };
        shared.driver.check("a kernel that ran before this", code)?;
        shared.raise_faults()
    }

    fn order(&self, stream: Stream, event: Event) -> Result<()> {
        let shared = self.shared();
        shared.enter()?;
        // SAFETY: a stream and an event of this context.
        let code = unsafe { (shared.driver.cuStreamWaitEvent)(handle(stream), handle(event), 0) };
        shared.driver.check("waiting for an event", code)
    }

    fn between(&self, start: Event, end: Event) -> Result<f32> {
        let shared = self.shared();
        shared.enter()?;
        let mut milliseconds = 0.0;
        // SAFETY: events of this context; the time is written.
        let code =
            unsafe { (shared.driver.cuEventElapsedTime)(&raw mut milliseconds, handle(start), handle(end)) };
        shared
            .driver
            .check("measuring time between events (are both recorded, with enable_timing?)", code)?;
        Ok(milliseconds)
    }

    fn forget(&self, event: Event) {
        let shared = self.shared();
        if shared.enter().is_ok() {
            // SAFETY: an event of this context that nobody uses any more.
            unsafe { (shared.driver.cuEventDestroy_v2)(handle(event)) };
        }
    }
}
