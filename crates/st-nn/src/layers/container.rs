//! Layers one after another.

use crate::{Layer, Module, Visitor};
use st_core::{Result, Tensor};

/// Layers, each of which gets what the one before has made.
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_core::{DType, Tensor};
/// use st_nn::{Layer, Linear, Relu, Sequential};
/// let model = Sequential::new()
///     .push(Linear::new(64, 128)?)
///     .push(Relu)
///     .push(Linear::new(128, 10)?)
///     .push_fn(|x| x.log_softmax(-1, None));
/// let y = model.forward(&Tensor::zeros(&[5, 64], DType::F32, 0)?)?;
/// assert_eq!(y.shape(), [5, 10]);
/// # Ok(()) }
/// ```
#[derive(Default)]
pub struct Sequential {
    layers: Vec<(String, Box<dyn Layer>)>,
}

impl Sequential {
    /// No layers yet: what comes in goes out.
    pub fn new() -> Sequential {
        Sequential::default()
    }

    /// With another layer at the end, named by its place.
    pub fn push(self, layer: impl Layer + 'static) -> Sequential {
        let name = self.layers.len().to_string();
        self.push_named(name, layer)
    }

    /// With another layer at the end.
    pub fn push_named(mut self, name: impl Into<String>, layer: impl Layer + 'static) -> Sequential {
        self.layers.push((name.into(), Box::new(layer)));
        self
    }

    /// With a function at the end.
    pub fn push_fn(self, f: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static) -> Sequential {
        self.push(Func(f))
    }

    /// How many layers there are.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// The layer at a place.
    pub fn get(&self, place: usize) -> Option<&dyn Layer> {
        self.layers.get(place).map(|(_, layer)| &**layer)
    }
}

impl Module for Sequential {
    fn visit(&self, v: &mut Visitor) {
        for (name, layer) in &self.layers {
            v.field(name, layer);
        }
    }
}

impl Layer for Sequential {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.layers.iter().try_fold(x.clone(), |x, (_, layer)| layer.forward(&x))
    }
}

/// A function as a layer.
pub struct Func<F>(pub F);

impl<F: Fn(&Tensor) -> Result<Tensor> + Send + Sync> Module for Func<F> {
    fn visit(&self, _: &mut Visitor) {}
}

impl<F: Fn(&Tensor) -> Result<Tensor> + Send + Sync> Layer for Func<F> {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.0(x)
    }
}

/// All dimensions but the first as one.
#[derive(Clone, Copy, Debug)]
pub struct Flatten;

impl Module for Flatten {
    fn visit(&self, _: &mut Visitor) {}
}

impl Layer for Flatten {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.flatten(1, -1)
    }
}
