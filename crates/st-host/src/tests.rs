//! Factors multiplied together again.

use crate::*;

fn numbers(count: usize) -> Vec<f64> {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 30) - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn matrix(m: usize, n: usize) -> Vec<Complex<f64>> {
    numbers(2 * m * n).chunks(2).map(|x| Complex::new(x[0], x[1])).collect()
}

fn product<T: Field>(m: usize, k: usize, n: usize, a: &[T], b: &[T]) -> Vec<T> {
    let at = |i: usize, j: usize| (0..k).fold(T::ZERO, |sum, l| sum + a[i * k + l] * b[l * n + j]);
    (0..m * n).map(|at_| at(at_ / n, at_ % n)).collect()
}

fn adjoint<T: Field>(m: usize, n: usize, a: &[T]) -> Vec<T> {
    (0..m * n).map(|i| a[i % m * n + i / m].conj()).collect()
}

fn assert_close<T: Field>(a: &[T], b: &[T]) {
    let far = |(x, y): (&T, &T)| num_traits::cast::<_, f64>((*x - *y).size()).unwrap();
    let worst = a.iter().zip(b).map(far).fold(0.0, f64::max);
    assert!(a.len() == b.len() && worst < 1e-9, "{worst}");
}

#[test]
fn lu_solves() {
    for n in [1, 2, 5, 33, 70] {
        let (a, x) = (matrix(n, n), matrix(n, 3));
        let (mut factors, mut pivots) = (a.clone(), vec![0; n]);
        assert_eq!(lu(n, n, &mut factors, &mut pivots), 0);
        let mut b = product(n, n, 3, &a, &x);
        lu_solve(n, 3, &factors, &pivots, &mut b, Triangle::default());
        assert_close(&b, &x);
        let mut b = product(n, n, 3, &adjoint(n, n, &a), &x);
        let side = Triangle { transposed: true, conjugated: true, ..Triangle::default() };
        lu_solve(n, 3, &factors, &pivots, &mut b, side);
        assert_close(&b, &x);
    }
}

#[test]
fn cholesky_multiplies_to_the_matrix() {
    for n in [1, 4, 37] {
        let half = matrix(n, n);
        let mut a = product(n, n, n, &half, &adjoint(n, n, &half));
        (0..n).for_each(|i| a[i * n + i] += Complex::ONE);
        let mut l = a.clone();
        assert_eq!(cholesky(n, &mut l), 0);
        assert_close(&product(n, n, n, &l, &adjoint(n, n, &l)), &a);
    }
    assert_eq!(cholesky(2, &mut [1.0, 0.0, 2.0, 1.0]), 2);
}

#[test]
fn qr_multiplies_to_the_matrix() {
    for (m, n) in [(5, 3), (3, 5), (4, 4), (1, 3)] {
        let a = matrix(m, n);
        let (mut packed, mut tau) = (a.clone(), vec![Complex::ZERO; m.min(n)]);
        qr(m, n, &mut packed, &mut tau);
        let r: Vec<_> = (0..m * n).map(|i| if i / n <= i % n { packed[i] } else { Complex::ZERO }).collect();
        let mut q = vec![Complex::ZERO; m * m];
        reflectors_product(m, n, &packed, &tau, m, &mut q);
        assert_close(&product(m, m, n, &q, &r), &a);
        let mut back = a.clone();
        apply_reflectors(m, n, &packed, &tau, true, n, &mut back);
        assert_close(&back, &r);
    }
}

#[test]
fn ldl_solves() {
    for (n, hermitian) in [(1, true), (2, true), (6, true), (9, true), (6, false), (9, false)] {
        let half = matrix(n, n);
        let a: Vec<_> = (0..n * n)
            .map(|i| {
                let other = half[i % n * n + i / n];
                half[i] + if hermitian { other.conj() } else { other }
            })
            .map(|x| x - Complex::new(0.0, 0.0))
            .collect();
        let x = matrix(n, 2);
        let (mut factors, mut pivots) = (a.clone(), vec![0; n]);
        // Zeros on the diagonal need steps of two columns.
        let mut a = a;
        (0..n).filter(|_| n > 1).for_each(|i| a[i * n + i] = Complex::ZERO);
        factors.copy_from_slice(&a);
        assert_eq!(ldl(n, &mut factors, &mut pivots, hermitian), 0);
        let mut b = product(n, n, 2, &a, &x);
        ldl_solve(n, 2, &factors, &pivots, &mut b, hermitian);
        assert_close(&b, &x);
    }
}

#[test]
fn spectral_decompositions_multiply_to_the_matrix() {
    for (m, n) in [(5, 3), (3, 5), (4, 4)] {
        let (a, k) = (matrix(m, n), m.min(n));
        let (mut u, mut s, mut vh) = (vec![Complex::ZERO; m * k], vec![0.0; k], vec![Complex::ZERO; k * n]);
        svd((m, n), &a, false, &mut u, &mut s, &mut vh).unwrap();
        assert!(s.is_sorted_by(|a, b| a >= b));
        let scaled: Vec<_> = u.iter().enumerate().map(|(i, x)| x * s[i % k]).collect();
        assert_close(&product(m, k, n, &scaled, &vh), &a);
    }
    let n = 6;
    let a = numbers(n * n);
    let (mut values, mut vectors) = (vec![Complex::ZERO; n], vec![Complex::ZERO; n * n]);
    eig(n, &a, &mut values, &mut vectors).unwrap();
    let scaled: Vec<_> = vectors.iter().enumerate().map(|(i, x)| x * values[i % n]).collect();
    let wide: Vec<_> = a.iter().map(|&x| Complex::new(x, 0.0)).collect();
    assert_close(&product(n, n, n, &wide, &vectors), &scaled);
    let (mut values, mut vectors) = (vec![0.0; n], vec![0.0; n * n]);
    eigh(n, &a, &mut values, &mut vectors).unwrap();
    let symmetric: Vec<_> = (0..n * n).map(|i| a[(i / n).max(i % n) * n + (i / n).min(i % n)]).collect();
    let scaled: Vec<_> = vectors.iter().enumerate().map(|(i, x)| x * values[i % n]).collect();
    assert_close(&product(n, n, n, &symmetric, &vectors), &scaled);
    assert_eq!(svdvals((1, 1), &[f32::NAN], &mut [0.0]), Err(Failed));
}

#[test]
fn a_transform_is_the_sum_of_the_definition() {
    let x = matrix(1, 7);
    let mut line = x.clone();
    Plan::new(7, Direction::Forward).complex(&mut line, 0.5);
    let turn = |k: usize| Complex::from_polar(0.5, -std::f64::consts::TAU * k as f64 / 7.0);
    let direct: Vec<_> = (0..7).map(|k| (0..7).map(|j| x[j] * turn(j * k)).sum::<Complex<f64>>()).collect();
    assert_close(&line, &direct);
}

#[test]
fn halves_of_transforms_are_those_of_real_lines() {
    for n in [1, 2, 5, 8] {
        let x = numbers(n);
        let mut half = vec![Complex::ZERO; n / 2 + 1];
        Plan::new(n, Direction::Forward).real_to_half(&x, &mut half, 1.0);
        let mut back = vec![0.0; n];
        Plan::new(n, Direction::Inverse).half_to_real(&half, &mut back, 1.0 / n as f64);
        assert_close(&back, &x);
    }
}
