//! Blocks of a GPU's memory.

use crate::driver::{Address, Driver, Handle, NO_MEMORY};
use st_kernel::Result;
use st_kernel::pool::Memory;

/// Memory of a GPU, given back to the driver when it is dropped.
pub(crate) struct Block {
    address: Address,
    size: u64,
    driver: &'static Driver,
    context: usize,
}

impl Block {
    /// Asks the driver for memory; none if there is not enough.
    pub(crate) fn new(driver: &'static Driver, context: Handle, size: u64) -> Result<Option<Block>> {
        let mut address = 0;
        // SAFETY: the context is current; `address` is written.
        match unsafe { (driver.cuMemAlloc_v2)(&raw mut address, size as usize) } {
            NO_MEMORY => Ok(None),
            code => {
                driver.check("allocating memory", code)?;
                Ok(Some(Block { address, size, driver, context: context.addr() }))
            }
        }
    }

    pub(crate) fn address(&self) -> Address {
        self.address
    }
}

impl Memory for Block {
    fn size(&self) -> u64 {
        self.size
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: the driver waits for the work that uses the memory. A failure is one of earlier work and is told there.
        unsafe {
            (self.driver.cuCtxSetCurrent)(std::ptr::with_exposed_provenance_mut(self.context));
            (self.driver.cuMemFree_v2)(self.address);
        }
    }
}
