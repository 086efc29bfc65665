//! Reductions and row kernels against the naive interpreter.

mod support;

use support::{check, softmax};

#[test]
fn softmax_in_every_layout() {
    for (dims, order, outer) in [
        (&[5, 7][..], &[0, 1][..], 1),
        (&[3, 2000], &[0, 1], 1),
        (&[300, 10], &[0, 1], 1),
        (&[7, 300], &[1, 0], 1),
        (&[3, 5, 70], &[0, 2, 1], 2),
        (&[3, 5, 7], &[1, 0, 2], 1),
        (&[40, 3, 70], &[1, 0, 2], 1),
        (&[6, 9], &[0, 1], 0),
        (&[4, 0], &[0, 1], 1),
        (&[0, 4], &[0, 1], 1),
        (&[2000], &[0], 0),
        (&[2, 1, 3], &[0, 1, 2], 2),
    ] {
        check(&softmax(dims, order, outer), 8.0, 1e-6);
    }
}

#[test]
fn long_rows_are_cut() {
    check(&softmax(&[2, 140_000], &[0, 1], 1), 32.0, 1e-6);
    check(&softmax(&[5000, 64], &[1, 0], 1), 32.0, 1e-6);
}
