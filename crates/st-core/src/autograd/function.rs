//! Functions whose gradient the user writes.

use super::gradient::name_of;
use super::node::{Edges, released_error};
use super::saved::Saved;
use super::{
    Backward, Call, Edge, Formula, GradFn, GradNode, Keeps, Rule, current_node, is_grad_enabled, record,
};
use crate::tensor::Tensor;
use smallvec::smallvec;
use st_kernel::view::Dims;
use st_kernel::{DType, Error, Result, runtime_err, unsupported};
use std::sync::Mutex;

/// Puts outputs that a user's function made of inputs (under `no_grad`) on the tape.
///
/// An output that is one of the inputs was written in place.
pub fn apply_custom(rule: Box<dyn Backward>, inputs: &[Tensor], outputs: &[Tensor]) -> Result<()> {
    let outputs: Vec<_> = outputs.iter().map(|out| (out, true)).collect();
    apply_custom_to(rule, inputs, &outputs).map(drop)
}

/// As [`apply_custom`]; each output says whether it is differentiable. Gives the node, if an input needs gradients.
pub fn apply_custom_to(
    rule: Box<dyn Backward>,
    inputs: &[Tensor],
    outputs: &[(&Tensor, bool)],
) -> Result<Option<GradFn>> {
    let edges: Edges = inputs.iter().map(Tensor::edge).collect();
    if !is_grad_enabled() || edges.iter().all(Option::is_none) {
        return Ok(None);
    }
    let written = |out: &Tensor| inputs.iter().any(|input| input.is(out));
    for (out, _) in outputs.iter().filter(|(out, _)| written(out)) {
        if out.is_leaf() && out.requires_grad() && out.base().is_none() {
            return Err(runtime_err!(
                "a leaf Variable that requires grad has been used in an in-place operation."
            ));
        }
        out.check_in_place(true)?;
    }
    let refs: Vec<_> = inputs.iter().map(Some).collect();
    let outs: Vec<Tensor> = outputs.iter().map(|(out, _)| (*out).clone()).collect();
    let node = GradNode::of_rule(Rule::Custom(rule), edges, &refs, &outs)?;
    for (i, (out, _)) in outputs.iter().enumerate().filter(|(_, (out, yes))| *yes && out.dtype().is_float()) {
        let edge = Edge { node: node.clone(), out: i as u32 };
        if written(out) {
            let value = out.detach();
            value.set_history(edge);
            out.rebase(&value)?;
        } else {
            out.set_history(edge);
        }
    }
    Ok(Some(GradFn(node)))
}

/// The tensor as a step of its own on the tape, over the same memory. It is neither a leaf nor a view of one, so that it
/// may be written in place.
pub fn passed_on(tensor: &Tensor) -> Result<Tensor> {
    let same = tensor.detach();
    apply_custom(Box::new(PassOn), std::slice::from_ref(tensor), std::slice::from_ref(&same))?;
    Ok(same)
}

struct PassOn;

impl Backward for PassOn {
    fn name(&self) -> String {
        "AliasBackward0".into()
    }

    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        Ok(upstream.to_vec())
    }
}

/// The same tensor, which says why it has no gradient when it is asked for one.
pub(crate) fn refuse(t: &Tensor, why: impl Fn() -> Error + Send + Sync + 'static) -> Result<Tensor> {
    if !t.requires_grad() {
        return Ok(t.clone());
    }
    let same = t.detach();
    let rule = Refuse { name: "NotImplemented".into(), why };
    record(std::slice::from_ref(&same), &[Some(t)], || Rule::Custom(Box::new(rule)))?;
    Ok(same)
}

/// Puts what an operator without a derivative made of `t` on the tape, where it says so when it is asked for one.
pub(crate) fn record_underivable(made: &Tensor, t: &Tensor, operator: &'static str) -> Result<()> {
    let why = move || unsupported!("the derivative for '{operator}' is not implemented.");
    record(std::slice::from_ref(made), &[Some(t)], || {
        Rule::Custom(Box::new(Refuse { name: name_of(operator), why }))
    })
}

/// `result`, whose gradient reaches `idle`, too, and is zero there: an operand that a factor of zero leaves out.
pub(crate) fn with_idle(result: Tensor, idle: &Tensor, name: &'static str) -> Result<Tensor> {
    if !idle.requires_grad() {
        return Ok(result);
    }
    let same = result.detach();
    let gradient = |call: &Call| {
        let (shape, dtype) = &call.shapes[1];
        let g = call.upstream[0].clone();
        let nothing = g.as_ref().map(|g| Tensor::full(shape, 0, *dtype, g.device())).transpose()?;
        Ok(smallvec![g, nothing])
    };
    record(std::slice::from_ref(&same), &[Some(&result), Some(idle)], || {
        Rule::Formula(Box::new(Formula { name, keeps: Keeps::default(), gradient: Box::new(gradient) }))
    })?;
    Ok(same)
}

struct Refuse<F> {
    name: String,
    why: F,
}

impl<F: Fn() -> Error + Send + Sync> Backward for Refuse<F> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn backward(&self, _: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        Err((self.why)())
    }
}

/// Puts outputs on the tape whose gradients go to edges, each of a tensor of this shape and dtype.
pub(crate) fn record_edges(
    rule: Box<dyn Backward>,
    ways: Vec<(Edge, Dims, DType)>,
    outputs: &[(&Tensor, bool)],
) -> Result<()> {
    let outs: Vec<&Tensor> = outputs.iter().map(|(out, _)| *out).collect();
    let node = GradNode::of_edges(Rule::Custom(rule), ways, &outs);
    for (i, (out, _)) in outputs.iter().enumerate().filter(|(_, (out, yes))| *yes && out.dtype().is_float()) {
        out.set_history(Edge { node: node.clone(), out: i as u32 });
    }
    Ok(())
}

/// A tensor that a user's function saved for its gradient.
pub struct SavedTensor(Mutex<Option<(Saved, Source)>>);

#[derive(Clone)]
enum Source {
    Input(Option<Edge>),
    Output(u32),
}

impl SavedTensor {
    /// Saves an input, or any tensor made before the function was applied.
    pub fn input(tensor: &Tensor) -> Result<SavedTensor> {
        Ok(SavedTensor(Mutex::new(Some((Saved::new(tensor)?, Source::Input(tensor.edge()))))))
    }

    /// Saves the function's output number `i`; what it leads to is known only while the function's node runs.
    pub fn output(tensor: &Tensor, i: usize) -> Result<SavedTensor> {
        Ok(SavedTensor(Mutex::new(Some((Saved::new(tensor)?, Source::Output(i as u32))))))
    }

    /// The tensor; an error if it has been written since, or released.
    pub fn unpack(&self) -> Result<Tensor> {
        let saved = self.0.lock().expect("no panic while the lock is held").clone();
        let (saved, source) = saved.ok_or_else(released_error)?;
        let edge = match source {
            Source::Input(edge) => edge,
            Source::Output(out) => current_node().map(|node| Edge { node: node.0, out }),
        };
        saved.unpack_at(edge.as_ref(), true)
    }

    /// Lets the tensor go; later calls of [`SavedTensor::unpack`] fail as torch's do.
    pub fn release(&self) {
        let old = self.0.lock().expect("no panic while the lock is held").take();
        drop(old);
    }
}
