//! Short-lived working memory of kernels, from the cache of freed blocks.

use crate::memory::CpuBuffer;
use std::marker::PhantomData;

/// Room for a number of `T`s with undefined contents.
pub(crate) struct Scratch<T> {
    buffer: CpuBuffer,
    element: PhantomData<T>,
}

impl<T: Copy> Scratch<T> {
    /// Room for `len` values. Like a vector of the standard library it has no answer to exhausted memory but to panic.
    pub(crate) fn new(len: usize) -> Self {
        const { assert!(align_of::<T>() <= 64) };
        let bytes = len.checked_mul(size_of::<T>()).expect("a scratch size fits in the address space");
        let buffer = CpuBuffer::new(bytes.max(4096)).unwrap_or_else(|error| panic!("{error}"));
        Scratch { buffer, element: PhantomData }
    }

    /// The first value's address, aligned to a page.
    pub(crate) fn ptr(&self) -> *mut T {
        self.buffer.ptr().cast()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_aligned_and_distinct() {
        let (a, b) = (Scratch::<f32>::new(1000), Scratch::<f32>::new(0));
        assert_ne!(a.ptr(), b.ptr());
        assert_eq!((a.ptr().addr() % 4096, b.ptr().addr() % 4096), (0, 0));
    }
}
