//! Hooks: order, replacement, removal.

use super::*;
use std::sync::{Arc, Mutex};

#[test]
fn tensor_hooks_may_replace_the_gradient() -> Outcome {
    let x = leaf(&[1.0, 2.0], &[2]);
    let y = (&x * 3.0)?;
    let doubled = y.register_hook(Arc::new(|g| g.mul(2.0).map(Some)))?;
    let z = (&y + &y)?.sum_all()?;
    y.retain_grad()?;
    z.backward_with(None, true, false, None)?;
    // The hook sees the complete gradient once, and what it gives is kept.
    assert_eq!((grad_of(&y), grad_of(&x)), (vec![4.0, 4.0], vec![12.0, 12.0]));
    doubled.remove();
    doubled.remove();
    x.set_grad(None)?;
    z.backward_with(None, true, false, None)?;
    assert_eq!(grad_of(&x), [6.0, 6.0]);
    y.register_hook(Arc::new(|_| Ok(Some(data(&[1.0], &[1])))))?;
    assert_eq!(runtime_message(z.backward()), "a hook has changed the size of value");
    Ok(())
}

#[test]
fn leaf_hooks_run_before_and_after_accumulation() -> Outcome {
    let x = leaf(&[1.0], &[1]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (first, second) = (seen.clone(), seen.clone());
    x.register_hook(Arc::new(move |g| {
        first.lock().unwrap().push(("before", g.item()?.to_f64()));
        g.mul(10.0).map(Some)
    }))?;
    let after = x.register_post_accumulate_grad_hook(Arc::new(move |x| {
        second.lock().unwrap().push(("after", x.grad().unwrap().item()?.to_f64()));
        x.set_grad(None)
    }))?;
    (&(&x * 2.0)? + &x)?.backward()?;
    assert_eq!(*seen.lock().unwrap(), [("before", 3.0), ("after", 30.0)]);
    assert!(x.grad().is_none());
    after.remove();
    (&x * 2.0)?.backward()?;
    assert_eq!(grad_of(&x), [20.0]);
    let y = (&x * 2.0)?;
    assert_eq!(
        runtime_message(y.register_post_accumulate_grad_hook(Arc::new(|_| Ok(())))),
        "post accumulate grad hooks cannot be registered on non-leaf tensors"
    );
    assert_eq!(
        runtime_message(data(&[1.0], &[1]).register_hook(Arc::new(|_| Ok(None)))),
        "cannot register a hook on a tensor that doesn't require gradient"
    );
    Ok(())
}

#[test]
fn node_hooks_see_both_sides() -> Outcome {
    let x = leaf(&[3.0], &[1]);
    let y = (&x * &x)?;
    let node = y.grad_fn().unwrap();
    node.register_prehook(Arc::new(|upstream| Ok(Some(vec![Some(upstream[0].as_ref().unwrap().mul(2.0)?)]))));
    node.register_hook(Arc::new(|gradients, upstream| {
        assert_eq!(values(upstream[0].as_ref().unwrap()), [2.0]);
        let halved = gradients.iter().map(|g| g.as_ref().map(|g| g.mul(0.25)).transpose());
        halved.collect::<Result<_>>().map(Some)
    }));
    y.backward()?;
    assert_eq!(grad_of(&x), [3.0]);
    Ok(())
}

#[test]
fn a_retained_gradient_follows_a_write() -> Outcome {
    let x = leaf(&[1.0], &[1]);
    let y = (&x * 2.0)?;
    y.retain_grad()?;
    y.in_place(|y| y.mul(3.0))?;
    (&y * 5.0)?.backward()?;
    assert_eq!((grad_of(&y), grad_of(&x)), (vec![5.0], vec![30.0]));
    assert!(y.retains_grad() && !x.retains_grad());
    assert!(runtime_message(data(&[1.0], &[1]).retain_grad()).contains("requires_grad=False"));
    Ok(())
}

#[test]
fn a_hook_may_run_a_backward_pass() -> Outcome {
    let (x, other) = (leaf(&[1.0], &[1]), leaf(&[2.0], &[1]));
    let inner = other.clone();
    let y = (&x * 2.0)?;
    y.register_hook(Arc::new(move |_| {
        let _guard = st_core::autograd::enable_grad();
        (&inner * &inner)?.backward()?;
        Ok(None)
    }))?;
    y.backward()?;
    assert_eq!((grad_of(&x), grad_of(&other)), (vec![2.0], vec![4.0]));
    Ok(())
}
