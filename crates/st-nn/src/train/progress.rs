//! A line for each epoch on the terminal's error stream.

use super::callback::{Callback, Epoch, Flow, Moment};
use st_core::Result;

/// Prints how training goes.
pub(super) struct Lines;

impl Callback for Lines {
    fn epoch_done(&mut self, at: &Moment, result: &Epoch) -> Result<Flow> {
        eprintln!("{}", line(at, result));
        Ok(Flow::Continue)
    }
}

fn line(at: &Moment, result: &Epoch) -> String {
    let width = at.epochs.to_string().len();
    let mut line = format!("epoch {:>width$}/{}  loss {:.4}", at.epoch + 1, at.epochs, result.loss);
    for (name, value) in &result.metrics {
        line.push_str(&format!("  {name} {value:.4}"));
    }
    line.push_str(&format!("  lr {:.2e}  {:.0} steps/s", at.lr, result.steps_per_second));
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sequential;

    #[test]
    fn a_line_says_where_training_stands() {
        let model = Sequential::new();
        let at = Moment { model: &model, epoch: 2, epochs: 10, step: 30, loss: 0.5, lr: 0.02 };
        let metrics = vec![("accuracy".to_owned(), 0.75)];
        let result = Epoch { epoch: 2, loss: 0.5, steps_per_second: 812.4, metrics };
        let expected = "epoch  3/10  loss 0.5000  accuracy 0.7500  lr 2.00e-2  812 steps/s";
        assert_eq!(line(&at, &result), expected);
    }
}
