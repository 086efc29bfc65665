//! Vectors for the words of a vocabulary.

use crate::init;
use crate::{Layer, Module, Parameter, Visitor};
use st_core::functional::embedding;
use st_core::{Result, Tensor, index_err};

/// The rows of a table at integer indices.
#[derive(Clone, Debug)]
pub struct Embedding {
    /// `[words, width]`.
    pub weight: Parameter,
    padding: Option<usize>,
}

impl Embedding {
    /// A table of standard normal numbers.
    pub fn new(words: usize, width: usize) -> Result<Embedding> {
        Ok(Embedding { weight: Parameter::new(init::normal(&[words, width], 0.0, 1.0)?)?, padding: None })
    }

    /// The row of this word is zero and stays so: it gets no gradient.
    pub fn padding(mut self, word: usize) -> Result<Embedding> {
        let weight = self.weight.get().detach();
        if word >= weight.shape()[0] {
            return Err(index_err!(
                "Embedding: padding {word} is no word of a table of {:?}",
                weight.shape()
            ));
        }
        weight.select(0, word as i64)?.zero_()?;
        self.padding = Some(word);
        Ok(self)
    }
}

impl Module for Embedding {
    fn visit(&self, v: &mut Visitor) {
        v.field("weight", &self.weight);
    }
}

impl Layer for Embedding {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        embedding(x, &self.weight.get(), self.padding.map(|word| word as i64))
    }
}
