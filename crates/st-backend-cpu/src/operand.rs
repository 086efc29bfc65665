//! From a launch's accesses to pointers: bounds are checked here, once per launch, so that loops need not.

use crate::element::Element;
use st_kernel::view::View;
use st_kernel::{Access, Buffer, Result, runtime_err};

/// A pointer that chunks of one kernel share; they agree on who touches what.
#[derive(Debug)]
pub(crate) struct Shared<T>(*mut T);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Shared<T> {}

// SAFETY: it is only a number; every use of it is unsafe and says why it may.
unsafe impl<T> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub(crate) fn new(ptr: *mut T) -> Shared<T> {
        Shared(ptr)
    }

    /// The pointer itself; a method, so that closures capture the wrapper.
    #[inline(always)]
    pub(crate) fn get(self) -> *mut T {
        self.0
    }

    /// The element `at` steps away.
    ///
    /// # Safety
    /// As for [`pointer::offset`].
    #[inline(always)]
    pub(crate) unsafe fn at(self, at: isize) -> *mut T {
        // SAFETY: the caller's promise.
        unsafe { self.0.offset(at) }
    }
}

/// The first element of an access over `dims`, the first of the launch's, after checking that all of its elements lie in its buffer.
pub(crate) fn operand<T: Element>(buffers: &[Buffer], access: &Access, dims: &[usize]) -> Result<Shared<T>> {
    let bytes = size_of::<T>();
    let buffer = buffers.get(access.buffer as usize).ok_or_else(|| {
        runtime_err!("cpu: a kernel asks for buffer {} of {}", access.buffer, buffers.len())
    })?;
    let base = buffer.host_ptr().ok_or_else(|| runtime_err!("cpu: a buffer of another device"))?;
    let Some(strides) = access.strides.get(..dims.len()) else {
        return Err(runtime_err!("cpu: {} strides for {} dimensions", access.strides.len(), dims.len()));
    };
    let view = View { shape: dims.into(), strides: strides.into(), offset: access.offset };
    if let Some((low, high)) = view.bounds()
        && (low < 0 || (high as usize + 1) * bytes > buffer.len())
    {
        let held = buffer.len() / bytes;
        return Err(runtime_err!("cpu: elements {low} to {high} of a buffer of {held} {}", T::DTYPE));
    }
    Ok(Shared(base.as_ptr().cast::<T>().wrapping_offset(access.offset)))
}
