//! Forks: the child has none of the other threads, so what they had locked would be locked there for ever.
//!
//! A fork waits until no graph runs, and holds the lock of runs meanwhile: whoever runs one has memory, plans and threads
//! in hand.

use super::{STORE, Store};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// A graph that takes longer, or one that waits for what the forking thread holds, is not waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// The lock of runs while a thread forks. (Not a thread-local, of which there is little room in libraries loaded late.)
struct Held {
    by: ThreadId,
    _runs: MutexGuard<'static, Store>,
}

// SAFETY: the thread that took the lock is the one that drops this.
unsafe impl Send for Held {}

static HELD: Mutex<Option<Held>> = Mutex::new(None);

/// From now on forks wait for graphs that run.
pub(super) fn wait_for_runs() {
    st_backend_cpu::around_forks(before, after);
}

extern "C" fn before() {
    if let Some(runs) = lock(Instant::now() + PATIENCE) {
        let held = Held { by: thread::current().id(), _runs: runs };
        *HELD.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
    }
}

extern "C" fn after() {
    let here = thread::current().id();
    let held = HELD.lock().unwrap_or_else(PoisonError::into_inner).take_if(|held| held.by == here);
    drop(held);
}

fn lock(until: Instant) -> Option<MutexGuard<'static, Store>> {
    loop {
        match STORE.try_lock() {
            Ok(runs) => return Some(runs),
            Err(TryLockError::Poisoned(runs)) => return Some(runs.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() > until => return None,
            Err(TryLockError::WouldBlock) => thread::yield_now(),
        }
    }
}
