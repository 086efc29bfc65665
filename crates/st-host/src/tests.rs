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

fn reals(m: usize, n: usize) -> Vec<f64> {
    numbers(m * n)
}

/// Small enough for one step of each algorithm, and large enough for its blocks.
const SIZES: [usize; 6] = [1, 2, 5, 33, 70, 150];

fn check_lu<T: Field>(matrix: impl Fn(usize, usize) -> Vec<T>) {
    for n in SIZES {
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

fn check_rectangular_lu<T: Field>(matrix: impl Fn(usize, usize) -> Vec<T>) {
    for (m, n) in [(70, 40), (40, 70), (90, 3), (3, 90)] {
        let (mut a, k) = (matrix(m, n), m.min(n));
        let (mut factors, mut pivots) = (a.clone(), vec![0; k]);
        assert_eq!(lu(m, n, &mut factors, &mut pivots), 0);
        let kept = |keep: &dyn Fn(usize, usize) -> T, rows: usize, cols: usize| -> Vec<T> {
            (0..rows * cols).map(|at| keep(at / cols, at % cols)).collect()
        };
        let l = kept(
            &|i, j| {
                if i == j {
                    T::ONE
                } else if i > j {
                    factors[i * n + j]
                } else {
                    T::ZERO
                }
            },
            m,
            k,
        );
        let u = kept(&|i, j| if i <= j { factors[i * n + j] } else { T::ZERO }, k, n);
        (0..k).for_each(|i| crate::field::swap_rows(&mut a, n, i, pivots[i] as usize - 1));
        assert_close(&product(m, k, n, &l, &u), &a);
    }
}

#[test]
fn lu_solves() {
    check_lu(matrix);
    check_lu(reals);
    check_rectangular_lu(matrix);
    check_rectangular_lu(reals);
    // The first zero on the diagonal is told, the rest is factored.
    let mut a = [1.0, 2.0, 3.0, 2.0, 4.0, 1.0, 0.0, 0.0, 5.0];
    assert_eq!(lu(3, 3, &mut a, &mut [0; 3]), 2);
}

fn check_triangles<T: Field>(matrix: impl Fn(usize, usize) -> Vec<T>) {
    let flags = [false, true];
    for (n, k) in [(1, 1), (20, 1), (50, 3), (70, 40)] {
        let (mut a, x) = (matrix(n, n), matrix(n, k));
        // Solutions must not grow with n.
        let small = T::of(num_traits::cast(0.05).unwrap());
        a.iter_mut().for_each(|x| *x *= small);
        (0..n).for_each(|i| a[i * n + i] += T::ONE);
        for (upper, unit) in flags.into_iter().flat_map(|u| flags.map(|v| (u, v))) {
            for (transposed, conjugated) in flags.into_iter().flat_map(|t| flags.map(|c| (t, c))) {
                let at = |i: usize, j: usize| match () {
                    _ if i == j && unit => T::ONE,
                    _ if i == j || (i < j) == upper => a[i * n + j],
                    _ => T::ZERO,
                };
                let read = |i: usize, j: usize| if transposed { at(j, i) } else { at(i, j) };
                let conj = |x: T| if conjugated { x.conj() } else { x };
                let whole: Vec<T> = (0..n * n).map(|i| conj(read(i / n, i % n))).collect();
                let mut b = product(n, n, k, &whole, &x);
                let triangle = Triangle { upper, unit, transposed, conjugated };
                solve_triangular(n, k, &a, &mut b, triangle);
                assert_close(&b, &x);
            }
        }
    }
}

#[test]
fn triangles_of_every_kind_are_solved() {
    check_triangles(matrix);
    check_triangles(reals);
}

fn check_cholesky<T: Field>(matrix: impl Fn(usize, usize) -> Vec<T>) {
    for n in SIZES {
        let half = matrix(n, n);
        let mut a = product(n, n, n, &half, &adjoint(n, n, &half));
        (0..n).for_each(|i| a[i * n + i] += T::ONE);
        let mut l = a.clone();
        // What is above the diagonal is not read.
        (0..n).for_each(|i| l[i * n + i + 1..(i + 1) * n].fill(T::of(num_traits::cast(f64::NAN).unwrap())));
        assert_eq!(cholesky(n, &mut l), 0);
        assert_close(&product(n, n, n, &l, &adjoint(n, n, &l)), &a);
        // The leading minor that is not positive is told.
        let bad = n * 2 / 3;
        a[bad * n + bad] = -T::ONE;
        assert_eq!(cholesky(n, &mut a), bad as i32 + 1);
    }
}

#[test]
fn cholesky_multiplies_to_the_matrix() {
    check_cholesky(matrix);
    check_cholesky(reals);
    assert_eq!(cholesky(2, &mut [1.0, 0.0, 2.0, 1.0]), 2);
}

fn check_qr<T: Field>(matrix: impl Fn(usize, usize) -> Vec<T>) {
    for (m, n) in [(5, 3), (3, 5), (4, 4), (1, 3), (100, 70), (40, 70), (90, 2), (64, 64)] {
        let a = matrix(m, n);
        let (mut packed, mut tau) = (a.clone(), vec![T::ZERO; m.min(n)]);
        qr(m, n, &mut packed, &mut tau);
        let r: Vec<_> = (0..m * n).map(|i| if i / n <= i % n { packed[i] } else { T::ZERO }).collect();
        let mut q = vec![T::ZERO; m * m];
        reflectors_product(m, n, &packed, &tau, m, &mut q);
        assert_close(&product(m, m, n, &q, &r), &a);
        let mut back = a.clone();
        apply_reflectors(m, n, &packed, &tau, true, n, &mut back);
        assert_close(&back, &r);
        apply_reflectors(m, n, &packed, &tau, false, n, &mut back);
        assert_close(&back, &a);
    }
}

#[test]
fn qr_multiplies_to_the_matrix() {
    check_qr(matrix);
    check_qr(reals);
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
    Plan::new(7, Direction::Forward).transform(&mut line, 0.5);
    let turn = |k: usize| Complex::from_polar(0.5, -std::f64::consts::TAU * k as f64 / 7.0);
    let direct: Vec<_> = (0..7).map(|k| (0..7).map(|j| x[j] * turn(j * k)).sum::<Complex<f64>>()).collect();
    assert_close(&line, &direct);
}

#[test]
fn halves_of_transforms_are_those_of_real_lines() {
    for n in [1, 2, 5, 8] {
        let x = numbers(n);
        let mut half = vec![Complex::ZERO; n / 2 + 1];
        RealPlan::new(n).transform(&x, &mut half, 1.0);
        let mut whole: Vec<_> = x.iter().map(|&x| Complex::new(x, 0.0)).collect();
        Plan::new(n, Direction::Forward).transform(&mut whole, 1.0);
        assert_close(&half, &whole[..=n / 2]);
        let mut back = vec![0.0; n];
        // Imaginary parts that a real line cannot have do not count.
        half[0].im = 1.0;
        HalfPlan::new(n).transform(&half, &mut back, 1.0 / n as f64);
        assert_close(&back, &x);
    }
}
