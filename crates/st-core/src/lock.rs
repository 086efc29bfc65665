//! The lock of what is held for a few instructions: a tensor's node, its place on the tape, a node's operands.
//!
//! Every operator takes several of them. Giving one back is a plain store, where a lock that lets threads sleep has to ask
//! whether one does; whoever has to wait lets other threads run meanwhile.

/// A lock for short whiles. It is not poisoned: what it guards is whole between any two instructions that may panic.
pub(crate) type Lock<T> = spin::mutex::SpinMutex<T, spin::Yield>;
/// While it lives, the lock is held.
pub(crate) type LockGuard<'a, T> = spin::mutex::SpinMutexGuard<'a, T, spin::Yield>;
