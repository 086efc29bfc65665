//! Gradients of graphs: chains, branches, broadcasting, accumulation, second derivatives, threads.

use super::*;
use st_core::autograd::{self, grad};

#[test]
fn gradients_match_finite_differences() -> Outcome {
    let w = data(&[0.3, -0.7, 1.1], &[3]);
    check_gradient(|x| ((x * &w)?.exp()? * x.sin()?)?.sum_all(), &[0.1, 0.5, -0.4, 1.2, 0.9, -1.0], &[2, 3])?;
    check_gradient(
        |x| (x.select(0, 1)?.exp()? * x.select(0, 0)?)?.sum_all(),
        &[0.1, 0.5, -0.4, 1.2],
        &[2, 2],
    )?;
    check_gradient(|x| x.t()?.matmul(x)?.tanh()?.sum_all(), &[0.1, 0.5, -0.4, 1.2, 0.3, 0.2], &[3, 2])?;
    check_gradient(
        |x| (x.expand(&[3, 2])? * &data(&[1., 2., 3., 4., 5., 6.], &[3, 2]))?.exp()?.sum_all(),
        &[0.1, -0.2],
        &[2],
    )
}

#[test]
fn a_tensor_used_twice_gets_the_sum() -> Outcome {
    let x = leaf(&[2.0, 3.0], &[2]);
    let y = (&x * &x)?;
    (&y + &(&y * &x)?)?.sum_all()?.backward()?;
    // d(x^2 + x^3) = 2x + 3x^2
    assert_eq!(grad_of(&x), [16.0, 33.0]);
    Ok(())
}

#[test]
fn gradients_accumulate_in_place() -> Outcome {
    let x = leaf(&[2.0], &[1]);
    (&x * 3.0)?.backward()?;
    let first = x.grad().unwrap();
    (&x * 4.0)?.backward()?;
    assert_eq!(grad_of(&x), [7.0]);
    assert!(first.is(&x.grad().unwrap()));
    assert_eq!(values(&first), [7.0]);
    Ok(())
}

#[test]
fn an_accumulated_gradient_is_memory_of_its_own() -> Outcome {
    let (a, b, g) = (leaf(&[1.0, 2.0], &[2]), leaf(&[3.0, 4.0], &[2]), data(&[5.0, 6.0], &[2]));
    (&a + &b)?.backward_with(Some(&g), false, false, None)?;
    a.grad().unwrap().zero_()?;
    assert_eq!((grad_of(&a), grad_of(&b), values(&g)), (vec![0.0, 0.0], vec![5.0, 6.0], vec![5.0, 6.0]));
    a.backward_with(Some(&g), false, false, None)?;
    a.grad().unwrap().zero_()?;
    assert_eq!(values(&g), [5.0, 6.0]);
    Ok(())
}

#[test]
fn second_and_third_derivatives() -> Outcome {
    let x = leaf(&[0.5, -1.5], &[2]);
    let y = (x.sin()? * &x)?;
    let mut derivative = y;
    for _ in 0..3 {
        let seed = Some(derivative.full_like(1.0)?);
        let next = grad(&[derivative], std::slice::from_ref(&x), Some(&[seed]), true, true, false, false)?;
        derivative = next.into_iter().next().flatten().unwrap();
    }
    // (x sin x)''' = -3 sin x - x cos x
    let expected: Vec<f64> = [0.5f64, -1.5].iter().map(|x| -3.0 * x.sin() - x * x.cos()).collect();
    assert_close(&values(&derivative), &expected);
    assert!(x.grad().is_none());
    Ok(())
}

#[test]
fn create_graph_accumulates_out_of_place() -> Outcome {
    let x = leaf(&[3.0], &[1]);
    (&(&x * &x)? * &x)?.backward_with(None, false, true, None)?;
    let first = x.grad().unwrap();
    assert!(first.requires_grad());
    (&x * &x)?.backward_with(None, false, true, None)?;
    assert_eq!((values(&first), grad_of(&x)), (vec![27.0], vec![33.0]));
    let sum = x.grad().unwrap();
    x.set_grad(None)?;
    sum.backward()?;
    // d(3x^2 + 2x) = 6x + 2
    assert_eq!(grad_of(&x), [20.0]);
    Ok(())
}

#[test]
fn the_graph_is_released_unless_retained() -> Outcome {
    let x = leaf(&[2.0], &[1]);
    let y = (&x * &x)?;
    y.backward_with(None, true, false, None)?;
    y.backward()?;
    assert_eq!(grad_of(&x), [8.0]);
    assert!(runtime_message(y.backward()).starts_with("Trying to backward through the graph a second time"));
    // Nothing is saved for a sum, so it can be run again.
    let z = (&x + 1.0)?;
    z.backward()?;
    z.backward()
}

#[test]
fn restricted_to_inputs() -> Outcome {
    let (a, b) = (leaf(&[2.0], &[1]), leaf(&[3.0], &[1]));
    let middle = (&a * &b)?;
    let y = (&middle * &a)?;
    y.backward_with(None, true, false, Some(&[b.clone(), middle.clone()]))?;
    assert!(a.grad().is_none());
    assert_eq!((grad_of(&b), grad_of(&middle)), (vec![4.0], vec![2.0]));
    assert!(runtime_message(y.backward_with(None, false, false, Some(&[]))).contains("cannot be empty"));
    Ok(())
}

#[test]
fn grad_of_unused_tensors() -> Outcome {
    let (x, unused) = (leaf(&[2.0], &[1]), leaf(&[1.0, 1.0], &[2]));
    let ask = |allow, materialize| {
        grad(&[(&x * 3.0)?], &[x.clone(), unused.clone()], None, false, false, allow, materialize)
    };
    assert!(
        runtime_message(ask(false, false))
            .starts_with("The differentiated Tensor at index 1 appears to not have been used")
    );
    let found = ask(true, false)?;
    assert_eq!(values(found[0].as_ref().unwrap()), [3.0]);
    assert!(found[1].is_none());
    assert_eq!(values(ask(true, true)?[1].as_ref().unwrap()), [0.0, 0.0]);
    let y = (&x * 2.0)?;
    let own = grad(std::slice::from_ref(&y), &[y.clone(), x.clone()], None, false, false, false, false)?;
    assert_eq!((values(own[0].as_ref().unwrap()), values(own[1].as_ref().unwrap())), (vec![1.0], vec![2.0]));
    assert_eq!(
        runtime_message(grad(&[y], &[data(&[1.0], &[1])], None, false, false, true, false)),
        "One of the differentiated Tensors does not require grad"
    );
    Ok(())
}

#[test]
fn misuse_is_told() -> Outcome {
    let x = leaf(&[1.0, 2.0], &[2]);
    assert_eq!(
        runtime_message((&x * 2.0)?.backward()),
        "grad can be implicitly created only for scalar outputs"
    );
    assert_eq!(
        runtime_message(data(&[1.0], &[1]).backward()),
        "element 0 of tensors does not require grad and does not have a grad_fn"
    );
    let wrong = data(&[1.0; 3], &[3]);
    assert_eq!(
        runtime_message((&x * 2.0)?.backward_with(Some(&wrong), false, false, None)),
        "Mismatch in shape: grad_output[0] has a shape of torch.Size([3]) and output[0] has a shape of torch.Size([2])."
    );
    assert_eq!(runtime_message(x.set_grad(Some(x.clone()))), "can't assign Variable as its own grad");
    assert!(runtime_message(x.set_grad(Some(wrong))).contains("of size '[3]' to a tensor of size '[2]'"));
    let whole = Tensor::from_slice(&[1i64], &[1])?;
    assert_eq!(
        runtime_message(whole.requires_grad_(true)),
        "Only Tensors of floating point and complex dtype can require gradients"
    );
    assert!(
        runtime_message((&x * 2.0)?.requires_grad_(false))
            .starts_with("you can only change requires_grad flags of leaf")
    );
    Ok(())
}

#[test]
fn operators_without_slope_give_zeros() -> Outcome {
    let x = leaf(&[1.5, -2.5], &[2]);
    x.floor()?.sum_all()?.backward()?;
    assert_eq!(grad_of(&x), [0.0, 0.0]);
    Ok(())
}

#[test]
fn grad_fn_tells_the_graph() -> Outcome {
    let x = leaf(&[1.0], &[1]);
    let y = (&x.exp()? * 2.0)?;
    let node = y.grad_fn().unwrap();
    assert_eq!(node.name(), "MulBackward0");
    let next = node.next_functions();
    let (exp, out) = next[0].clone().unwrap();
    assert_eq!((exp.name().as_str(), out), ("ExpBackward0", 0));
    let (end, _) = exp.next_functions()[0].clone().unwrap();
    assert_eq!(end.name(), "AccumulateGrad");
    assert!(end.variable().unwrap().is(&x));
    assert!(x.is_leaf() && !y.is_leaf() && x.grad_fn().is_none());
    Ok(())
}

#[test]
fn a_long_chain_neither_runs_nor_drops_by_recursion() -> Outcome {
    let x = leaf(&[1.0], &[1]);
    let mut y = x.clone();
    for _ in 0..100_000 {
        y = (&y * 1.0)?;
    }
    let other = (&y * 2.0)?;
    y.backward()?;
    assert_eq!(grad_of(&x), [1.0]);
    drop((y, other));
    let mut kept = x.exp()?;
    for _ in 0..20_000 {
        kept = kept.tanh()?;
    }
    drop(kept);
    Ok(())
}

#[test]
fn threads_share_leaves_and_graphs() -> Outcome {
    let x = leaf(&[2.0; 8], &[8]);
    let shared = (&x * &x)?.sum_all()?;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| -> Outcome {
                for _ in 0..25 {
                    (&x * 3.0)?.sum_all()?.backward()?;
                    shared.backward_with(None, true, false, None)?;
                }
                Ok(())
            });
        }
    });
    assert_eq!(grad_of(&x), [100.0 * (3.0 + 4.0); 8]);
    Ok(())
}

#[test]
fn the_mode_is_a_threads_own() {
    let _guard = autograd::no_grad();
    assert!(!autograd::is_grad_enabled());
    assert!(std::thread::spawn(autograd::is_grad_enabled).join().unwrap());
}

#[test]
fn graphs_do_not_keep_themselves_alive() -> Outcome {
    struct Probe(std::sync::Arc<()>);
    impl autograd::Backward for Probe {
        fn name(&self) -> String {
            "Probe".into()
        }
        fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
            let _ = &self.0;
            Ok(upstream.to_vec())
        }
    }
    let alive = std::sync::Arc::new(());
    let x = leaf(&[1.0], &[1]);
    let y = x.detach().copy()?;
    autograd::apply_custom(Box::new(Probe(alive.clone())), &[x], std::slice::from_ref(&y))?;
    // Saved outputs, saved inputs written later, gradients with a graph.
    let z = y.exp()?;
    let square = (&z * &z)?;
    z.add_in_place(&square)?;
    z.retain_grad()?;
    drop((y, z, square));
    assert_eq!(std::sync::Arc::strong_count(&alive), 1);
    Ok(())
}

trait AddInPlace {
    fn add_in_place(&self, other: &Tensor) -> Outcome;
}
impl AddInPlace for Tensor {
    fn add_in_place(&self, other: &Tensor) -> Outcome {
        self.in_place(|x| x.add(other))
    }
}
