//! What `grad_fn` is called after operators that are made of others: torch's name, by the operator that was called.

use st_core::Tensor;
use st_core::ops::{OpDef, Output, Value};

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
    let label = label(op, values, &results[0]);
    if !label.is_empty() {
        results.iter().for_each(|result| result.label_grad_fn(label, since));
    }
}

/// What the row says, or one of torch's names for the kinds of arguments it tells apart.
fn label(op: &'static OpDef, values: &[Value], result: &Tensor) -> &'static str {
    let given = |i: usize| values.get(i).is_some_and(|value| !matches!(value, Value::None));
    match op.name {
        "linear" if result.dim() == 2 && given(2) => "addmm",
        "pow" if matches!(values.get(1), Some(Value::Tensor(_))) => "pow:1",
        "sum" if given(1) => "sum:1",
        "clamp" if !values[1..].iter().any(|v| matches!(v, Value::Tensor(_))) => "clamp:1",
        _ => op.node,
    }
}
