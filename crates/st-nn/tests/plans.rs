//! Steps of training find their plans again. Alone in its program, for it counts what the whole program does.

use st_core::runtime::stats;
use st_nn::optim::Cosine;
use st_nn::prelude::*;
use st_nn::train::{Callback, Flow, Moment};
use std::sync::{Arc, Mutex};

/// How many plans had been made after each step.
struct Plans(Arc<Mutex<Vec<u64>>>);

impl Callback for Plans {
    fn step_done(&mut self, _: &Moment) -> Result<Flow> {
        self.0.lock().expect("one thread").push(stats().plans);
        Ok(Flow::Continue)
    }
}

#[test]
fn later_steps_plan_nothing() -> Result<()> {
    let x = Tensor::randn(&[64, 6], DType::F32, 0)?;
    let classes = x.argmax(Some(1), false)?;
    let data = DataLoader::new(TensorDataset::new((x, classes))?, 8).shuffle(0);
    let model = Sequential::new()
        .push(Linear::new(6, 16)?)
        .push(BatchNorm1d::new(16)?)
        .push(Gelu)
        .push(Dropout::new(0.1))
        .push(Linear::new(16, 6)?);
    let plans = Arc::new(Mutex::new(Vec::new()));
    let optimizer = Optimizer::new(model.parameters(), AdamW::new(1e-2));
    Trainer::new(&model, optimizer)
        .epochs(3)
        .clip_grad_norm(1.0)
        .schedule(Cosine { steps: 24, floor: 0.0 })
        .callback(Plans(plans.clone()))
        .quiet()
        .fit(&data, |model, (x, classes)| loss::cross_entropy(&model.forward(x)?, classes))?;
    let plans = plans.lock().expect("one thread");
    assert_eq!(plans.len(), 24);
    // The first step has no moments yet, and the order of a shuffled epoch is a graph of its own.
    assert_eq!(plans[8], plans[23], "{plans:?}");
    Ok(())
}
