//! no_grad, inference mode, anomaly mode.

use super::*;
use st_core::autograd::*;

#[test]
fn guards_nest() -> Outcome {
    let x = leaf(&[1.0], &[1]);
    {
        let _off = no_grad();
        assert!(!(&x * 2.0)?.requires_grad());
        {
            let _on = enable_grad();
            assert!((&x * 2.0)?.requires_grad());
        }
        assert!(!is_grad_enabled());
    }
    assert!(set_grad_enabled(false));
    assert!(!set_grad_enabled(true));
    Ok(())
}

#[test]
fn inference_tensors_stay_off_the_tape() -> Outcome {
    let x = leaf(&[1.0, 2.0], &[2]);
    let (made, view) = {
        let _guard = inference_mode();
        assert!(is_inference_mode_enabled() && !is_grad_enabled());
        let made = (&x * 2.0)?;
        made.in_place(|m| m.add(1.0))?;
        (made, x.view(&[2, 1])?)
    };
    assert!(made.is_inference() && !made.requires_grad() && !view.is_inference() && view.requires_grad());
    assert!(runtime_message(&x * &made).starts_with("Inference tensors cannot be saved for backward."));
    (&x + &made)?.sum_all()?.backward()?;
    assert!(
        runtime_message(made.zero_()).starts_with("Inplace update to inference tensor outside InferenceMode")
    );
    assert!(
        runtime_message(made.requires_grad_(true))
            .starts_with("Setting requires_grad=True on inference tensor outside")
    );
    assert!(runtime_message(view.zero_()).starts_with("A view was created in inference mode"));
    assert!(made.select(0, 0)?.is_inference());
    Ok(())
}

/// One test, since anomaly mode is all threads'.
#[test]
fn anomalies_are_found() -> Outcome {
    fn here() -> Option<std::sync::Arc<str>> {
        Some("model.py:7".into())
    }
    st_core::debug::set_locator(here);
    let x = leaf(&[0.0, 1.0], &[2]);
    set_detect_anomaly(true);
    let y = (&x.sqrt()? * 0.0)?.sum_all()?;
    set_detect_anomaly(false);
    y.backward_with(None, true, false, None)?;
    set_detect_anomaly(true);
    let error = message(y.backward());
    set_detect_anomaly(false);
    assert!(error.starts_with("Function 'SqrtBackward0' returned nan values in its 0th output."), "{error}");
    assert!(error.ends_with("Error detected in SqrtBackward0, made at: model.py:7"), "{error}");
    Ok(())
}
