//! Times matrix products and convolutions: `cargo run --release -p st-backend-cpu --example gemm_bench [threads]`.
//!
//! Prints the median and the best of some repetitions; on a shared machine the best says more.

use half::bf16;
use st_backend_cpu::conv::{Conv, Window, forward, input_gradient, weight_gradient};
use st_backend_cpu::gemm::{Element, Operand, Shape, Sink, gemm};
use st_backend_cpu::pool::set_num_threads;
use std::hint::black_box;

mod timing;
use timing::{heading, report};

fn main() {
    if let Some(threads) = std::env::args().nth(1) {
        set_num_threads(threads.parse().expect("a number of threads"));
    }
    heading();
    for n in [64, 128, 256, 512, 1024, 2048] {
        product::<f32>("f32", (1, n, n, n), Layout::Plain);
    }
    for m in [1, 4, 32, 128] {
        product::<f32>("f32", (1, m, 4096, 4096), Layout::Plain);
        product::<f32>("f32 B^T", (1, m, 4096, 4096), Layout::TransposedB);
    }
    product::<f32>("f32", (64, 128, 128, 128), Layout::Plain);
    // A linear layer of 784 inputs and 512 outputs, batch 128: forward, and the gradients of weight and input.
    product::<f32>("f32 B^T", (1, 128, 512, 784), Layout::TransposedB);
    product::<f32>("f32 A^T", (1, 512, 784, 128), Layout::TransposedA);
    product::<f32>("f32", (1, 128, 784, 512), Layout::Plain);
    for n in [256, 1024, 4096] {
        product::<bf16>("bf16", (1, n, n, n), Layout::Plain);
        product::<bf16>("bf16 B^T", (1, n, n, n), Layout::TransposedB);
    }
    for (channels, size) in [(64, 56), (256, 14), (512, 7)] {
        convolution(channels, size);
    }
}

#[derive(Clone, Copy)]
enum Layout {
    Plain,
    TransposedA,
    TransposedB,
}

fn product<T: Element>(name: &str, (batch, m, n, k): (usize, usize, usize, usize), layout: Layout) {
    // The compiler may not know that these are zeros: pages never written would all be one page in cache.
    let zero = black_box(T::default());
    let (a, b) = (vec![zero; batch * m * k], vec![zero; batch * k * n]);
    let mut c = vec![zero; batch * m * n];
    let offsets = |len: usize| (0..batch).map(|i| (i * len) as isize).collect::<Vec<_>>();
    let (a_offsets, b_offsets) = (offsets(m * k), offsets(k * n));
    let strides = |transposed: bool, rows: usize, cols: usize| {
        if transposed { (1, rows as isize) } else { (cols as isize, 1) }
    };
    let (row, col) = strides(matches!(layout, Layout::TransposedA), m, k);
    let a = Operand { ptr: a.as_ptr(), batch: &a_offsets, row, col };
    let (row, col) = strides(matches!(layout, Layout::TransposedB), k, n);
    let b = Operand { ptr: b.as_ptr(), batch: &b_offsets, row, col };
    let sink = Sink::Store { c: c.as_mut_ptr(), batch: (m * n) as isize, ld: n as isize };
    let title = format!("{name} {batch} x {m} x {n} x {k}");
    report(&title, 2.0 * (batch * m * n * k) as f64, || {
        // SAFETY: the operands and results are as large as the shape.
        unsafe { gemm(Shape { batch, m, n, k }, a, b, sink) };
    });
    black_box(&c);
}

/// Eight images, as many channels out as in, 3x3 kernels.
fn convolution(channels: usize, size: usize) {
    let window = Window::new(size, 3, 1, 1, 1);
    let conv = Conv::new(8, 1, channels, channels, &[window, window]);
    let len = size * size;
    let mut image = vec![black_box(0f32); 8 * channels * len];
    let mut grad = image.clone();
    let mut weight = vec![0f32; channels * channels * 9];
    let flops = 2.0 * (grad.len() * channels * 9) as f64;
    let title = |what: &str| format!("conv 8x{channels}x{size}x{size} 3x3 {what}");
    report(&title("forward"), flops, || {
        let sink = Sink::Store { c: grad.as_mut_ptr(), batch: (channels * len) as isize, ld: len as isize };
        // SAFETY: images and weights are as large as the convolution says.
        unsafe { forward(&conv, image.as_ptr(), weight.as_ptr(), sink) }
    });
    report(&title("input gradient"), flops, || {
        let sink = Sink::Store { c: image.as_mut_ptr(), batch: (channels * len) as isize, ld: len as isize };
        // SAFETY: as above.
        unsafe { input_gradient(&conv, grad.as_ptr(), weight.as_ptr(), sink) }
    });
    report(&title("weight gradient"), flops, || {
        let sink = Sink::Store { c: weight.as_mut_ptr(), batch: 0, ld: 0 };
        // SAFETY: as above.
        unsafe { weight_gradient(&conv, image.as_ptr(), grad.as_ptr(), sink) }
    });
}
