//! The data loader: which samples make which batch, and a thread that makes them ahead of time.

use super::dataset::{Batch, Dataset, chunks, permutation};
use st_core::{Result, runtime_err};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{JoinHandle, spawn};

/// Makes batches of a data set. Iterating over it is one epoch; a shuffled loader has another order in each.
pub struct DataLoader<D> {
    data: Arc<D>,
    batch_size: usize,
    seed: Option<u64>,
    drop_last: bool,
    prefetch: usize,
    epoch: AtomicU64,
}

impl<D: Dataset> DataLoader<D> {
    /// Batches of so many samples, in order, of which two are made ahead of time.
    pub fn new(data: D, batch_size: usize) -> DataLoader<D> {
        assert!(batch_size > 0, "a batch has at least one sample");
        DataLoader {
            data: Arc::new(data),
            batch_size,
            seed: None,
            drop_last: false,
            prefetch: 2,
            epoch: AtomicU64::new(0),
        }
    }

    /// Samples come in a random order, another one in each epoch; the seed says which.
    pub fn shuffle(mut self, seed: u64) -> DataLoader<D> {
        self.seed = Some(seed);
        self
    }

    /// Leaves out a last batch that is not full.
    pub fn drop_last(mut self) -> DataLoader<D> {
        self.drop_last = true;
        self
    }

    /// How many batches are made ahead of time; 0 makes them when they are asked for, on the caller's thread.
    pub fn prefetch(mut self, batches: usize) -> DataLoader<D> {
        self.prefetch = batches;
        self
    }

    /// The data set.
    pub fn dataset(&self) -> &D {
        &self.data
    }

    /// Batches in an epoch.
    pub fn len(&self) -> usize {
        let samples = self.data.len();
        if self.drop_last { samples / self.batch_size } else { samples.div_ceil(self.batch_size) }
    }

    /// Whether an epoch has no batch.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next epoch has this number, which with the seed says its order.
    pub fn set_epoch(&self, epoch: u64) {
        self.epoch.store(epoch, Relaxed);
    }
}

impl<D: Dataset + 'static> DataLoader<D>
where
    Batch<D>: 'static,
{
    /// An epoch.
    pub fn iter(&self) -> Batches<D> {
        let epoch = self.epoch.fetch_add(1, Relaxed);
        let order = match self.seed {
            // An odd factor, so that neighbouring seeds have no epochs in common.
            Some(seed) => permutation(self.data.len(), seed ^ epoch.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            None => Ok((0..self.data.len()).collect()),
        };
        let ranges: Vec<Range<usize>> = chunks(self.data.len(), self.batch_size).take(self.len()).collect();
        Batches::new(self.data.clone(), order, ranges, self.prefetch)
    }
}

impl<D: Dataset + 'static> IntoIterator for &DataLoader<D>
where
    Batch<D>: 'static,
{
    type Item = Result<Batch<D>>;
    type IntoIter = Batches<D>;
    fn into_iter(self) -> Batches<D> {
        self.iter()
    }
}

/// The batches of an epoch.
pub struct Batches<D: Dataset> {
    source: Source<D>,
    left: usize,
}

enum Source<D: Dataset> {
    /// Made when they are asked for.
    Here(Maker<D>),
    /// Made ahead of time. Dropping the receiver ends the thread.
    Ahead(Receiver<Result<Batch<D>>>, Option<JoinHandle<()>>),
}

/// Makes the batches of an epoch one after another.
struct Maker<D> {
    data: Arc<D>,
    order: Vec<usize>,
    ranges: std::vec::IntoIter<Range<usize>>,
}

impl<D: Dataset> Iterator for Maker<D> {
    type Item = Result<Batch<D>>;
    fn next(&mut self) -> Option<Result<Batch<D>>> {
        let range = self.ranges.next()?;
        Some(self.data.batch(&self.order[range]))
    }
}

impl<D: Dataset + 'static> Batches<D>
where
    Batch<D>: 'static,
{
    fn new(
        data: Arc<D>,
        order: Result<Vec<usize>>,
        ranges: Vec<Range<usize>>,
        prefetch: usize,
    ) -> Batches<D> {
        let left = ranges.len();
        let order = match order {
            Ok(order) => order,
            Err(error) => {
                let (sender, receiver) = sync_channel(1);
                let _ = sender.send(Err(error));
                return Batches { source: Source::Ahead(receiver, None), left: 1 };
            }
        };
        let maker = Maker { data, order, ranges: ranges.into_iter() };
        if prefetch == 0 {
            return Batches { source: Source::Here(maker), left };
        }
        // One batch waits with the thread for a place in the channel.
        let (sender, receiver) = sync_channel(prefetch - 1);
        let thread = spawn(move || {
            for batch in maker {
                if sender.send(batch).is_err() {
                    return;
                }
            }
        });
        Batches { source: Source::Ahead(receiver, Some(thread)), left }
    }
}

impl<D: Dataset> Iterator for Batches<D> {
    type Item = Result<Batch<D>>;

    fn next(&mut self) -> Option<Result<Batch<D>>> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        match &mut self.source {
            Source::Here(maker) => maker.next(),
            Source::Ahead(receiver, thread) => match receiver.recv() {
                Ok(batch) => Some(batch),
                Err(_) => {
                    self.left = 0;
                    match thread.take().map(JoinHandle::join) {
                        Some(Err(panic)) => std::panic::resume_unwind(panic),
                        _ => Some(Err(runtime_err!("the thread that loads data ended before the epoch did"))),
                    }
                }
            },
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<D: Dataset> ExactSizeIterator for Batches<D> {}
