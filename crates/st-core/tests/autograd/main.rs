//! The tape against analytic gradients, finite differences and torch's rules.

mod functions;
mod grads;
mod hooks;
mod inplace;
mod modes;

use st_core::{DType, Error, Result, Tensor};

type Outcome = Result<()>;

/// A leaf of doubles that wants a gradient.
fn leaf(elements: &[f64], shape: &[usize]) -> Tensor {
    Tensor::from_slice(elements, shape)
        .and_then(|t| t.requires_grad_(true))
        .expect("floats can have gradients")
}

fn data(elements: &[f64], shape: &[usize]) -> Tensor {
    Tensor::from_slice(elements, shape).expect("the elements fit the shape")
}

fn values(t: &Tensor) -> Vec<f64> {
    t.to_vec().expect("the graph runs")
}

fn grad_of(t: &Tensor) -> Vec<f64> {
    values(&t.grad().expect("the leaf has a gradient"))
}

fn assert_close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len(), "{a:?} {b:?}");
    let close = a.iter().zip(b).all(|(x, y)| (x - y).abs() <= 1e-6 * (1.0 + y.abs()));
    assert!(close, "{a:?} is not close to {b:?}");
}

/// The message of an error that must occur.
fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("an error was expected"),
        Err(e) => e.message().to_owned(),
    }
}

fn runtime_message<T>(result: Result<T>) -> String {
    match result {
        Err(Error::Runtime(m)) => m,
        Err(other) => panic!("a runtime error was expected, not {other:?}"),
        Ok(_) => panic!("an error was expected"),
    }
}

/// Compares the gradient of a scalar function with central differences.
fn check_gradient(f: impl Fn(&Tensor) -> Result<Tensor>, at: &[f64], shape: &[usize]) -> Outcome {
    let x = leaf(at, shape);
    f(&x)?.backward()?;
    let h = 1e-5;
    let shifted = |i: usize, by: f64| -> Result<f64> {
        let mut point = at.to_vec();
        point[i] += by;
        Ok(f(&data(&point, shape))?.item()?.to_f64())
    };
    let numeric = (0..at.len())
        .map(|i| Ok((shifted(i, h)? - shifted(i, -h)?) / (2.0 * h)))
        .collect::<Result<Vec<_>>>()?;
    assert_close(&grad_of(&x), &numeric);
    Ok(())
}

fn f64_zeros(shape: &[usize]) -> Tensor {
    Tensor::full(shape, 0.0, DType::F64, 0).expect("the CPU has memory")
}
