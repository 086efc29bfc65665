//! Short-lived aligned memory that each thread keeps for its next kernel.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::RefCell;
use std::ptr::NonNull;

/// Enough for any vector load and for a page-aligned start.
const ALIGN: usize = 4096;
/// A thread keeps at most this many idle buffers, and none above this size.
const KEPT_BUFFERS: usize = 6;
const KEPT_BYTES: usize = 32 << 20;

thread_local! {
    static IDLE: RefCell<Vec<Memory>> = const { RefCell::new(Vec::new()) };
}

/// Room for a number of `T`s with undefined contents; goes back to its thread when dropped.
pub(crate) struct Scratch<T> {
    memory: Option<Memory>,
    ptr: *mut T,
}

impl<T: Copy> Scratch<T> {
    /// Room for `len` values.
    pub(crate) fn new(len: usize) -> Self {
        let bytes = len.checked_mul(size_of::<T>()).expect("a scratch size fits in the address space");
        let found = IDLE.with_borrow_mut(|idle| {
            let enough = |i: &usize| idle[*i].layout.size() >= bytes;
            let best = (0..idle.len()).filter(enough).min_by_key(|&i| idle[i].layout.size())?;
            Some(idle.swap_remove(best))
        });
        let memory = found.unwrap_or_else(|| Memory::new(bytes));
        let ptr = memory.ptr.as_ptr().cast();
        Scratch { memory: Some(memory), ptr }
    }

    /// The first value's address, aligned to a page.
    pub(crate) fn ptr(&self) -> *mut T {
        self.ptr
    }
}

impl<T> Drop for Scratch<T> {
    fn drop(&mut self) {
        let Some(memory) = self.memory.take() else { return };
        if memory.layout.size() > KEPT_BYTES {
            return;
        }
        // While the thread ends its list may be gone already; then the memory is simply freed.
        let _ = IDLE.try_with(|idle| {
            let mut idle = idle.borrow_mut();
            if idle.len() == KEPT_BUFFERS {
                idle.remove(0);
            }
            idle.push(memory);
        });
    }
}

struct Memory {
    ptr: NonNull<u8>,
    layout: Layout,
}

impl Memory {
    fn new(bytes: usize) -> Self {
        let size = bytes.next_multiple_of(ALIGN).max(ALIGN);
        let layout = Layout::from_size_align(size, ALIGN).expect("a scratch size fits in the address space");
        // SAFETY: the size is not zero.
        let ptr = NonNull::new(unsafe { alloc(layout) }).unwrap_or_else(|| handle_alloc_error(layout));
        Memory { ptr, layout }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { dealloc(self.ptr.as_ptr(), self.layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_aligned_distinct_and_used_again() {
        let (a, b) = (Scratch::<f32>::new(1000), Scratch::<f32>::new(1000));
        assert_ne!(a.ptr(), b.ptr());
        assert_eq!(a.ptr() as usize % ALIGN, 0);
        let old = a.ptr();
        drop(a);
        assert_eq!(Scratch::<f32>::new(900).ptr(), old);
    }
}
