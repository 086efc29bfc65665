//! What `grad_fn` is called after operators that are made of others: torch's name, by the operator that was called.

use st_core::Tensor;
use st_core::ops::{OpDef, Output, Value};

/// Operators whose gradient has their own name in torch, in the order of the alphabet.
#[rustfmt::skip]
const OWN: [&str; 39] = [
    "addmm", "binary_cross_entropy_with_logits", "bmm", "cdist", "diagonal", "dot", "embedding", "gather",
    "glu", "huber_loss", "index_add", "index_select", "kthvalue", "log_softmax", "masked_fill", "mean",
    "median", "mse_loss", "mv", "nan_to_num", "nll_loss", "polar", "pow", "renorm",
    "repeat", "roll", "scatter_add", "smooth_l1_loss", "softmax", "squeeze", "stack", "std",
    "t", "topk", "trace", "unbind", "unfold", "unsqueeze", "var",
];

/// Names the last node of an operator's results, if it was made since node number `since`.
pub(crate) fn give(op: &'static OpDef, values: &[Value], output: &Output, since: u64) {
    let results: &[Tensor] = match output {
        Output::One(result) => std::slice::from_ref(result),
        Output::Many(results) => results,
        _ => return,
    };
    if !results.first().is_some_and(Tensor::requires_grad) {
        return;
    }
    if let Some(label) = label(op.name, values, &results[0]) {
        results.iter().for_each(|result| result.label_grad_fn(label, since));
    }
}

fn label(name: &'static str, values: &[Value], result: &Tensor) -> Option<&'static str> {
    let given = |i: usize| values.get(i).is_some_and(|value| !matches!(value, Value::None));
    Some(match name {
        "chunk" | "split" => "split",
        "cross_entropy" => "nll_loss",
        "norm" | "linalg_vector_norm" => "linalg_vector_norm",
        "swapaxes" | "swapdims" | "transpose" => "transpose",
        "group_norm" => "native_group_norm",
        "logsigmoid" => "log_sigmoid",
        "linear" if result.dim() == 2 && given(2) => "addmm",
        "pow" if matches!(values.get(1), Some(Value::Tensor(_))) => "pow:1",
        "sum" if given(1) => "sum:1",
        "max" | "min" if values.len() == 1 => {
            if name == "max" {
                "max:1"
            } else {
                "min:1"
            }
        }
        "max" | "min" if matches!(values[1], Value::Scalar(_)) => name,
        "clamp" if !values[1..].iter().any(|v| matches!(v, Value::Tensor(_))) => "clamp:1",
        name if OWN.binary_search(&name).is_ok() => name,
        _ => return None,
    })
}
