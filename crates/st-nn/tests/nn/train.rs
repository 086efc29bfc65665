//! The trainer: what it does in which order, and that its features are what they say.

use super::{Outcome, assert_close, message, sample, values};
use st_core::{DType, Result, Tensor, set_default_dtype};
use st_nn::data::{DataLoader, TensorDataset};
use st_nn::optim::{Optimizer, Sgd};
use st_nn::train::*;
use st_nn::{Dropout, Layer, Linear, Module, Sequential, loss};
use std::sync::{Arc, Mutex};

type Pairs = TensorDataset<(Tensor, Tensor)>;

fn pairs(count: usize) -> Result<Pairs> {
    let x = sample(&[count, 3], 300);
    let y = x.matmul(&Tensor::of([[1.0f64], [-2.0], [0.5]])?)?;
    TensorDataset::new((x, y))
}

/// A layer whose weights are the same each time.
fn layer() -> Result<Linear> {
    set_default_dtype(DType::F64)?;
    let layer = Linear::new(3, 1)?;
    layer.weight.set(&sample(&[1, 3], 301))?;
    layer.bias.as_ref().expect("it has one").set(&sample(&[1], 302))?;
    Ok(layer)
}

fn error(model: &Linear, (x, y): &(Tensor, Tensor)) -> Result<Tensor> {
    loss::mse(&model.forward(x)?, y)
}

#[test]
fn training_finds_the_weights() -> Outcome {
    let model = layer()?;
    let optimizer = Optimizer::new(model.parameters(), Sgd { lr: 0.1, momentum: 0.9, ..Sgd::default() });
    let data = DataLoader::new(pairs(32)?, 8).shuffle(0);
    let mut trainer = Trainer::new(&model, optimizer).epochs(60).quiet();
    let history = trainer.fit(&data, error)?;
    assert_eq!(history.len(), 60);
    assert!(history[59].loss < 1e-6 && history[59].loss < history[0].loss, "{}", history[59].loss);
    assert_close(&values(&model.weight.get()), &[1.0, -2.0, 0.5], 1e-2);
    // All epochs are done.
    assert!(trainer.fit(&data, error)?.is_empty());
    Ok(())
}

#[test]
fn a_step_is_what_one_would_write() -> Outcome {
    let (model, by_hand) = (layer()?, layer()?);
    let data = DataLoader::new(pairs(6)?, 3);
    let optimizer = Optimizer::new(model.parameters(), Sgd::new(0.1));
    let history = Trainer::new(&model, optimizer).quiet().fit(&data, error)?;
    let mut optimizer = Optimizer::new(by_hand.parameters(), Sgd::new(0.1));
    let mut losses = Vec::new();
    for batch in &data {
        optimizer.zero_grad()?;
        let loss = error(&by_hand, &batch?)?;
        loss.backward()?;
        optimizer.step()?;
        losses.push(loss.to_scalar::<f64>()?);
    }
    assert_eq!(values(&model.weight.get()), values(&by_hand.weight.get()));
    assert_close(&[history[0].loss], &[(losses[0] + losses[1]) / 2.0], 1e-12);
    Ok(())
}

#[test]
fn accumulated_batches_are_a_larger_one() -> Outcome {
    let train = |batch: usize, accumulate: usize| -> Result<(Vec<f64>, f64)> {
        let model = layer()?;
        let optimizer = Optimizer::new(model.parameters(), Sgd::new(0.1));
        let data = DataLoader::new(pairs(12)?, batch);
        let mut trainer = Trainer::new(&model, optimizer).epochs(3).accumulate(accumulate).quiet();
        let history = trainer.fit(&data, error)?;
        Ok((values(&model.weight.get()), history[2].loss))
    };
    let ((small, small_loss), (large, large_loss)) = (train(3, 2)?, train(6, 1)?);
    assert_close(&small, &large, 1e-12);
    assert_close(&[small_loss], &[large_loss], 1e-12);
    // Five batches in steps of two: the last step is by one.
    let (odd, _) = train(3, 4)?;
    assert_close(&odd, &train(12, 1)?.0, 1e-12);
    Ok(())
}

#[test]
fn clipping_bounds_a_step() -> Outcome {
    let model = layer()?;
    let before =
        [values(&model.weight.get()), values(&model.bias.clone().expect("it has one").get())].concat();
    let optimizer = Optimizer::new(model.parameters(), Sgd::new(1.0));
    let data = DataLoader::new(pairs(8)?, 8);
    Trainer::new(&model, optimizer).clip_grad_norm(0.01).quiet().fit(&data, error)?;
    let after =
        [values(&model.weight.get()), values(&model.bias.clone().expect("it has one").get())].concat();
    let length = before.iter().zip(&after).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    assert_close(&[length], &[0.01], 1e-3);
    Ok(())
}

#[test]
fn a_schedule_sets_every_steps_rate() -> Outcome {
    let model = layer()?;
    let seen = Arc::new(Mutex::new(Vec::new()));
    struct Rates(Arc<Mutex<Vec<f64>>>);
    impl Callback for Rates {
        fn step_done(&mut self, at: &Moment) -> Result<Flow> {
            self.0.lock().expect("one thread").push(at.lr);
            Ok(Flow::Continue)
        }
    }
    let optimizer = Optimizer::new(model.parameters(), Sgd::new(1.0));
    let mut trainer = Trainer::new(&model, optimizer)
        .schedule(|step| 0.5f64.powi(step as i32))
        .callback(Rates(seen.clone()))
        .quiet();
    trainer.fit(&DataLoader::new(pairs(6)?, 2), error)?;
    // What is told is the rate of the step to come.
    assert_eq!(*seen.lock().expect("one thread"), [0.5, 0.25, 0.125]);
    Ok(())
}

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Diary {
    lines: Arc<Mutex<Vec<String>>>,
    stops_at_step: Option<u64>,
}

impl Diary {
    fn note(&self, line: String) {
        self.lines.lock().expect("one thread").push(line);
    }
}

impl Callback for Diary {
    fn epoch_begins(&mut self, at: &Moment) -> Result<()> {
        self.note(format!("begin {} of {}", at.epoch, at.epochs));
        Ok(())
    }
    fn step_done(&mut self, at: &Moment) -> Result<Flow> {
        assert!(at.loss.is_finite());
        self.note(format!("step {}", at.step));
        Ok(if self.stops_at_step == Some(at.step) { Flow::Stop } else { Flow::Continue })
    }
    fn epoch_done(&mut self, _: &Moment, result: &Epoch) -> Result<Flow> {
        self.note(format!("end {} {:?}", result.epoch, result.metric("count")));
        Ok(Flow::Continue)
    }
    fn training_done(&mut self, model: &dyn Module) -> Result<()> {
        self.note(format!("done {}", model.num_parameters()));
        Ok(())
    }
}

#[test]
fn callbacks_are_told_in_order() -> Outcome {
    let run = |stops_at_step| -> Result<Vec<String>> {
        let (model, diary) = (layer()?, Diary { stops_at_step, ..Diary::default() });
        let mut trainer = Trainer::new(&model, Optimizer::new(model.parameters(), Sgd::new(0.1)))
            .epochs(2)
            .metric("count", |model| Ok(model.num_parameters() as f64))
            .callback(diary.clone())
            .quiet();
        trainer.fit(&DataLoader::new(pairs(4)?, 2), error)?;
        Ok(diary.lines.lock().expect("one thread").clone())
    };
    let whole = [
        "begin 0 of 2",
        "step 1",
        "step 2",
        "end 0 Some(4.0)",
        "begin 1 of 2",
        "step 3",
        "step 4",
        "end 1 Some(4.0)",
        "done 4",
    ];
    assert_eq!(run(None)?, whole);
    assert_eq!(run(Some(3))?, [&whole[..6], &["end 1 Some(4.0)", "done 4"]].concat());
    Ok(())
}

/// Metrics that follow a list.
fn listed<'a>(values: &'a [f64], at: &'a Mutex<usize>) -> impl Fn(&Linear) -> Result<f64> + 'a {
    move |_| {
        let mut at = at.lock().expect("one thread");
        *at += 1;
        Ok(values[*at - 1])
    }
}

#[test]
fn early_stopping_waits_and_restores() -> Outcome {
    let scores = [0.1, 0.5, 0.4, 0.5, 0.45, 0.9];
    let run = |stopping: EarlyStopping| -> Result<(usize, Vec<f64>)> {
        let (model, at) = (layer()?, Mutex::new(0));
        let mut trainer = Trainer::new(&model, Optimizer::new(model.parameters(), Sgd::new(0.1)))
            .epochs(6)
            .metric("score", listed(&scores, &at))
            .callback(stopping)
            .quiet();
        let epochs = trainer.fit(&DataLoader::new(pairs(4)?, 4), error)?.len();
        Ok((epochs, values(&model.weight.get())))
    };
    let (epochs, last) = run(EarlyStopping::highest("score").patience(2))?;
    assert_eq!(epochs, 5);
    assert_eq!(run(EarlyStopping::highest("score").patience(3))?.0, 6);
    assert_eq!(run(EarlyStopping::lowest("score").patience(0))?.0, 2);
    let (epochs, best) = run(EarlyStopping::highest("score").patience(2).restore_best())?;
    assert_eq!(epochs, 5);
    // The best epoch was the second.
    let model = layer()?;
    let optimizer = Optimizer::new(model.parameters(), Sgd::new(0.1));
    Trainer::new(&model, optimizer).epochs(2).quiet().fit(&DataLoader::new(pairs(4)?, 4), error)?;
    assert_eq!(best, values(&model.weight.get()));
    assert_ne!(best, last);
    assert!(message(run(EarlyStopping::highest("novel"))).contains("no metric novel"));
    Ok(())
}

#[test]
fn evaluation_leaves_no_trace() -> Outcome {
    let model = Sequential::new().push(Dropout::new(1.0)).push(layer()?);
    let data = DataLoader::new(pairs(5)?, 2);
    let mean = evaluate(&model, &data, |model, (x, _)| {
        let y = model.forward(x)?;
        assert!(!y.requires_grad());
        y.square()
    })?;
    let x = sample(&[5, 3], 300);
    let by_hand = values(&model.get(1).expect("the layer").forward(&x)?.square()?);
    assert_close(&[mean], &[by_hand.iter().sum::<f64>() / 5.0], 1e-12);
    // Dropout drops again.
    let bias = values(&model.state_dict()["1.bias"]);
    assert_eq!(values(&model.forward(&x)?), vec![bias[0]; 5]);
    Ok(())
}
