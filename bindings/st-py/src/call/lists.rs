//! Lists of sizes that torch wants whole: one number stands for all dimensions, a list of one does not.

use super::bind::Given;
use crate::convert;
use pyo3::exceptions::{PyIndexError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use st_core::ops::{OpDef, Value};

/// An error if an operator on images is given a list of one for several dimensions.
pub(super) fn expect_whole(op: &'static OpDef, given: &Given, values: &[Value]) -> PyResult<()> {
    let resizes = matches!(op.name, "interpolate" | "upsample");
    let dims = match (op.name, values.first()) {
        (_, Some(Value::Tensor(input))) if resizes => input.dim().saturating_sub(2),
        ("fractional_max_pool2d" | "fractional_max_pool2d_with_indices", _) => 2,
        ("fractional_max_pool3d" | "fractional_max_pool3d_with_indices", _) => 3,
        _ => return Ok(()),
    };
    for (i, param) in op.params().iter().enumerate() {
        let single = match &values[i] {
            Value::Ints(list) => list.len() == 1,
            Value::Floats(list) => list.len() == 1,
            _ => false,
        };
        let named = || given.named.iter().find(|(name, _)| *name == param.name).map(|(_, argument)| argument);
        let listed = given.positional.get(i).or_else(named).is_some_and(|a| convert::items(a).is_some());
        if dims < 2 || !single || !listed {
            continue;
        }
        return Err(if resizes {
            PyValueError::new_err(format!(
                "Input and {} must have the same number of spatial dimensions, but got {dims} dimensions and a list of one. \
                 Please provide input tensor in (N, C, d1, d2, ...,dK) format and one number for each of d1 to dK",
                param.name
            ))
        } else if param.name == "output_ratio" {
            PyIndexError::new_err(
                "tuple index out of range: output_ratio has one number for several dimensions",
            )
        } else {
            PyRuntimeError::new_err(format!(
                "{}: {} must either be a single Int or tuple of {dims} Ints",
                op.name, param.name
            ))
        });
    }
    Ok(())
}
