//! Blocks of a GPU's memory.

use crate::driver::{Address, Driver, Handle, NO_MEMORY};
use crate::graphs::is_anything_recorded;
use smallvec::SmallVec;
use st_kernel::pool::Memory;
use st_kernel::{Owner, Result, Stream};
use std::ptr::with_exposed_provenance_mut;
use std::sync::{Mutex, PoisonError};

/// Memory of a GPU, given back to the driver, or to whoever allocated it, when it is dropped.
pub(crate) struct Block {
    address: Address,
    size: u64,
    driver: &'static Driver,
    context: usize,
    home: Stream,
    /// Other streams that use it.
    guests: Mutex<SmallVec<[Stream; 1]>>,
    /// Who keeps another library's memory.
    owner: Option<Owner>,
}

impl Block {
    /// Asks the driver for memory of a stream; none if there is not enough.
    pub(crate) fn new(
        driver: &'static Driver,
        context: Handle,
        home: Stream,
        size: u64,
    ) -> Result<Option<Block>> {
        let mut address = 0;
        // SAFETY: the context is current; `address` is written.
        match unsafe { (driver.cuMemAlloc_v2)(&raw mut address, size as usize) } {
            NO_MEMORY => Ok(None),
            code => {
                driver.check("allocating memory", code)?;
                Ok(Some(Block::at(driver, context, (address, size), home, None)))
            }
        }
    }

    /// Memory that another library has allocated.
    pub(crate) fn foreign(
        driver: &'static Driver,
        context: Handle,
        place: (Address, u64),
        owner: Owner,
    ) -> Block {
        Block::at(driver, context, place, 0, Some(owner))
    }

    fn at(
        driver: &'static Driver,
        context: Handle,
        (address, size): (Address, u64),
        home: Stream,
        owner: Option<Owner>,
    ) -> Block {
        let context = context.expose_provenance();
        Block { address, size, driver, context, home, guests: Mutex::default(), owner }
    }

    pub(crate) fn address(&self) -> Address {
        self.address
    }

    /// A stream is about to use it. What another stream than its own writes waits for what its own has to do with it.
    pub(crate) fn visit(&self, stream: Stream, writes: bool) -> Result<()> {
        if stream == self.home {
            return Ok(());
        }
        let mut guests = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if !guests.contains(&stream) {
            guests.push(stream);
        }
        if writes { self.driver.order(handle(stream), handle(self.home)) } else { Ok(()) }
    }
}

/// The driver's handle of a stream.
pub(crate) fn handle(stream: Stream) -> Handle {
    with_exposed_provenance_mut(stream as usize)
}

impl Memory for Block {
    fn size(&self) -> u64 {
        self.size
    }
    fn home(&self) -> Stream {
        self.home
    }
    fn address(&self) -> Option<u64> {
        Some(self.address)
    }
    fn is_foreign(&self) -> bool {
        self.owner.is_some()
    }
    fn leave(&self) {
        let mut guests = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if is_anything_recorded() {
            guests.clear();
        }
        if guests.is_empty() {
            return;
        }
        // SAFETY: the context lives as long as the process.
        unsafe { (self.driver.cuCtxSetCurrent)(with_exposed_provenance_mut(self.context)) };
        for guest in guests.drain(..) {
            // A failure is one of earlier work and is told there.
            let _ = self.driver.order(handle(self.home), handle(guest));
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if self.owner.is_some() {
            return;
        }
        // SAFETY: the driver waits for the work that uses the memory. A failure is one of earlier work and is told there.
        unsafe {
            (self.driver.cuCtxSetCurrent)(with_exposed_provenance_mut(self.context));
            (self.driver.cuMemFree_v2)(self.address);
        }
    }
}
