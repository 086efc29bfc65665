//! Writing in place: versions, views, histories, what torch forbids.

use super::*;
use st_core::Scalar;
use st_core::autograd::no_grad;

fn mul_(x: &Tensor, by: impl Into<Scalar>) -> Outcome {
    let by = by.into();
    x.in_place(|x| x.mul(by))
}

#[test]
fn every_view_sees_a_write() -> Outcome {
    let base = data(&[1., 2., 3., 4., 5., 6.], &[2, 3]);
    let (row, column, flat) = (base.select(0, 1)?, base.select(1, 0)?, base.view(&[6])?);
    mul_(&row, 10.0)?;
    assert_eq!(values(&base), [1., 2., 3., 40., 50., 60.]);
    assert_eq!((values(&column), values(&flat)), (vec![1., 40.], vec![1., 2., 3., 40., 50., 60.]));
    mul_(&flat, 2.0)?;
    assert_eq!(values(&row), [80., 100., 120.]);
    base.t()?.copy_(&data(&[9., 8.], &[2]))?;
    assert_eq!(values(&base), [9., 9., 9., 8., 8., 8.]);
    base.slice(1, Some(0), None, 2)?.fill_(0.into())?;
    assert_eq!(values(&flat), [0., 9., 0., 0., 8., 0.]);
    assert_eq!(base.version(), 4);
    Ok(())
}

#[test]
fn a_written_tensor_has_the_results_history() -> Outcome {
    let x = leaf(&[1.0, 2.0], &[2]);
    let y = (&x * 3.0)?;
    mul_(&y, 5.0)?;
    assert_eq!(y.grad_fn().unwrap().name(), "MulBackward0");
    y.sum_all()?.backward()?;
    assert_eq!(grad_of(&x), [15.0, 15.0]);
    Ok(())
}

#[test]
fn old_contents_stay_for_the_writing_operators_gradient() -> Outcome {
    let w = leaf(&[3.0, 4.0], &[2]);
    let h = data(&[1.0, 2.0], &[2]);
    h.in_place(|h| h.mul(&w))?;
    h.become_(&(&h * &w)?)?;
    assert_eq!(values(&h), [9.0, 32.0]);
    h.sum_all()?.backward()?;
    // d(h w^2) = 2 h w
    assert_eq!(grad_of(&w), [6.0, 16.0]);
    let x = leaf(&[0.5], &[1]);
    let y = (&x * 1.0)?;
    y.in_place(|y| y.sin()?.exp())?;
    y.backward()?;
    assert_close(&grad_of(&x), &[0.5f64.sin().exp() * 0.5f64.cos()]);
    Ok(())
}

#[test]
fn writing_what_a_gradient_needs_is_an_error() -> Outcome {
    let x = leaf(&[1.0, 2.0, 3.0], &[3]);
    let y = (&x * 2.0)?;
    let z = (&y * &y)?;
    y.in_place(|y| y.add(1.0))?;
    assert_eq!(
        runtime_message(z.sum_all()?.backward()),
        "one of the variables needed for gradient computation has been modified by an inplace operation: [torch.DoubleTensor [3]], which is output 0 of MulBackward0, is at version 1; expected version 0 instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True)."
    );
    let e = x.exp()?;
    e.in_place(|e| e.add(1.0))?;
    assert!(
        runtime_message(e.sum_all()?.backward()).contains("is output 0 of ExpBackward0, is at version 1")
    );
    // The output of an in-place operator is saved where it is now.
    let e = (&x * 1.0)?;
    e.in_place(Tensor::exp)?;
    e.in_place(|e| e.mul(2.0))?;
    assert!(runtime_message(e.sum_all()?.backward()).contains("is at version 2; expected version 1"));
    let c = data(&[1.0, 1.0, 1.0], &[3]);
    let z = (&x * &c)?;
    c.zero_()?;
    assert!(runtime_message(z.sum_all()?.backward()).contains("[torch.DoubleTensor [3]] is at version 1"));
    // Addition needs neither operand.
    let y = (&x * 2.0)?;
    let z = (&y + &y)?;
    y.zero_()?;
    z.sum_all()?.backward()
}

#[test]
fn a_write_through_detach_is_counted() -> Outcome {
    let x = leaf(&[1.0], &[1]);
    let y = x.exp()?;
    let alias = y.detach();
    assert!(!alias.requires_grad() && alias.shares_storage(&y));
    mul_(&alias, 2.0)?;
    assert!(runtime_message(y.backward()).contains("modified by an inplace operation"));
    Ok(())
}

#[test]
fn gradient_of_a_write_to_a_view() -> Outcome {
    let x = leaf(&[1., 2., 3., 4.], &[2, 2]);
    let y = (&x * 1.0)?;
    let first = y.select(0, 0)?;
    mul_(&first, 2.0)?;
    assert_eq!(y.grad_fn().unwrap().name(), "CopySlices");
    assert_eq!(first.grad_fn().unwrap().name(), "AsStridedBackward0");
    (&y * &data(&[1., 10., 100., 1000.], &[2, 2]))?.sum_all()?.backward()?;
    assert_eq!(grad_of(&x), [2., 20., 100., 1000.]);
    Ok(())
}

#[test]
fn a_base_without_history_gets_one_from_its_view() -> Outcome {
    let w = leaf(&[5.0], &[]);
    let base = data(&[1., 2., 3., 4.], &[2, 2]);
    let (column, all) = (base.select(1, 1)?, base.view(&[4])?);
    column.in_place(|c| c.mul(&w))?;
    assert!(base.requires_grad() && all.requires_grad() && !base.is_leaf());
    assert_eq!(values(&all), [1., 10., 3., 20.]);
    // Another view's history is the base's of now.
    (&all * &data(&[1., 2., 3., 4.], &[4]))?.sum_all()?.backward()?;
    assert_eq!(grad_of(&w), [2. * 2. + 4. * 4.]);
    Ok(())
}

#[test]
fn writes_to_views_match_finite_differences() -> Outcome {
    let at: Vec<f64> = (0..6).map(|i| 0.3 * f64::from(i) - 0.7).collect();
    let f = |x: &Tensor| -> Result<Tensor> {
        let y = x.exp()?.mul(1.0)?;
        let (row, corner) = (y.select(0, 1)?, y.slice(1, Some(1), None, 1)?);
        row.in_place(|r| r.mul(r)?.sin())?;
        corner.t()?.in_place(|c| c.mul(&x.slice(1, Some(0), Some(2), 1)?.t()?))?;
        let other = y.view(&[6])?;
        (&other * &row.sum_all()?)?.sum_all()
    };
    check_gradient(f, &at, &[2, 3])
}

#[test]
fn a_base_that_is_a_transposed_alias() -> Outcome {
    let w = leaf(&[3.0, 7.0], &[2]);
    let storage = data(&[1., 2., 3., 4., 5., 6.], &[2, 3]);
    let base = storage.t()?.detach();
    let row = base.select(0, 1)?;
    row.in_place(|r| r.mul(&w))?;
    assert_eq!(values(&storage), [1., 6., 3., 4., 35., 6.]);
    row.in_place(|r| r.mul(&w))?;
    let weights = data(&[1., 2., 3., 4., 5., 6.], &[3, 2]);
    (&base * &weights)?.sum_all()?.backward()?;
    // row 1 of the base is [2, 5] w^2, weighted by [3, 4]
    assert_eq!(grad_of(&w), [2. * 2. * 3. * 3., 5. * 2. * 7. * 4.]);
    Ok(())
}

#[test]
fn overwriting_cuts_the_gradient() -> Outcome {
    let (x, s) = (leaf(&[1.0, 2.0], &[2]), leaf(&[4.0], &[1]));
    let y = (&x * 2.0)?;
    y.zero_()?;
    assert!(y.requires_grad());
    y.sum_all()?.backward()?;
    assert_eq!(grad_of(&x), [0.0, 0.0]);
    let y = (&x * 2.0)?;
    y.copy_(&s)?;
    assert_eq!(y.grad_fn().unwrap().name(), "CopyBackwards");
    y.sum_all()?.backward()?;
    assert_eq!((grad_of(&x), grad_of(&s)), (vec![0.0, 0.0], vec![2.0]));
    // A copy into plain data carries the history along, another dtype too.
    let plain = Tensor::from_slice(&[0f32; 3], &[3])?;
    plain.slice(0, Some(1), None, 1)?.copy_(&x)?;
    plain.sum_all()?.backward()?;
    assert_eq!(grad_of(&x), [1.0, 1.0]);
    Ok(())
}

#[test]
fn leaves_are_written_under_no_grad_only() -> Outcome {
    let p = leaf(&[1.0, 2.0], &[2]);
    assert_eq!(
        runtime_message(p.zero_()),
        "a leaf Variable that requires grad is being used in an in-place operation."
    );
    let first = p.select(0, 0)?;
    assert_eq!(
        runtime_message(first.zero_()),
        "a view of a leaf Variable that requires grad is being used in an in-place operation."
    );
    assert_eq!((values(&p), p.version()), (vec![1.0, 2.0], 0));
    let _guard = no_grad();
    p.become_(&p.sub(0.5)?)?;
    p.select(0, 1)?.zero_()?;
    assert!(p.is_leaf() && p.requires_grad());
    assert_eq!((values(&p), p.version()), (vec![0.5, 0.0], 2));
    Ok(())
}

#[test]
fn views_made_under_no_grad() -> Outcome {
    let x = leaf(&[1.0, 2.0], &[2]);
    let y = (&x * 2.0)?;
    let view = {
        let _guard = no_grad();
        y.select(0, 0)?
    };
    assert!(view.requires_grad() && view.grad_fn().is_none());
    assert!(runtime_message(mul_(&view, 2.0)).starts_with(
        "A view was created in no_grad mode and is being modified inplace with grad mode enabled."
    ));
    let _guard = no_grad();
    mul_(&view, 2.0)
}

#[test]
fn forbidden_writes() -> Outcome {
    let whole = Tensor::from_slice(&[1i64, 2, 3], &[3])?;
    assert_eq!(
        runtime_message(mul_(&whole, 1.5)),
        "result type Float can't be cast to the desired output type Long"
    );
    let x = data(&[1.0, 2.0, 3.0], &[3]);
    let wide = data(&[1.0; 6], &[2, 3]);
    assert_eq!(
        runtime_message(x.in_place(|x| x.add(&wide))),
        "output with shape [3] doesn't match the broadcast shape [2, 3]"
    );
    assert_eq!(
        runtime_message(x.copy_(&wide)),
        "output with shape [3] doesn't match the broadcast shape [2, 3]"
    );
    assert_eq!(
        runtime_message(x.copy_(&data(&[1.0, 2.0], &[2]))),
        "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 0"
    );
    let one = data(&[1.0], &[1]);
    assert!(
        runtime_message(mul_(&one.expand(&[3])?, 2.0))
            .starts_with("unsupported operation: more than one element")
    );
    one.expand(&[3])?.fill_(4.0.into())?;
    assert_eq!(values(&one), [4.0]);
    let leaf = leaf(&[1.0, 1.0, 1.0], &[3]);
    assert!(
        runtime_message(x.write_into(&leaf.mul(2.0)?)).contains("don't support automatic differentiation")
    );
    assert_eq!(
        runtime_message((&leaf * 2.0)?.select(0, 0)?.detach_()).split('.').next(),
        Some("Can't detach views in-place")
    );
    Ok(())
}

#[test]
fn shared_memory_is_written_at_once() -> Outcome {
    let x = data(&[1.0, 2.0, 3.0, 4.0], &[4]);
    let before = (&x * 1.0)?;
    let buffer = x.share_storage()?;
    mul_(&x.slice(0, Some(1), Some(3), 1)?, 10.0)?;
    let mut bytes = vec![0; buffer.len()];
    st_core::runtime::device(0)?.download(&buffer, &mut bytes)?;
    let seen: Vec<f64> = bytes.chunks_exact(8).map(|b| f64::from_ne_bytes(b.try_into().unwrap())).collect();
    assert_eq!(seen, [1.0, 20.0, 30.0, 4.0]);
    let w = leaf(&[2.0], &[1]);
    x.in_place(|x| x.mul(&w))?;
    x.sum_all()?.backward()?;
    assert_eq!(grad_of(&w), [55.0]);
    assert_eq!(values(&before), [1.0, 2.0, 3.0, 4.0]);
    Ok(())
}

#[test]
fn many_writes_do_not_grow_a_graph() -> Outcome {
    let x = f64_zeros(&[16]);
    for i in 0..20_000 {
        x.select(0, i % 16)?.fill_((i as f64).into())?;
    }
    assert_eq!(values(&x), (20_000 - 16..20_000).map(f64::from).collect::<Vec<_>>());
    Ok(())
}

/// A tensor's memory becomes one that others share while threads read it.
#[test]
fn views_made_by_several_threads_are_of_one_memory() -> Outcome {
    for _ in 0..50 {
        let x = (&Tensor::from_slice(&[1.0f32, 2.0, 3.0, 4.0], &[4])? * 2.0)?;
        let seen: Vec<(Tensor, f32)> = std::thread::scope(|scope| {
            let look = || -> st_core::Result<(Tensor, f32)> {
                let sum = (&x + 1.0)?.sum_all()?;
                Ok((x.reshape(&[2, 2])?, sum.to_scalar()?))
            };
            let threads = [(); 4].map(|()| scope.spawn(look));
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Result<_, _>>()
        })?;
        assert!(seen.iter().all(|(view, sum)| view.shares_storage(&x) && *sum == 24.0));
        seen[0].0.in_place(|view| view * 10.0)?;
        assert_eq!(x.to_vec::<f32>()?, [20.0, 40.0, 60.0, 80.0]);
        assert_eq!(seen[3].0.to_vec::<f32>()?, [20.0, 40.0, 60.0, 80.0]);
        assert!(seen.iter().all(|(view, _)| view.version() == 1 && x.version() == 1));
    }
    Ok(())
}
