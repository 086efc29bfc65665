//! Optimizers against their formulas in plain numbers.

use super::{Outcome, assert_close, message, numbers, sample, values};
use st_core::{DType, Result, Tensor, set_default_dtype};
use st_nn::optim::*;
use st_nn::{Linear, Module, Parameter};

const SIZE: usize = 5;
const STEPS: usize = 3;

/// The gradient that is given to an optimizer at a step.
fn gradient(step: usize) -> Vec<f64> {
    numbers(SIZE, 200 + step as u64)
}

/// Where a rule takes a parameter in some steps.
fn moved(rule: impl Rule) -> Result<Vec<f64>> {
    let parameter = Parameter::new(sample(&[SIZE], 199))?;
    let mut optimizer = Optimizer::new([parameter.clone()], rule);
    for step in 0..STEPS {
        parameter.get().set_grad(Some(Tensor::from_slice(&gradient(step), &[SIZE])?))?;
        optimizer.step()?;
    }
    Ok(values(&parameter.get()))
}

/// Where a formula takes each element: it gets the step from 1, the element, its gradient and what it keeps.
fn expected<const N: usize>(formula: impl Fn(usize, f64, f64, &mut [f64; N]) -> f64) -> Vec<f64> {
    let move_one = |(i, mut p): (usize, f64)| {
        let mut kept = [0.0; N];
        for step in 0..STEPS {
            p = formula(step + 1, p, gradient(step)[i], &mut kept);
        }
        p
    };
    numbers(SIZE, 199).into_iter().enumerate().map(move_one).collect()
}

#[test]
fn adam_by_its_formula() -> Outcome {
    let rule = Adam { lr: 0.1, betas: (0.8, 0.95), eps: 1e-3, weight_decay: 0.2 };
    let adam = |t: usize, p: f64, g: f64, [m, v]: &mut [f64; 2]| {
        *m = 0.8 * *m + 0.2 * g;
        *v = 0.95 * *v + 0.05 * g * g;
        let (m, v) = (*m / (1.0 - 0.8f64.powi(t as i32)), *v / (1.0 - 0.95f64.powi(t as i32)));
        p - 0.1 * m / (v.sqrt() + 1e-3)
    };
    let decayed = |t: usize, p: f64, g: f64, kept: &mut [f64; 2]| adam(t, p, g + 0.2 * p, kept);
    assert_close(&moved(rule)?, &expected(decayed), 1e-12);
    let rule = AdamW { lr: 0.1, betas: (0.8, 0.95), eps: 1e-3, weight_decay: 0.2 };
    let shrunk = |t: usize, p: f64, g: f64, kept: &mut [f64; 2]| adam(t, p * (1.0 - 0.1 * 0.2), g, kept);
    assert_close(&moved(rule)?, &expected(shrunk), 1e-12);
    Ok(())
}

#[test]
fn sgd_by_its_formula() -> Outcome {
    let plain = expected(|_, p, g, _: &mut [f64; 0]| p - 0.1 * (g + 0.3 * p));
    assert_close(&moved(Sgd { lr: 0.1, weight_decay: 0.3, ..Sgd::default() })?, &plain, 1e-12);
    let rule = Sgd { lr: 0.1, momentum: 0.9, dampening: 0.5, ..Sgd::default() };
    let heavy = expected(|t, p, g, [v]: &mut [f64; 1]| {
        *v = if t == 1 { g } else { 0.9 * *v + 0.5 * g };
        p - 0.1 * *v
    });
    assert_close(&moved(rule)?, &heavy, 1e-12);
    let rule = Sgd { lr: 0.1, momentum: 0.9, nesterov: true, ..Sgd::default() };
    let ahead = expected(|_, p, g, [v]: &mut [f64; 1]| {
        *v = 0.9 * *v + g;
        p - 0.1 * (g + 0.9 * *v)
    });
    assert_close(&moved(rule)?, &ahead, 1e-12);
    Ok(())
}

#[test]
fn rmsprop_by_its_formula() -> Outcome {
    let rule = RmsProp { lr: 0.1, alpha: 0.7, eps: 1e-3, ..RmsProp::default() };
    let plain = expected(|_, p, g, [s]: &mut [f64; 1]| {
        *s = 0.7 * *s + 0.3 * g * g;
        p - 0.1 * g / (s.sqrt() + 1e-3)
    });
    assert_close(&moved(rule.clone())?, &plain, 1e-12);
    let centered = expected(|_, p, g, [s, m, v]: &mut [f64; 3]| {
        *s = 0.7 * *s + 0.3 * g * g;
        *m = 0.7 * *m + 0.3 * g;
        *v = 0.5 * *v + g / ((*s - *m * *m).sqrt() + 1e-3);
        p - 0.1 * *v
    });
    assert_close(&moved(RmsProp { momentum: 0.5, centered: true, ..rule })?, &centered, 1e-10);
    Ok(())
}

#[test]
fn half_precision_is_remembered_in_single() -> Outcome {
    let parameter = Parameter::new(Tensor::of([1.0f32])?.to_dtype(DType::BF16)?)?;
    let mut optimizer = Optimizer::new([parameter.clone()], Adam::new(0.5));
    (parameter.get() * 2.0)?.sum_all()?.backward()?;
    optimizer.step()?;
    assert_eq!(optimizer.state_dict()?["0.exp_avg"].dtype(), DType::F32);
    assert_eq!((parameter.dtype(), values(&parameter.get())), (DType::BF16, vec![0.5]));
    Ok(())
}

#[test]
fn groups_have_settings_of_their_own() -> Outcome {
    let [a, b, c] = [0, 1, 2].map(|_| Parameter::new(sample(&[1], 7)).expect("it is a float"));
    let before = values(&a.get())[0];
    let mut optimizer =
        Optimizer::new([a.clone(), c.clone()], Sgd::new(1.0)).with_group([b.clone()], Sgd::new(0.1));
    for parameter in [&a, &b] {
        parameter.get().set_grad(Some(Tensor::of([1.0f64])?))?;
    }
    optimizer.step()?;
    assert_close(&[&a, &b, &c].map(|p| values(&p.get())[0]), &[before - 1.0, before - 0.1, before], 1e-12);
    optimizer.zero_grad()?;
    assert!(a.grad().is_none() && b.grad().is_none());
    optimizer.groups_mut()[1].rule.lr = 5.0;
    assert_eq!(optimizer.groups().iter().map(|g| g.rule.lr()).collect::<Vec<_>>(), [1.0, 5.0]);
    Ok(())
}

#[test]
fn a_state_goes_on_in_another_optimizer() -> Outcome {
    set_default_dtype(DType::F64)?;
    let (x, start) = (sample(&[4, 3], 8), Linear::new(3, 2)?.state_dict());
    let train = |layer: &Linear, optimizer: &mut Optimizer<Adam>, steps: usize| -> Outcome {
        for _ in 0..steps {
            optimizer.zero_grad()?;
            st_core::functional::linear(&x, &layer.weight.get(), None)?.square()?.mean_all()?.backward()?;
            optimizer.step()?;
        }
        Ok(())
    };
    let fresh = || -> Result<_> {
        let layer = Linear::new(3, 2)?;
        layer.load_state_dict(&start)?;
        let optimizer = Optimizer::new(layer.parameters(), Adam::new(0.01));
        Ok((layer, optimizer))
    };
    let (straight, mut optimizer) = fresh()?;
    train(&straight, &mut optimizer, 5)?;
    let (first, mut before) = fresh()?;
    train(&first, &mut before, 2)?;
    let (second, mut after) = fresh()?;
    second.load_state_dict(&first.state_dict())?;
    after.load_state_dict(&before.state_dict()?)?;
    train(&second, &mut after, 3)?;
    assert_eq!(values(&second.weight.get()), values(&straight.weight.get()));
    let mut other = Optimizer::new(Linear::new(2, 2)?.parameters(), Adam::new(0.01));
    assert!(message(other.load_state_dict(&before.state_dict()?)).contains("another model"));
    Ok(())
}

#[test]
fn clipping_keeps_the_direction() -> Outcome {
    let [a, b] = [Tensor::of([3.0f64, 0.0])?, Tensor::of([[4.0f64]])?].map(|g| (g.shape().to_vec(), g));
    let parameter = |(shape, grad): (Vec<usize>, Tensor)| -> Result<Parameter> {
        let parameter = Parameter::new(Tensor::zeros(&shape, DType::F64, 0)?)?;
        parameter.get().set_grad(Some(grad))?;
        Ok(parameter)
    };
    let parameters = [parameter(a)?, parameter(b)?, Parameter::new(Tensor::of(1.0f32)?)?];
    let grads = || parameters[..2].iter().flat_map(|p| values(&p.grad().expect("set"))).collect::<Vec<_>>();
    assert_close(&values(&clip_grad_norm(&parameters, 10.0)?), &[5.0], 1e-12);
    assert_close(&grads(), &[3.0, 0.0, 4.0], 1e-12);
    assert_close(&values(&clip_grad_norm(&parameters, 1.0)?), &[5.0], 1e-12);
    assert_close(&grads(), &[0.6, 0.0, 0.8], 1e-6);
    clip_grad_value(&parameters, 0.7)?;
    assert_close(&grads(), &[0.6, 0.0, 0.7], 1e-6);
    assert_eq!(values(&clip_grad_norm(&[], 1.0)?), [0.0]);
    Ok(())
}

#[test]
fn schedules_are_functions_of_the_step() -> Outcome {
    let cosine = Cosine { steps: 4, floor: 0.2 };
    assert_close(&[0, 2, 4, 9].map(|s| cosine.factor(s)), &[1.0, 0.6, 0.2, 0.2], 1e-12);
    let warm = WarmUp { steps: 3, then: Exponential { gamma: 0.5 } };
    let expected = [0.25, 0.5, 0.75, 1.0, 0.5, 0.25];
    assert_close(&[0, 1, 2, 3, 4, 5].map(|s| warm.factor(s)), &expected, 1e-12);
    assert_eq!([0, 1, 2, 3].map(|s| StepLr { every: 2, gamma: 0.1 }.factor(s)), [1.0, 1.0, 0.1, 0.1]);

    let mut optimizer = Optimizer::new([], Sgd::new(2.0)).with_group([], Sgd::new(4.0));
    let mut scheduler = LrScheduler::new(&mut optimizer, |step| 1.0 / (step + 1) as f64);
    let rates = |optimizer: &Optimizer<Sgd>| optimizer.groups().iter().map(|g| g.rule.lr).collect::<Vec<_>>();
    assert_eq!(rates(&optimizer), [2.0, 4.0]);
    scheduler.step(&mut optimizer);
    assert_eq!(rates(&optimizer), [1.0, 2.0]);
    scheduler.seek(&mut optimizer, 3);
    assert_eq!(rates(&optimizer), [0.5, 1.0]);
    Ok(())
}
