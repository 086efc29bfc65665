//! How samples become batches. It is done on the host's memory, without a graph: a thread that loads ahead must not run
//! what the training thread is about to write.

use st_core::{Result, Tensor, value_err};

/// What a data set gives for one index: a tensor, a number, or a tuple of such.
pub trait Sample: Send + Sized {
    /// Many of them.
    type Batch: Send;

    /// Many samples as a batch.
    fn collate(samples: Vec<Self>) -> Result<Self::Batch>;
}

/// Tensors of one shape and dtype, stacked along a new first dimension.
impl Sample for Tensor {
    type Batch = Tensor;

    fn collate(samples: Vec<Tensor>) -> Result<Tensor> {
        let Some(first) = samples.first() else {
            return Err(value_err!("a batch needs at least one sample"));
        };
        let mut bytes = Vec::new();
        for sample in &samples {
            if sample.shape() != first.shape() || sample.dtype() != first.dtype() {
                return Err(value_err!("samples {first:?} and {sample:?} make no batch: they differ"));
            }
            bytes.extend(sample.to_bytes()?);
        }
        let shape = [&[samples.len()], first.shape()].concat();
        Tensor::from_bytes(&bytes, &shape, first.dtype(), 0)?.to_device(first.device())
    }
}

macro_rules! numbers {
    ($($t:ty)*) => {$(
        impl Sample for $t {
            type Batch = Tensor;
            fn collate(samples: Vec<$t>) -> Result<Tensor> {
                Tensor::from_slice(&samples, &[samples.len()])
            }
        }
    )*};
}
numbers!(f32 f64 i32 i64 u8 bool);

macro_rules! tuples {
    ($($($part:ident $list:ident $at:tt),+;)*) => {$(
        impl<$($part: Sample),+> Sample for ($($part,)+) {
            type Batch = ($($part::Batch,)+);
            fn collate(samples: Vec<Self>) -> Result<Self::Batch> {
                $(let mut $list = Vec::with_capacity(samples.len());)+
                for sample in samples {
                    $($list.push(sample.$at);)+
                }
                Ok(($($part::collate($list)?,)+))
            }
        }

        impl<$($part: Rows),+> Rows for ($($part,)+) {
            fn tensors(&self) -> Vec<Tensor> {
                [$(self.$at.tensors()),+].concat()
            }
            fn from_tensors(tensors: &mut dyn Iterator<Item = Tensor>) -> Option<Self> {
                Some(($($part::from_tensors(tensors)?,)+))
            }
        }
    )*};
}
tuples! {
    A a 0;
    A a 0, B b 1;
    A a 0, B b 1, C c 2;
    A a 0, B b 1, C c 2, D d 3;
}

/// What a [`TensorDataset`](super::TensorDataset) is made of: a tensor, or a tuple of them.
pub trait Rows: Sample<Batch = Self> + Sync {
    /// The tensors in it.
    fn tensors(&self) -> Vec<Tensor>;

    /// The same of other tensors, as many as it takes; `None` if there are too few.
    fn from_tensors(tensors: &mut dyn Iterator<Item = Tensor>) -> Option<Self>;
}

impl Rows for Tensor {
    fn tensors(&self) -> Vec<Tensor> {
        vec![self.clone()]
    }

    fn from_tensors(tensors: &mut dyn Iterator<Item = Tensor>) -> Option<Tensor> {
        tensors.next()
    }
}
