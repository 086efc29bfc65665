//! What is computed by an algorithm on the host rather than by kernels: factorisations, transforms, on the CPU
//! the steps of an LSTM.
//!
//! A [`HostOp`] is a name, numbers, and a plain function from the elements of its operands to those of its outputs. No
//! backend knows it: where memory is not the host's, its operands are downloaded and its outputs uploaded.

use crate::tensor::Element;
use smallvec::SmallVec;
use st_kernel::{DType, Result};
use std::hash::{Hash, Hasher};
use std::mem::MaybeUninit;
use std::sync::Arc;

/// The function of a [`HostOp`].
pub type HostFn = Arc<dyn Fn(&[HostInput], &mut [HostOutput]) -> Result<()> + Send + Sync>;

/// An operation of the host. Two of the same name and numbers are the same function. What it does to the last dimensions
/// of its operands it does alike to every entry of the batch that dimensions in front of them are; one that cannot is not
/// made while `vmap` records.
#[derive(Clone)]
pub struct HostOp {
    /// A name for people and plans.
    pub name: &'static str,
    /// Whatever else the function depends on, beyond its operands and the shapes and dtypes of its outputs.
    pub params: SmallVec<[u64; 4]>,
    /// What it does.
    pub run: HostFn,
}

impl PartialEq for HostOp {
    fn eq(&self, other: &HostOp) -> bool {
        (self.name, &self.params) == (other.name, &other.params)
    }
}

impl Eq for HostOp {}

impl Hash for HostOp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, &self.params).hash(state);
    }
}

/// An operand of a host function: its elements in row-major order.
pub struct HostInput<'a> {
    /// Sizes.
    pub shape: &'a [usize],
    /// Element type.
    pub dtype: DType,
    pub(crate) bytes: &'a [u8],
}

/// An output of a host function, to be filled in row-major order.
pub struct HostOutput<'a> {
    /// Sizes.
    pub shape: &'a [usize],
    /// Element type.
    pub dtype: DType,
    bytes: &'a mut [MaybeUninit<u8>],
    /// Whether all bytes have a value.
    is_filled: bool,
}

/// A type that any bytes of its size are a value of, and that a dtype's elements can be seen as.
///
/// # Safety
/// Every pattern of bits is a value of the type, its alignment is at most 8, and it is made of elements of `PARTS` alone.
pub unsafe trait HostElement: Copy + Send + Sync + 'static {
    /// The dtype of the elements it is made of.
    const PARTS: DType;
}

macro_rules! host_elements {
    ($($t:ty)*) => {$(
        // SAFETY: a number, any bits of which are one.
        unsafe impl HostElement for $t { const PARTS: DType = <$t as Element>::DTYPE; }
    )*};
}
host_elements! { u8 i8 i16 i32 i64 f32 f64 half::f16 half::bf16 }

// SAFETY: `Complex` is `repr(C)`: real part, imaginary part.
unsafe impl HostElement for st_host::Complex<f32> {
    const PARTS: DType = DType::F32;
}
// SAFETY: as above.
unsafe impl HostElement for st_host::Complex<f64> {
    const PARTS: DType = DType::F64;
}

impl HostInput<'_> {
    /// The elements, in groups of as many as `T` is made of.
    pub fn elements<T: HostElement>(&self) -> &[T] {
        assert_eq!(T::PARTS, self.dtype, "a host function reads what its operand has");
        assert!(
            self.bytes.as_ptr().cast::<T>().is_aligned(),
            "the runtime aligns what it hands to host functions"
        );
        // SAFETY: aligned, initialised, and of a type that any bits are a value of.
        unsafe { std::slice::from_raw_parts(self.bytes.as_ptr().cast(), self.bytes.len() / size_of::<T>()) }
    }
}

impl<'a> HostOutput<'a> {
    pub(crate) fn new(shape: &'a [usize], dtype: DType, bytes: &'a mut [MaybeUninit<u8>]) -> HostOutput<'a> {
        HostOutput { shape, dtype, bytes, is_filled: false }
    }

    /// The elements, zeros at first, in groups of as many as `T` is made of.
    pub fn elements<T: HostElement>(&mut self) -> &mut [T] {
        self.filled();
        // SAFETY: initialised just now, and of a type that any bits are a value of.
        unsafe { &mut *(std::ptr::from_mut(self.unfilled::<T>()) as *mut [T]) }
    }

    /// The elements without values.
    ///
    /// # Safety
    /// The caller writes all of them.
    pub unsafe fn unfilled<T: HostElement>(&mut self) -> &mut [MaybeUninit<T>] {
        assert_eq!(T::PARTS, self.dtype, "a host function writes what its output has");
        assert!(
            self.bytes.as_ptr().cast::<T>().is_aligned(),
            "the runtime aligns what it hands to host functions"
        );
        self.is_filled = true;
        let len = self.bytes.len() / size_of::<T>();
        // SAFETY: aligned, and borrowed for as long as `self`.
        unsafe { std::slice::from_raw_parts_mut(self.bytes.as_mut_ptr().cast(), len) }
    }

    /// All bytes; zeros if nobody asked for them before.
    pub(crate) fn filled(&mut self) -> &[u8] {
        if !std::mem::replace(&mut self.is_filled, true) {
            self.bytes.fill(MaybeUninit::new(0));
        }
        // SAFETY: filled here, or by who asked for them.
        unsafe { &*(std::ptr::from_ref::<[_]>(self.bytes) as *const [u8]) }
    }
}
