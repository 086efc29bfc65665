//! A plan meets a launch: addresses, checks of what they reach, uniform values.

use super::builder::bits;
use super::call::Call;
use super::class::is_native;
use super::faults::Faults;
use super::plan::{Action, Home, NO_SLOT, Plan, Slot};
use super::space::{PerAccess, Space};
use smallvec::SmallVec;
use st_kernel::{Access, Buffer, Launch, Result, Scalar, runtime_err};
use std::ptr::null_mut;

/// How one access of the launch reaches memory.
#[derive(Clone, Copy)]
pub(crate) struct Flow {
    /// The element at the first point.
    pub(crate) ptr: *mut u8,
    /// Where the buffer begins and ends.
    memory: (*mut u8, *mut u8),
    /// Bytes of an element.
    pub(crate) size: usize,
    /// A read of what is also written, or the other way round.
    pub(crate) aliased: bool,
    /// A read of what is written nowhere but at the points that read it, if at all.
    pub(crate) in_step: bool,
    /// A write of so much that it had better go past the caches.
    pub(crate) streams: bool,
}

const NOWHERE: Flow = Flow {
    ptr: null_mut(),
    memory: (null_mut(), null_mut()),
    size: 0,
    aliased: false,
    in_step: true,
    streams: false,
};

/// Results of so many bytes are gone from the caches before somebody reads them. Written past the caches they need not
/// be read first, which halves the traffic.
const STREAM_BYTES: usize = 16 << 20;

/// A plan with the addresses and numbers of a launch.
///
/// Accesses are numbered: reads, writes, the kernel's own result, coordinates.
pub(crate) struct Bound<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) launch: &'a Launch,
    pub(crate) flows: SmallVec<[Flow; 8]>,
    pub(crate) uniforms: SmallVec<[u64; 16]>,
    pub(crate) faults: Faults,
}

// SAFETY: the addresses are those of buffers that the launch holds; threads write disjoint points of them.
unsafe impl Sync for Bound<'_> {}

impl<'a> Bound<'a> {
    /// Binds `plan`; the body runs over the first `rank` of the launch's dimensions, of which `outer` are independent.
    pub(crate) fn new(
        plan: &'a Plan,
        launch: &'a Launch,
        outer: usize,
        rank: usize,
        buffers: &[Buffer],
        params: &[Scalar],
    ) -> Result<Bound<'a>> {
        if launch.dims.len() < rank || plan.coords.iter().any(|&d| d as usize >= rank) {
            return Err(runtime_err!(
                "the kernel has {rank} dimensions and the launch {}",
                launch.dims.len()
            ));
        }
        let mut flows: SmallVec<[Flow; 8]> = SmallVec::new();
        let (no_rows, empty) = (launch.dims[..outer].contains(&0), launch.dims[..rank].contains(&0));
        for (i, &dtype) in plan.dtypes.iter().enumerate() {
            if !plan.touched[i] {
                flows.push(NOWHERE);
                continue;
            }
            let access = access(plan, launch, i)?;
            let buffer = buffers
                .get(access.buffer as usize)
                .ok_or_else(|| runtime_err!("the launch has no buffer {}", access.buffer))?;
            if !empty || (plan.per_row[i] && !no_rows) {
                access.check_reach(&launch.dims[..rank], buffer.len() / dtype.size())?;
            }
            let memory =
                buffer.host_ptr().ok_or_else(|| runtime_err!("a buffer is not in host memory"))?.as_ptr();
            if !memory.addr().is_multiple_of(dtype.size()) {
                return Err(runtime_err!("a buffer of {dtype} does not begin at a multiple of its size"));
            }
            let ptr = memory.wrapping_offset(access.offset * dtype.size() as isize);
            let memory = (memory, memory.wrapping_add(buffer.len()));
            flows.push(Flow { ptr, memory, size: dtype.size(), ..NOWHERE });
        }
        let (reads, writes) = flows.split_at_mut(plan.reads);
        for (write, written) in writes.iter_mut().zip(&launch.writes) {
            for (read, seen) in reads.iter_mut().zip(&launch.reads) {
                if read.memory.0 < write.memory.1 && write.memory.0 < read.memory.1 {
                    (read.aliased, write.aliased) = (true, true);
                    read.in_step &= (read.ptr, read.size) == (write.ptr, write.size)
                        && seen.strides[..rank] == written.strides[..rank];
                }
            }
            let points: usize = launch.dims[..rank].iter().product();
            write.streams = !write.aliased && points * write.size >= STREAM_BYTES;
        }
        for (i, write) in flows.iter_mut().enumerate().skip(plan.reads) {
            write.streams &= is_native(plan.dtypes[i]) && !plan.per_row[i];
        }
        if plan.gathers.iter().any(|&(read, n)| launch.reads[read as usize].gather.len() != n as usize) {
            return Err(runtime_err!("a gathered read needs a size and a stride for each index"));
        }
        // The result of the kernel's own work, given with each tile, and coordinates, which have no memory.
        flows.extend(std::iter::repeat_n(NOWHERE, 1 + plan.coords.len()));
        let mut bound = Bound {
            plan,
            launch,
            flows,
            uniforms: SmallVec::from_slice(&plan.constants),
            faults: Faults::default(),
        };
        bound.compute_uniforms(params)?;
        Ok(bound)
    }

    /// How many accesses there are.
    pub(crate) fn accesses(&self) -> usize {
        self.flows.len()
    }

    /// The step of an access along a dimension of the launch; the kernel's own result moves by none here.
    #[inline]
    pub(crate) fn step(&self, a: usize, d: usize) -> isize {
        let writes = self.plan.reads;
        let coords = self.plan.dtypes.len() + 1;
        match a {
            a if a >= coords => isize::from(self.plan.coords[a - coords] as usize == d),
            a if a + 1 == coords || !self.plan.touched[a] => 0,
            a if a < writes => self.launch.reads[a].strides[d],
            a => self.launch.writes[a - writes].strides[d],
        }
    }

    /// The dimensions `from..to` of the launch as a space.
    pub(crate) fn space(&self, from: usize, to: usize, key: Option<usize>) -> Space {
        Space::new(&self.launch.dims[from..to], self.accesses(), key, |a, d| self.step(a, from + d))
    }

    /// Positions of the first point.
    pub(crate) fn origin(&self) -> PerAccess {
        PerAccess::from_elem(0, self.accesses())
    }

    fn compute_uniforms(&mut self, params: &[Scalar]) -> Result<()> {
        for &(i, dtype, place) in &self.plan.params {
            let value =
                params.get(i as usize).ok_or_else(|| runtime_err!("the launch has no parameter {i}"))?;
            self.uniforms[place as usize] = bits(*value, dtype);
        }
        let base = self.uniforms.as_mut_ptr();
        let place = |slot: Slot| match slot {
            NO_SLOT => std::ptr::null_mut(),
            slot => match self.plan.homes[slot as usize] {
                // SAFETY: the plan numbers uniform values below the number of constants.
                Home::Uniform(i) => unsafe { base.add(i as usize).cast::<u8>() },
                other => unreachable!("{other:?} in the uniform program"),
            },
        };
        for op in &self.plan.uniform.ops {
            debug_assert!(matches!(op.action, Action::Compute { .. }));
            let call = Call {
                dst: place(op.dst),
                src: op.src.map(|s| place(s).cast_const()),
                scalar: [true; 3],
                n: 1,
                rows: 1,
                cols: 1,
                steps: [0; 2],
                nest: &[],
                aux: [0; 2],
                faults: &self.faults,
            };
            // SAFETY: the plan chose the loop for these types and this machine; each place holds one number.
            unsafe { (op.step)(&call) }
        }
        Ok(())
    }
}

fn access<'l>(plan: &Plan, launch: &'l Launch, i: usize) -> Result<&'l Access> {
    let found = match i < plan.reads {
        true => launch.reads.get(i),
        false => launch.writes.get(i - plan.reads),
    };
    found.ok_or_else(|| runtime_err!("the launch lacks an access of the kernel"))
}
