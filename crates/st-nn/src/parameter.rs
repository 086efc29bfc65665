//! What modules are made of: parameters, buffers, and whether they train.
//!
//! Each is a place that is shared when it is cloned: an optimizer sees what `to_dtype` or `load_state_dict` put into a
//! parameter, and two layers that hold clones of one parameter share its weights.

use crate::module::{Module, Part, Visitor};
use st_core::{DType, Result, Tensor, autograd::no_grad, value_err};
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};

/// A place that holds a tensor.
#[derive(Clone)]
pub struct Slot(Arc<RwLock<Tensor>>);

impl Slot {
    fn new(value: Tensor) -> Slot {
        Slot(Arc::new(RwLock::new(value)))
    }

    /// The tensor it holds.
    pub fn get(&self) -> Tensor {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, value: Tensor) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = value;
    }

    /// Copies other elements into the tensor it holds, which must have their shape.
    pub fn set(&self, value: &Tensor) -> Result<()> {
        let own = self.get();
        if own.shape() != value.shape() {
            return Err(value_err!(
                "set: a tensor of shape {:?} does not fit where one of shape {:?} is",
                value.shape(),
                own.shape()
            ));
        }
        let _mode = no_grad();
        own.copy_(value)
    }

    /// Sizes of the tensor it holds.
    pub fn shape(&self) -> Vec<usize> {
        self.get().shape().to_vec()
    }

    /// Number of elements of the tensor it holds.
    pub fn numel(&self) -> usize {
        self.get().numel()
    }

    /// Element type of the tensor it holds.
    pub fn dtype(&self) -> DType {
        self.get().dtype()
    }

    /// Whether two handles are one place.
    pub fn is(&self, other: &Slot) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A tensor that is learned.
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_core::Tensor;
/// use st_nn::Parameter;
/// let weight = Parameter::new(Tensor::of([2.0f32, 3.0])?)?;
/// weight.get().square()?.sum_all()?.backward()?;
/// assert_eq!(weight.grad().unwrap().to_vec::<f32>()?, [4.0, 6.0]);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Parameter(Slot);

impl Parameter {
    /// A parameter with these elements, which wants gradients. What made the elements is forgotten.
    pub fn new(value: Tensor) -> Result<Parameter> {
        Ok(Parameter(Slot::new(value.detach().requires_grad_(true)?)))
    }

    /// The gradient accumulated so far.
    pub fn grad(&self) -> Option<Tensor> {
        self.get().grad()
    }

    /// Forgets the gradient.
    pub fn zero_grad(&self) -> Result<()> {
        self.get().set_grad(None)
    }

    /// Whether it wants gradients.
    pub fn requires_grad(&self) -> bool {
        self.get().requires_grad()
    }

    /// Sets whether it wants gradients: `false` freezes it.
    pub fn set_requires_grad(&self, on: bool) -> Result<()> {
        self.get().requires_grad_(on).map(drop)
    }

    /// Holds another tensor from now on, of any shape and dtype, that wants gradients if the one before did.
    pub fn replace(&self, value: Tensor) -> Result<()> {
        let wants = self.requires_grad();
        self.put(value.detach().requires_grad_(wants)?);
        Ok(())
    }
}

impl Deref for Parameter {
    type Target = Slot;
    fn deref(&self) -> &Slot {
        &self.0
    }
}

impl Module for Parameter {
    fn visit(&self, v: &mut Visitor) {
        v.part(Part::Parameter(self));
    }
}

/// A tensor that belongs to a module's state and is not learned, such as a running mean.
#[derive(Clone)]
pub struct Buffer(Slot);

impl Buffer {
    /// A buffer with these elements.
    pub fn new(value: Tensor) -> Buffer {
        Buffer(Slot::new(value.detach()))
    }

    /// Holds another tensor from now on, of any shape and dtype.
    pub fn replace(&self, value: &Tensor) {
        self.put(value.detach());
    }
}

impl Deref for Buffer {
    type Target = Slot;
    fn deref(&self) -> &Slot {
        &self.0
    }
}

impl Module for Buffer {
    fn visit(&self, v: &mut Visitor) {
        v.part(Part::Buffer(self));
    }
}

/// Whether a layer trains, for those that do something else then; [`Module::train`] and [`Module::eval`] set it.
#[derive(Clone, Debug)]
pub struct Training(Arc<AtomicBool>);

impl Training {
    /// Whether the layer trains.
    pub fn get(&self) -> bool {
        self.0.load(Relaxed)
    }

    /// Sets whether the layer trains.
    pub fn set(&self, on: bool) {
        self.0.store(on, Relaxed);
    }
}

impl Default for Training {
    /// A new layer trains.
    fn default() -> Training {
        Training(Arc::new(AtomicBool::new(true)))
    }
}

impl Module for Training {
    fn visit(&self, v: &mut Visitor) {
        v.part(Part::Training(self));
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parameter({:?})", self.get())
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({:?})", self.get())
    }
}
