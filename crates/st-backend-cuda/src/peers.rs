//! Copies from one GPU's memory to another's, in the order of both streams.

use crate::device::Shared;
use crate::driver::WITHOUT_TIME;
use crate::memory::Block;
use st_kernel::Result;
use st_kernel::pool::Memory;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The GPUs that were asked whether this one may write to their memory.
#[derive(Default)]
pub(crate) struct Peers(Mutex<BTreeSet<usize>>);

impl Shared {
    /// Whether this GPU reads and writes another one's memory itself.
    pub(crate) fn reaches(&self, other: &Shared) -> Result<bool> {
        let mut able = 0;
        // SAFETY: `able` is written.
        let code = unsafe { (self.driver.cuDeviceCanAccessPeer)(&raw mut able, self.gpu, other.gpu) };
        self.driver.check("asking for peers", code)?;
        Ok(able != 0)
    }

    /// Opens another GPU's memory to this one, once. Where that is not possible the driver copies by way of the host.
    fn befriend(&self, other: &Shared) -> Result<()> {
        let mut known = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.insert(other.index) && self.reaches(other)? {
            // SAFETY: this GPU's context is current. That it is open already, by another library, is no error.
            unsafe { (self.driver.cuCtxEnablePeerAccess)(other.context, 0) };
        }
        Ok(())
    }

    /// Copies a block of this GPU to one of another; what either does later waits for it.
    pub(crate) fn copy_to(&self, from: &Block, other: &Shared, to: &Block) -> Result<bool> {
        self.expect_no_recording()?;
        let driver = self.driver;
        self.enter()?;
        self.befriend(other)?;
        self.visit(from, false)?;
        other.enter()?;
        other.visit(to, true)?;
        let ready = driver.event(WITHOUT_TIME)?;
        self.enter()?;
        let done = driver.event(WITHOUT_TIME)?;
        let bytes = from.size().min(to.size()) as usize;
        // SAFETY: events and streams of their contexts, each current where it is used; both blocks have as many bytes.
        unsafe {
            other.enter()?;
            driver.check("marking a stream", (driver.cuEventRecord)(ready, other.stream()))?;
            self.enter()?;
            driver.check("ordering streams", (driver.cuStreamWaitEvent)(self.stream(), ready, 0))?;
            let (target, source) = (to.address(), from.address());
            let stream = self.stream();
            let code = (driver.cuMemcpyPeerAsync)(target, other.context, source, self.context, bytes, stream);
            driver.check("copying between GPUs", code)?;
            driver.check("marking a stream", (driver.cuEventRecord)(done, stream))?;
            other.enter()?;
            driver.check("ordering streams", (driver.cuStreamWaitEvent)(other.stream(), done, 0))?;
            (driver.cuEventDestroy_v2)(ready);
            self.enter()?;
            (driver.cuEventDestroy_v2)(done);
        }
        Ok(true)
    }
}
