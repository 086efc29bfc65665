//! Linear algebra: `linalg_inv` is `st.linalg.inv`.

use super::macros::build;
use crate::complex::Numbers;
use crate::ops::composite::lowrank::{pca_lowrank, svd_lowrank};
use crate::ops::def::{Forms, Ints, Out, Output};
use crate::ops::linalg::{
    eigen, eigenvalues, geqrf, householder_product, lu_solve, lu_unpack, ormqr, solve_triangular, triangular,
};
use crate::ops::pointwise::Operand;
use crate::tensor::Tensor;
use st_kernel::{Result, runtime_err};

const OUT: Forms = Forms::FUNCTION.and(Forms::OUT);
const FUNCTION: Forms = Forms::FUNCTION;
const BOTH: Forms = Forms::BOTH;

build! {
    /// The inverse of square matrices; an error if one is singular.
    "linalg_inv" "(A: Tensor)".forms(OUT), |a: &Tensor| a.linalg_inv();

    /// The inverse of square matrices, and codes that are 0 where there is one.
    "linalg_inv_ex" "(A: Tensor, *, check_errors: bool = False)".forms(OUT).returns(&["inverse", "info"]),
        |a: &Tensor, check_errors: bool| a.linalg_inv_ex(check_errors);

    /// The inverse of square matrices; an error if one is singular.
    "inverse" "(input: Tensor)".forms(Forms::BOTH_OUT), |input: &Tensor| input.linalg_inv();

    /// The X of `A @ X = B`, or of `X @ A = B`.
    "linalg_solve" "(A: Tensor, B: Tensor, *, left: bool = True)".forms(OUT),
        |a: &Tensor, b: &Tensor, left: bool| a.linalg_solve(b, left);

    /// The X of `A @ X = B`, and codes that are 0 where there is one.
    "linalg_solve_ex" "(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False)".forms(OUT).returns(&["result", "info"]),
        |a: &Tensor, b: &Tensor, left: bool, check_errors: bool| a.linalg_solve_ex(b, left, check_errors);

    /// The X of `A @ X = B`, where A is triangular.
    "linalg_solve_triangular" "(input: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False)".forms(OUT).out(Out::Same("{op}(): expected scalar type {needs} but found {got}")),
        |input: &Tensor, b: &Tensor, upper: bool, left: bool, unit: bool| solve_triangular(input, b, upper, left, unit);

    /// The X of `A @ X = input`, where A is triangular, and a copy of A.
    "triangular_solve" "(input: Tensor, A: Tensor, upper: bool = True, transpose: bool = False, unitriangular: bool = False)"
        .forms(BOTH.and(Forms::OUT)).returns(&["solution", "cloned_coefficient"]),
        |input: &Tensor, a: &Tensor, upper: bool, transpose: bool, unit: bool| triangular(input, a, upper, transpose, unit);

    /// The lower (or upper) triangular factor of positive-definite matrices.
    "linalg_cholesky" "(input: Tensor, *, upper: bool = False)".forms(OUT),
        |input: &Tensor, upper: bool| input.linalg_cholesky(upper);

    /// The Cholesky factor, and codes that are 0 where there is one.
    "linalg_cholesky_ex" "(input: Tensor, *, upper: bool = False, check_errors: bool = False)".forms(OUT).returns(&["L", "info"]),
        |input: &Tensor, upper: bool, check_errors: bool| input.linalg_cholesky_ex(upper, check_errors);

    /// The lower (or upper) triangular factor of positive-definite matrices.
    "cholesky" "(input: Tensor, upper: bool = False)".forms(Forms::BOTH_OUT).torch("").also(Forms::CAST),
        |input: &Tensor, upper: bool| input.linalg_cholesky(upper);

    /// The X of `A @ X = input`, given a Cholesky factor of A.
    "cholesky_solve" "(input: Tensor, input2: Tensor, upper: bool = False)".forms(Forms::BOTH_OUT).out(Out::Safe("cholesky_solve", "result")),
        |input: &Tensor, factor: &Tensor, upper: bool| input.cholesky_solve(factor, upper);

    /// The inverse of the matrices of which these are Cholesky factors.
    "cholesky_inverse" "(input: Tensor, upper: bool = False)".forms(Forms::BOTH_OUT).out(Out::Safe("cholesky_inverse", "result")),
        |input: &Tensor, upper: bool| input.cholesky_inverse(upper);

    /// Orthonormal Q and triangular R with `Q @ R = A`.
    "linalg_qr" "(A: Tensor, mode: str = 'reduced')".forms(OUT).returns(&["Q", "R"]),
        |a: &Tensor, mode: &str| a.linalg_qr(mode);

    /// Orthonormal Q and triangular R with `Q @ R = input`.
    "qr" "(input: Tensor, some: bool = True)".forms(Forms::BOTH_OUT).returns(&["Q", "R"]).torch("").also(Forms::CAST),
        |input: &Tensor, some: bool| input.linalg_qr(if some { "reduced" } else { "complete" });

    /// R and the reflections that make it, as LAPACK packs them.
    "geqrf" "(input: Tensor)".forms(Forms::BOTH_OUT).returns(&["a", "tau"]).out(Out::Safe("torch.geqrf", "result")), |input: &Tensor| geqrf(input);

    /// The first columns of the product of packed reflections.
    "linalg_householder_product" "(input: Tensor, tau: Tensor)".forms(OUT).out(Out::Safe("torch.linalg.householder_product", "result")),
        |input: &Tensor, tau: &Tensor| householder_product(input, tau);

    /// The first columns of the product of packed reflections.
    "orgqr" "(input: Tensor, input2: Tensor)".forms(Forms::BOTH_OUT).out(Out::Safe("torch.linalg.householder_product", "result")),
        |input: &Tensor, tau: &Tensor| householder_product(input, tau);

    /// The product of packed reflections with a matrix.
    "ormqr" "(input: Tensor, input2: Tensor, input3: Tensor, left: bool = True, transpose: bool = False)".forms(Forms::BOTH_OUT).out(Out::Same("torch.ormqr: Expected input and result to have the same dtype, but input has dtype{needs} and result has dtype {got}")),
        |input: &Tensor, tau: &Tensor, other: &Tensor, left: bool, transpose: bool| ormqr(input, tau, other, left, transpose);

    /// Permutation, lower and upper triangular factors.
    "linalg_lu" "(A: Tensor, *, pivot: bool = True)".forms(OUT).returns(&["P", "L", "U"]),
        |a: &Tensor, pivot: bool| a.linalg_lu(pivot);

    /// Both triangular factors in one matrix, and pivots; an error if one is singular.
    "linalg_lu_factor" "(A: Tensor, *, pivot: bool = True)".forms(OUT).returns(&["LU", "pivots"]),
        |a: &Tensor, pivot: bool| a.linalg_lu_factor(pivot);

    /// Both triangular factors in one matrix, pivots, and codes.
    "linalg_lu_factor_ex" "(A: Tensor, *, pivot: bool = True, check_errors: bool = False)".forms(OUT).returns(&["LU", "pivots", "info"]),
        |a: &Tensor, pivot: bool, check_errors: bool| a.linalg_lu_factor_ex(pivot, check_errors);

    /// Both triangular factors in one matrix, and pivots (and codes).
    "lu" "(A: Tensor, pivot: bool = True, get_infos: bool = False)".forms(BOTH.and(Forms::OUT)).also(Forms::CAST),
        |a: &Tensor, pivot: bool, infos: bool| lu(a, pivot, infos);

    /// Permutation, lower and upper triangular factors from the packed ones.
    "lu_unpack" "(LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool = True, unpack_pivots: bool = True)".forms(OUT).returns(&["P", "L", "U"]),
        |lu: &Tensor, pivots: &Tensor, data: bool, swaps: bool| lu_unpack(lu, pivots, data, swaps);

    /// The X of `A @ X = B`, given packed factors of A.
    "linalg_lu_solve" "(LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False)".forms(OUT),
        |lu: &Tensor, pivots: &Tensor, b: &Tensor, left: bool, adjoint: bool| lu_solve(lu, pivots, b, left, adjoint);

    /// The X of `A @ X = input`, given packed factors of A.
    "lu_solve" "(input: Tensor, LU_data: Tensor, LU_pivots: Tensor)".forms(Forms::BOTH_OUT),
        |input: &Tensor, lu: &Tensor, pivots: &Tensor| lu_solve(lu, pivots, input, true, false);

    /// Factors of symmetric indefinite matrices, and pivots.
    "linalg_ldl_factor" "(input: Tensor, *, hermitian: bool = False)".forms(OUT).returns(&["LD", "pivots"]),
        |input: &Tensor, hermitian: bool| input.linalg_ldl_factor(hermitian);

    /// Factors of symmetric indefinite matrices, pivots, and codes.
    "linalg_ldl_factor_ex" "(input: Tensor, *, hermitian: bool = False, check_errors: bool = False)".forms(OUT).returns(&["LD", "pivots", "info"]),
        |input: &Tensor, hermitian: bool, check_errors: bool| input.linalg_ldl_factor_ex(hermitian, check_errors);

    /// The X of `A @ X = B`, given factors of a symmetric A.
    "linalg_ldl_solve" "(LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: bool = False)".forms(OUT),
        |ld: &Tensor, pivots: &Tensor, b: &Tensor, hermitian: bool| ld.linalg_ldl_solve(pivots, b, hermitian);

    /// Eigenvalues and eigenvectors of square matrices.
    "linalg_eig" "(input: Tensor)".forms(OUT).returns(&["eigenvalues", "eigenvectors"]).out(Out::Safe("torch.linalg.eig", "result")),
        |input: Numbers| eigen(&input).map(|(values, vectors)| Output::Tuple(vec![Output::Complex(values), Output::Complex(vectors)]));

    /// Eigenvalues of square matrices.
    "linalg_eigvals" "(input: Tensor)".forms(OUT).out(Out::Safe("torch.linalg.eigvals", "eigenvalues")), |input: Numbers| eigenvalues(&input);

    /// Eigenvalues, in ascending order, and eigenvectors of symmetric matrices.
    "linalg_eigh" "(input: Tensor, UPLO: str = 'L')".forms(OUT).returns(&["eigenvalues", "eigenvectors"]),
        |input: &Tensor, uplo: &str| input.linalg_eigh(uplo);

    /// Eigenvalues of symmetric matrices, in ascending order.
    "linalg_eigvalsh" "(input: Tensor, UPLO: str = 'L')".forms(OUT), |input: &Tensor, uplo: &str| input.linalg_eigvalsh(uplo);

    /// Orthonormal U and V and singular values S with `U @ diag(S) @ Vh = A`.
    "linalg_svd" "(A: Tensor, full_matrices: bool = True, *, driver: str? = None)".forms(OUT).returns(&["U", "S", "Vh"]),
        |a: &Tensor, full: bool, driver: Option<&str>| no_driver(driver).and_then(|()| a.linalg_svd(full));

    /// Singular values, largest first.
    "linalg_svdvals" "(A: Tensor, *, driver: str? = None)".forms(OUT),
        |a: &Tensor, driver: Option<&str>| no_driver(driver).and_then(|()| a.linalg_svdvals());

    /// Orthonormal U and V and singular values S with `U @ diag(S) @ V.mH = input`.
    "svd" "(input: Tensor, some: bool = True, compute_uv: bool = True)".forms(Forms::BOTH_OUT).returns(&["U", "S", "V"]).also(Forms::CAST),
        |input: &Tensor, some: bool, vectors: bool| svd(input, some, vectors);

    /// The q largest singular values and their vectors, by random projections.
    "svd_lowrank" "(A: Tensor, q: int? = 6, niter: int? = 2, M: Tensor? = None)".forms(FUNCTION),
        |a: &Tensor, q: Option<i64>, niter: Option<i64>, mean: Option<&Tensor>| {
            svd_lowrank(a, q.unwrap_or(6), niter.unwrap_or(2), mean)
        };

    /// The q first principal components of rows, by random projections.
    "pca_lowrank" "(A: Tensor, q: int? = None, center: bool = True, niter: int = 2)".forms(FUNCTION),
        |a: &Tensor, q: Option<i64>, center: bool, niter: i64| pca_lowrank(a, q, center, niter);

    /// The determinant of square matrices.
    "linalg_det" "(A: Tensor)".forms(OUT), |a: &Tensor| a.linalg_det();

    /// The determinant of square matrices.
    "det" "(input: Tensor)", |input: &Tensor| input.linalg_det();

    /// Sign and logarithm of the absolute value of the determinant.
    "linalg_slogdet" "(A: Tensor)".forms(OUT).returns(&["sign", "logabsdet"]), |a: &Tensor| a.linalg_slogdet();

    /// Sign and logarithm of the absolute value of the determinant.
    "slogdet" "(input: Tensor)".forms(Forms::BOTH_OUT).returns(&["sign", "logabsdet"]).also(Forms::CAST), |input: &Tensor| input.linalg_slogdet();

    /// The logarithm of the determinant; NaN where that is negative.
    "logdet" "(input: Tensor)", |input: &Tensor| input.logdet();

    /// Least squares: the X for which `A @ X` is nearest to B.
    "linalg_lstsq" "(input: Tensor, b: Tensor, rcond: float? = None, *, driver: str? = None)".forms(OUT)
        .returns(&["solution", "residuals", "rank", "singular_values"]).also(Forms::CAST),
        |input: &Tensor, b: &Tensor, rcond: Option<f64>, driver: Option<&str>| least_squares(input, b, rcond, driver);

    /// The pseudo-inverse.
    "linalg_pinv" "(input: Tensor, *, atol: Operand? = None, rtol: Operand? = None, hermitian: bool = False)".forms(OUT).out(Out::Safe("linalg.pinv", "result")),
        |input: &Tensor, atol: Option<Operand>, rtol: Option<Operand>, hermitian: bool| input.linalg_pinv(atol, rtol, hermitian);

    /// The pseudo-inverse; singular values below `rcond` times the largest count as zero.
    "linalg_pinv" "(input: Tensor, rcond: Operand, hermitian: bool = False)".forms(OUT).out(Out::Safe("linalg.pinv", "result")),
        |input: &Tensor, rcond: Operand, hermitian: bool| input.linalg_pinv(None, Some(rcond), hermitian);

    /// The pseudo-inverse; singular values below `rcond` times the largest count as zero.
    "pinverse" "(input: Tensor, rcond: float = 1e-15)",
        |input: &Tensor, rcond: f64| input.linalg_pinv(None, Some(Operand::Scalar(rcond.into())), false);

    /// How many singular values are not zero.
    "linalg_matrix_rank" "(input: Tensor, *, atol: Operand? = None, rtol: Operand? = None, hermitian: bool = False)".forms(OUT).out(Out::Safe("linalg.matrix_rank", "result")),
        |input: &Tensor, atol: Option<Operand>, rtol: Option<Operand>, hermitian: bool| input.linalg_matrix_rank(atol, rtol, hermitian);

    /// How many singular values are greater than `tol`.
    "linalg_matrix_rank" "(input: Tensor, tol: Operand, hermitian: bool = False)".forms(OUT).out(Out::Safe("linalg.matrix_rank", "result")),
        |input: &Tensor, tol: Operand, hermitian: bool| input.linalg_matrix_rank(Some(tol), Some(Operand::Scalar(0.0.into())), hermitian);

    /// The exponential of square matrices.
    "linalg_matrix_exp" "(input: Tensor)".forms(FUNCTION), |input: &Tensor| input.linalg_matrix_exp();

    /// The exponential of square matrices.
    "matrix_exp" "(input: Tensor)", |input: &Tensor| input.linalg_matrix_exp();

    /// The n-th power of square matrices.
    "linalg_matrix_power" "(input: Tensor, n: int)".forms(OUT).out(Out::Safe("matrix_power", "result")), |input: &Tensor, n: i64| input.linalg_matrix_power(n);

    /// The n-th power of square matrices.
    "matrix_power" "(input: Tensor, n: int)".forms(Forms::BOTH_OUT).also(Forms::CAST), |input: &Tensor, n: i64| input.linalg_matrix_power(n);

    /// The condition number in a p-norm.
    "linalg_cond" "(input: Tensor, p: Number? = None)".forms(OUT).out(Out::Safe("linalg.cond", "result")),
        |input: &Tensor, p: Option<f64>| input.linalg_cond(p, None);

    /// The condition number in the norm of a name: `fro` or `nuc`.
    "linalg_cond" "(input: Tensor, p: str)".forms(OUT).out(Out::Safe("linalg.cond", "result")), |input: &Tensor, p: &str| input.linalg_cond(None, Some(p));

    /// The sum of the singular values.
    "nuclear_norm" "(input: Tensor, keepdim: bool = False)".forms(OUT).also(Forms::CAST),
        |input: &Tensor, keepdim: bool| input.nuclear_norm(None, keepdim);

    /// The sum of the singular values over two dimensions.
    "nuclear_norm" "(input: Tensor, dim: int[], keepdim: bool = False)".forms(OUT).also(Forms::CAST),
        |input: &Tensor, dim: Ints, keepdim: bool| two(&dim).and_then(|dims| input.nuclear_norm(Some(dims), keepdim));

    /// The root of the sum of squares over some dimensions.
    "frobenius_norm" "(input: Tensor, dim: int[], keepdim: bool = False)".forms(OUT).also(Forms::CAST),
        |input: &Tensor, dim: Ints, keepdim: bool| input.norm(2.0, &dim, keepdim);

    /// The inverse of a tensor seen as a matrix, whose rows are the first `ind` dimensions.
    "linalg_tensorinv" "(input: Tensor, ind: int = 2)".forms(OUT).out(Out::Safe("tensorinv", "result")), |input: &Tensor, ind: i64| input.linalg_tensorinv(ind);

    /// The X for which `tensordot(input, X, X.ndim) = other`.
    "linalg_tensorsolve" "(input: Tensor, other: Tensor, dims: int[]? = None)".forms(OUT).out(Out::Safe("tensorsolve", "result")),
        |input: &Tensor, other: &Tensor, dims: Option<Ints>| input.linalg_tensorsolve(other, dims.as_deref());
}

fn no_driver(driver: Option<&str>) -> Result<()> {
    match driver {
        None => Ok(()),
        Some(_) => Err(runtime_err!(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend."
        )),
    }
}

fn two(dims: &[i64]) -> Result<(i64, i64)> {
    match dims {
        &[a, b] => Ok((a, b)),
        other => Err(runtime_err!("nuclear norm requires a 'dim' argument of size 2, got {}", other.len())),
    }
}

fn lu(a: &Tensor, pivot: bool, infos: bool) -> Result<Vec<Tensor>> {
    if infos {
        let (lu, pivots, info) = a.linalg_lu_factor_ex(pivot, false)?;
        return Ok(vec![lu, pivots, info]);
    }
    let (lu, pivots) = a.linalg_lu_factor(pivot)?;
    Ok(vec![lu, pivots])
}

fn svd(a: &Tensor, some: bool, vectors: bool) -> Result<(Tensor, Tensor, Tensor)> {
    if vectors {
        let (u, s, vh) = a.linalg_svd(!some)?;
        return Ok((u, s, vh.adjoint()?));
    }
    let values = a.linalg_svdvals()?;
    let zeros = |n: usize| {
        let batch = &a.shape()[..a.dim() - 2];
        Tensor::zeros(&[batch, &[n, n]].concat(), a.dtype(), a.device())
    };
    let (m, n) = (a.shape()[a.dim() - 2], a.shape()[a.dim() - 1]);
    Ok((zeros(m)?, values, zeros(n)?))
}

fn least_squares(a: &Tensor, b: &Tensor, rcond: Option<f64>, driver: Option<&str>) -> Result<Vec<Tensor>> {
    let found = a.linalg_lstsq(b, rcond, driver)?;
    Ok(vec![found.solution, found.residuals, found.rank, found.singular_values])
}
