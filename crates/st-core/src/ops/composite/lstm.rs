//! All steps of an LSTM's layer as one node, on the CPU in single precision.
//!
//! Step by step, as elsewhere, a sequence is some ten nodes for each step, each of which reads the weight again. The
//! gradient is a node of the same kind; a gradient that is to be differentiated again goes step by step.

use super::recurrent::{Cell, Weights, stepwise};
use crate::autocast;
use crate::autograd::{Call, Formula, Gradients, Keeps, Rule, enable_grad, grad, is_grad_enabled};
use crate::graph::{CPU, HostInput, HostOutput};
use crate::ops::linalg::host;
use crate::tensor::Tensor;
use crate::vmap::is_recording;
use smallvec::{SmallVec, smallvec};
use st_backend_cpu::recurrent::{self, Downstream, Inputs, Outputs, Steps, Upstream};
use st_kernel::view::Dims;
use st_kernel::{DType, Result};
use std::sync::Arc;

/// Gates of a unit.
const GATES: usize = 4;

/// The states of all steps and the last two of each entry, if this is a case for it: what the input makes of the gates,
/// the first state and cell, and the weight of the state.
pub(super) fn fused(
    gates: &Tensor,
    sizes: &[usize],
    states: &[Tensor],
    w: &Weights,
    backwards: bool,
) -> Result<Option<[Tensor; 3]>> {
    let [state, cell] = states else { return Ok(None) };
    let units = state.shape().last().copied().unwrap_or(0);
    let steps = Steps { sizes: sizes.to_vec(), backwards, units };
    let inputs = [gates, state, cell, w.state];
    let batch = sizes.iter().copied().max().unwrap_or(0);
    let shapes: [&[usize]; 4] =
        [&[sizes.iter().sum(), GATES * units], &[batch, units], &[batch, units], &[GATES * units, units]];
    let suits = inputs.iter().zip(shapes).all(|(t, shape)| {
        t.shape() == shape && t.dtype() == DType::F32 && t.device() == CPU && t.numel() > 0
    });
    // A batch of `vmap` has a dimension more than the kernel knows, and autocast rounds between the steps.
    if !suits || w.projection.is_some() || w.state_bias.is_some() || is_recording() || autocast::is_on() {
        return Ok(None);
    }
    let rows = gates.shape()[0];
    let like = |rows: usize, columns: usize| (Dims::from_slice(&[rows, columns]), DType::F32);
    let outputs = [
        like(rows, units),
        like(rows, GATES * units),
        like(rows, units),
        like(batch, units),
        like(batch, units),
    ];
    let run = {
        let steps = steps.clone();
        move |inputs: &[HostInput], outputs: &mut [HostOutput]| {
            let [states, gates, cells, last_state, last_cell] = host::outputs(outputs);
            // SAFETY: all of them are filled.
            let mut to = unsafe {
                Outputs {
                    states: states.unfilled(),
                    gates: gates.unfilled(),
                    cells: cells.unfilled(),
                    last_state: last_state.unfilled(),
                    last_cell: last_cell.unfilled(),
                }
            };
            recurrent::forward(&steps, &operands(inputs), &mut to);
            Ok(())
        }
    };
    let params = numbers(&steps);
    let call = host::Call { name: "lstm", params: &params, run: Arc::new(run) };
    let [all, _, _, last, last_cell] = host::record(call, &inputs, outputs, || {
        let keeps = Keeps { inputs: 0b1111, outputs: 0b111 };
        Rule::Formula(Box::new(Formula {
            name: "lstm",
            keeps,
            gradient: Box::new(move |c| gradient(&steps, c)),
        }))
    })?;
    Ok(Some([all, last, last_cell]))
}

/// What the function of a node depends on besides its operands.
fn numbers(steps: &Steps) -> SmallVec<[u64; 4]> {
    let head = [u64::from(steps.backwards), steps.units as u64];
    head.into_iter().chain(steps.sizes.iter().map(|&n| n as u64)).collect()
}

fn operands<'a>(inputs: &'a [HostInput]) -> Inputs<'a> {
    Inputs {
        gates: inputs[0].elements(),
        state: inputs[1].elements(),
        cell: inputs[2].elements(),
        weight: inputs[3].elements(),
    }
}

fn gradient(steps: &Steps, call: &Call) -> Result<Gradients> {
    let of_last = [&call.upstream[3], &call.upstream[4]];
    if is_grad_enabled() || is_recording() {
        return stepwise_gradient(steps, call, [&call.upstream[0], of_last[0], of_last[1]]);
    }
    let given = |g: &Option<Tensor>, like: &Tensor| {
        g.clone().map_or_else(|| Tensor::zeros(like.shape(), DType::F32, CPU), Ok)
    };
    let (gates, state, cell, weight) = (call.input(0), call.input(1), call.input(2), call.input(3));
    let upstream =
        [given(&call.upstream[0], call.output(0))?, given(of_last[0], state)?, given(of_last[1], cell)?];
    let made = [call.output(1), call.output(2), call.output(0)];
    let inputs = [gates, state, cell, weight].into_iter().chain(made).chain(&upstream);
    let inputs: SmallVec<[&Tensor; 10]> = inputs.collect();
    let like = |t: &Tensor| (Dims::from_slice(t.shape()), DType::F32);
    let run = {
        let steps = steps.clone();
        move |inputs: &[HostInput], outputs: &mut [HostOutput]| {
            let [gates, state, cell, before] = host::outputs(outputs);
            let (state, cell) = (state.elements::<f32>(), cell.elements::<f32>());
            state.copy_from_slice(inputs[8].elements());
            cell.copy_from_slice(inputs[9].elements());
            let made = [4, 5, 6].map(|i| inputs[i].elements());
            // SAFETY: both are filled.
            let (gates, before) = unsafe { (gates.unfilled(), before.unfilled()) };
            let mut to = Downstream { gates, state, cell, before };
            recurrent::backward(
                &steps,
                &operands(inputs),
                &Upstream { states: inputs[7].elements(), made },
                &mut to,
            );
            Ok(())
        }
    };
    let params = numbers(steps);
    let host_call = host::Call { name: "lstm_backward", params: &params, run: Arc::new(run) };
    let outputs = [like(gates), like(state), like(cell), like(made[2])];
    let nothing = || unreachable!("gradients are not recorded here");
    let [to_gates, to_state, to_cell, before] = host::record(host_call, &inputs, outputs, nothing)?;
    let to_weight = to_gates.t()?.matmul(&before)?;
    Ok(smallvec![Some(to_gates), Some(to_state), Some(to_cell), Some(to_weight)])
}

/// The same by the gradients of the steps, which can be differentiated again.
fn stepwise_gradient(steps: &Steps, call: &Call, upstream: [&Option<Tensor>; 3]) -> Result<Gradients> {
    let again = is_grad_enabled();
    let inputs: Vec<Tensor> = (0..4)
        .map(|i| {
            if again {
                Ok(call.input(i).clone())
            } else {
                call.input(i).detach().requires_grad_(call.needs[i])
            }
        })
        .collect::<Result<_>>()?;
    let (all, last) = {
        let _mode = enable_grad();
        let w = Weights {
            input: &inputs[3],
            state: &inputs[3],
            input_bias: None,
            state_bias: None,
            projection: None,
        };
        stepwise(Cell::Lstm, &inputs[0], &steps.sizes, inputs[1..3].to_vec(), &w, steps.backwards)?
    };
    let outputs: Vec<Tensor> = [all].into_iter().chain(last).collect();
    let (outputs, upstream): (Vec<Tensor>, Vec<Option<Tensor>>) = outputs
        .into_iter()
        .zip(upstream)
        .filter(|(_, g)| g.is_some())
        .map(|(out, g)| (out, g.clone()))
        .unzip();
    let wanted: Vec<usize> = (0..4).filter(|&i| call.needs[i]).collect();
    let targets: Vec<Tensor> = wanted.iter().map(|&i| inputs[i].clone()).collect();
    let mut found = grad(&outputs, &targets, Some(&upstream), true, again, true, false)?.into_iter();
    let mut gradients: Gradients = smallvec![None; 4];
    wanted.into_iter().for_each(|i| gradients[i] = found.next().flatten());
    Ok(gradients)
}
