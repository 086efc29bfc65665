//! A checkpoint goes on bit for bit. Alone in its program, for it sets the state of the global random numbers.

use st_core::random::manual_seed;
use st_core::{Result, Tensor};
use st_nn::optim::{Cosine, LrScheduler, WarmUp};
use st_nn::prelude::*;

fn data() -> Result<DataLoader<TensorDataset<(Tensor, Tensor)>>> {
    let x = Tensor::arange(0.0, 60.0, 1.0, Some(DType::F32), 0)?.sin()?.reshape(&[20, 3])?;
    let classes = x.argmax(Some(1), false)?;
    Ok(DataLoader::new(TensorDataset::new((x, classes))?, 4).shuffle(5))
}

/// A model with everything that has a state: running statistics, dropout, moments.
fn model() -> Result<Sequential> {
    Ok(Sequential::new()
        .push(Linear::new(3, 8)?)
        .push(BatchNorm1d::new(8)?)
        .push(Relu)
        .push(Dropout::new(0.3))
        .push(Linear::new(8, 3)?))
}

fn trainer(model: &Sequential) -> Trainer<'_, Sequential, AdamW> {
    let optimizer = Optimizer::new(model.parameters(), AdamW::new(0.02));
    let schedule = WarmUp { steps: 4, then: Cosine { steps: 20, floor: 0.1 } };
    Trainer::new(model, optimizer).schedule(schedule).quiet()
}

fn cost(model: &Sequential, (x, classes): &(Tensor, Tensor)) -> Result<Tensor> {
    loss::cross_entropy(&model.forward(x)?, classes)
}

fn bytes(model: &Sequential) -> Result<Vec<Vec<u8>>> {
    model.state_dict().values().map(Tensor::to_bytes).collect()
}

#[test]
fn a_checkpoint_resumes_bit_for_bit() -> Result<()> {
    let path = std::env::temp_dir().join(format!("st-nn-resume-{}.safetensors", std::process::id()));
    manual_seed(11);
    let start = model()?;
    let straight = model()?;
    straight.load_state_dict(&start.state_dict())?;
    manual_seed(12);
    let expected = trainer(&straight).epochs(5).fit(&data()?, cost)?;

    manual_seed(12);
    trainer(&start).epochs(2).checkpoint(&path).fit(&data()?, cost)?;
    manual_seed(99);
    let resumed = model()?;
    let mut goes_on = trainer(&resumed).epochs(5).resume(&path)?;
    let found = goes_on.fit(&data()?, cost)?;

    assert_eq!(bytes(&resumed)?, bytes(&straight)?);
    assert_eq!(found.len(), 3);
    for (a, b) in found.iter().zip(&expected[2..]) {
        assert_eq!((a.epoch, a.loss.to_bits()), (b.epoch, b.loss.to_bits()));
    }

    let mut other = Optimizer::new(Linear::new(2, 2)?.parameters(), AdamW::new(0.1));
    LrScheduler::new(&mut other, |_| 1.0);
    let wrong = Linear::new(2, 2)?;
    let error = Trainer::new(&wrong, other).resume(&path).err().expect("another model's checkpoint");
    assert!(error.message().contains("unexpected"), "{error}");
    resumed.save(&path)?;
    let error = trainer(&resumed).resume(&path).err().expect("a model's file is no checkpoint");
    assert!(error.message().contains("no trainer's checkpoint"), "{error}");
    std::fs::remove_file(&path).map_err(|e| st_core::runtime_err!("{e}"))
}
