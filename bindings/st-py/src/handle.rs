//! The tensor of a Python object, which may be exchanged: `x.t_()` and `x.data = y` give the same object another one.
//!
//! Whoever borrowed the earlier tensor may still be at work with it (a call that has released the GIL, a hook further
//! up the stack), so it stays until the object goes.

use st_core::Tensor;
use std::ops::Deref;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering::*};

/// A tensor that can be exchanged while it is borrowed.
pub(crate) struct Handle {
    /// Python's garbage collector may look at an object whose memory is still zero: that is `None`.
    first: Option<Tensor>,
    /// The tensor it is now, if that is not the first.
    latest: AtomicPtr<Later>,
}

struct Later {
    tensor: Tensor,
    before: *mut Later,
}

// SAFETY: a `Later` is a tensor, which any thread may use, and a pointer that is followed by `drop` only.
unsafe impl Send for Handle {}
// SAFETY: as above; `latest` is atomic.
unsafe impl Sync for Handle {}

impl Handle {
    #[inline]
    pub(crate) fn new(tensor: Tensor) -> Handle {
        Handle { first: Some(tensor), latest: AtomicPtr::new(null_mut()) }
    }

    /// The tensor, unless the object is still being made.
    pub(crate) fn get(&self) -> Option<&Tensor> {
        self.first.is_some().then_some(self)
    }

    /// Makes it another tensor.
    pub(crate) fn replace(&self, tensor: Tensor) {
        let mut before = self.latest.load(Acquire);
        let later = Box::into_raw(Box::new(Later { tensor, before }));
        while let Err(other) = self.latest.compare_exchange(before, later, AcqRel, Acquire) {
            before = other;
            // SAFETY: nobody else knows of `later` yet.
            unsafe { (*later).before = other };
        }
    }
}

impl Deref for Handle {
    type Target = Tensor;

    #[inline]
    fn deref(&self) -> &Tensor {
        // SAFETY: what was published is whole, is never changed, and is freed by `drop` only. `new` gave the first one, and
        // who may come earlier asks `get`.
        unsafe {
            match self.latest.load(Acquire).as_ref() {
                Some(later) => &later.tensor,
                None => self.first.as_ref().unwrap_unchecked(),
            }
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // The object that they might name goes.
        self.first.iter().for_each(|first| first.set_owner(0));
        let mut at = *self.latest.get_mut();
        while !at.is_null() {
            // SAFETY: each was made by `Box::into_raw` and stands in the list once.
            let later = unsafe { Box::from_raw(at) };
            later.tensor.set_owner(0);
            at = later.before;
        }
    }
}
