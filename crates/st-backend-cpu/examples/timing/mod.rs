//! How the benchmarks measure: the median and the best of the repetitions that fit a moment.

use std::time::{Duration, Instant};

const TIME_EACH: Duration = Duration::from_millis(500);

/// What the columns of [`report`] are.
pub(crate) fn heading() {
    println!("{:44} {:>12} {:>9} {:>9}", "work", "median us", "GFLOP/s", "best");
}

/// Times some work of so many operations and prints a line.
pub(crate) fn report(title: &str, flops: f64, mut work: impl FnMut()) {
    work();
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < TIME_EACH {
        let one = Instant::now();
        work();
        times.push(one.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    let median = times[times.len() / 2];
    println!("{title:44} {:12.1} {:9.1} {:9.1}", median * 1e6, flops / median / 1e9, flops / times[0] / 1e9);
}
