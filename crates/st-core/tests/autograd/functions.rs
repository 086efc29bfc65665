//! Functions with a gradient of the user's, and checkpoints.

use super::*;
use st_core::autograd::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// exp, written with its output; and the product of two, written with its inputs.
struct Saves(Vec<SavedTensor>, Formula);

type Formula = fn(&[Tensor], &Tensor) -> Result<Vec<Option<Tensor>>>;

impl Backward for Saves {
    fn name(&self) -> String {
        "SavesBackward".into()
    }
    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let saved = self.0.iter().map(SavedTensor::unpack).collect::<Result<Vec<_>>>()?;
        self.1(&saved, upstream[0].as_ref().expect("one output"))
    }
    fn release(&self) {
        self.0.iter().for_each(SavedTensor::release);
    }
}

fn my_exp(x: &Tensor) -> Result<Tensor> {
    let out = x.detach().exp()?;
    let saved = vec![SavedTensor::output(&out, 0)?];
    let rule = Saves(saved, |saved, g| Ok(vec![Some(g.mul(&saved[0])?)]));
    apply_custom(Box::new(rule), std::slice::from_ref(x), std::slice::from_ref(&out))?;
    Ok(out)
}

fn my_mul(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let out = a.detach().mul(&b.detach())?;
    let saved = vec![SavedTensor::input(a)?, SavedTensor::input(b)?];
    let rule = Saves(saved, |saved, g| Ok(vec![Some(g.mul(&saved[1])?), Some(g.mul(&saved[0])?)]));
    apply_custom(Box::new(rule), &[a.clone(), b.clone()], std::slice::from_ref(&out))?;
    Ok(out)
}

#[test]
fn custom_gradients_of_any_order() -> Outcome {
    let x = leaf(&[0.5], &[1]);
    let y = my_exp(&my_mul(&x, &x)?)?;
    let first = grad(&[y], std::slice::from_ref(&x), None, true, true, false, false)?[0].clone().unwrap();
    first.backward()?;
    let e = (0.25f64).exp();
    assert_close(&values(&first), &[2.0 * 0.5 * e]);
    assert_close(&grad_of(&x), &[2.0 * e + 4.0 * 0.25 * e]);
    Ok(())
}

#[test]
fn saved_tensors_are_checked_and_released() -> Outcome {
    let x = leaf(&[0.5], &[1]);
    let y = my_exp(&x)?;
    y.backward()?;
    assert!(runtime_message(y.backward()).starts_with("Trying to backward through the graph a second time"));
    let y = my_exp(&x)?;
    y.in_place(|y| y.mul(2.0))?;
    assert!(runtime_message(y.backward()).contains("is output 0 of SavesBackward, is at version 1"));
    Ok(())
}

#[test]
fn wrong_gradients_are_told() -> Outcome {
    let x = leaf(&[1.0, 2.0, 3.0], &[3]);
    let give = |f: Formula| -> Result<Tensor> {
        let out = x.detach().copy()?;
        apply_custom(Box::new(Saves(vec![], f)), &[x.clone(), x.clone()], std::slice::from_ref(&out))?;
        out.sum_all()
    };
    let few = give(|_, g| Ok(vec![Some(g.clone())]))?;
    assert_eq!(
        runtime_message(few.backward()),
        "function SavesBackward returned an incorrect number of gradients (expected 2, got 1)"
    );
    let wrong = give(|_, _| Ok(vec![Some(data(&[1.0, 1.0], &[2])), None]))?;
    assert_eq!(
        runtime_message(wrong.backward()),
        "Function SavesBackward returned an invalid gradient at index 0 - got [2] but expected shape compatible with [3]"
    );
    // What was broadcast is summed, other dtypes are converted.
    let wide = give(|_, _| Ok(vec![Some(Tensor::full(&[2, 3], 1.5, DType::F32, 0)?), None]))?;
    wide.backward()?;
    assert_eq!(grad_of(&x), [3.0; 3]);
    Ok(())
}

#[test]
fn several_outputs_and_writes() -> Outcome {
    struct Both;
    impl Backward for Both {
        fn name(&self) -> String {
            "BothBackward".into()
        }
        fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
            assert!(upstream[0].is_none());
            Ok(vec![upstream[1].as_ref().map(|g| g.mul(7.0)).transpose()?])
        }
    }
    let x = leaf(&[1.0, 2.0], &[2]);
    let outs = [x.detach().mul(1.0)?, x.detach().mul(7.0)?];
    apply_custom(Box::new(Both), std::slice::from_ref(&x), &outs)?;
    assert_eq!((outs[0].output_nr(), outs[1].output_nr()), (0, 1));
    outs[1].sum_all()?.backward()?;
    assert_eq!(grad_of(&x), [7.0, 7.0]);
    // An output that is an input was written in place.
    let y = (&x * 1.0)?;
    {
        let _guard = no_grad();
        y.in_place(|y| y.mul(3.0))?;
    }
    let triple = Saves(vec![], |_, g| Ok(vec![Some(g.mul(3.0)?)]));
    apply_custom(Box::new(triple), std::slice::from_ref(&y), std::slice::from_ref(&y))?;
    x.set_grad(None)?;
    y.sum_all()?.backward()?;
    assert_eq!((values(&y), grad_of(&x)), (vec![3.0, 6.0], vec![3.0, 3.0]));
    Ok(())
}

#[test]
fn checkpoints_compute_again_and_agree() -> Outcome {
    let w = leaf(&[0.3, -0.2], &[2]);
    let calls = Arc::new(AtomicUsize::new(0));
    let (count, inner) = (calls.clone(), w.clone());
    let f: CheckpointFn = Arc::new(move |x| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(vec![(&x[0] * &inner)?.sin()?.exp()?])
    });
    let x = leaf(&[0.5, 1.5], &[2]);
    let expect = || -> Result<(Vec<f64>, Vec<f64>)> {
        let (x, w) = (leaf(&[0.5, 1.5], &[2]), leaf(&[0.3, -0.2], &[2]));
        (&(&x * &w)?.sin()?.exp()? * &x)?.sum_all()?.backward()?;
        Ok((grad_of(&x), grad_of(&w)))
    };
    let y = (&checkpoint(f.clone(), std::slice::from_ref(&x), true)?[0] * &x)?.sum_all()?;
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    y.backward_with(None, true, false, None)?;
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    let (ex, ew) = expect()?;
    assert_close(&grad_of(&x), &ex);
    // A parameter that the function holds gets its gradient too.
    assert_close(&grad_of(&w), &ew);
    let double = grad(std::slice::from_ref(&y), std::slice::from_ref(&x), None, true, true, false, false)?[0]
        .clone()
        .unwrap();
    x.set_grad(None)?;
    double.sum_all()?.backward()?;
    let second = grad_of(&x);
    let plain = leaf(&[0.5, 1.5], &[2]);
    let y = (&f(std::slice::from_ref(&plain))?[0] * &plain)?.sum_all()?;
    let double =
        grad(&[y], std::slice::from_ref(&plain), None, true, true, false, false)?[0].clone().unwrap();
    double.sum_all()?.backward()?;
    assert_close(&second, &grad_of(&plain));
    Ok(())
}

#[test]
fn checkpoints_nest_and_notice_changes() -> Outcome {
    let inner: CheckpointFn = Arc::new(|x| Ok(vec![x[0].exp()?.sin()?]));
    let outer: CheckpointFn =
        Arc::new(move |x| Ok(vec![checkpoint(inner.clone(), &[x[0].tanh()?], true)?[0].mul(&x[0])?]));
    let x = leaf(&[0.4], &[1]);
    checkpoint(outer, std::slice::from_ref(&x), true)?[0].backward()?;
    let (t, e) = (0.4f64.tanh(), 0.4f64.tanh().exp());
    assert_close(&grad_of(&x), &[e.sin() + 0.4 * e.cos() * e * (1.0 - t * t)]);
    let calls = AtomicUsize::new(0);
    let fickle: CheckpointFn = Arc::new(move |x| {
        Ok(vec![if calls.fetch_add(1, Ordering::Relaxed) == 0 { x[0].exp()? } else { (&x[0] + 1.0)? }])
    });
    let y = checkpoint(fickle, &[x], false)?;
    assert!(runtime_message(y[0].backward()).contains("A different number of tensors was saved"));
    Ok(())
}

#[test]
fn saved_tensors_go_through_hooks() -> Outcome {
    let x = leaf(&[0.5], &[1]);
    let packed = Arc::new(AtomicUsize::new(0));
    let count = packed.clone();
    let y = {
        let _hooks = saved_tensors_hooks(Arc::new(move |t| {
            count.fetch_add(1, Ordering::Relaxed);
            let bytes = t.to_vec::<f64>()?;
            let shape = t.shape().to_vec();
            Ok(Arc::new(move || Tensor::from_slice(&bytes, &shape)))
        }));
        (&x.exp()? * &x)?
    };
    assert_eq!(packed.load(Ordering::Relaxed), 3);
    y.backward()?;
    assert_close(&grad_of(&x), &[0.5f64.exp() * 1.5]);
    Ok(())
}
