//! Recurrent layers: long short-term memory and gated recurrent units.

use crate::init::{self, usual_bound};
use crate::{Layer, Module, Parameter, Training, Visitor};
use st_core::ops::composite::recurrent::{Cell, Network, run};
use st_core::{Result, Tensor, value_err};

/// The settings of a recurrent layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecurrentConfig {
    /// Layers, each of which reads the one before.
    pub layers: usize,
    /// Whether each layer reads in both directions.
    pub bidirectional: bool,
    /// Whether there are biases.
    pub bias: bool,
    /// What is dropped between layers, in training.
    pub dropout: f64,
}

impl Default for RecurrentConfig {
    fn default() -> RecurrentConfig {
        RecurrentConfig { layers: 1, bidirectional: false, bias: true, dropout: 0.0 }
    }
}

/// What both kinds of layers are.
#[derive(Clone, Debug)]
struct Recurrent {
    cell: Cell,
    hidden: usize,
    config: RecurrentConfig,
    /// By torch's names, in torch's order.
    parameters: Vec<(String, Parameter)>,
    training: Training,
}

impl Recurrent {
    fn new(
        cell: Cell,
        gates: usize,
        inputs: usize,
        hidden: usize,
        config: RecurrentConfig,
    ) -> Result<Recurrent> {
        if config.layers == 0 {
            return Err(value_err!("a recurrent layer needs at least one layer, got layers=0"));
        }
        let ways = if config.bidirectional { &["", "_reverse"][..] } else { &[""] };
        let bound = usual_bound(hidden);
        let mut parameters = Vec::new();
        for layer in 0..config.layers {
            let width = if layer == 0 { inputs } else { hidden * ways.len() };
            for way in ways {
                let mut add = |name: &str, shape: &[usize]| -> Result<()> {
                    let parameter = Parameter::new(init::uniform(shape, -bound, bound)?)?;
                    parameters.push((format!("{name}_l{layer}{way}"), parameter));
                    Ok(())
                };
                add("weight_ih", &[gates * hidden, width])?;
                add("weight_hh", &[gates * hidden, hidden])?;
                if config.bias {
                    add("bias_ih", &[gates * hidden])?;
                    add("bias_hh", &[gates * hidden])?;
                }
            }
        }
        Ok(Recurrent { cell, hidden, config, parameters, training: Training::default() })
    }

    fn visit(&self, v: &mut Visitor) {
        for (name, parameter) in &self.parameters {
            v.field(name, parameter);
        }
        v.field("training", &self.training);
    }

    /// The output of the last layer and the last states of all of them.
    fn run(&self, x: &Tensor, states: &[Tensor]) -> Result<Vec<Tensor>> {
        let network = Network {
            cell: self.cell,
            biases: self.config.bias,
            layers: self.config.layers,
            dropout: self.config.dropout,
            training: self.training.get(),
            both_ways: self.config.bidirectional,
        };
        let parameters: Vec<Tensor> = self.parameters.iter().map(|(_, p)| p.get()).collect();
        run(&network, x, states, &parameters, true)
    }

    /// The state before the first step.
    fn zeros(&self, x: &Tensor) -> Result<Tensor> {
        let &[batch, _, _] = x.shape() else {
            return Err(value_err!(
                "a recurrent layer reads [batch, time, width], got {:?}; unsqueeze(0) makes a batch of one sequence",
                x.shape()
            ));
        };
        let ways = 1 + usize::from(self.config.bidirectional);
        Tensor::zeros(&[ways * self.config.layers, batch, self.hidden], x.dtype(), x.device())
    }
}

/// Long short-term memory over `[batch, time, width]` (torch's `LSTM` with `batch_first=True`).
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_core::{DType, Tensor};
/// use st_nn::{Lstm, RecurrentConfig};
/// let config = RecurrentConfig { layers: 2, bidirectional: true, ..RecurrentConfig::default() };
/// let lstm = Lstm::with(8, 16, config)?;
/// let x = Tensor::randn(&[3, 5, 8], DType::F32, 0)?;
/// let (output, (hidden, cell)) = lstm.run(&x, None)?;
/// assert_eq!(output.shape(), [3, 5, 2 * 16]);
/// assert_eq!((hidden.shape(), cell.shape()), (&[4, 3, 16][..], &[4, 3, 16][..]));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Lstm(Recurrent);

impl Lstm {
    /// One layer with weights uniform in +- 1 / sqrt(hidden).
    pub fn new(inputs: usize, hidden: usize) -> Result<Lstm> {
        Lstm::with(inputs, hidden, RecurrentConfig::default())
    }

    /// The same with other settings.
    pub fn with(inputs: usize, hidden: usize, config: RecurrentConfig) -> Result<Lstm> {
        Recurrent::new(Cell::Lstm, 4, inputs, hidden, config).map(Lstm)
    }

    /// The output at every step, and the states after the last one, `[layers * directions, batch, hidden]` each. It
    /// begins with given states, or with zeros.
    pub fn run(&self, x: &Tensor, states: Option<(&Tensor, &Tensor)>) -> Result<(Tensor, (Tensor, Tensor))> {
        let states = match states {
            Some((hidden, cell)) => [hidden.clone(), cell.clone()],
            None => [self.0.zeros(x)?, self.0.zeros(x)?],
        };
        let [output, hidden, cell] = take(self.0.run(x, &states)?)?;
        Ok((output, (hidden, cell)))
    }
}

/// Gated recurrent units over `[batch, time, width]` (torch's `GRU` with `batch_first=True`).
#[derive(Clone, Debug)]
pub struct Gru(Recurrent);

impl Gru {
    /// One layer with weights uniform in +- 1 / sqrt(hidden).
    pub fn new(inputs: usize, hidden: usize) -> Result<Gru> {
        Gru::with(inputs, hidden, RecurrentConfig::default())
    }

    /// The same with other settings.
    pub fn with(inputs: usize, hidden: usize, config: RecurrentConfig) -> Result<Gru> {
        Recurrent::new(Cell::Gru, 3, inputs, hidden, config).map(Gru)
    }

    /// The output at every step, and the state after the last one, `[layers * directions, batch, hidden]`. It begins with
    /// a given state, or with zeros.
    pub fn run(&self, x: &Tensor, state: Option<&Tensor>) -> Result<(Tensor, Tensor)> {
        let state = state.map_or_else(|| self.0.zeros(x), |state| Ok(state.clone()))?;
        let [output, state] = take(self.0.run(x, &[state])?)?;
        Ok((output, state))
    }
}

fn take<const N: usize>(parts: Vec<Tensor>) -> Result<[Tensor; N]> {
    parts.try_into().map_err(|parts: Vec<_>| value_err!("expected {N} results, got {}", parts.len()))
}

impl Module for Lstm {
    fn visit(&self, v: &mut Visitor) {
        self.0.visit(v);
    }
}

impl Layer for Lstm {
    /// The output at every step.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.run(x, None)?.0)
    }
}

impl Module for Gru {
    fn visit(&self, v: &mut Visitor) {
        self.0.visit(v);
    }
}

impl Layer for Gru {
    /// The output at every step.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.run(x, None)?.0)
    }
}
