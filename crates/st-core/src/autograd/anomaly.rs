//! Anomaly mode: every node remembers the line that made it, and gradients are searched for NaN.

use super::GradNode;
use crate::tensor::Tensor;
use st_kernel::{Error, Result, runtime_err};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

static ENABLED: AtomicBool = AtomicBool::new(false);
static CHECK_NAN: AtomicBool = AtomicBool::new(true);

/// Switches anomaly mode on or off, for all threads, and gives what it was.
pub fn set_detect_anomaly(on: bool) -> bool {
    ENABLED.swap(on, Ordering::Relaxed)
}

/// Sets whether anomaly mode searches gradients for NaN, and gives what it was.
pub fn set_anomaly_check_nan(on: bool) -> bool {
    CHECK_NAN.swap(on, Ordering::Relaxed)
}

/// Whether anomaly mode searches gradients for NaN.
pub fn is_anomaly_check_nan_enabled() -> bool {
    CHECK_NAN.load(Ordering::Relaxed)
}

/// Whether anomaly mode is on.
pub fn is_anomaly_enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// The line that runs now, if nodes of the tape remember lines.
pub(super) fn origin() -> Option<Arc<str>> {
    if is_anomaly_enabled() { crate::debug::location() } else { crate::debug::origin() }
}

/// The error of a node's gradient with the line of its forward pass.
pub(super) fn explain(error: Error, node: &GradNode) -> Error {
    match &node.origin {
        Some(line) => error.context(&format!("Error detected in {}, made at: {line}", node.name())),
        None => error,
    }
}

/// Refuses gradients with a NaN, in anomaly mode.
pub(super) fn refuse_nan(node: &GradNode, gradients: &[Option<Tensor>]) -> Result<()> {
    if !is_anomaly_enabled() || !is_anomaly_check_nan_enabled() {
        return Ok(());
    }
    for (i, gradient) in gradients.iter().enumerate() {
        let Some(gradient) = gradient else { continue };
        if gradient.to_vec::<f64>()?.into_iter().any(f64::is_nan) {
            return Err(runtime_err!("Function '{}' returned nan values in its {i}th output.", node.name()));
        }
    }
    Ok(())
}
