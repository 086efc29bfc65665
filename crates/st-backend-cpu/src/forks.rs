//! Forks of the process, of which the system tells.

/// Has the system call `before` a fork and then `after` it, in the parent and in the child alike.
///
/// Windows has no forks.
pub fn around_forks(before: extern "C" fn(), after: extern "C" fn()) {
    tell(Some(before), Some(after), after);
}

/// Has the system call `forget` in children.
pub(crate) fn in_children(forget: extern "C" fn()) {
    tell(None, None, forget);
}

#[cfg(unix)]
fn tell(before: Option<extern "C" fn()>, after: Option<extern "C" fn()>, in_child: extern "C" fn()) {
    type Handler = unsafe extern "C" fn();
    let handler = |f: Option<extern "C" fn()>| f.map(|f| f as Handler);
    // SAFETY: these are functions of this program, which stays loaded while they may be called.
    unsafe { libc::pthread_atfork(handler(before), handler(after), Some(in_child)) };
}

#[cfg(not(unix))]
fn tell(_: Option<extern "C" fn()>, _: Option<extern "C" fn()>, _: extern "C" fn()) {}
