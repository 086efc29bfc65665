//! What can go wrong inside a kernel: remembered by the loops, reported by the launch.

use st_kernel::{Error, Result, index_err, runtime_err};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// The faults of one launch.
#[derive(Default)]
pub(crate) struct Faults {
    any: AtomicBool,
    first: Mutex<Option<Error>>,
}

impl Faults {
    /// Whether something went wrong.
    #[inline(always)]
    pub(crate) fn any(&self) -> bool {
        self.any.load(Relaxed)
    }

    /// Integer division by zero.
    #[cold]
    pub(crate) fn zero_division(&self) {
        self.report(runtime_err!("ZeroDivisionError"));
    }

    /// An index outside a dimension.
    #[cold]
    pub(crate) fn index(&self, index: i64, size: i64) {
        self.report(index_err!("index {index} is out of bounds for a dimension of size {size}"));
    }

    fn report(&self, error: Error) {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.any.store(true, Relaxed);
    }

    /// The first fault, if any.
    pub(crate) fn result(self) -> Result<()> {
        match self.any() {
            false => Ok(()),
            true => self.first.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err),
        }
    }
}
