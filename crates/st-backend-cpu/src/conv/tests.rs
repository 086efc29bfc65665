//! Convolutions and their gradients against plain loops.

use super::*;
use crate::gemm::Tile;
use crate::pool::set_num_threads;
use half::bf16;
use std::sync::Mutex;

/// Every (group, out channel, in channel) of a convolution, and for them every output position, tap and input
/// position that meet: calls `f(output, weight, input)` with indices of elements.
fn each_product(conv: &Conv, mut f: impl FnMut(usize, usize, usize)) {
    let [d, h, w] = conv.windows;
    let reads = |window: &Window, o: usize, tap: usize| {
        (o * window.stride + tap * window.dilation).checked_sub(window.padding).filter(|&i| i < window.input)
    };
    for image in 0..conv.batch {
        for o in 0..conv.out_channels {
            for c in 0..conv.in_group() {
                let channel = o / conv.out_group() * conv.in_group() + c;
                for (oz, oy, ox) in positions([d.output, h.output, w.output]) {
                    for (kz, ky, kx) in positions([d.kernel, h.kernel, w.kernel]) {
                        let (Some(z), Some(y), Some(x)) =
                            (reads(&d, oz, kz), reads(&h, oy, ky), reads(&w, ox, kx))
                        else {
                            continue;
                        };
                        f(
                            (((image * conv.out_channels + o) * d.output + oz) * h.output + oy) * w.output
                                + ox,
                            (((o * conv.in_group() + c) * d.kernel + kz) * h.kernel + ky) * w.kernel + kx,
                            (((image * conv.in_channels + channel) * d.input + z) * h.input + y) * w.input
                                + x,
                        );
                    }
                }
            }
        }
    }
}

fn positions(sizes: [usize; 3]) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..sizes[0]).flat_map(move |z| (0..sizes[1]).flat_map(move |y| (0..sizes[2]).map(move |x| (z, y, x))))
}

/// Small multiples of 1/8, so that sums are exact in f32 and plain loops in any order give the same bits.
fn numbers(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 24) as f32 - 128.0) / 8.0
    };
    (0..len).map(|_| next().clamp(-8.0, 8.0)).collect()
}

struct Case {
    conv: Conv,
    input: Vec<f32>,
    weight: Vec<f32>,
    grad: Vec<f32>,
}

impl Case {
    fn new(conv: Conv) -> Case {
        Case {
            conv,
            input: numbers(conv.batch * conv.in_channels * conv.input_len(), 1),
            weight: numbers(conv.out_channels * conv.in_group() * conv.kernel_len(), 2),
            grad: numbers(conv.batch * conv.out_channels * conv.output_len(), 3),
        }
    }

    fn forward<T: Element>(&self, input: &[T], weight: &[T], zero: T) -> Vec<T> {
        let mut out = vec![zero; self.grad.len()];
        let len = self.conv.output_len() as isize;
        let sink = Sink::Store { c: out.as_mut_ptr(), batch: self.conv.out_channels as isize * len, ld: len };
        // SAFETY: all are dense and as large as the convolution says.
        unsafe { forward(&self.conv, input.as_ptr(), weight.as_ptr(), sink) };
        out
    }

    fn forward_shown(&self) -> Vec<f32> {
        let len = self.conv.output_len();
        let out = Mutex::new(vec![f32::NAN; self.grad.len()]);
        let show = |tile: &Tile<f32>| {
            let mut out = out.lock().unwrap();
            for i in 0..tile.rows {
                let at = (tile.batch * self.conv.out_channels + tile.row + i) * len + tile.col;
                out[at..at + tile.cols].copy_from_slice(tile.row(i));
            }
        };
        // SAFETY: all are dense and as large as the convolution says.
        unsafe { forward(&self.conv, self.input.as_ptr(), self.weight.as_ptr(), Sink::Tile(&show)) };
        out.into_inner().unwrap()
    }

    fn input_gradient(&self) -> Vec<f32> {
        let mut out = vec![f32::NAN; self.input.len()];
        let len = self.conv.input_len() as isize;
        let sink = Sink::Store { c: out.as_mut_ptr(), batch: self.conv.in_channels as isize * len, ld: len };
        // SAFETY: all are dense and as large as the convolution says.
        unsafe { input_gradient(&self.conv, self.grad.as_ptr(), self.weight.as_ptr(), sink) };
        out
    }

    fn weight_gradient(&self) -> Vec<f32> {
        let mut out = vec![f32::NAN; self.weight.len()];
        let sink = Sink::Store { c: out.as_mut_ptr(), batch: 0, ld: 0 };
        // SAFETY: all are dense and as large as the convolution says.
        unsafe { weight_gradient(&self.conv, self.input.as_ptr(), self.grad.as_ptr(), sink) };
        out
    }

    fn check(&self) {
        let mut expected = vec![0f32; self.grad.len()];
        each_product(&self.conv, |o, w, i| expected[o] += self.weight[w] * self.input[i]);
        assert_eq!(self.forward(&self.input, &self.weight, f32::NAN), expected, "forward {:?}", self.conv);
        assert_eq!(self.forward_shown(), expected, "forward by tiles {:?}", self.conv);

        let mut expected = vec![0f32; self.input.len()];
        each_product(&self.conv, |o, w, i| expected[i] += self.weight[w] * self.grad[o]);
        assert_eq!(self.input_gradient(), expected, "input gradient {:?}", self.conv);

        let mut expected = vec![0f32; self.weight.len()];
        each_product(&self.conv, |o, w, i| expected[w] += self.input[i] * self.grad[o]);
        assert_eq!(self.weight_gradient(), expected, "weight gradient {:?}", self.conv);
    }
}

fn window(input: usize, kernel: usize, stride: usize, padding: usize, dilation: usize) -> Window {
    Window::new(input, kernel, stride, padding, dilation)
}

#[test]
fn one_to_three_dimensions_match_plain_loops() {
    let cases = [
        Conv::new(2, 1, 3, 5, &[window(17, 3, 1, 1, 1)]),
        Conv::new(1, 1, 2, 3, &[window(23, 4, 3, 2, 2)]),
        Conv::new(2, 1, 4, 6, &[window(9, 3, 1, 1, 1), window(11, 3, 1, 1, 1)]),
        Conv::new(2, 2, 4, 6, &[window(9, 3, 2, 1, 1), window(10, 5, 3, 2, 1)]),
        Conv::new(1, 4, 4, 4, &[window(8, 3, 1, 2, 2), window(7, 2, 1, 0, 1)]),
        Conv::new(3, 1, 5, 7, &[window(6, 1, 1, 0, 1), window(5, 1, 1, 0, 1)]),
        Conv::new(1, 1, 5, 7, &[window(6, 1, 2, 0, 1), window(5, 1, 2, 0, 1)]),
        Conv::new(2, 1, 3, 2, &[window(4, 3, 1, 1, 1), window(5, 3, 1, 1, 1), window(6, 3, 1, 1, 1)]),
        Conv::new(1, 2, 2, 4, &[window(5, 2, 2, 1, 1), window(6, 3, 1, 0, 2), window(7, 3, 2, 1, 1)]),
    ];
    for conv in cases {
        Case::new(conv).check();
    }
}

#[test]
fn several_strips_and_channel_parts() {
    Case::new(Conv::new(1, 1, 40, 60, &[window(30, 3, 1, 1, 1), window(21, 3, 1, 1, 1)])).check();
}

#[test]
fn many_channels_and_long_rows() {
    let cases = [
        Conv::new(1, 1, 18, 17, &[window(9, 3, 2, 1, 2), window(8, 3, 1, 2, 2)]),
        Conv::new(2, 2, 40, 30, &[window(9, 3, 2, 1, 1), window(11, 4, 3, 2, 1)]),
        Conv::new(2, 1, 7, 16, &[window(4, 3, 1, 1, 1), window(5, 2, 2, 0, 1), window(6, 3, 1, 1, 1)]),
        Conv::new(1, 1, 6, 5, &[window(2500, 5, 1, 2, 1)]),
        Conv::new(1, 1, 16, 3, &[window(2600, 3, 2, 4, 3)]),
        Conv::new(1, 1, 300, 4, &[window(500, 2, 1, 0, 1)]),
    ];
    for conv in cases {
        Case::new(conv).check();
    }
}

#[test]
fn outputs_may_be_fewer_than_fit_and_kernels_larger_than_the_input() {
    let fewer = Window { output: 3, ..window(10, 3, 2, 1, 1) };
    Case::new(Conv::new(1, 1, 2, 2, &[fewer])).check();
    Case::new(Conv::new(1, 1, 2, 2, &[window(2, 5, 1, 2, 1)])).check();
}

#[test]
fn nothing_to_compute() {
    let conv = Conv::new(0, 1, 2, 3, &[window(5, 3, 1, 1, 1)]);
    let case = Case::new(conv);
    assert!(case.forward(&case.input, &case.weight, 0f32).is_empty());
    assert!(case.weight_gradient().iter().all(|&x| x == 0.0));
    let no_output = Case::new(Conv::new(1, 1, 2, 3, &[window(2, 5, 1, 0, 1)]));
    assert_eq!(no_output.conv.output_len(), 0);
    assert!(no_output.input_gradient().iter().all(|&x| x == 0.0));
    assert!(no_output.weight_gradient().iter().all(|&x| x == 0.0));
}

#[test]
fn sixteen_bit_floats_are_rounded_once() {
    let case = Case::new(Conv::new(1, 1, 3, 4, &[window(7, 3, 1, 1, 1), window(6, 3, 2, 1, 1)]));
    let half = |values: &[f32]| values.iter().map(|&x| bf16::from_f32(x)).collect::<Vec<_>>();
    let exact = case.forward(&case.input, &case.weight, 0f32);
    assert_eq!(case.forward(&half(&case.input), &half(&case.weight), bf16::ZERO), half(&exact));
}

#[test]
fn results_are_the_same_bits_for_any_number_of_threads() {
    let conv = Conv::new(3, 1, 5, 30, &[window(13, 3, 1, 1, 1), window(14, 3, 2, 1, 1)]);
    let mut case = Case::new(conv);
    // Numbers whose sums do round.
    for values in [&mut case.input, &mut case.weight, &mut case.grad] {
        values.iter_mut().for_each(|x| *x = x.sin());
    }
    let results = [1, 2, 4].map(|threads| {
        set_num_threads(threads);
        (case.forward(&case.input, &case.weight, 0f32), case.input_gradient(), case.weight_gradient())
    });
    assert!(results.iter().all(|r| r == &results[0]));
}

/// Channels that fill the tiles of a matrix unit.
fn whole_units() -> [Conv; 4] {
    [
        Conv::new(2, 1, 32, 64, &[window(14, 3, 1, 1, 1), window(14, 3, 1, 1, 1)]),
        Conv::new(3, 2, 64, 48, &[window(9, 3, 2, 1, 1), window(21, 4, 3, 2, 1)]),
        Conv::new(1, 1, 64, 32, &[window(1100, 3, 1, 1, 1)]),
        Conv::new(1, 1, 32, 32, &[window(4, 3, 1, 1, 1), window(5, 2, 2, 0, 1), window(40, 3, 1, 1, 1)]),
    ]
}

#[test]
fn whole_units_of_channels() {
    for conv in whole_units() {
        Case::new(conv).check();
    }
}

#[test]
fn numbers_in_several_parts_and_those_that_have_none() {
    let spoils: [f32; 6] = [0.3, f32::NAN, f32::INFINITY, f32::MAX, 1e25, 1e-40];
    for conv in whole_units() {
        // Padding times what is not finite is not a number, which the plain loops do not see.
        let both = spoils.into_iter().flat_map(|x| [(x, false), (x, true)]);
        for (spoil, of_weight) in both.filter(|(x, of_weight)| x.is_finite() || !of_weight) {
            let mut case = Case::new(conv);
            for values in [&mut case.input, &mut case.weight] {
                values.iter_mut().for_each(|x| *x = x.sin());
            }
            let spoiled = if of_weight { &mut case.weight } else { &mut case.input };
            let middle = spoiled.len() / 2;
            spoiled[middle] = spoil;
            let mut expected = vec![(0f64, 0f64); case.grad.len()];
            each_product(&conv, |o, w, i| {
                let product = f64::from(case.weight[w]) * f64::from(case.input[i]);
                expected[o] = (expected[o].0 + product, expected[o].1 + product.abs());
            });
            for (got, (sum, size)) in
                case.forward(&case.input, &case.weight, f32::NAN).into_iter().zip(expected)
            {
                let same = f64::from(got) == f64::from(sum as f32) || got.is_nan() && sum.is_nan();
                let near = (f64::from(got) - sum).abs() <= 4e-7 * size;
                assert!(same || near, "{conv:?}, {spoil} {of_weight}: {got}, wanted {sum}");
            }
        }
    }
}
