//! Forks: the child has none of the other threads, so what they had locked would be locked there for ever.
//!
//! A fork waits until no graph runs, and holds the lock of runs meanwhile: whoever runs one has memory, plans and threads
//! in hand.

use super::{STORE, Store};
use std::cell::Cell;
use std::sync::{MutexGuard, TryLockError};
use std::time::{Duration, Instant};

/// A graph that takes longer, or one that waits for what the forking thread holds, is not waited for.
const PATIENCE: Duration = Duration::from_secs(2);

thread_local!(static HELD: Cell<Option<MutexGuard<'static, Store>>> = const { Cell::new(None) });

/// From now on forks wait for graphs that run.
pub(super) fn wait_for_runs() {
    st_backend_cpu::around_forks(before, after);
}

extern "C" fn before() {
    let _ = HELD.try_with(|held| held.set(lock(Instant::now() + PATIENCE)));
}

extern "C" fn after() {
    let _ = HELD.try_with(Cell::take);
}

fn lock(until: Instant) -> Option<MutexGuard<'static, Store>> {
    loop {
        match STORE.try_lock() {
            Ok(store) => return Some(store),
            Err(TryLockError::Poisoned(store)) => return Some(store.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() > until => return None,
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
}
