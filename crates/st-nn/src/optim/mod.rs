//! Optimizers: a [`Rule`] says how one parameter moves, an [`Optimizer`] applies it to groups of them.
//!
//! ```
//! # fn main() -> st_core::Result<()> {
//! use st_core::Tensor;
//! use st_nn::{Parameter, optim::{Adam, Optimizer}};
//! let x = Parameter::new(Tensor::of([1.0f32])?)?;
//! let mut optimizer = Optimizer::new([x.clone()], Adam { lr: 0.1, ..Adam::default() });
//! for _ in 0..100 {
//!     optimizer.zero_grad()?;
//!     (x.get() - 3.0)?.square()?.sum_all()?.backward()?;
//!     optimizer.step()?;
//! }
//! assert!((x.get().to_scalar::<f64>()? - 3.0).abs() < 0.1);
//! # Ok(()) }
//! ```

mod adam;
mod clip;
mod rmsprop;
mod schedule;
mod sgd;

pub use adam::{Adam, AdamW};
pub use clip::{clip_grad_norm, clip_grad_value};
pub use rmsprop::RmsProp;
pub use schedule::{Constant, Cosine, Exponential, LrScheduler, Schedule, StepLr, WarmUp};
pub use sgd::Sgd;

use crate::module::StateDict;
use crate::parameter::Parameter;
use st_core::{DType, Result, Tensor, autograd::no_grad, runtime, runtime_err};
use std::collections::BTreeMap;

/// How a parameter moves. The settings are the fields of the type that has the rule.
pub trait Rule: Clone {
    /// The learning rate.
    fn lr(&self) -> f64;

    /// Sets the learning rate.
    fn set_lr(&mut self, lr: f64);

    /// Moves a parameter, in place, by its gradient; `state` is kept for the next step.
    fn update(&self, parameter: &Tensor, grad: &Tensor, state: &mut State) -> Result<()>;
}

/// What an optimizer remembers of a parameter.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Steps so far, this one included.
    pub step: u64,
    /// Tensors by torch's names, such as `exp_avg`.
    pub tensors: BTreeMap<String, Tensor>,
}

impl State {
    /// The tensor of a name; the first time, `make` makes it.
    pub fn tensor(&mut self, name: &str, make: impl FnOnce() -> Result<Tensor>) -> Result<Tensor> {
        if let Some(known) = self.tensors.get(name) {
            return Ok(known.clone());
        }
        let made = make()?;
        self.tensors.insert(name.to_owned(), made.clone());
        Ok(made)
    }
}

/// Parameters that move by one rule.
#[derive(Clone, Debug)]
pub struct Group<R> {
    /// The rule and its settings.
    pub rule: R,
    parameters: Vec<Parameter>,
    states: Vec<State>,
}

impl<R> Group<R> {
    fn new(parameters: impl IntoIterator<Item = Parameter>, rule: R) -> Group<R> {
        let parameters: Vec<Parameter> = parameters.into_iter().collect();
        let states = vec![State::default(); parameters.len()];
        Group { rule, parameters, states }
    }

    /// The parameters.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }
}

/// Moves parameters against their gradients.
#[derive(Clone, Debug)]
pub struct Optimizer<R> {
    groups: Vec<Group<R>>,
}

impl<R: Rule> Optimizer<R> {
    /// An optimizer of one group of parameters.
    pub fn new(parameters: impl IntoIterator<Item = Parameter>, rule: R) -> Optimizer<R> {
        Optimizer { groups: vec![Group::new(parameters, rule)] }
    }

    /// With another group, which has settings of its own.
    pub fn with_group(mut self, parameters: impl IntoIterator<Item = Parameter>, rule: R) -> Optimizer<R> {
        self.groups.push(Group::new(parameters, rule));
        self
    }

    /// The groups.
    pub fn groups(&self) -> &[Group<R>] {
        &self.groups
    }

    /// The groups, to change their settings.
    pub fn groups_mut(&mut self) -> &mut [Group<R>] {
        &mut self.groups
    }

    /// The parameters of all groups.
    pub fn parameters(&self) -> Vec<Parameter> {
        self.groups.iter().flat_map(|group| group.parameters.iter().cloned()).collect()
    }

    /// Forgets all gradients.
    pub fn zero_grad(&self) -> Result<()> {
        self.groups.iter().flat_map(|group| &group.parameters).try_for_each(|p| p.zero_grad())
    }

    /// Moves every parameter that has a gradient, and runs what that takes.
    pub fn step(&mut self) -> Result<()> {
        let _mode = no_grad();
        for group in &mut self.groups {
            for (parameter, state) in group.parameters.iter().zip(&mut group.states) {
                let parameter = parameter.get();
                if let Some(grad) = parameter.grad() {
                    state.step += 1;
                    group.rule.update(&parameter, &grad, state)?;
                }
            }
        }
        runtime::flush_all()
    }

    /// What it remembers, by names such as `3.exp_avg`, parameters being counted through all groups. The tensors share the
    /// optimizer's memory.
    pub fn state_dict(&self) -> Result<StateDict> {
        let mut dict = StateDict::new();
        for (g, group) in self.groups.iter().enumerate() {
            dict.insert(format!("group.{g}.lr"), Tensor::of(group.rule.lr())?);
        }
        for (i, state) in self.groups.iter().flat_map(|group| &group.states).enumerate() {
            dict.insert(format!("{i}.step"), Tensor::of(state.step as i64)?);
            for (name, tensor) in &state.tensors {
                dict.insert(format!("{i}.{name}"), tensor.detach());
            }
        }
        Ok(dict)
    }

    /// Takes over what another optimizer of such parameters remembered.
    pub fn load_state_dict(&mut self, dict: &StateDict) -> Result<()> {
        let mut rates = Vec::new();
        for g in 0..self.groups.len() {
            rates.push(number(dict, &format!("group.{g}.lr"))?.to_scalar()?);
        }
        let mut states = Vec::new();
        for (i, parameter) in self.parameters().iter().enumerate() {
            states.push(read_state(dict, i, parameter)?);
        }
        let mut states = states.into_iter();
        for (group, lr) in self.groups.iter_mut().zip(rates) {
            group.rule.set_lr(lr);
            group.states = states.by_ref().take(group.parameters.len()).collect();
        }
        Ok(())
    }
}

fn read_state(dict: &StateDict, i: usize, parameter: &Parameter) -> Result<State> {
    let prefix = format!("{i}.");
    let step = number(dict, &format!("{prefix}step"))?.to_scalar::<i64>()? as u64;
    let mut tensors = BTreeMap::new();
    for (name, tensor) in dict.iter().filter(|(_, t)| t.dim() > 0 || parameter.shape().is_empty()) {
        let Some(name) = name.strip_prefix(&prefix).filter(|name| *name != "step") else { continue };
        if tensor.shape() != parameter.shape() {
            return Err(runtime_err!(
                "load_state_dict: {prefix}{name} has shape {:?}, the parameter {:?}; the optimizer is of another model",
                tensor.shape(),
                parameter.shape()
            ));
        }
        tensors.insert(name.to_owned(), tensor.copy()?);
    }
    Ok(State { step, tensors })
}

fn number<'a>(dict: &'a StateDict, name: &str) -> Result<&'a Tensor> {
    dict.get(name)
        .ok_or_else(|| runtime_err!("load_state_dict: {name} is missing; the state is no optimizer's"))
}

/// The gradient with a share of the parameter: the gradient of a penalty on its square.
fn decayed(grad: &Tensor, parameter: &Tensor, weight_decay: f64) -> Result<Tensor> {
    if weight_decay == 0.0 { Ok(grad.clone()) } else { grad + &(parameter * weight_decay)? }
}

/// Zeros to begin a running mean with, in single precision at least.
fn zeros_for(parameter: &Tensor) -> Result<Tensor> {
    let dtype = if parameter.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
    Tensor::zeros(parameter.shape(), dtype, parameter.device())
}
