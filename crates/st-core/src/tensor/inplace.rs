//! Writing in place.
use super::Tensor;
use st_kernel::{Result, unsupported};
impl Tensor {
    /// Stand-in.
    pub fn become_(&self, _result: &Tensor) -> Result<()> {
        Err(unsupported!("stand-in"))
    }
    /// Stand-in.
    pub fn copy_(&self, _source: &Tensor) -> Result<()> {
        Err(unsupported!("stand-in"))
    }
}
