//! First values: their bounds, deviations and angles.

use super::{Outcome, assert_close, message, values};
use st_core::random::manual_seed;
use st_nn::init::{self, Fan, Nonlinearity};
use st_nn::{Conv2d, Linear};

fn deviation(numbers: &[f64]) -> f64 {
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    (numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / numbers.len() as f64).sqrt()
}

/// Whether numbers fill [-bound, bound] evenly.
#[track_caller]
fn assert_uniform(numbers: &[f64], bound: f64) {
    let largest = numbers.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    assert!(largest <= bound * (1.0 + 1e-6) && largest > 0.98 * bound, "{largest} for {bound}");
    let expected = bound / 3f64.sqrt();
    assert!((deviation(numbers) / expected - 1.0).abs() < 0.05, "{} for {expected}", deviation(numbers));
}

#[test]
fn layers_begin_as_in_torch() -> Outcome {
    manual_seed(0);
    let linear = Linear::new(100, 60)?;
    assert_uniform(&values(&linear.weight.get()), 0.1);
    assert!(values(&linear.bias.expect("it has one").get()).iter().all(|x| x.abs() <= 0.1));
    let conv = Conv2d::grouped(8, 40, [5, 5], 2)?;
    assert_uniform(&values(&conv.weight.get()), 0.1);
    Ok(())
}

#[test]
fn formulas_of_he_and_glorot() -> Outcome {
    manual_seed(1);
    let shape = [40, 10, 3, 5];
    let (into, out) = (150.0, 600.0);
    assert_eq!(init::fans(&shape)?, (150, 600));
    let relu = init::kaiming_uniform(&shape, Fan::In, Nonlinearity::Relu)?;
    assert_uniform(&values(&relu), (6.0f64 / into).sqrt());
    let leaky = init::kaiming_normal(&shape, Fan::Out, Nonlinearity::LeakyRelu(0.5))?;
    let expected = (2.0f64 / 1.25 / out).sqrt();
    assert!((deviation(&values(&leaky)) / expected - 1.0).abs() < 0.05);
    let glorot = init::xavier_uniform(&shape, 2.0)?;
    assert_uniform(&values(&glorot), 2.0 * (6.0 / (into + out)).sqrt());
    let normal = init::xavier_normal(&shape, 1.0)?;
    assert!((deviation(&values(&normal)) / (2.0 / (into + out)).sqrt() - 1.0).abs() < 0.05);
    assert!(message(init::fans(&[3])).contains("fewer than 2 dimensions"));
    Ok(())
}

#[test]
fn cut_normal_numbers_stay_inside() -> Outcome {
    manual_seed(2);
    let cut = values(&init::trunc_normal(&[5000], 1.0, 2.0, 0.0, 2.0)?);
    assert!(cut.iter().all(|x| (0.0..=2.0).contains(x)));
    // Cut at half a deviation, the density is nearly flat: the deviation is close to that of a uniform number.
    assert!((deviation(&cut) / (1.0 / 3f64.sqrt()) - 1.0).abs() < 0.05);
    Ok(())
}

#[test]
fn orthogonal_rows_or_columns() -> Outcome {
    for shape in [[6, 4], [4, 6]] {
        let m = init::orthogonal(&shape, 3.0)?;
        let product = if shape[0] > shape[1] { m.t()?.matmul(&m)? } else { m.matmul(&m.t()?)? };
        let expected: Vec<f64> = (0..16).map(|i| if i % 5 == 0 { 9.0 } else { 0.0 }).collect();
        assert_close(&values(&product), &expected, 1e-4);
    }
    assert_eq!(init::orthogonal(&[4, 2, 3], 1.0)?.shape(), [4, 2, 3]);
    Ok(())
}
