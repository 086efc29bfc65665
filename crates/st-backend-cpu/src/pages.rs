//! Where blocks come from: large ones straight from the system's pages, so that they go back there too.
//!
//! An allocator keeps what it is given back for itself, in pieces that no later and larger block fits into: a program whose
//! tensors grow step by step would hold the memory of every step.

use std::ptr::NonNull;

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(crate) use linux::{give_back, take};
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
pub(crate) use plain::{give_back, take};

/// The allocator's blocks.
mod plain {
    use super::NonNull;
    use std::alloc::{Layout, alloc, dealloc};

    /// Alignment of all: a cache line, and the widest vector.
    const LINE: usize = 64;
    const PAGE: usize = 4096;

    fn layout(size: usize) -> Layout {
        let align = if size < PAGE { LINE } else { PAGE };
        Layout::from_size_align(size, align).expect("CpuBuffer::new has checked the size")
    }

    /// A block of `size` bytes, which is not 0.
    pub(crate) fn take(size: usize) -> Option<NonNull<u8>> {
        // SAFETY: nobody asks for 0 bytes.
        NonNull::new(unsafe { alloc(layout(size)) })
    }

    /// # Safety
    /// The block came from `take(size)`, and nobody uses it any longer.
    pub(crate) unsafe fn give_back(block: NonNull<u8>, size: usize) {
        // SAFETY: the caller's promise.
        unsafe { dealloc(block.as_ptr(), layout(size)) };
    }
}

/// The system's pages.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod linux {
    use super::{NonNull, plain};
    use std::ptr::null_mut;

    /// From this size on, blocks are pages of their own.
    const LARGE: usize = 64 << 10;
    /// From this size on, they are aligned to the system's huge pages and ask for them: one page fault instead of 512.
    const HUGE: usize = 2 << 20;

    // The standard library links the C library anyway; three declarations are less than a dependency.
    unsafe extern "C" {
        fn mmap(at: *mut u8, len: usize, protection: i32, flags: i32, file: i32, offset: isize) -> *mut u8;
        fn munmap(at: *mut u8, len: usize) -> i32;
        fn madvise(at: *mut u8, len: usize, advice: i32) -> i32;
    }
    const READ_AND_WRITE: i32 = 1 | 2;
    const PRIVATE: i32 = 2;
    const ANONYMOUS: i32 = if cfg!(any(target_arch = "mips", target_arch = "mips64")) { 0x800 } else { 0x20 };
    const MADV_HUGEPAGE: i32 = 14;

    /// A block of `size` bytes, which is not 0.
    pub(crate) fn take(size: usize) -> Option<NonNull<u8>> {
        match size {
            HUGE.. => huge(size),
            LARGE.. => map(size),
            _ => plain::take(size),
        }
    }

    /// # Safety
    /// The block came from `take(size)`, and nobody uses it any longer.
    pub(crate) unsafe fn give_back(block: NonNull<u8>, size: usize) {
        if size < LARGE {
            // SAFETY: the caller's promise.
            unsafe { plain::give_back(block, size) };
        } else {
            unmap(block.as_ptr(), size);
        }
    }

    fn map(size: usize) -> Option<NonNull<u8>> {
        // SAFETY: new pages at a place that the system chooses.
        let at = unsafe { mmap(null_mut(), size, READ_AND_WRITE, PRIVATE | ANONYMOUS, -1, 0) };
        // A refusal is the address -1.
        NonNull::new(at).filter(|at| at.addr().get() != usize::MAX)
    }

    fn unmap(at: *mut u8, len: usize) {
        if len > 0 {
            // SAFETY: whole pages that `map` made, whose only owner gives them up. A refusal loses them, no more.
            unsafe { munmap(at, len) };
        }
    }

    /// Pages that start at a huge one: more are mapped than needed, and those on either side go back.
    fn huge(size: usize) -> Option<NonNull<u8>> {
        let mapped = map(size + HUGE)?.as_ptr();
        let before = mapped.align_offset(HUGE);
        let block = mapped.wrapping_add(before);
        unmap(mapped, before);
        unmap(block.wrapping_add(size), HUGE - before);
        // SAFETY: the pages are ours, and the advice changes no contents; a refusal does no harm.
        unsafe { madvise(block, size, MADV_HUGEPAGE) };
        NonNull::new(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_every_kind_are_aligned_and_ours_to_write() {
        for size in [64, 4096, 64 << 10, 80 << 10, 2 << 20, 5 << 20] {
            let block = take(size).unwrap();
            assert!(block.addr().get().is_multiple_of(size.min(4096)), "{size}");
            // SAFETY: the block is ours and has as many bytes; it is given up once.
            unsafe {
                block.write_bytes(7, size);
                assert_eq!(block.add(size - 1).read(), 7);
                give_back(block, size);
            }
        }
    }

    #[test]
    fn too_much_is_refused() {
        assert!(take(isize::MAX as usize / 2 + 1).is_none());
    }
}
