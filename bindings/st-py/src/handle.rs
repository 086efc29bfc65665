//! The tensor of a Python object, which may be exchanged: `x.t_()` and `x.data = y` give the same object another one.
//!
//! Whoever borrowed the earlier tensor may still be at work with it (a call that has released the GIL, a hook further
//! up the stack), so it stays until the object goes.

use st_core::Tensor;
use std::cell::UnsafeCell;
use std::ops::Deref;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering::*};

/// A tensor that can be exchanged while it is borrowed.
pub(crate) struct Handle {
    /// Python's garbage collector may look at an object whose memory is still zero: that is `None`.
    first: UnsafeCell<Option<Tensor>>,
    /// The tensor it is now, if that is not the first.
    latest: AtomicPtr<Later>,
}

struct Later {
    tensor: Tensor,
    before: *mut Later,
}

// SAFETY: a `Later` is a tensor, which any thread may use, and a pointer that is followed by `drop` only.
unsafe impl Send for Handle {}
// SAFETY: as above; `latest` is atomic, and `first` is written before anybody else knows of the handle.
unsafe impl Sync for Handle {}

impl Handle {
    #[inline]
    pub(crate) fn new(tensor: Tensor) -> Handle {
        Handle { first: UnsafeCell::new(Some(tensor)), latest: AtomicPtr::new(null_mut()) }
    }

    /// Gives a handle of zeros its tensor.
    ///
    /// # Safety
    /// Nobody else may use the handle yet.
    #[inline]
    pub(crate) unsafe fn fill(&self, tensor: Tensor) {
        // SAFETY: the caller's promise; what was there is `None`, which needs no drop.
        unsafe { self.first.get().write(Some(tensor)) };
    }

    /// The tensor, unless the object is still being made.
    pub(crate) fn get(&self) -> Option<&Tensor> {
        // SAFETY: the collector asks under the GIL, as `fill` is called.
        unsafe { (*self.first.get()).is_some() }.then_some(self)
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
                None => (*self.first.get()).as_ref().unwrap_unchecked(),
            }
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // The object that they might name goes.
        self.first.get_mut().iter().for_each(|first| first.set_owner(0));
        let mut at = *self.latest.get_mut();
        while !at.is_null() {
            // SAFETY: each was made by `Box::into_raw` and stands in the list once.
            let later = unsafe { Box::from_raw(at) };
            later.tensor.set_owner(0);
            at = later.before;
        }
    }
}
