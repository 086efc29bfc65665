//! Batches: which samples, in which order, from which thread.

use super::{Outcome, message, values};
use st_core::{DType, Result, Tensor, value_err};
use st_nn::data::*;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

fn counting(n: usize) -> Result<TensorDataset<(Tensor, Tensor)>> {
    let x = Tensor::arange(0, n, 1, Some(DType::F32), 0)?.reshape(&[-1, 1])?;
    TensorDataset::new((x.expand(&[-1, 2])?, Tensor::arange(0, n, 1, None, 0)?))
}

/// The labels of an epoch, batch by batch.
fn labels<D: Dataset<Sample = (Tensor, Tensor)> + 'static>(loader: &DataLoader<D>) -> Result<Vec<Vec<i64>>> {
    loader
        .iter()
        .map(|batch| {
            let (x, y) = batch?;
            let labels = y.to_vec::<i64>()?;
            let expected: Vec<f64> = labels.iter().flat_map(|&l| [l as f64; 2]).collect();
            assert_eq!(values(&x), expected, "rows stay together");
            Ok(labels)
        })
        .collect()
}

#[test]
fn batches_in_order() -> Outcome {
    let loader = DataLoader::new(counting(5)?, 2);
    assert_eq!(labels(&loader)?, [vec![0, 1], vec![2, 3], vec![4]]);
    assert_eq!((loader.len(), loader.iter().len()), (3, 3));
    let loader = loader.drop_last();
    assert_eq!(labels(&loader)?, [[0, 1], [2, 3]]);
    assert_eq!(DataLoader::new(counting(0)?, 2).iter().count(), 0);
    Ok(())
}

#[test]
fn a_seed_says_the_order_of_every_epoch() -> Outcome {
    let shuffled = |prefetch| Ok(DataLoader::new(counting(40)?, 7).shuffle(3).prefetch(prefetch));
    let (ahead, here) = (shuffled(3)?, shuffled(0)?);
    let first = labels(&ahead)?;
    let second = labels(&ahead)?;
    assert_eq!((&labels(&here)?, &labels(&here)?), (&first, &second));
    assert_ne!(first, second);
    let all: HashSet<i64> = first.concat().into_iter().collect();
    assert_eq!(all.len(), 40);
    ahead.set_epoch(0);
    assert_eq!(labels(&ahead)?, first);
    assert_ne!(labels(&DataLoader::new(counting(40)?, 7).shuffle(4))?, first);
    Ok(())
}

#[test]
fn a_split_has_every_sample_once() -> Outcome {
    let (a, b) = random_split(counting(10)?, 0.7, 1)?;
    assert_eq!((a.len(), b.len()), (7, 3));
    let mut all: Vec<i64> = labels(&DataLoader::new(a, 3))?.concat();
    all.extend(labels(&DataLoader::new(b, 3))?.concat());
    all.sort_unstable();
    assert_eq!(all, (0..10).collect::<Vec<_>>());
    assert!(message(Subset::new(Arc::new(counting(2)?), vec![2])).contains("2 samples"));
    Ok(())
}

#[test]
fn samples_are_stacked() -> Outcome {
    let images = (0..3).map(|i| Tensor::full(&[2, 2], i, DType::U8, 0)).collect::<Result<Vec<_>>>()?;
    let pairs: Vec<(Tensor, f32)> = images.into_iter().zip([0.5, 1.5, 2.5]).collect();
    let batches = DataLoader::new(pairs, 2).iter().collect::<Result<Vec<_>>>()?;
    assert_eq!((batches[0].0.shape(), batches[0].0.dtype()), (&[2, 2, 2][..], DType::U8));
    assert_eq!((values(&batches[1].0), values(&batches[1].1)), (vec![2.0; 4], vec![2.5]));
    let ragged = vec![Tensor::of([1i64])?, Tensor::of([1i64, 2])?];
    assert!(message(DataLoader::new(ragged, 2).iter().collect::<Result<Vec<_>>>()).contains("no batch"));
    assert!(message(TensorDataset::new((Tensor::of([1i64])?, Tensor::of([1i64, 2])?))).contains("[1, 2]"));
    Ok(())
}

#[test]
fn a_data_set_is_a_copy() -> Outcome {
    let x = Tensor::of([1.0f32, 2.0])?;
    let data = TensorDataset::new(x.clone())?;
    x.zero_()?;
    assert_eq!(values(&data.get(1)?), [2.0]);
    assert!(message(data.get(2)).contains("out of range"));
    Ok(())
}

/// Counts how often it is asked; fails or panics where it is told to.
struct Troubled {
    asked: Arc<AtomicUsize>,
    fails_at: usize,
    panics_at: usize,
}

impl Dataset for Troubled {
    type Sample = i64;
    fn len(&self) -> usize {
        1000
    }
    fn get(&self, index: usize) -> Result<i64> {
        self.asked.fetch_add(1, SeqCst);
        assert_ne!(index, self.panics_at, "told to");
        if index == self.fails_at { Err(value_err!("sample {index} is broken")) } else { Ok(index as i64) }
    }
}

fn troubled(fails_at: usize, panics_at: usize) -> (Arc<AtomicUsize>, DataLoader<Troubled>) {
    let asked = Arc::new(AtomicUsize::new(0));
    (asked.clone(), DataLoader::new(Troubled { asked, fails_at, panics_at }, 10))
}

#[test]
fn the_thread_is_a_few_batches_ahead_and_ends_with_the_epoch() {
    let (asked, loader) = troubled(usize::MAX, usize::MAX);
    let mut batches = loader.prefetch(3).iter();
    assert!(batches.next().is_some_and(|batch| batch.is_ok()));
    drop(batches);
    // The thread notices when it next wants to hand over a batch: one that was taken, at most three that wait, one more.
    std::thread::sleep(std::time::Duration::from_millis(50));
    let count = asked.load(SeqCst);
    assert!((10..=50).contains(&count), "{count} samples were loaded");
}

#[test]
fn errors_and_panics_arrive_where_the_batch_is_wanted() {
    let (_, loader) = troubled(25, usize::MAX);
    let batches: Vec<Result<Tensor>> = loader.iter().take(4).collect();
    assert!(batches[0].is_ok() && batches[1].is_ok() && batches[3].is_ok());
    let error = batches[2].as_ref().expect_err("sample 25 is broken");
    assert!(error.message().contains("sample 25 is broken"));

    let (_, loader) = troubled(usize::MAX, 15);
    let caught = std::panic::catch_unwind(|| loader.iter().count());
    assert!(caught.is_err());
}
