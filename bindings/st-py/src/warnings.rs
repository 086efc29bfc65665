//! What torch warns of at a call: habits that it wants to end, and results that may not be what was meant.

use crate::tensor::{PyTensor, raw_of, tensor_of};
use pyo3::exceptions::PyUserWarning;
use pyo3::prelude::*;
use st_core::Tensor;
use st_core::ops::{OpDef, Value};
use std::ffi::CString;

/// Warns at the user's line.
#[cold]
pub(crate) fn warn(py: Python<'_>, text: &str) -> PyResult<()> {
    PyErr::warn(py, &py.get_type::<PyUserWarning>(), &CString::new(text)?, 1)
}

/// Of a write into a tensor that sees its elements several times.
#[cold]
pub(crate) fn of_places(py: Python<'_>, name: &str) -> PyResult<()> {
    let text = format!(
        "Use of {name}_ on expanded tensors is deprecated. Please clone() the tensor before performing this operation. This \
         also applies to advanced indexing e.g. tensor[mask] = scalar"
    );
    warn(py, &text)
}

/// Of a copy that another function says better.
pub(crate) fn of_copy(data: &Bound<'_, PyAny>, function: &str) -> PyResult<()> {
    if tensor_of(data).is_none() && raw_of(data).is_none() {
        return Ok(());
    }
    let text = format!(
        "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone(), with requires_grad_(True) \
         after it for a leaf, rather than {function}(sourceTensor)."
    );
    warn(data.py(), &text)
}

/// Of `x.T` where it is not the transpose of a matrix.
pub(crate) fn of_reversal(py: Python<'_>, rank: usize) -> PyResult<()> {
    match rank {
        2 => Ok(()),
        0 => warn(py, "Tensor.T is deprecated on 0-D tensors. This function is the identity in these cases."),
        _ => warn(
            py,
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated: use `x.mT` for batches \
             of matrices, or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions.",
        ),
    }
}

/// Of a number of Python that the tape knows nothing of.
pub(crate) fn of_number(tensor: &Bound<'_, PyTensor>) -> PyResult<()> {
    match tensor.get().tensor().requires_grad() {
        true => warn(
            tensor.py(),
            "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior: use tensor.detach() first.",
        ),
        false => Ok(()),
    }
}

/// Of a gradient that no backward pass will write.
pub(crate) fn of_missing_grad(tensor: &Bound<'_, PyTensor>) -> PyResult<()> {
    let this = tensor.get().tensor();
    match this.requires_grad() && !this.is_leaf() && !this.retains_grad() {
        true => warn(
            tensor.py(),
            "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. It won't be populated during \
             autograd.backward(): call .retain_grad() on the tensor if you want that.",
        ),
        false => Ok(()),
    }
}

/// Of gradients that hold the graph they belong to.
pub(crate) fn of_cycle(py: Python<'_>, create_graph: bool) -> PyResult<()> {
    match create_graph {
        true => warn(
            py,
            "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient: use \
             autograd.grad, or set the .grad fields to None afterwards.",
        ),
        false => Ok(()),
    }
}

/// Of an operator that is called with these values.
pub(crate) fn of_call(py: Python<'_>, op: &'static OpDef, values: &[Value]) -> PyResult<()> {
    match at_call(op, values).or_else(|| of_old_reduction(op, values)) {
        Some(text) => warn(py, &text),
        None => Ok(()),
    }
}

fn given<'a>(op: &'static OpDef, values: &'a [Value], name: &str) -> &'a Value {
    let at = op.params().iter().position(|param| param.name == name);
    at.and_then(|at| values.get(at)).unwrap_or(&Value::None)
}

fn at_call(op: &'static OpDef, values: &[Value]) -> Option<String> {
    let omitted = |name| matches!(given(op, values, name), Value::None);
    let name = op.name;
    Some(match (name, values) {
        ("softmax" | "log_softmax" | "softmin", _) if omitted("dim") => format!(
            "Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument."
        ),
        ("cross", _) if omitted("dim") => {
            "Using torch.cross without specifying the dim arg is deprecated: give it, or call torch.linalg.cross, whose \
             default is the last dimension."
                .into()
        }
        ("grid_sample" | "affine_grid", _) if omitted("align_corners") => {
            "Default grid_sample and affine_grid behavior has changed to align_corners=False: say align_corners=True for what \
             it was before."
                .into()
        }
        ("affine_grid", [_, Value::Ints(size), Value::Scalar(corners)])
            if corners.to_f64() != 0.0 && size.iter().skip(2).any(|&n| n == 1) =>
        {
            "Since version 1.3.0, torch's affine_grid puts the one place of a dimension of size 1 at its middle, with \
             align_corners=True, too. See the documentation of affine_grid for details."
                .into()
        }
        ("stft" | "istft", _) if omitted("window") => {
            "A window was not provided. A rectangular window will be applied, which leaks into neighbouring frequencies; \
             say window=torch.ones(...) to do so without this warning."
                .into()
        }
        ("kl_div", _) if matches!(given(op, values, "reduction"), Value::Text(word) if word == "mean") => {
            "reduction: 'mean' divides the total loss by both the batch size and the support size. 'batchmean' divides only \
             by the batch size, which is the divergence's definition."
                .into()
        }
        ("dropout2d" | "dropout3d", [Value::Tensor(input), ..]) => return of_rank(name, input.dim()),
        ("var" | "std" | "var_mean" | "std_mean", [Value::Tensor(input), ..]) => {
            return of_freedom(op, values, input);
        }
        ("mse_loss" | "l1_loss" | "smooth_l1_loss" | "huber_loss", [Value::Tensor(a), Value::Tensor(b), ..])
            if a.shape() != b.shape() =>
        {
            format!(
                "Using a target size (torch.Size({:?})) that is different to the input size (torch.Size({:?})). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
                b.shape(),
                a.shape()
            )
        }
        ("upsample" | "upsample_nearest" | "upsample_bilinear", _) => {
            format!("`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.")
        }
        ("range", _) => "torch.range is deprecated and gives its end, too: use torch.arange.".into(),
        ("chain_matmul", _) => of_successor(name, "multi_dot"),
        ("lu", _) => of_successor(name, "lu_factor"),
        ("lu_solve", _) if op.family() == "linalg" => of_successor(name, "lu_solve"),
        ("triangular_solve", _) => of_successor(name, "solve_triangular"),
        _ => return None,
    })
}

fn of_successor(name: &str, successor: &str) -> String {
    format!("torch.{name} is deprecated in favor of torch.linalg.{successor}")
}

/// Of a variance of fewer elements than it takes off.
fn of_freedom(op: &'static OpDef, values: &[Value], input: &Tensor) -> Option<String> {
    let count = match given(op, values, "dim") {
        Value::Ints(dims) if !dims.is_empty() => {
            let rank = input.dim() as i64;
            dims.iter()
                .filter_map(|&d| input.shape().get((d + if d < 0 { rank } else { 0 }) as usize))
                .product()
        }
        _ => input.numel(),
    };
    let correction = match (given(op, values, "correction"), given(op, values, "unbiased")) {
        (Value::Scalar(correction), _) => correction.to_f64(),
        (_, Value::Scalar(unbiased)) => f64::from(unbiased.to_bool()),
        _ => 1.0,
    };
    (count as f64 <= correction).then(|| {
        format!(
            "{}(): degrees of freedom is <= 0. Correction should be strictly less than the number of elements that are reduced.",
            op.name
        )
    })
}

/// Of a dropout of channels whose input has more or fewer dimensions than an image or a volume.
fn of_rank(name: &str, rank: usize) -> Option<String> {
    let plane = name == "dropout2d";
    if plane && rank == 3 {
        return Some(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired: \
             the input is read as (N, C, L). Use dropout1d for that."
                .into(),
        );
    }
    let usual = if plane { 3..=4 } else { 4..=5 };
    (!usual.contains(&rank)).then(|| {
        format!(
            "{name}: Received a {rank}-D input to {name}, which is deprecated: use dropout to do the same without this warning."
        )
    })
}

/// Of a loss whose reduction is said with two truth values.
fn of_old_reduction(op: &'static OpDef, values: &[Value]) -> Option<String> {
    if !matches!(op.family(), "loss" | "margin") {
        return None;
    }
    let truth = |name| match given(op, values, name) {
        Value::Scalar(truth) => Some(truth.to_bool()),
        _ => None,
    };
    let (averaged, reduced) = (truth("size_average"), truth("reduce"));
    averaged.or(reduced)?;
    let word = match (averaged, reduced) {
        (_, Some(false)) => "none",
        (Some(false), _) => "sum",
        _ => "mean",
    };
    Some(format!("size_average and reduce args will be deprecated, please use reduction='{word}' instead."))
}
