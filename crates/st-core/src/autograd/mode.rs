//! What this thread records: gradient mode and inference mode, with guards that restore what was before.

use std::cell::Cell;
use std::marker::PhantomData;

/// What a thread records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Operators go on the tape.
    pub grad: bool,
    /// New tensors are inference tensors: they can never be part of a tape.
    pub inference: bool,
}

thread_local!(static MODE: Cell<Mode> = const { Cell::new(Mode { grad: true, inference: false }) });

/// This thread's mode.
#[inline]
pub fn mode() -> Mode {
    MODE.get()
}

/// Sets this thread's mode and gives the one before.
pub fn set_mode(mode: Mode) -> Mode {
    MODE.replace(mode)
}

/// Whether operators go on the tape.
#[inline]
pub fn is_grad_enabled() -> bool {
    mode().grad
}

/// Whether new tensors are inference tensors.
pub fn is_inference_mode_enabled() -> bool {
    mode().inference
}

/// Switches recording on or off and gives what it was.
pub fn set_grad_enabled(on: bool) -> bool {
    set_mode(Mode { grad: on, ..mode() }).grad
}

/// Restores the mode of before when it is dropped, on the thread that made it.
#[must_use = "the mode lasts as long as the guard"]
pub struct ModeGuard {
    before: Mode,
    stays_on_its_thread: PhantomData<*const ()>,
}

impl ModeGuard {
    /// Sets a mode until the guard is dropped.
    pub fn new(mode: Mode) -> ModeGuard {
        ModeGuard { before: set_mode(mode), stays_on_its_thread: PhantomData }
    }

    pub(crate) fn grad(on: bool) -> ModeGuard {
        ModeGuard::new(Mode { grad: on, ..mode() })
    }
}

impl Drop for ModeGuard {
    fn drop(&mut self) {
        set_mode(self.before);
    }
}

/// Nothing is recorded while the guard lives.
pub fn no_grad() -> ModeGuard {
    ModeGuard::grad(false)
}

/// Operators are recorded while the guard lives.
pub fn enable_grad() -> ModeGuard {
    ModeGuard::grad(true)
}

/// Nothing is recorded and new tensors are inference tensors while the guard lives.
pub fn inference_mode() -> ModeGuard {
    ModeGuard::new(Mode { grad: false, inference: true })
}
