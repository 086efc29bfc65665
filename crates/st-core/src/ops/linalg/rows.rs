//! Rows of linear algebra when they are called with complex matrices.

use super::complex::*;
use super::derived::expect_balanced;
use super::{check, derived, factor, ldl, lu, reflections, solve, triangular};
use crate::complex::{Complex, Numbers};
use crate::ops::Operand;
use crate::ops::composite::lowrank::{pca_lowrank, svd_lowrank};
use crate::ops::def::{Output, Value};
use crate::tensor::Tensor;
use st_kernel::Result;
use std::collections::HashSet;
use std::sync::LazyLock;

fn text(value: &Value) -> Option<&str> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

fn flag(value: &Value) -> bool {
    matches!(value, Value::Scalar(s) if s.to_bool())
}

fn float(value: &Value) -> Option<f64> {
    if let Value::Scalar(s) = value { Some(s.to_f64()) } else { None }
}

fn operand(value: &Value) -> Option<Operand<'_>> {
    match value {
        Value::Scalar(s) => Some(Operand::Scalar(*s)),
        Value::Tensor(t) => Some(Operand::Tensor(t)),
        _ => None,
    }
}

fn numbers(value: &Value) -> Result<Numbers> {
    match value {
        Value::Tensor(t) => Ok(Numbers::Real(t.clone())),
        Value::Complex(z) => Ok(Numbers::Complex(z.clone())),
        other => Err(st_kernel::type_err!("expected a Tensor, not {}", other.kind())),
    }
}

fn tuple(outputs: impl IntoIterator<Item = Output>) -> Output {
    Output::Tuple(outputs.into_iter().collect())
}

fn real(value: &Value) -> Result<Tensor> {
    match value {
        Value::Tensor(t) => Ok(t.clone()),
        other => Err(st_kernel::type_err!("expected a Tensor of real numbers, not {}", other.kind())),
    }
}

fn three((p, l, u): (Complex, Complex, Complex)) -> Output {
    tuple([p, l, u].map(Output::Complex))
}

fn of_singular((u, s, v): (Complex, Tensor, Complex)) -> Output {
    tuple([Output::Complex(u), Output::One(s), Output::Complex(v)])
}

fn reshaped(z: &Complex, sizes: &[usize]) -> Result<Complex> {
    z.reshape(&sizes.iter().map(|&n| n as i64).collect::<Vec<_>>())
}

fn tensor_inverse(a: &Complex, ind: i64) -> Result<Complex> {
    let (rows, columns, n) = expect_balanced(a.shape(), ind)?;
    let (inverse, info) = solve::inverse(&reshaped(a, &[n, n])?)?;
    check::codes("inverse", &info, solve::singular_inverse)?;
    reshaped(&inverse, &[columns, rows].concat())
}

fn tensor_solution(a: &Complex, b: &Complex, dims: Option<&[i64]>) -> Result<Complex> {
    let moved = a.viewed(|re| re.moved_to_end(dims))?;
    let (columns, n) = super::derived::expect_solvable(moved.shape(), b.shape())?;
    reshaped(&solve::regular_solution(&reshaped(&moved, &[n, n])?, &b.reshape(&[-1])?, true)?, &columns)
}

/// What a row of linear algebra does with complex arguments; `None` if it takes none.
pub(crate) fn call(name: &str, v: &[Value]) -> Option<Result<Output>> {
    static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| ROWS.split_whitespace().collect());
    const ROWS: &str = "linalg_inv inverse linalg_inv_ex linalg_solve linalg_solve_ex linalg_solve_triangular linalg_cholesky \
        linalg_cholesky_ex cholesky linalg_qr qr linalg_svd linalg_svdvals svd linalg_eigh linalg_eigvalsh linalg_det det \
        linalg_slogdet slogdet linalg_pinv pinverse linalg_matrix_exp matrix_exp linalg_matrix_power matrix_power \
        linalg_lstsq linalg_matrix_rank linalg_cond linalg_lu_factor linalg_lu_factor_ex linalg_lu lu lu_unpack \
        linalg_lu_solve lu_solve linalg_ldl_factor linalg_ldl_factor_ex linalg_ldl_solve geqrf linalg_householder_product \
        orgqr ormqr triangular_solve cholesky_solve cholesky_inverse svd_lowrank pca_lowrank linalg_tensorinv \
        linalg_tensorsolve";
    KNOWN.contains(name).then(|| known_call(name, v))
}

/// Torch solves no systems of real and complex numbers together.
fn expect_no_reals(name: &str, v: &[Value]) -> Result<()> {
    let systems = "linalg_solve linalg_solve_ex linalg_solve_triangular linalg_lstsq linalg_lu_solve lu_solve triangular_solve \
        cholesky_solve linalg_ldl_solve ormqr orgqr linalg_householder_product";
    // Pivots are integers.
    let real = v.iter().find_map(|value| match value {
        Value::Tensor(t) if t.dtype() != st_kernel::DType::I32 => Some(t.dtype()),
        _ => None,
    });
    match real {
        Some(dtype) if systems.split_whitespace().any(|known| known == name) => Err(st_kernel::runtime_err!(
            "{}: Expected A and B to have the same dtype, but one is complex and the other is of type {}",
            name.replacen("linalg_", "linalg.", 1),
            crate::autograd::torch_name(dtype)
        )),
        _ => Ok(()),
    }
}

fn known_call(name: &str, v: &[Value]) -> Result<Output> {
    use Output::{Complex as C, One};
    let a = numbers(&v[0])?.to_complex()?;
    check::kernel(name, a.pairs())?;
    expect_no_reals(name, v)?;
    Ok(match name {
        "linalg_inv" | "inverse" => C(solve::regular_inverse(&a)?),
        "linalg_inv_ex" => {
            let (inverse, info) = solve::inverse(&a)?;
            if flag(&v[1]) {
                check::codes("linalg.inv_ex", &info, solve::singular_inverse)?;
            }
            tuple([C(inverse), One(info)])
        }
        "linalg_solve" => C(solve::regular_solution(&a, &numbers(&v[1])?.to_complex()?, flag(&v[2]))?),
        "linalg_solve_ex" => {
            let (x, info) = solve::solution(&a, &numbers(&v[1])?.to_complex()?, flag(&v[2]))?;
            if flag(&v[3]) {
                check::codes("torch.linalg.solve_ex", &info, solve::singular_solver)?;
            }
            tuple([C(x), One(info)])
        }
        "linalg_solve_triangular" => {
            let b = numbers(&v[1])?.to_complex()?;
            C(solve::triangular_solution(&a, &b, flag(&v[2]), flag(&v[3]), flag(&v[4]))?)
        }
        "linalg_cholesky" | "cholesky" => {
            let (l, info) = factor::cholesky(&a, flag(&v[1]))?;
            check::codes("linalg.cholesky", &info, factor::not_positive)?;
            C(l)
        }
        "linalg_cholesky_ex" => {
            let (l, info) = factor::cholesky(&a, flag(&v[1]))?;
            if flag(&v[2]) {
                check::codes("linalg.cholesky_ex", &info, factor::not_positive)?;
            }
            tuple([C(l), One(info)])
        }
        "linalg_qr" => {
            let (q, r) = factor::qr(&a, text(&v[1]).unwrap_or("reduced"))?;
            tuple([C(q), C(r)])
        }
        "qr" => {
            let (q, r) = factor::qr(&a, if flag(&v[1]) { "reduced" } else { "complete" })?;
            tuple([C(q), C(r)])
        }
        "linalg_svd" => {
            let (u, s, vh) = singular(&a, flag(&v[1]))?;
            tuple([C(u), One(s), C(vh)])
        }
        "svd" => {
            let (u, s, vh) = singular(&a, !flag(&v[1]))?;
            tuple([C(u), One(s), C(vh.adjoint()?)])
        }
        "linalg_svdvals" => One(singular_values(&a)?),
        "linalg_eigh" => {
            let (values, vectors) = hermitian(&a, text(&v[1]).unwrap_or("L"))?;
            tuple([One(values), C(vectors)])
        }
        "linalg_eigvalsh" => One(hermitian(&a, text(&v[1]).unwrap_or("L"))?.0),
        "linalg_det" | "det" => C(determinant(&a)?),
        "linalg_slogdet" | "slogdet" => {
            let (sign, log) = sign_and_log(&a)?;
            tuple([C(sign), One(log)])
        }
        "linalg_pinv" if v.len() == 3 => C(derived::pseudo_inverse(&a, None, operand(&v[1]), flag(&v[2]))?),
        "linalg_pinv" => C(derived::pseudo_inverse(&a, operand(&v[1]), operand(&v[2]), flag(&v[3]))?),
        "pinverse" => C(derived::pseudo_inverse(&a, None, operand(&v[1]), false)?),
        "linalg_matrix_exp" | "matrix_exp" => {
            check::square("linalg.matrix_exp", &a.detach().re()?, "A")?;
            let n = a.shape()[a.dim() - 1];
            C(shrunk(&enlarged(&a)?.linalg_matrix_exp()?, n, n)?)
        }
        "linalg_matrix_power" | "matrix_power" => C(power(&a, float(&v[1]).unwrap_or(1.0) as i64)?),
        "linalg_lstsq" => {
            let b = numbers(&v[1])?.to_complex()?;
            let found = derived::least_squares(&a, &b, float(&v[2]), text(&v[3]))?;
            let rest = [found.residuals, found.rank, found.singular_values].map(One);
            tuple([C(found.solution)].into_iter().chain(rest))
        }
        "linalg_matrix_rank" => {
            let (atol, rtol) = if v.len() == 3 {
                (operand(&v[1]), Some(Operand::Scalar(0.0.into())))
            } else {
                (operand(&v[1]), operand(&v[2]))
            };
            One(derived::rank(&a, atol, rtol, flag(&v[v.len() - 1]))?)
        }
        "linalg_lu_factor" | "lu" => {
            let infos = name == "lu" && flag(&v[2]);
            let (lu, pivots, info) = lu::factors(&a, flag(&v[1]))?;
            if infos {
                return Ok(tuple([C(lu), One(pivots), One(info)]));
            }
            check::codes("torch.linalg.lu_factor", &info, lu::singular)?;
            tuple([C(lu), One(pivots)])
        }
        "linalg_lu_factor_ex" => {
            let (lu, pivots, info) = lu::factors(&a, flag(&v[1]))?;
            if flag(&v[2]) {
                check::codes("torch.linalg.lu_factor_ex", &info, lu::singular)?;
            }
            tuple([C(lu), One(pivots), One(info)])
        }
        "linalg_lu" => three(lu::three_factors(&a, flag(&v[1]))?),
        "lu_unpack" => three(lu::unpacked(&a, &real(&v[1])?, flag(&v[2]), flag(&v[3]))?),
        "linalg_lu_solve" => {
            let b = numbers(&v[2])?.to_complex()?;
            C(lu::solve(&a, &real(&v[1])?, &b, flag(&v[3]), flag(&v[4]))?)
        }
        "lu_solve" => C(lu::solve(&numbers(&v[1])?.to_complex()?, &real(&v[2])?, &a, true, false)?),
        "linalg_ldl_factor" => {
            let (ld, pivots) = ldl::regular_ldl(&a, flag(&v[1]))?;
            tuple([C(ld), One(pivots)])
        }
        "linalg_ldl_factor_ex" => {
            let (ld, pivots, info) = ldl::ldl(&a, flag(&v[1]))?;
            if flag(&v[2]) {
                check::codes("torch.linalg.ldl_factor_ex", &info, ldl::zero_pivot)?;
            }
            tuple([C(ld), One(pivots), One(info)])
        }
        "linalg_ldl_solve" => {
            C(ldl::ldl_solve(&a, &real(&v[1])?, &numbers(&v[2])?.to_complex()?, flag(&v[3]))?)
        }
        "geqrf" => {
            let (packed, tau) = reflections::geqrf(&a)?;
            tuple([C(packed), C(tau)])
        }
        "linalg_householder_product" | "orgqr" => {
            C(reflections::householder_product(&a, &numbers(&v[1])?.to_complex()?)?)
        }
        "ormqr" => {
            let (tau, other) = (numbers(&v[1])?.to_complex()?, numbers(&v[2])?.to_complex()?);
            C(reflections::ormqr(&a, &tau, &other, flag(&v[3]), flag(&v[4]))?)
        }
        "triangular_solve" => {
            let (x, copy) =
                triangular(&a, &numbers(&v[1])?.to_complex()?, flag(&v[2]), flag(&v[3]), flag(&v[4]))?;
            tuple([C(x), C(copy)])
        }
        "cholesky_solve" => C(solve::cholesky_solution(&a, &numbers(&v[1])?.to_complex()?, flag(&v[2]))?),
        "cholesky_inverse" => C(solve::inverse_of_cholesky(&a, flag(&v[1]))?),
        "svd_lowrank" => {
            let mean = if let Value::None = v[3] { None } else { Some(numbers(&v[3])?.to_complex()?) };
            let (q, niter) = (float(&v[1]).unwrap_or(6.0) as i64, float(&v[2]).unwrap_or(2.0) as i64);
            of_singular(svd_lowrank(&a, q, niter, mean.as_ref())?)
        }
        "pca_lowrank" => {
            let (q, niter) = (float(&v[1]).map(|q| q as i64), float(&v[3]).unwrap_or(2.0) as i64);
            of_singular(pca_lowrank(&a, q, flag(&v[2]), niter)?)
        }
        "linalg_tensorinv" => C(tensor_inverse(&a, float(&v[1]).unwrap_or(2.0) as i64)?),
        "linalg_tensorsolve" => {
            let dims = if let Value::Ints(dims) = &v[2] { Some(&dims[..]) } else { None };
            C(tensor_solution(&a, &numbers(&v[1])?.to_complex()?, dims)?)
        }
        _ => One(derived::condition(&a, float(&v[1]), text(&v[1]))?),
    })
}
