//! Modules, optimizers, data and training against formulas written out here, finite differences and invariants.

mod data;
mod files;
mod init;
mod layers;
mod modules;
mod optim;
mod train;

use st_core::{Result, Tensor};

type Outcome = Result<()>;

/// Numbers that look random and are the same everywhere.
fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(2654435761).wrapping_add(12345);
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as f64 / (1u64 << 30) as f64 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// A tensor of such numbers, in double precision.
fn sample(shape: &[usize], seed: u64) -> Tensor {
    Tensor::from_slice(&numbers(shape.iter().product(), seed), shape).expect("the numbers fit the shape")
}

fn values(t: &Tensor) -> Vec<f64> {
    t.to_vec().expect("the graph runs")
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (i, (x, y)) in found.iter().zip(expected).enumerate() {
        assert!((x - y).abs() <= tolerance * (1.0 + y.abs()), "at {i}: {x} is not close to {y}");
    }
}

#[track_caller]
fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("an error was expected"),
        Err(error) => error.message().to_owned(),
    }
}

/// A file of this test alone, which does not exist yet.
fn temporary(name: &str) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("st-nn-{}-{name}.safetensors", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}
