//! The thread pool: `for_each` splits a kernel into chunks that the caller and the workers claim one by one.
//!
//! Each thread begins with a share of its own, the same part of every kernel, so that it finds in its core's cache what
//! it wrote there before, and then helps the others. A chunk is claimed by one compare-and-swap on the number left of a
//! share, so the caller never waits for a worker that has not started: on a busy machine it simply runs every chunk
//! itself. Workers spin briefly between two kernels
//! (a fork and join then costs about a microsecond), then leave their core to others but stay awake, and sleep at last.

use crate::forks::in_children;
use st_kernel::{Error, Result};
use std::any::Any;
use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::*};
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

/// How often a worker looks for work before it yields its core to others between two looks (50 to 100 microseconds).
const SPINS: u32 = 2000;
/// For how long it does that before it sleeps: waking it takes tens of microseconds, more on a virtual machine, and a
/// training loop has its next kernel ready sooner than this.
const YIELD_FOR: Duration = Duration::from_millis(2);
/// How often the caller looks for the last chunks to end before it yields its core to whoever holds them.
const SPINS_BEFORE_YIELD: u32 = 10_000;

static THREADS: AtomicUsize = AtomicUsize::new(0);
static CURRENT: AtomicPtr<Pool> = AtomicPtr::new(null_mut());

/// Uses `n` threads from now on, the caller of a kernel among them; 0 counts as 1.
pub fn set_num_threads(n: usize) {
    if THREADS.swap(n.max(1), SeqCst) != n.max(1) {
        retire(CURRENT.swap(null_mut(), SeqCst));
    }
}

/// How many threads share a kernel: `ST_NUM_THREADS`, else `OMP_NUM_THREADS`, else one for each core.
#[inline]
pub fn num_threads() -> usize {
    match THREADS.load(Relaxed) {
        0 => first_num_threads(),
        n => n,
    }
}

#[cold]
fn first_num_threads() -> usize {
    let from_env = |name| {
        let text = std::env::var(name).ok()?;
        text.split(',').next()?.trim().parse().ok().filter(|&n: &usize| n > 0)
    };
    let cores = || std::thread::available_parallelism().map_or(1, |n| n.get());
    let n = from_env("ST_NUM_THREADS").or_else(|| from_env("OMP_NUM_THREADS")).unwrap_or_else(cores);
    // A set_num_threads that came first wins.
    THREADS.compare_exchange(0, n, SeqCst, SeqCst).map_or_else(|set| set, |_| n)
}

/// Runs `f(0)` to `f(chunks - 1)`, each once, on any of the threads, and returns when all have ended.
///
/// A nested call, or one beside another caller's, runs its chunks on its own thread. A panic in `f` cancels the
/// chunks not yet started and is raised again here once the started ones have ended.
pub fn for_each(chunks: usize, f: &(dyn Fn(usize) + Sync)) {
    if chunks > 1 && num_threads() > 1 {
        let pool = current();
        if pool.busy.compare_exchange(false, true, Acquire, Relaxed).is_ok() {
            return pool.run(chunks, f);
        }
    }
    (0..chunks).for_each(f);
}

/// As [`for_each`], for chunks that can fail: all run, and the error of the first that failed is returned.
pub fn try_for_each(chunks: usize, f: &(dyn Fn(usize) -> Result<()> + Sync)) -> Result<()> {
    let failed: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    for_each(chunks, &|i| {
        if let Err(error) = f(i) {
            let mut failed = lock(&failed);
            if failed.as_ref().is_none_or(|(first, _)| i < *first) {
                *failed = Some((i, error));
            }
        }
    });
    lock(&failed).take().map_or(Ok(()), |(_, error)| Err(error))
}

/// Keeps counters that different threads hammer on off each other's cache lines.
#[repr(align(128))]
struct Apart<T>(T);

struct Pool {
    busy: AtomicBool,
    retired: AtomicBool,
    /// Chunks of each thread's share that are not yet claimed; the first of them is next.
    left: Box<[Apart<AtomicUsize>]>,
    /// How many jobs there have been.
    jobs: Apart<AtomicUsize>,
    /// Chunks not yet ended; the job below stays as it is until this is 0.
    pending: Apart<AtomicUsize>,
    job: UnsafeCell<Job>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    /// Sleeping workers; changed under `sleep` only.
    sleepers: AtomicUsize,
    sleep: Mutex<()>,
    wake: Condvar,
}

#[derive(Clone, Copy)]
struct Job {
    f: *const (dyn Fn(usize) + Sync),
    total: usize,
}

impl Job {
    /// The first chunk of a share, of so many.
    fn start(&self, share: usize, of: usize) -> usize {
        self.total / of * share + self.total % of * share / of
    }
}

// SAFETY: `job` is written by the holder of `busy` while nothing is claimed, and read only by a thread that holds
// a claimed chunk; the release store and acquire exchange of its share's `left` order the two. All else is atomic or
// locked.
unsafe impl Sync for Pool {}

/// The pool of this process and thread count, started at its first use. A retired pool is a few hundred bytes and is
/// never freed, because another caller may still be using it.
fn current() -> &'static Pool {
    let found = CURRENT.load(Acquire);
    // SAFETY: pools are leaked, so the pointer is null or valid for ever.
    unsafe { found.as_ref() }.unwrap_or_else(|| start(found))
}

/// After a fork the child has none of its parent's workers, so it starts a pool of its own. (Asking for the process at
/// every kernel would be a call of the system each time.)
fn forget_in_children() {
    extern "C" fn forget() {
        CURRENT.store(null_mut(), SeqCst);
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| in_children(forget));
}

#[cold]
fn start(found: *mut Pool) -> &'static Pool {
    forget_in_children();
    let pool: &'static Pool = Box::leak(Box::new(Pool {
        busy: AtomicBool::new(false),
        retired: AtomicBool::new(false),
        left: (0..num_threads()).map(|_| Apart(AtomicUsize::new(0))).collect(),
        jobs: Apart(AtomicUsize::new(0)),
        pending: Apart(AtomicUsize::new(0)),
        job: UnsafeCell::new(Job { f: &|_| (), total: 0 }),
        panic: Mutex::new(None),
        sleepers: AtomicUsize::new(0),
        sleep: Mutex::new(()),
        wake: Condvar::new(),
    }));
    match CURRENT.compare_exchange(found, std::ptr::from_ref(pool).cast_mut(), AcqRel, Acquire) {
        Ok(_) => {
            for i in 1..pool.left.len() {
                // Without a worker the caller does its share, so a refused thread costs speed only.
                let _ = std::thread::Builder::new().name(format!("st-cpu-{i}")).spawn(move || pool.work(i));
            }
            pool
        }
        Err(_) => current(),
    }
}

/// Lets the workers of a pool end.
fn retire(pool: *mut Pool) {
    // SAFETY: pools are leaked, so the pointer is null or valid for ever.
    if let Some(pool) = unsafe { pool.as_ref() } {
        pool.retired.store(true, SeqCst);
        let _guard = lock(&pool.sleep);
        pool.wake.notify_all();
    }
}

/// No code can panic while it holds one of our locks, so poison means nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    /// Runs a job; the caller has set `busy`.
    fn run(&self, total: usize, f: &(dyn Fn(usize) + Sync)) {
        // SAFETY: only the lifetime changes; nobody calls `f` after `pending` has come to 0 below.
        let f = unsafe { std::mem::transmute::<&(dyn Fn(usize) + Sync), &'static (dyn Fn(usize) + Sync)>(f) };
        let job = Job { f, total };
        // SAFETY: `busy` is ours and no chunk is claimed, so nobody else looks at the job.
        unsafe { *self.job.get() = job };
        self.pending.0.store(total, Relaxed);
        let shares = self.left.len();
        for (i, left) in self.left.iter().enumerate() {
            left.0.store(job.start(i + 1, shares) - job.start(i, shares), Release);
        }
        self.jobs.0.fetch_add(1, SeqCst);
        self.wake_for(total - 1);
        self.claim_and_run(0);
        let mut spins = 0;
        while self.pending.0.load(Acquire) != 0 {
            spin_loop();
            spins += 1;
            if spins > SPINS_BEFORE_YIELD {
                std::thread::yield_now();
            }
        }
        let panic = lock(&self.panic).take();
        self.busy.store(false, Release);
        if let Some(payload) = panic {
            resume_unwind(payload);
        }
    }

    fn wake_for(&self, chunks: usize) {
        let sleepers = self.sleepers.load(SeqCst);
        if sleepers == 0 {
            return;
        }
        let _guard = lock(&self.sleep);
        if chunks >= sleepers {
            self.wake.notify_all();
        } else {
            (0..chunks).for_each(|_| self.wake.notify_one());
        }
    }

    /// Takes chunks until none is left, those of its own share first.
    fn claim_and_run(&self, own: usize) {
        let shares = self.left.len();
        let take_one = |left: usize| left.checked_sub(1);
        for share in (own..shares).chain(0..own) {
            while let Ok(left) = self.left[share].0.fetch_update(Acquire, Relaxed, take_one) {
                // SAFETY: a chunk of this job is ours, so the job is not replaced before we report its end.
                let job = unsafe { *self.job.get() };
                // SAFETY: as above, the caller is still inside `run` and keeps the closure alive.
                let f = unsafe { &*job.f };
                let mut ended = 1;
                let chunk = job.start(share + 1, shares) - left;
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| f(chunk))) {
                    *lock(&self.panic) = Some(payload);
                    ended += self.left.iter().map(|left| left.0.swap(0, Acquire)).sum::<usize>();
                }
                self.pending.0.fetch_sub(ended, Release);
            }
        }
    }

    /// The life of a worker.
    fn work(&self, own: usize) {
        let mut seen = 0;
        while !self.retired.load(Relaxed) {
            if self.comes_soon(seen) {
                // Jobs that come from here on are seen the next time.
                seen = self.jobs.0.load(SeqCst);
                self.claim_and_run(own);
            } else {
                self.fall_asleep(seen);
            }
        }
    }

    /// Waits a while, awake, for a job after those it has seen.
    fn comes_soon(&self, seen: usize) -> bool {
        let is_there = || self.jobs.0.load(Acquire) != seen || self.retired.load(Relaxed);
        for _ in 0..SPINS {
            if is_there() {
                return true;
            }
            spin_loop();
        }
        let end = Instant::now() + YIELD_FOR;
        while Instant::now() < end {
            if is_there() {
                return true;
            }
            std::thread::yield_now();
        }
        false
    }

    fn fall_asleep(&self, seen: usize) {
        let mut guard = lock(&self.sleep);
        self.sleepers.fetch_add(1, SeqCst);
        // The caller counts the job, then reads `sleepers`; we do the reverse, so one of us sees the other.
        while self.jobs.0.load(SeqCst) == seen && !self.retired.load(SeqCst) {
            guard = self.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleepers.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    /// The pool and its number of threads are global, so the tests take turns.
    static TURN: Mutex<()> = Mutex::new(());

    /// Runs `chunks` chunks and checks that each ran once.
    fn check(chunks: usize) {
        let runs: Vec<AtomicU32> = (0..chunks).map(|_| AtomicU32::new(0)).collect();
        for_each(chunks, &|i| {
            runs[i].fetch_add(1, Relaxed);
        });
        assert!(runs.iter().all(|n| n.load(Relaxed) == 1));
    }

    #[test]
    fn every_chunk_runs_once_whatever_the_number_of_threads() {
        let _turn = lock(&TURN);
        for threads in [1, 2, 3, 4, 9, 2] {
            set_num_threads(threads);
            for chunks in [0, 1, 2, 3, 7, 100] {
                (0..20).for_each(|_| check(chunks));
            }
        }
    }

    #[test]
    fn sleeping_workers_wake_up() {
        let _turn = lock(&TURN);
        set_num_threads(3);
        check(10);
        std::thread::sleep(Duration::from_millis(20));
        let here = std::thread::current().id();
        let elsewhere = AtomicU32::new(0);
        // Other tests may hold the pool, or have changed its size, so one try may prove nothing.
        for _ in 0..1000 {
            set_num_threads(3);
            for_each(3, &|_| {
                std::thread::sleep(Duration::from_millis(1));
                if std::thread::current().id() != here {
                    elsewhere.fetch_add(1, Relaxed);
                }
            });
            if elsewhere.load(Relaxed) > 0 {
                break;
            }
        }
        assert!(elsewhere.load(Relaxed) > 0);
    }

    #[test]
    fn callers_side_by_side_and_nested_calls_finish() {
        let _turn = lock(&TURN);
        set_num_threads(3);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| check(16)));
            }
        });
        for_each(5, &|_| check(5));
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_lives_on() {
        let _turn = lock(&TURN);
        set_num_threads(4);
        for bad in [0, 5, 63] {
            let result = catch_unwind(|| for_each(64, &|i| assert!(i != bad, "chunk {i}")));
            let payload = result.expect_err("the chunk panicked");
            assert_eq!(payload.downcast_ref::<String>().unwrap(), &format!("chunk {bad}"));
            check(64);
        }
    }
}
