//! Algorithms on slices of the host's memory: factorisations, eigenvalues, Fourier transforms.
//!
//! Every function works on one matrix (or one line) at a time, row-major and in place where it can; who calls it knows of
//! batches and threads. Numbers are any [`Field`]: real or complex, single or double. Conventions of signs, pivots and
//! packed factors are LAPACK's, so that results are those that users of other libraries know.

mod cholesky;
mod exponential;
mod fft;
mod field;
mod ldl;
mod lu;
mod product;
mod qr;
mod spectral;
mod systems;
mod triangular;

pub use cholesky::cholesky;
pub use exponential::exponential;
pub use fft::{Direction, HalfPlan, Plan, Planners, Precision, RealPlan};
pub use field::{Field, Real};
pub use ldl::{ldl, ldl_solve};
pub use lu::{lu, lu_solve};
pub use num_complex::Complex;
pub use qr::{apply_reflectors, qr, reflectors_product};
pub use spectral::{Failed, eig, eigh, eigvals, eigvalsh, svd, svdvals};
pub use systems::solve;
pub use triangular::{Triangle, solve_triangular};

#[cfg(test)]
mod tests;
