//! Recurrent networks: cells, and layers of them that read sequences in one direction or both.
//!
//! What a layer makes of its input is one product for all steps; only what follows from the state is done step by step.

use super::lstm;
use crate::ops::join::cat;
use crate::ops::matmul::linear;
use crate::tensor::Tensor;
use st_kernel::{DType, Result, runtime_err};

/// What a cell does with its gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// tanh of the sum.
    Tanh,
    /// max(sum, 0).
    Relu,
    /// Gates for what is reset and what is new.
    Gru,
    /// Gates for what is let in, forgotten and let out; a second state.
    Lstm,
}

impl Cell {
    fn gates(self) -> usize {
        match self {
            Cell::Tanh | Cell::Relu => 1,
            Cell::Gru => 3,
            Cell::Lstm => 4,
        }
    }

    /// New states from what input and states contribute to the gates.
    fn step(self, input: &Tensor, state: &Tensor, old: &[Tensor]) -> Result<Vec<Tensor>> {
        match self {
            Cell::Tanh => Ok(vec![input.add(state)?.tanh()?]),
            Cell::Relu => Ok(vec![input.add(state)?.relu()?]),
            Cell::Gru => {
                let (x, h) = (gates(input, 3)?, gates(state, 3)?);
                let reset = x[0].add(&h[0])?.sigmoid()?;
                let keep = x[1].add(&h[1])?.sigmoid()?;
                let new = x[2].add(&reset.mul(&h[2])?)?.tanh()?;
                Ok(vec![old[0].sub(&new)?.mul(&keep)?.add(&new)?])
            }
            Cell::Lstm => {
                let gates = gates(&input.add(state)?, 4)?;
                let let_in = gates[0].sigmoid()?.mul(&gates[2].tanh()?)?;
                let cell = gates[1].sigmoid()?.mul(&old[1])?.add(&let_in)?;
                Ok(vec![gates[3].sigmoid()?.mul(&cell.tanh()?)?, cell])
            }
        }
    }
}

/// The parts of the last dimension.
fn gates(t: &Tensor, count: usize) -> Result<Vec<Tensor>> {
    let width = t.shape().last().copied().unwrap_or(0);
    if !width.is_multiple_of(count) {
        return Err(runtime_err!("expected weights for {count} gates, got {width} rows"));
    }
    t.split_with_sizes(&vec![(width / count) as i64; count], -1)
}

/// The weights of a layer in one direction.
#[derive(Clone, Copy)]
pub struct Weights<'a> {
    /// Of the input.
    pub input: &'a Tensor,
    /// Of the state.
    pub state: &'a Tensor,
    /// Added to the input's.
    pub input_bias: Option<&'a Tensor>,
    /// Added to the state's.
    pub state_bias: Option<&'a Tensor>,
    /// Brings the state to another width.
    pub projection: Option<&'a Tensor>,
}

/// One step of a cell; `states` are its state and, of an LSTM, its second one.
pub fn cell_step(cell: Cell, input: &Tensor, states: &[Tensor], w: &Weights) -> Result<Vec<Tensor>> {
    let rank = input.dim();
    if !matches!(rank, 1 | 2) || states.iter().any(|s| s.dim() != rank) {
        return Err(runtime_err!(
            "expected an input and states of 1 or 2 dimensions alike, got {:?} and {:?}",
            input.shape(),
            states.iter().map(Tensor::shape).collect::<Vec<_>>()
        ));
    }
    let width = input.shape()[rank - 1];
    if w.input.dim() != 2 || width != w.input.shape()[1] {
        return Err(runtime_err!(
            "input has inconsistent input_size: got {width} expected {:?}",
            w.input.shape().get(1)
        ));
    }
    let hidden = states[0].shape()[rank - 1];
    if w.state.dim() != 2 || w.state.shape()[1] != hidden || w.input.shape()[0] != cell.gates() * hidden {
        return Err(runtime_err!(
            "hidden has inconsistent hidden_size: got {hidden} for weights of {:?} and {:?}",
            w.input.shape(),
            w.state.shape()
        ));
    }
    if rank == 2 && states[0].shape()[0] != input.shape()[0] {
        return Err(runtime_err!(
            "Input batch size {} doesn't match hidden batch size {}",
            input.shape()[0],
            states[0].shape()[0]
        ));
    }
    advance(cell, &linear(input, w.input, w.input_bias)?, states, w)
}

fn advance(cell: Cell, input: &Tensor, states: &[Tensor], w: &Weights) -> Result<Vec<Tensor>> {
    let mut new = cell.step(input, &linear(&states[0], w.state, w.state_bias)?, states)?;
    if let Some(projection) = w.projection {
        new[0] = linear(&new[0].to_dtype(projection.dtype())?, projection, None)?;
    }
    Ok(new)
}

/// The settings of [`run`].
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// The cell.
    pub cell: Cell,
    /// Whether there are biases.
    pub biases: bool,
    /// Layers, each of which reads the one before.
    pub layers: usize,
    /// What is dropped between layers.
    pub dropout: f64,
    /// Whether anything is dropped.
    pub training: bool,
    /// Whether each layer reads in both directions.
    pub both_ways: bool,
}

/// The output of the last layer and the last states of all layers; `sizes` are how many sequences go on at each step, the
/// input having a row for each of them.
fn layers(
    net: &Network,
    input: &Tensor,
    sizes: &[usize],
    states: &[Tensor],
    params: &[Tensor],
) -> Result<Vec<Tensor>> {
    let ways = 1 + usize::from(net.both_ways);
    let projected =
        net.cell == Cell::Lstm && states[0].shape().get(2) != states.get(1).and_then(|c| c.shape().get(2));
    let each = 2 + 2 * usize::from(net.biases) + usize::from(projected);
    if params.len() != each * ways * net.layers {
        return Err(runtime_err!(
            "expected {} weights for {} layers, got {}",
            each * ways * net.layers,
            net.layers,
            params.len()
        ));
    }
    for state in states {
        if state.dim() != 3
            || state.shape()[0] != ways * net.layers
            || state.shape()[1] != sizes.first().copied().unwrap_or(0)
        {
            return Err(runtime_err!(
                "Expected hidden size ({}, {}, *), got {:?}",
                ways * net.layers,
                sizes.first().copied().unwrap_or(0),
                state.shape()
            ));
        }
    }
    let mut x = input.clone();
    let mut last: Vec<Vec<Tensor>> = vec![Vec::new(); states.len()];
    for layer in 0..net.layers {
        let mut outputs = Vec::new();
        for way in 0..ways {
            let at = layer * ways + way;
            let p = &params[at * each..][..each];
            let w = Weights {
                input: &p[0],
                state: &p[1],
                input_bias: net.biases.then(|| &p[2]),
                state_bias: net.biases.then(|| &p[3]),
                projection: projected.then(|| &p[each - 1]),
            };
            let own: Vec<Tensor> = states.iter().map(|s| s.select(0, at as i64)).collect::<Result<_>>()?;
            let (output, ends) = one_way(net.cell, &x, sizes, own, &w, way == 1)?;
            outputs.push(output);
            last.iter_mut().zip(ends).for_each(|(list, end)| list.push(end));
        }
        x = if ways == 1 { outputs.remove(0) } else { cat(&outputs, -1)? };
        if layer + 1 < net.layers {
            x = x.dropout(net.dropout, net.training)?;
        }
    }
    let mut results = vec![x];
    for list in last {
        results.push(crate::ops::join::stack(&list, 0)?);
    }
    Ok(results)
}

/// A layer in one direction: its output at every step, and the states at the end.
fn one_way(
    cell: Cell,
    input: &Tensor,
    sizes: &[usize],
    states: Vec<Tensor>,
    w: &Weights,
    backwards: bool,
) -> Result<(Tensor, Vec<Tensor>)> {
    // Where both biases are only added, they are added once for all steps.
    let both = match (w.input_bias, w.state_bias) {
        (Some(input), Some(state)) if cell != Cell::Gru => Some(input.add(state)?),
        _ => None,
    };
    let w = match &both {
        Some(both) => &Weights { input_bias: Some(both), state_bias: None, ..*w },
        None => w,
    };
    let gates = linear(input, w.input, w.input_bias)?;
    if let Some([all, last, cell]) = lstm::fused(&gates, sizes, &states, w, backwards)? {
        return Ok((all, vec![last, cell]));
    }
    stepwise(cell, &gates, sizes, states, w, backwards)
}

/// As [`one_way`] once it is known what the input makes of the gates of every step.
pub(super) fn stepwise(
    cell: Cell,
    gates: &Tensor,
    sizes: &[usize],
    mut states: Vec<Tensor>,
    w: &Weights,
    backwards: bool,
) -> Result<(Tensor, Vec<Tensor>)> {
    let starts: Vec<usize> = sizes.iter().scan(0, |at, &n| Some(std::mem::replace(at, *at + n))).collect();
    let mut outputs = vec![None; sizes.len()];
    let steps: Vec<usize> =
        if backwards { (0..sizes.len()).rev().collect() } else { (0..sizes.len()).collect() };
    for t in steps {
        let n = sizes[t] as i64;
        let part = gates.narrow(0, starts[t] as i64, n)?;
        let whole = states[0].shape()[0] as i64;
        // Sequences are sorted by length: those that have ended (or not begun) are the last.
        let active: Vec<Tensor> = states.iter().map(|s| s.narrow(0, 0, n)).collect::<Result<_>>()?;
        let new = advance(cell, &part, &active, w)?;
        outputs[t] = Some(new[0].clone());
        states = if n == whole {
            new
        } else {
            let rest = |(new, old): (Tensor, &Tensor)| cat(&[new, old.narrow(0, n, whole - n)?], 0);
            new.into_iter().zip(&states).map(rest).collect::<Result<_>>()?
        };
    }
    let outputs: Vec<Tensor> = outputs.into_iter().flatten().collect();
    if outputs.is_empty() {
        return Err(runtime_err!("Expected sequence length to be larger than 0 in RNN"));
    }
    Ok((cat(&outputs, 0)?, states))
}

/// A network that reads `[time, batch, width]`, or `[batch, time, width]`, or one sequence: output and last states.
pub fn run(
    net: &Network,
    input: &Tensor,
    states: &[Tensor],
    params: &[Tensor],
    batch_first: bool,
) -> Result<Vec<Tensor>> {
    expect_states(net, states)?;
    if input.dim() == 2 {
        let states = states.iter().map(|s| s.unsqueeze(1)).collect::<Result<Vec<_>>>()?;
        let out = run(net, &input.unsqueeze(1)?, &states, params, false)?;
        return out.iter().map(|t| t.squeeze(Some(&[1]))).collect();
    }
    if input.dim() != 3 {
        return Err(runtime_err!("RNN: Expected input to be 2D or 3D, got {}D instead", input.dim()));
    }
    let x = if batch_first { input.transpose(0, 1)? } else { input.clone() };
    expect_width(&x, params)?;
    let (steps, batch) = (x.shape()[0], x.shape()[1]);
    if steps == 0 {
        return Err(runtime_err!("Expected sequence length to be larger than 0 in RNN"));
    }
    let mut out = layers(net, &x.flatten(0, 1)?, &vec![batch; steps], states, params)?;
    out[0] = out[0].unflatten(0, &[steps as i64, batch as i64])?;
    if batch_first {
        out[0] = out[0].transpose(0, 1)?;
    }
    Ok(out)
}

/// As [`run`] for packed sequences: the rows of all steps, and how many sequences there are at each step.
pub fn run_packed(
    net: &Network,
    data: &Tensor,
    sizes: &Tensor,
    states: &[Tensor],
    params: &[Tensor],
) -> Result<Vec<Tensor>> {
    expect_states(net, states)?;
    expect_width(data, params)?;
    let sizes: Vec<usize> =
        sizes.to_dtype(DType::I64)?.to_vec::<i64>()?.iter().map(|&n| n.max(0) as usize).collect();
    if sizes.windows(2).any(|pair| pair[0] < pair[1]) || sizes.iter().sum::<usize>() != data.shape()[0] {
        return Err(runtime_err!(
            "expected batch_sizes that do not grow and add up to {}, got {sizes:?}",
            data.shape()[0]
        ));
    }
    layers(net, data, &sizes, states, params)
}

fn expect_states(net: &Network, states: &[Tensor]) -> Result<()> {
    let wanted = if net.cell == Cell::Lstm { 2 } else { 1 };
    if states.len() == wanted {
        Ok(())
    } else {
        Err(runtime_err!("lstm expects two hidden states, got {}", states.len()))
    }
}

fn expect_width(x: &Tensor, params: &[Tensor]) -> Result<()> {
    let (Some(width), Some(weight)) = (x.shape().last(), params.first()) else {
        return Err(runtime_err!("expected an input with dimensions and at least one weight"));
    };
    if weight.dim() == 2 && weight.shape()[1] == *width {
        return Ok(());
    }
    Err(runtime_err!(
        "input.size(-1) must be equal to input_size. Expected {:?}, got {width}",
        weight.shape().get(1)
    ))
}
