//! Modules: what has parameters. One method, [`Module::visit`], names a module's fields; parameters, states, files and
//! modes follow from it. A [`Layer`] is a module that makes a tensor of a tensor.

use crate::parameter::{Buffer, Parameter, Training};
use crate::safetensors;
use st_core::{DType, Result, Tensor, autograd::no_grad, graph::DeviceId, runtime_err};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The tensors of a module or an optimizer by their names, which are torch's.
pub type StateDict = BTreeMap<String, Tensor>;

/// What a [`Visitor`] finds.
pub enum Part<'a> {
    /// A learned tensor.
    Parameter(&'a Parameter),
    /// A tensor that is state but not learned.
    Buffer(&'a Buffer),
    /// Whether a layer trains.
    Training(&'a Training),
}

/// Walks the fields of modules and knows the name of where it is, such as `encoder.0.weight`.
pub struct Visitor<'a> {
    path: String,
    found: &'a mut dyn FnMut(&str, Part<'_>),
}

impl Visitor<'_> {
    /// Names a field: a parameter, a buffer, a module, or an `Option`, `Vec` or `Box` of them.
    pub fn field(&mut self, name: impl AsRef<str>, module: &(impl Module + ?Sized)) -> &mut Self {
        let before = self.path.len();
        if before > 0 {
            self.path.push('.');
        }
        self.path.push_str(name.as_ref());
        module.visit(self);
        self.path.truncate(before);
        self
    }

    pub(crate) fn part(&mut self, part: Part<'_>) {
        (self.found)(&self.path, part);
    }
}

/// What has parameters.
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_core::{Result, Tensor};
/// use st_nn::{Layer, Linear, Module, Visitor};
///
/// struct Perceptron {
///     hidden: Linear,
///     output: Linear,
/// }
///
/// impl Module for Perceptron {
///     fn visit(&self, v: &mut Visitor) {
///         v.field("hidden", &self.hidden).field("output", &self.output);
///     }
/// }
///
/// impl Layer for Perceptron {
///     fn forward(&self, x: &Tensor) -> Result<Tensor> {
///         self.output.forward(&self.hidden.forward(x)?.relu()?)
///     }
/// }
///
/// let model = Perceptron { hidden: Linear::new(4, 8)?, output: Linear::new(8, 2)? };
/// let names: Vec<String> = model.state_dict().into_keys().collect();
/// assert_eq!(names, ["hidden.bias", "hidden.weight", "output.bias", "output.weight"]);
/// assert_eq!(model.num_parameters(), 4 * 8 + 8 + 8 * 2 + 2);
/// # Ok(()) }
/// ```
pub trait Module: Send + Sync {
    /// Names the fields that are parameters, buffers or modules.
    fn visit(&self, v: &mut Visitor);

    /// Calls `found` with every part and its name, in the order of the fields.
    fn for_each_part(&self, found: &mut dyn FnMut(&str, Part<'_>)) {
        self.visit(&mut Visitor { path: String::new(), found });
    }

    /// The parameters and their names. One that is shared has the name it was found under first.
    fn named_parameters(&self) -> Vec<(String, Parameter)> {
        let mut all: Vec<(String, Parameter)> = Vec::new();
        self.for_each_part(&mut |name, part| {
            if let Part::Parameter(p) = part
                && !all.iter().any(|(_, known)| known.is(p))
            {
                all.push((name.to_owned(), p.clone()));
            }
        });
        all
    }

    /// The parameters, each once.
    fn parameters(&self) -> Vec<Parameter> {
        self.named_parameters().into_iter().map(|(_, p)| p).collect()
    }

    /// The buffers and their names.
    fn named_buffers(&self) -> Vec<(String, Buffer)> {
        let mut all = Vec::new();
        self.for_each_part(&mut |name, part| {
            if let Part::Buffer(b) = part {
                all.push((name.to_owned(), b.clone()));
            }
        });
        all
    }

    /// How many numbers are learned.
    fn num_parameters(&self) -> usize {
        self.parameters().iter().map(|p| p.numel()).sum()
    }

    /// All parameters and buffers by name. They share the module's memory: copy what shall not move with it.
    fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        self.for_each_part(&mut |name, part| {
            let tensor = match part {
                Part::Parameter(p) => p.get(),
                Part::Buffer(b) => b.get(),
                Part::Training(_) => return,
            };
            state.insert(name.to_owned(), tensor.detach());
        });
        state
    }

    /// Copies a state into the module. Names and shapes must be those of the module; if they are not, nothing is copied
    /// and the error lists what differs.
    fn load_state_dict(&self, state: &StateDict) -> Result<()> {
        let own = self.state_dict();
        let mut wrong: Vec<String> = Vec::new();
        for (name, tensor) in &own {
            match state.get(name) {
                None => wrong.push(format!("{name} is missing")),
                Some(given) if given.shape() != tensor.shape() => wrong.push(format!(
                    "{name} has shape {:?}, the module's has {:?}",
                    given.shape(),
                    tensor.shape()
                )),
                Some(_) => {}
            }
        }
        wrong.extend(
            state.keys().filter(|name| !own.contains_key(*name)).map(|n| format!("{n} is unexpected")),
        );
        if !wrong.is_empty() {
            return Err(runtime_err!(
                "Error(s) in loading state_dict: {}; load_matching() loads what fits and tells what does not",
                wrong.join("; ")
            ));
        }
        self.load_matching(state).map(drop)
    }

    /// Copies what a state and the module have in common, by name and shape; gives the names of what they have not.
    fn load_matching(&self, state: &StateDict) -> Result<Vec<String>> {
        let _mode = no_grad();
        let own = self.state_dict();
        let mut left: Vec<String> = state.keys().filter(|name| !own.contains_key(*name)).cloned().collect();
        for (name, tensor) in own {
            match state.get(&name) {
                Some(given) if given.shape() == tensor.shape() => tensor.copy_(given)?,
                _ => left.push(name),
            }
        }
        Ok(left)
    }

    /// Writes the state to a safetensors file.
    fn save(&self, path: &Path) -> Result<()> {
        safetensors::save(&self.state_dict(), path)
    }

    /// Reads the state from a safetensors file.
    fn load(&self, path: &Path) -> Result<()> {
        self.load_state_dict(&safetensors::load(path)?)
    }

    /// Sets whether layers that do something else in training do so.
    fn set_training(&self, on: bool) {
        self.for_each_part(&mut |_, part| {
            if let Part::Training(training) = part {
                training.set(on);
            }
        });
    }

    /// From now on, layers do what they do in training.
    fn train(&self) {
        self.set_training(true);
    }

    /// From now on, layers do what they do when the model is used.
    fn eval(&self) {
        self.set_training(false);
    }

    /// As [`Module::eval`] while the guard lives; then every layer goes back to what it did.
    fn evaluating(&self) -> Evaluating {
        let mut before = Vec::new();
        self.for_each_part(&mut |_, part| {
            if let Part::Training(training) = part {
                before.push((training.clone(), training.get()));
                training.set(false);
            }
        });
        Evaluating(before)
    }

    /// Forgets all gradients.
    fn zero_grad(&self) -> Result<()> {
        self.parameters().iter().try_for_each(|p| p.zero_grad())
    }

    /// Sets whether the parameters want gradients: `false` freezes the module.
    fn set_requires_grad(&self, on: bool) -> Result<()> {
        self.parameters().iter().try_for_each(|p| p.set_requires_grad(on))
    }

    /// Converts parameters and buffers that are floats; optimizers see the converted ones. Gradients are forgotten.
    fn to_dtype(&self, dtype: DType) -> Result<()> {
        self.convert(&|tensor| if tensor.dtype().is_float() { tensor.to_dtype(dtype) } else { Ok(tensor) })
    }

    /// Moves parameters and buffers to a device; optimizers see the moved ones. Gradients are forgotten.
    fn to_device(&self, device: DeviceId) -> Result<()> {
        self.convert(&|tensor| tensor.to_device(device))
    }

    /// Puts something else in the place of every parameter and buffer. Gradients are forgotten.
    fn convert(&self, make: &dyn Fn(Tensor) -> Result<Tensor>) -> Result<()> {
        let _mode = no_grad();
        for parameter in self.parameters() {
            parameter.replace(make(parameter.get())?)?;
        }
        for (_, buffer) in self.named_buffers() {
            buffer.replace(&make(buffer.get())?);
        }
        Ok(())
    }
}

/// A module that makes a tensor of a tensor.
pub trait Layer: Module {
    /// What the layer makes of `x`.
    fn forward(&self, x: &Tensor) -> Result<Tensor>;
}

/// Has layers do what they did before when it is dropped.
#[must_use = "layers evaluate as long as the guard lives"]
pub struct Evaluating(Vec<(Training, bool)>);

impl Drop for Evaluating {
    fn drop(&mut self) {
        self.0.iter().for_each(|(training, on)| training.set(*on));
    }
}

macro_rules! through_pointers {
    ($($pointer:ty),*) => {$(
        impl<M: Module + ?Sized> Module for $pointer {
            fn visit(&self, v: &mut Visitor) {
                (**self).visit(v);
            }
        }
        impl<M: Layer + ?Sized> Layer for $pointer {
            fn forward(&self, x: &Tensor) -> Result<Tensor> {
                (**self).forward(x)
            }
        }
    )*};
}
through_pointers!(&M, Box<M>, Arc<M>);

/// Nothing where there is none.
impl<M: Module> Module for Option<M> {
    fn visit(&self, v: &mut Visitor) {
        if let Some(module) = self {
            module.visit(v);
        }
    }
}

/// Named by their places: `0`, `1` and so on.
impl<M: Module> Module for Vec<M> {
    fn visit(&self, v: &mut Visitor) {
        for (i, module) in self.iter().enumerate() {
            v.field(i.to_string(), module);
        }
    }
}
