//! What a GPU did and when: by CUPTI, or, where that is missing, by events around what each step asked for.

use crate::cupti;
use crate::device::{CudaDevice, Shared};
use crate::memory::handle;
use st_kernel::{Activities, Activity, Result};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Events around the work of each number; the first stands for the beginning.
#[derive(Default)]
pub(crate) struct Marks {
    told: Mutex<Option<(i64, usize, Vec<Mark>)>>,
    /// Whether the last one has a number and nothing was asked for yet: compiling a kernel is not the GPU's time.
    waits: AtomicBool,
}

struct Mark {
    number: u64,
    stream: u64,
    start: usize,
    end: usize,
}

impl Shared {
    /// An event with a time, recorded in the stream in use.
    fn mark(&self) -> Result<usize> {
        let event = self.driver.event(0)?;
        // SAFETY: an event and a stream of this context.
        let code = unsafe { (self.driver.cuEventRecord)(event, self.stream()) };
        self.driver.check("recording an event", code)?;
        Ok(event.expose_provenance())
    }

    /// The work of the last number begins now, if it has not.
    pub(crate) fn begin_mark(&self) -> Result<()> {
        if self.marks.waits.load(Relaxed) && self.marks.waits.swap(false, Relaxed) {
            let mark = self.mark()?;
            let mut told = self.marks.told.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(last) = told.as_mut().and_then(|(.., marks)| marks.last_mut()) {
                (last.start, last.end) = (mark, mark);
            }
        }
        Ok(())
    }

    /// Nanoseconds between two events.
    fn between(&self, start: usize, end: usize) -> i64 {
        let mut milliseconds = 0.0;
        // SAFETY: events of this context; the time is written.
        unsafe {
            (self.driver.cuEventElapsedTime)(&raw mut milliseconds, handle(start as u64), handle(end as u64))
        };
        (f64::from(milliseconds) * 1e6) as i64
    }
}

impl Activities for CudaDevice {
    fn about(&self) -> String {
        cupti::about()
    }

    fn start(&self, began: Instant) -> Result<()> {
        if cupti::start(began) {
            return Ok(());
        }
        let shared = self.shared();
        shared.enter()?;
        let first = shared.mark()?;
        // SAFETY: an event of this context.
        unsafe { (shared.driver.cuEventSynchronize)(handle(first as u64)) };
        let now = began.elapsed().as_nanos() as i64;
        *shared.marks.told.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, first, Vec::new()));
        Ok(())
    }

    fn attribute(&self, number: u64) -> Result<()> {
        let shared = self.shared();
        let mut told = shared.marks.told.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, _, marks)) = &mut *told else {
            cupti::attribute(number);
            return Ok(());
        };
        // Events that are recorded for a graph have no times.
        if shared.is_recording() {
            return Ok(());
        }
        let nothing = shared.marks.waits.swap(number != 0, Relaxed);
        if number != 0 {
            marks.push(Mark { number, stream: shared.order(), start: 0, end: 0 });
        } else if nothing {
            marks.pop();
        } else if let Some(last) = marks.last_mut() {
            shared.enter()?;
            last.end = shared.mark()?;
        }
        Ok(())
    }

    fn stop(&self) -> Result<Vec<Activity>> {
        let shared = self.shared();
        shared.marks.waits.store(false, Relaxed);
        let marks = shared.marks.told.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((began, first, marks)) = marks else { return Ok(cupti::stop()) };
        shared.enter()?;
        let told = marks.iter().map(|mark| Activity {
            category: "kernel",
            start: began + shared.between(first, mark.start),
            end: began + shared.between(first, mark.end),
            device: Some(shared.index),
            stream: mark.stream,
            of: mark.number,
            ..Activity::default()
        });
        let told = told.collect();
        let events = marks.iter().flat_map(|mark| [mark.start, mark.end]).chain([first]);
        for event in events {
            // SAFETY: an event of this context that nobody uses any more.
            unsafe { (shared.driver.cuEventDestroy_v2)(handle(event as u64)) };
        }
        Ok(told)
    }
}
