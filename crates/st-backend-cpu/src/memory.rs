//! Memory that comes back: a cache of freed blocks in size classes.
//!
//! A fresh block costs a page fault for every page it has, several times the cost of writing it; a block that was used
//! before costs a pop. So freed blocks wait in the list of their size class, the one freed last on top, because its lines
//! may still be in the processor's caches. Each thread keeps a few blocks for itself: small ones, so that it
//! takes no lock for them, and its working memory, which its core has in cache. `ST_CPU_CACHE_MAX_BYTES` limits what waits
//! in the shared lists; what a program has outgrown leaves them when it asks for more.

use crate::pages;
use st_kernel::{Buffer, DeviceBuffer, Error, MemoryStats, Result};
use std::any::Any;
use std::cell::RefCell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// Smallest block and alignment of all: a cache line, and the widest vector.
const LINE: usize = 64;
/// Size classes: four up to 256 bytes, four for each doubling from there to half the address space.
const CLASSES: usize = 4 * (usize::BITS as usize - 8);

/// Bytes of the size class that holds `bytes`, and its number.
const fn class_of(bytes: usize) -> (usize, usize) {
    let last = bytes.saturating_sub(1);
    if last < 4 * LINE {
        let class = last / LINE;
        return ((class + 1) * LINE, class);
    }
    let doubling = last.ilog2();
    let step = 1 << (doubling - 2);
    let quarter = (last >> (doubling - 2)) & 3;
    (((4 + quarter) + 1) * step, 4 * (doubling as usize - 7) + quarter)
}

/// A block that nobody uses.
struct Block(NonNull<u8>);

// SAFETY: a block is plain memory with one owner.
unsafe impl Send for Block {}

/// A block that waits in a list, and how many runs there had been when it came.
struct Waiting {
    block: Block,
    since: usize,
}

/// Runs of plans so far: the clock by which blocks wait.
static RUNS: AtomicUsize = AtomicUsize::new(0);
/// A block that waited for more runs than this may not be part of what a program does again and again.
const PATIENCE: usize = 8;
/// Before memory is asked for, a block of so many larger classes will do: a sequence that grows again finds what it had in
/// the end.
const LARGER: usize = 3;
impl Waiting {
    fn now(block: Block) -> Waiting {
        Waiting { block, since: RUNS.load(Relaxed) }
    }
}

/// Takes at most so many off a list that have waited too long; the list is in the order in which they came.
fn outgrown(waiting: &mut Vec<Waiting>, before: usize, most: usize) -> Vec<Waiting> {
    let recent = waiting.partition_point(|block| block.since < before);
    waiting.drain(..recent.min(most)).collect()
}

/// Counts a run.
pub(crate) fn another_run() {
    RUNS.fetch_add(1, Relaxed);
}

/// Freed blocks by size class, and the numbers people ask for.
struct Cache {
    classes: [Mutex<Vec<Waiting>>; CLASSES],
    /// Bytes taken from the system, those of them in live buffers, and the most there ever were in live buffers.
    reserved: AtomicUsize,
    in_use: AtomicUsize,
    peak: AtomicUsize,
    limit: usize,
}

static CACHE: LazyLock<Cache> =
    LazyLock::new(|| Cache::new(limit_from_env(std::env::var("ST_CPU_CACHE_MAX_BYTES").ok().as_deref())));

/// The most bytes that may wait in the cache; half the machine's memory unless told otherwise.
fn limit_from_env(text: Option<&str>) -> usize {
    let told = text.and_then(|t| t.trim().parse().ok());
    told.unwrap_or_else(|| (crate::system::memory() / 2) as usize)
}

/// What is in use and what is cached.
pub fn memory_stats() -> MemoryStats {
    let in_use = CACHE.in_use.load(Relaxed);
    let cached = CACHE.reserved.load(Relaxed).saturating_sub(in_use);
    let [in_use, cached, peak] = [in_use, cached, CACHE.peak.load(Relaxed)].map(|bytes| bytes as u64);
    MemoryStats { in_use, cached, peak }
}

/// Forgets how much was in use at most.
pub(crate) fn reset_peak() {
    CACHE.peak.store(CACHE.in_use.load(Relaxed), Relaxed);
}

/// Gives all cached memory back to the system, but for the few small blocks of other threads.
pub(crate) fn empty_cache() {
    NEAR.with_borrow_mut(Near::empty);
    CACHE.empty();
}

impl Cache {
    fn new(limit: usize) -> Cache {
        Cache {
            classes: [const { Mutex::new(Vec::new()) }; CLASSES],
            reserved: AtomicUsize::new(0),
            in_use: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            limit,
        }
    }

    fn class(&self, class: usize) -> MutexGuard<'_, Vec<Waiting>> {
        // A panic cannot leave a list half changed, so poison means nothing.
        self.classes[class].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block of a class's size, used before if there is one, and the class that it is of.
    fn take(&self, class: usize) -> Option<(Block, usize)> {
        let known = self.waiting(class).map(|block| (block, class));
        let (block, class) = known.or_else(|| self.larger(class)).or_else(|| self.fresh(class))?;
        let size = size_of_class(class);
        let in_use = self.in_use.fetch_add(size, Relaxed) + size;
        if in_use > self.peak.load(Relaxed) {
            self.peak.fetch_max(in_use, Relaxed);
        }
        Some((block, class))
    }

    /// A block that waits, in this thread's list or in the shared one.
    #[inline]
    fn waiting(&self, class: usize) -> Option<Block> {
        let near = || NEAR.try_with(|near| near.borrow_mut().0.get_mut(class)?.pop()).ok().flatten();
        near().or_else(|| self.class(class).pop()).map(|waiting| waiting.block)
    }

    /// A block that waits and is not much too large.
    #[cold]
    fn larger(&self, class: usize) -> Option<(Block, usize)> {
        let classes = class + 1..(class + 1 + LARGER).min(CLASSES);
        classes.filter(|_| class >= SMALL_CLASSES).find_map(|class| Some((self.waiting(class)?, class)))
    }

    fn give(&self, block: Block, class: usize) {
        let size = size_of_class(class);
        self.in_use.fetch_sub(size, Relaxed);
        let mut block = Some(block);
        // While a thread ends its list may be gone already.
        let _ = NEAR.try_with(|near| {
            let mut near = near.borrow_mut();
            if near.0.is_empty() {
                near.0.resize_with(NEAR_CLASSES, Vec::new);
            }
            if let Some(list) = near.0.get_mut(class)
                && list.len() < if class < SMALL_CLASSES { SMALL_BLOCKS } else { LARGE_BLOCKS }
            {
                list.extend(block.take().map(Waiting::now));
            }
        });
        if let Some(block) = block {
            self.share(block, size, class);
        }
    }

    /// Puts a block where every thread finds it, unless too much is waiting.
    fn share(&self, block: Block, size: usize, class: usize) {
        if self.reserved.load(Relaxed).saturating_sub(self.in_use.load(Relaxed)) <= self.limit {
            self.class(class).push(Waiting::now(block));
        } else {
            self.release(block, size);
        }
    }

    /// A block from the system, which may need what the cache holds.
    #[cold]
    fn fresh(&self, class: usize) -> Option<(Block, usize)> {
        let size = size_of_class(class);
        if class >= SMALL_CLASSES {
            self.release_outgrown(size);
        }
        let block = pages::take(size).or_else(|| {
            self.empty();
            pages::take(size)
        })?;
        self.reserved.fetch_add(size, Relaxed);
        Some((Block(block), class))
    }

    /// Gives back about as much as is taken, of what has waited too long: a sequence that grows needs larger blocks every
    /// few steps, and the smaller ones no more. The largest go first, as they are the least likely to be wanted again.
    #[cold]
    fn release_outgrown(&self, bytes: usize) {
        let before = RUNS.load(Relaxed).saturating_sub(PATIENCE);
        let mut left = bytes;
        for class in (SMALL_CLASSES..CLASSES).rev() {
            let size = size_of_class(class);
            let most = left.div_ceil(size);
            let mut found = outgrown(&mut self.class(class), before, most);
            let near = |near: &RefCell<Near>| {
                Some(outgrown(near.borrow_mut().0.get_mut(class)?, before, most - found.len()))
            };
            let near = NEAR.try_with(near);
            found.extend(near.ok().flatten().unwrap_or_default());
            left = left.saturating_sub(found.len() * size);
            found.into_iter().for_each(|waiting| self.release(waiting.block, size));
            if left == 0 {
                break;
            }
        }
    }

    fn release(&self, block: Block, size: usize) {
        self.reserved.fetch_sub(size, Relaxed);
        // SAFETY: the block came from `pages::take(size)` and its only owner gives it up.
        unsafe { pages::give_back(block.0, size) };
    }

    fn empty(&self) {
        for class in 0..CLASSES {
            let blocks = std::mem::take(&mut *self.class(class));
            blocks.into_iter().for_each(|waiting| self.release(waiting.block, size_of_class(class)));
        }
    }
}

/// Classes of which a thread keeps blocks for itself (up to 1 MiB): its working memory must not change places with that
/// of another thread, whose core's cache would have to give up every line.
const NEAR_CLASSES: usize = class_of(1 << 20).1 + 1;
/// Those it keeps many blocks of (up to 16 KiB), how many, and how many of the others.
const SMALL_CLASSES: usize = class_of(16 << 10).1 + 1;
const SMALL_BLOCKS: usize = 16;
const LARGE_BLOCKS: usize = 2;

thread_local! {
    static NEAR: RefCell<Near> = const { RefCell::new(Near(Vec::new())) };
}

/// A thread's own small blocks, a list for each class once there is one. Behind a pointer: libraries that a program loads
/// late share little thread-local memory.
struct Near(Vec<Vec<Waiting>>);

impl Near {
    fn empty(&mut self) {
        for (class, list) in self.0.iter_mut().enumerate() {
            list.drain(..).for_each(|w| CACHE.share(w.block, size_of_class(class), class));
        }
    }
}

impl Drop for Near {
    fn drop(&mut self) {
        self.empty();
    }
}

/// The inverse of [`class_of`].
fn size_of_class(class: usize) -> usize {
    if class < 4 { (class + 1) * LINE } else { (class % 4 + 5) << (class / 4 + 5) }
}

/// Gives empty buffers an aligned address.
#[repr(align(64))]
struct Line;

/// A piece of the host's memory.
pub struct CpuBuffer {
    ptr: NonNull<u8>,
    len: usize,
    home: Home,
}

/// Where the memory goes when its buffer is dropped.
enum Home {
    /// Nowhere: an empty buffer.
    None,
    Cache {
        class: usize,
    },
    /// Back to whoever lent it.
    Owner(#[expect(dead_code, reason = "kept to be dropped")] Box<dyn Any + Send + Sync>),
}

// SAFETY: the memory belongs to the buffer or is kept alive by its owner, which is `Send` and `Sync` itself; who reads
// and writes it when is the contract of `Program::launch`.
unsafe impl Send for CpuBuffer {}
// SAFETY: as above.
unsafe impl Sync for CpuBuffer {}

impl CpuBuffer {
    /// Uninitialised memory.
    pub(crate) fn new(len: usize) -> Result<CpuBuffer> {
        if len == 0 {
            return Ok(CpuBuffer { ptr: NonNull::<Line>::dangling().cast(), len, home: Home::None });
        }
        let out_of_memory = || Error::OutOfMemory(format!("cpu: cannot allocate {len} bytes"));
        // Rounded up to its class (by at most a quarter) and its alignment, it must fit in the address space.
        if len > isize::MAX as usize / 2 {
            return Err(out_of_memory());
        }
        let (block, class) = CACHE.take(class_of(len).1).ok_or_else(out_of_memory)?;
        Ok(CpuBuffer { ptr: block.0, len, home: Home::Cache { class } })
    }

    /// A handle as this backend's buffer.
    pub(crate) fn of(buffer: &Buffer) -> Result<&CpuBuffer> {
        let other_device = || Error::Runtime("cpu: a buffer of another device".into());
        (**buffer).as_any().downcast_ref().ok_or_else(other_device)
    }

    /// Its address.
    pub(crate) fn ptr(&self) -> *mut u8 {
        self.ptr.as_ptr()
    }

    /// Its length in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.len
    }
}

impl Drop for CpuBuffer {
    fn drop(&mut self) {
        if let Home::Cache { class } = self.home {
            CACHE.give(Block(self.ptr), class);
        }
    }
}

impl DeviceBuffer for CpuBuffer {
    fn len(&self) -> usize {
        self.len
    }
    fn host_ptr(&self) -> Option<NonNull<u8>> {
        Some(self.ptr)
    }
    fn is_foreign(&self) -> bool {
        matches!(self.home, Home::Owner(_))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A buffer over memory that somebody else owns, such as an array of numpy's; `owner` is dropped with the last handle.
///
/// # Safety
/// `ptr` must be aligned for the elements kernels will see there, and `len` bytes from it on must be initialised and stay
/// valid for reads and writes until `owner` is dropped. While a kernel runs on the buffer nobody else may write it, nor
/// read it if the kernel writes it.
pub unsafe fn external_buffer(ptr: NonNull<u8>, len: usize, owner: Box<dyn Any + Send + Sync>) -> Buffer {
    Arc::new(CpuBuffer { ptr, len, home: Home::Owner(owner) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn classes_are_tight_increasing_and_invertible() {
        let mut previous = 0;
        for class in 0..4 * 30 {
            let size = size_of_class(class);
            assert!(size > previous && size.is_multiple_of(LINE));
            for bytes in [previous + 1, size - 1, size] {
                assert_eq!(class_of(bytes), (size, class), "{bytes}");
            }
            assert!(size - previous <= LINE.max(previous / 4), "{size} after {previous}");
            previous = size;
        }
        let (size, class) = class_of(isize::MAX as usize / 2);
        assert!(size <= isize::MAX as usize && class < CLASSES);
    }

    #[test]
    fn freed_memory_is_used_again_until_the_cache_is_emptied() {
        // A size no other test uses, because the cache is the process's, and too large for a thread's own blocks.
        let bytes = 1_777_777;
        let (size, class) = class_of(bytes);
        let first = CpuBuffer::new(bytes).unwrap();
        let (at, before) = (first.ptr, memory_stats());
        assert!(before.in_use >= size as u64 && before.peak >= before.in_use);
        assert!(at.as_ptr().addr().is_multiple_of(4096));
        drop(first);
        assert_eq!(CACHE.class(class).len(), 1);
        let second = CpuBuffer::new(bytes - 5).unwrap();
        assert_eq!(second.ptr, at);
        assert_eq!(CACHE.class(class).len(), 0);
        drop(second);
        empty_cache();
        assert_eq!(CACHE.class(class).len(), 0);
    }

    #[test]
    fn threads_take_back_their_own_working_memory() {
        let bytes = 333_333;
        let turn = || CpuBuffer::new(bytes).unwrap().ptr().addr();
        let here = turn();
        std::thread::scope(|scope| {
            let there = scope.spawn(move || {
                let first = turn();
                assert_eq!(turn(), first);
                first
            });
            assert_ne!(there.join().unwrap(), here);
        });
        assert_eq!(turn(), here);
    }

    #[test]
    fn an_impossible_size_is_an_error() {
        for bytes in [usize::MAX, isize::MAX as usize, isize::MAX as usize / 2] {
            assert!(matches!(CpuBuffer::new(bytes), Err(Error::OutOfMemory(_))));
        }
        assert_eq!(CpuBuffer::new(0).unwrap().len(), 0);
    }

    #[test]
    fn threads_share_the_cache() {
        std::thread::scope(|scope| {
            for thread in 0..4u8 {
                scope.spawn(move || {
                    for i in 0..500usize {
                        let buffer = CpuBuffer::new(1 + i * 37 % 5000).unwrap();
                        // SAFETY: the buffer is this thread's alone.
                        unsafe { buffer.ptr.write_bytes(thread, buffer.len) };
                        // SAFETY: written above.
                        let bytes = unsafe { std::slice::from_raw_parts(buffer.ptr.as_ptr(), buffer.len) };
                        assert!(bytes.iter().all(|&b| b == thread));
                    }
                });
            }
        });
    }

    #[test]
    fn lent_memory_goes_back_to_its_owner() {
        struct Owner(Arc<AtomicBool>, Vec<u8>);
        impl Drop for Owner {
            fn drop(&mut self) {
                self.0.store(true, Relaxed);
            }
        }
        let dropped = Arc::new(AtomicBool::new(false));
        let mut owner = Box::new(Owner(dropped.clone(), vec![7; 10]));
        let ptr = NonNull::new(owner.1.as_mut_ptr()).unwrap();
        // SAFETY: the vector lives as long as its owner and is used through the buffer only.
        let buffer = unsafe { external_buffer(ptr, 10, owner) };
        assert_eq!((buffer.len(), buffer.host_ptr()), (10, Some(ptr)));
        let second = buffer.clone();
        drop(buffer);
        assert!(!dropped.load(Relaxed));
        drop(second);
        assert!(dropped.load(Relaxed));
    }

    #[test]
    fn what_exceeds_the_limit_goes_back_to_the_system() {
        let (size, class) = class_of(1_200_000);
        let cache = Cache::new(size + size / 2);
        let blocks = [(); 3].map(|_| cache.take(class).unwrap().0);
        assert_eq!((cache.in_use.load(Relaxed), cache.reserved.load(Relaxed)), (3 * size, 3 * size));
        blocks.into_iter().for_each(|block| cache.give(block, class));
        assert_eq!((cache.class(class).len(), cache.reserved.load(Relaxed)), (1, size));
        cache.empty();
        assert_eq!((cache.peak.load(Relaxed), cache.reserved.load(Relaxed)), (3 * size, 0));
    }

    #[test]
    fn what_a_program_has_outgrown_goes_back_when_it_asks_for_more() {
        let (size, class) = class_of(1_500_000);
        let cache = Cache::new(usize::MAX);
        let blocks = [(); 2].map(|_| cache.take(class).unwrap().0);
        let [first, second] = blocks;
        cache.give(first, class);
        (0..2 * PATIENCE).for_each(|_| another_run());
        cache.give(second, class);
        let (larger, its_class) = class_of(3_000_000);
        let (more, _) = cache.take(its_class).unwrap();
        assert_eq!((cache.class(class).len(), cache.reserved.load(Relaxed)), (1, size + larger));
        cache.give(more, its_class);
        cache.empty();
    }

    #[test]
    fn a_block_that_is_a_little_larger_will_do() {
        let cache = Cache::new(usize::MAX);
        let (large, class) = class_of(1_900_000);
        let (block, _) = cache.take(class).unwrap();
        cache.give(block, class);
        let (block, given) = cache.take(class - LARGER).unwrap();
        assert_eq!((given, cache.in_use.load(Relaxed), cache.reserved.load(Relaxed)), (class, large, large));
        assert_eq!(cache.take(class - LARGER).unwrap().1, class - LARGER);
        cache.give(block, given);
        cache.empty();
    }

    #[test]
    fn the_limit_is_read_from_the_environment() {
        assert_eq!(limit_from_env(Some(" 4096 ")), 4096);
        assert_eq!(limit_from_env(Some("0")), 0);
        assert!(limit_from_env(None) > 1 << 20 && limit_from_env(Some("much")) > 1 << 20);
    }
}
