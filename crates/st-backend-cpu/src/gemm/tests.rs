//! Products against plain loops.

use super::*;
use crate::pool::set_num_threads;
use half::{bf16, f16};
use std::fmt::Debug;
use std::sync::Mutex;

/// What the tests need to know of an element type.
trait Number: Element + Debug + PartialEq {
    /// Relative error allowed for sums of this type.
    const TOLERANCE: f64;
    fn from_int(x: i64) -> Self;
    fn to_f64(self) -> f64;
    fn acc_to_f64(x: Self::Acc) -> f64;
    /// a + b * c, for integers with wrapping.
    fn reference(a: f64, b: Self, c: Self) -> f64;
}

macro_rules! float {
    ($t:ty, $tolerance:expr, $from:expr, $to:expr) => {
        impl Number for $t {
            const TOLERANCE: f64 = $tolerance;
            fn from_int(x: i64) -> Self {
                $from(x as f32 / 64.0)
            }
            fn to_f64(self) -> f64 {
                $to(self)
            }
            fn acc_to_f64(x: Self::Acc) -> f64 {
                x as f64
            }
            fn reference(a: f64, b: Self, c: Self) -> f64 {
                a + b.to_f64() * c.to_f64()
            }
        }
    };
}
float!(f32, 1e-6, |x| x, |x: f32| x as f64);
float!(f64, 1e-14, |x| x as f64, |x| x);
float!(bf16, 4e-3, bf16::from_f32, bf16::to_f64);
float!(f16, 5e-4, f16::from_f32, f16::to_f64);

macro_rules! integer {
    ($($t:ty)*) => {$(
        impl Number for $t {
            const TOLERANCE: f64 = 0.0;
            fn from_int(x: i64) -> Self {
                x as $t
            }
            fn to_f64(self) -> f64 {
                self as f64
            }
            fn acc_to_f64(x: Self) -> f64 {
                x as f64
            }
            fn reference(a: f64, b: Self, c: Self) -> f64 {
                (a as $t).wrapping_add(b.wrapping_mul(c)) as f64
            }
        }
    )*};
}
integer!(i8 u8 i16 i32 i64);

/// How a test lays an operand out.
#[derive(Clone, Copy, Debug)]
enum Layout {
    RowMajor,
    ColumnMajor,
    /// Neither rows nor columns are contiguous, and rows run backwards.
    Strided,
}
const LAYOUTS: [Layout; 3] = [Layout::RowMajor, Layout::ColumnMajor, Layout::Strided];

/// A batch of matrices in some layout, with gaps between rows and between matrices.
struct Matrices<T> {
    data: Vec<T>,
    origin: usize,
    offsets: Vec<isize>,
    row: isize,
    col: isize,
}

impl<T: Number> Matrices<T> {
    fn new(seed: u64, batch: usize, rows: usize, cols: usize, layout: Layout) -> Self {
        let (rows, cols) = (rows as isize, cols as isize);
        let (row, col) = match layout {
            Layout::RowMajor => (cols + 3, 1),
            Layout::ColumnMajor => (1, rows + 1),
            Layout::Strided => (-(2 * cols + 1), 2),
        };
        let size = (rows * row.abs()).max(cols * col) + 5;
        let origin = if row < 0 { (rows * -row) as usize } else { 0 };
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            T::from_int((state >> 33) as i64 % 129 - 64)
        };
        let data = (0..size as usize * batch.max(1) + origin).map(|_| next()).collect();
        // Matrices lie in memory in reverse order: offsets need not grow.
        let offsets = (0..batch as isize).rev().map(|i| i * size).collect();
        Matrices { data, origin, offsets, row, col }
    }

    /// The same matrix for the whole batch.
    fn broadcast(mut self) -> Self {
        self.offsets.clear();
        self
    }

    fn operand(&self) -> Operand<'_, T> {
        Operand { ptr: self.data[self.origin..].as_ptr(), batch: &self.offsets, row: self.row, col: self.col }
    }

    fn at(&self, item: usize, i: usize, j: usize) -> T {
        let base = self.origin as isize + self.offsets.get(item).copied().unwrap_or(0);
        self.data[(base + i as isize * self.row + j as isize * self.col) as usize]
    }
}

/// The product by plain loops, and the sum of magnitudes that its rounding errors are relative to.
fn reference<T: Number>(shape: Shape, a: &Matrices<T>, b: &Matrices<T>) -> Vec<(f64, f64)> {
    let mut out = Vec::new();
    for item in 0..shape.batch {
        for i in 0..shape.m {
            for j in 0..shape.n {
                let (mut sum, mut size) = (0.0, 0.0);
                for p in 0..shape.k {
                    sum = T::reference(sum, a.at(item, i, p), b.at(item, p, j));
                    size += (a.at(item, i, p).to_f64() * b.at(item, p, j).to_f64()).abs();
                }
                out.push((sum, size));
            }
        }
    }
    out
}

/// The product by `gemm`, stored with a gap after each row and matrix that must stay as it was.
fn stored<T: Number>(isa: Isa, shape: Shape, a: &Matrices<T>, b: &Matrices<T>) -> Vec<T> {
    let (ld, mark) = (shape.n + 2, T::from_int(77));
    let matrix = shape.m * ld + 3;
    let mut c = vec![mark; matrix * shape.batch];
    let sink = Sink::Store { c: c.as_mut_ptr(), batch: matrix as isize, ld: ld as isize };
    // SAFETY: the matrices cover the shape.
    unsafe { gemm_on(isa, shape, a.operand(), b.operand(), sink) };
    let mut out = Vec::new();
    for (at, &x) in c.iter().enumerate() {
        let (row, col) = (at % matrix / ld, at % matrix % ld);
        if row < shape.m && col < shape.n {
            out.push(x);
        } else {
            assert_eq!(x, mark, "wrote outside C");
        }
    }
    out
}

/// The product shown tile by tile; every element must be shown once.
fn shown<T: Number>(isa: Isa, shape: Shape, a: &Matrices<T>, b: &Matrices<T>) -> Vec<f64> {
    let seen = Mutex::new(vec![None; shape.batch * shape.m * shape.n]);
    let show = |tile: &Tile<T::Acc>| {
        let mut seen = seen.lock().unwrap();
        for i in 0..tile.rows {
            assert_eq!(tile.row(i).len(), tile.cols);
            for (j, &x) in tile.row(i).iter().enumerate() {
                let at = ((tile.batch * shape.m) + tile.row + i) * shape.n + tile.col + j;
                assert!(seen[at].replace(T::acc_to_f64(x)).is_none(), "shown twice");
            }
        }
    };
    // SAFETY: the matrices cover the shape.
    unsafe { gemm_on(isa, shape, a.operand(), b.operand(), Sink::Tile(&show)) };
    seen.into_inner().unwrap().into_iter().map(|x| x.expect("every element is shown")).collect()
}

fn check_operands<T: Number>(shape: Shape, a: &Matrices<T>, b: &Matrices<T>, what: &str) {
    let expected = reference(shape, a, b);
    for isa in Isa::available() {
        let stored = stored(isa, shape, a, b);
        let shown = shown(isa, shape, a, b);
        for (i, &(sum, size)) in expected.iter().enumerate() {
            let context = || format!("{isa:?} {shape:?} {what} element {i}: wanted {sum}");
            // Partial sums are rounded too; 16-bit types round once, at the end.
            let of_sums = if T::SUMS_ARE_RESULTS { T::TOLERANCE } else { f32::TOLERANCE };
            assert!((shown[i] - sum).abs() <= of_sums * size, "{} shown {}", context(), shown[i]);
            let error = of_sums * size + T::TOLERANCE * sum.abs();
            assert!((stored[i].to_f64() - sum).abs() <= error, "{} stored {:?}", context(), stored[i]);
        }
    }
}

fn check<T: Number>(batch: usize, m: usize, n: usize, k: usize) {
    let shape = Shape { batch, m, n, k };
    for la in LAYOUTS {
        for lb in LAYOUTS {
            let (a, b) = (Matrices::<T>::new(1, batch, m, k, la), Matrices::new(2, batch, k, n, lb));
            check_operands(shape, &a, &b, &format!("{la:?} {lb:?}"));
        }
    }
}

fn check_sizes<T: Number>() {
    check::<T>(1, 1, 1, 1);
    check::<T>(1, 5, 3, 7);
    check::<T>(2, 15, 33, 17);
    check::<T>(3, 1, 37, 19);
    check::<T>(2, 37, 1, 19);
    check::<T>(1, 29, 65, 300);
    check::<T>(1, 4, 3, 0);
}

#[test]
fn floats_match_plain_loops() {
    check_sizes::<f32>();
    check_sizes::<f64>();
}

#[test]
fn sixteen_bit_floats_match_plain_loops() {
    check_sizes::<bf16>();
    check_sizes::<f16>();
}

#[test]
fn integers_wrap() {
    check_sizes::<i8>();
    check_sizes::<u8>();
    check_sizes::<i16>();
    check_sizes::<i32>();
    check_sizes::<i64>();
}

#[test]
fn several_blocks_in_every_direction() {
    check::<f32>(1, 130, 270, 520);
    check::<f32>(1, 15, 2100, 270);
    check::<bf16>(1, 70, 270, 300);
    check::<bf16>(1, 33, 40, 2100);
    check::<bf16>(1, 1, 709, 1301);
    check::<f16>(1, 709, 1, 1301);
}

/// Rows of B are 256 bytes apart: its panels are copied while the first tile reads them.
#[test]
fn panels_read_in_place_may_collide_in_the_cache() {
    check::<f32>(1, 29, 61, 300);
    check::<f64>(1, 29, 29, 300);
}

#[test]
fn batches_may_be_broadcast() {
    let shape = Shape { batch: 4, m: 9, n: 21, k: 13 };
    let (a, b) =
        (Matrices::<f32>::new(1, 4, 9, 13, Layout::RowMajor), Matrices::new(2, 4, 13, 21, Layout::RowMajor));
    check_operands(shape, &a, &b, "both batched");
    let a = a.broadcast();
    check_operands(shape, &a, &b, "A broadcast");
    check_operands(shape, &a, &b.broadcast(), "both broadcast");
}

#[test]
fn nothing_to_compute_touches_nothing() {
    for (batch, m, n) in [(0, 3, 3), (3, 0, 3), (3, 3, 0)] {
        let shape = Shape { batch, m, n, k: 5 };
        let (a, b) =
            (Matrices::new(1, 3, 3, 5, Layout::RowMajor), Matrices::new(2, 3, 5, 3, Layout::RowMajor));
        assert!(stored::<f32>(crate::isa::isa(), shape, &a, &b).is_empty());
        assert!(shown::<f32>(crate::isa::isa(), shape, &a, &b).is_empty());
    }
}

#[test]
fn results_are_the_same_bits_for_any_number_of_threads() {
    let shapes =
        [(1, 150, 200, 600), (5, 40, 40, 40), (1, 1, 3000, 300), (1, 3000, 1, 300), (1, 8, 900, 700)];
    for (batch, m, n, k) in shapes {
        let shape = Shape { batch, m, n, k };
        for layout in [Layout::RowMajor, Layout::ColumnMajor] {
            let a = Matrices::<f32>::new(3, batch, m, k, layout);
            let b = Matrices::new(4, batch, k, n, layout);
            for isa in Isa::available() {
                let results = [1, 2, 3, 4].map(|threads| {
                    set_num_threads(threads);
                    stored(isa, shape, &a, &b)
                });
                assert!(results.iter().all(|r| r == &results[0]), "{isa:?} {shape:?} {layout:?}");
            }
        }
    }
}
