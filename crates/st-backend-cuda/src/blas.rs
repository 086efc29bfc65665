//! Products by cuBLASLt, NVIDIA's library of them, where it is installed.
//!
//! It adds a bias and rounds, and results go straight to their place if they are stored as they are; else they go to scratch
//! memory, from where a kernel of ours goes on (see [`epilogue`](crate::epilogue)). `ST_CUDA_BLAS=0` leaves all products to ours.
//!
//! It proposes several ways for a product, the first of which is not always the fastest one. Large products in half precision are
//! made in all of them that add up in the same order, when they are first asked for, and from then on in the fastest.

use crate::calls::Call;
use crate::device::Shared;
use crate::driver::{Address, Driver, Handle};
use crate::epilogue::Split;
use crate::library::{functions, open};
use crate::padding::WHOLE;
use smallvec::SmallVec;
use st_kernel::{Access, DType, Kernel, Launch, Result, runtime_err};
use std::ffi::{c_int, c_void};
use std::ptr::null_mut;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

functions! {
    /// cuBLASLt's functions.
    Lt {
        cublasLtCreate(*mut Handle);
        cublasLtMatmulDescCreate(*mut Handle, c_int, c_int);
        cublasLtMatmulDescDestroy(Handle);
        cublasLtMatmulDescSetAttribute(Handle, c_int, *const c_void, usize);
        cublasLtMatrixLayoutCreate(*mut Handle, c_int, u64, u64, i64);
        cublasLtMatrixLayoutDestroy(Handle);
        cublasLtMatrixLayoutSetAttribute(Handle, c_int, *const c_void, usize);
        cublasLtMatmulPreferenceCreate(*mut Handle);
        cublasLtMatmulPreferenceDestroy(Handle);
        cublasLtMatmulPreferenceSetAttribute(Handle, c_int, *const c_void, usize);
        cublasLtMatmulAlgoGetHeuristic(
            Handle, Handle, Handle, Handle, Handle, Handle, Handle, c_int, *mut Choice, *mut c_int
        );
        cublasLtMatmulAlgoConfigGetAttribute(*const u64, c_int, *mut c_void, usize, *mut usize);
        cublasLtMatmul(
            Handle, Handle, *const c_void, Address, Handle, Address, Handle, *const c_void, Address, Handle, Address,
            Handle, *const Choice, Address, usize, Handle
        );
    }
}

/// Numbers of attributes: how operands of a product are turned, what follows the sums, a bias; a layout's batch; a
/// preference's memory, ways to add up parts, and alignments.
const TURN_OF_OPERAND: [c_int; 2] = [3, 4];
const WHAT_FOLLOWS: c_int = 7;
const BIAS: c_int = 8;
const BATCH_COUNT: c_int = 5;
const BATCH_STEP: c_int = 6;
const MOST_WORKSPACE: c_int = 1;
const REDUCTIONS: c_int = 3;
const ALIGNMENTS: [c_int; 4] = [5, 6, 7, 8];
/// Those of a way that tell in which order it adds up: its algorithm, in how many parts, and how these are joined.
const ORDER: [c_int; 3] = [0, 2, 3];
/// A vector along the rows of results (columns there) is added.
const ADD_BIAS: u32 = 4;
/// What an address that is not known yet is a multiple of.
const ALIGNED: Address = 256;
/// Parts of a sum are added in single precision, never as results are stored.
const IN_SINGLE_PRECISION: u32 = 2;

/// Memory that its kernels may use beside their operands.
const WORKSPACE: usize = 32 << 20;
/// Bytes of a counter by which its groups take turns: that is cleared before each product, for which the GPU waits longer
/// (6 us) than taking turns saves with fewer multiply-adds than these.
const COUNTER: usize = 64;
const MANY: usize = 1 << 36;
/// Multiply-adds of a product in half precision for which all ways are tried: fewer are not worth it, more take long.
const TRIED: std::ops::Range<usize> = 1 << 30..1 << 40;
/// Ways that are asked for at a time, and how often each is timed.
const WAYS: usize = 8;
const TIMES: usize = 4;
/// Multiply-adds from which calling it pays: single precision has fast kernels of ours.
const FEWEST_SINGLE: usize = 1 << 27;
const FEWEST_HALF: usize = 1 << 21;

/// A way to compute a product, as cuBLASLt gives it.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Choice {
    algorithm: [u64; 8],
    workspace: usize,
    state: c_int,
    waves: f32,
    reserved: [c_int; 4],
}

/// Memory of a launch: where it begins, bytes of the tensor, and all bytes; what lies behind the tensor is nobody's.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    pub(crate) at: Address,
    pub(crate) bytes: usize,
    pub(crate) all: usize,
}

/// A matrix as cuBLASLt sees it: its columns lie `pitch` elements apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Matrix {
    /// Whether what is meant is the transposed matrix: its lines are rows, steps are neighbours.
    pub(crate) turned: bool,
    pub(crate) pitch: usize,
    /// From one matrix of the batch to the next.
    pub(crate) step: usize,
    /// Bytes that its address is a multiple of, up to 256.
    pub(crate) alignment: u32,
    /// Whether what lies between its lines in memory is nobody's, so that it may be read and written.
    pub(crate) loose: bool,
    /// Elements behind the last one that are nobody's, up to a few columns.
    pub(crate) behind: usize,
}

/// A product that cuBLASLt can make: launches that share it differ in addresses only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Product {
    pub(crate) dtype: DType,
    /// What results are.
    pub(crate) result: DType,
    pub(crate) batch: usize,
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) k: usize,
    pub(crate) a: Matrix,
    pub(crate) b: Matrix,
    pub(crate) c: Matrix,
    /// Whether a bias is added.
    pub(crate) biased: bool,
}

impl Product {
    /// The product a launch with this memory asks for and what of its body that does, if cuBLASLt is the one to
    /// make it; with a bias only if it may.
    pub(crate) fn of(
        kernel: &Kernel,
        launch: &Launch,
        rooms: &[Room],
        may: bool,
    ) -> Option<(Product, Split)> {
        let Kernel::Matmul { batch, dtype, acc, body } = kernel else { return None };
        if !matches!(dtype, DType::F16 | DType::BF16 | DType::F32 | DType::F64) || lt().is_none() {
            return None;
        }
        let (outer, &[m, n, k]) = launch.dims.split_at(*batch) else { return None };
        let items: usize = outer.iter().product();
        let fewest = if *dtype == DType::F32 { FEWEST_SINGLE } else { FEWEST_HALF };
        if m * n * k * items < fewest || [m, n, k].iter().any(|&d| d > i32::MAX as usize) {
            return None;
        }
        let step = |access: &Access| batch_step(outer, &access.strides);
        let begin = |access: &Access, dtype: DType| {
            rooms[access.buffer as usize].at.wrapping_add_signed(access.offset as i64 * dtype.size() as i64)
        };
        let is_loose = |access: &Access| launch.ints.contains(&(access.buffer as usize));
        let operand = |i: usize, lines: usize| {
            let access = &launch.reads[i];
            let (line, along) = (access.strides[batch + i], access.strides[batch + 2]);
            let matrix = Matrix::of([(lines, line), (k, along)], step(access)?, begin(access, *dtype))?;
            let last = access.offset + (lines as isize - 1) * line + (k as isize - 1) * along;
            let behind = rooms[access.buffer as usize].behind(last, *dtype).min(WHOLE * matrix.pitch);
            Some(Matrix { loose: is_loose(access), behind, ..matrix })
        };
        let (a, b) = (operand(0, m)?, operand(1, n)?);
        let split = Split::of(body, *batch, launch, *dtype, may && items == 1)?;
        let result = body.insts[split.value.at()].1;
        let place = |i: usize| {
            let access = &launch.writes[i];
            let (row, column) = (access.strides[*batch], access.strides[batch + 1]);
            let c = Matrix::of([(m, row), (n, column)], step(access)?, begin(access, result))?;
            // Rows of results lie side by side, and no two are the same.
            let c = Matrix { loose: is_loose(access), ..c };
            (c.turned && (items == 1 || c.step >= m * n)).then_some((i, c))
        };
        let places: SmallVec<[Address; 8]> = rooms.iter().map(|room| room.at).collect();
        let (stored, c) = match split.stores(body, launch, &places).find_map(place) {
            Some((stored, c)) => (Some(stored), c),
            None => {
                let (alignment, loose) = (256, false);
                (None, Matrix { turned: true, pitch: n, step: m * n, alignment, loose, behind: 0 })
            }
        };
        if result != *acc && result != *dtype {
            return None;
        }
        let biased = split.bias.is_some();
        let product = Product { dtype: *dtype, result, batch: items, m, n, k, a, b, c, biased };
        Some((product, Split { stored, ..split }))
    }
}

impl Room {
    /// Elements behind an element that are nobody's, if it is the tensor's last one.
    fn behind(self, last: isize, dtype: DType) -> usize {
        let is_last = (last + 1) * dtype.size() as isize == self.bytes as isize;
        if is_last { (self.all - self.bytes) / dtype.size() } else { 0 }
    }
}

/// The distance between the matrices of a batch, if it is one.
fn batch_step(sizes: &[usize], strides: &[isize]) -> Option<usize> {
    let mut inner = 1;
    let mut step = None;
    for (&size, &stride) in sizes.iter().zip(strides).rev().filter(|(size, _)| **size > 1) {
        let first = *step.get_or_insert(stride);
        if stride != first * inner {
            return None;
        }
        inner *= size as isize;
    }
    usize::try_from(step.unwrap_or(0)).ok()
}

impl Matrix {
    /// A matrix whose lines and steps are so many and so far apart. Turned means that steps are neighbours.
    fn of([(lines, line), (steps, along)]: [(usize, isize); 2], step: usize, at: Address) -> Option<Matrix> {
        let pitch = |far: isize, count: usize, width: usize| match count {
            1 => Some(width),
            _ => usize::try_from(far).ok().filter(|&far| far >= width),
        };
        let (turned, pitch) = match () {
            () if along == 1 || steps == 1 => (true, pitch(line, lines, steps)),
            () if line == 1 || lines == 1 => (false, pitch(along, steps, lines)),
            () => return None,
        };
        let alignment = 1 << at.trailing_zeros().min(8);
        Some(Matrix { turned, pitch: pitch?, step, alignment, loose: false, behind: 0 })
    }
}

/// A product with everything that cuBLASLt wants to know of it.
pub(crate) struct Ready {
    description: Handle,
    /// Of the first operand, the second one and the results.
    layouts: [Handle; 3],
    /// Ways with the same results, of which the library takes the first one for the best; and which is the fastest.
    ways: SmallVec<[Choice; 2 * WAYS]>,
    fastest: OnceLock<usize>,
    /// Whoever says where the bias is holds it until the product is asked for.
    bias: Mutex<()>,
}

// SAFETY: descriptions that nobody changes once they are made, but for the bias, under its lock; any thread may use them.
unsafe impl Send for Ready {}
// SAFETY: as above.
unsafe impl Sync for Ready {}

impl Ready {
    /// `None` if cuBLASLt cannot make it.
    pub(crate) fn new(product: &Product) -> Result<Option<Ready>> {
        let (lt, context) = library()?;
        let double = product.dtype == DType::F64;
        let (compute, scale) = if double { (70, kind(DType::F64)) } else { (68, kind(DType::F32)) };
        let Product { m, n, k, a, b, c, .. } = *product;
        let mut ready = Ready {
            description: null_mut(),
            layouts: [null_mut(); 3],
            ways: SmallVec::new(),
            fastest: OnceLock::new(),
            bias: Mutex::default(),
        };
        // Matrices are columns there and rows here: what is computed is the transposed product, so operands change places.
        // SAFETY: what is asked for is written; attributes have the sizes that cuBLASLt's documentation gives them.
        unsafe {
            check((lt.cublasLtMatmulDescCreate)(&raw mut ready.description, compute, scale))?;
            for (attribute, turn) in TURN_OF_OPERAND.into_iter().zip([b.turned, !a.turned]) {
                let turn = c_int::from(turn);
                let set = lt.cublasLtMatmulDescSetAttribute;
                check(set(ready.description, attribute, (&raw const turn).cast(), size_of::<c_int>()))?;
            }
            if product.biased {
                let (set, what) = (lt.cublasLtMatmulDescSetAttribute, ADD_BIAS);
                check(set(ready.description, WHAT_FOLLOWS, (&raw const what).cast(), size_of::<u32>()))?;
                let aligned = ALIGNED;
                check(set(ready.description, BIAS, (&raw const aligned).cast(), size_of::<Address>()))?;
            }
            // A turned matrix of `n` lines has its `k` steps as rows there.
            let of_b = if b.turned { (k, n) } else { (n, k) };
            let of_a = if a.turned { (k, m) } else { (m, k) };
            let all = [(b, of_b, product.dtype), (a, of_a, product.dtype), (c, (n, m), product.result)];
            for (layout, (matrix, (rows, columns), dtype)) in ready.layouts.iter_mut().zip(all) {
                let create = lt.cublasLtMatrixLayoutCreate;
                let pitch = matrix.pitch.max(rows) as i64;
                check(create(layout, kind(dtype), rows as u64, columns as u64, pitch))?;
                let (count, step) = (product.batch as c_int, matrix.step as i64);
                let set = lt.cublasLtMatrixLayoutSetAttribute;
                check(set(*layout, BATCH_COUNT, (&raw const count).cast(), size_of::<c_int>()))?;
                check(set(*layout, BATCH_STEP, (&raw const step).cast(), size_of::<i64>()))?;
            }
            let mut preference = null_mut();
            check((lt.cublasLtMatmulPreferenceCreate)(&raw mut preference))?;
            let set = lt.cublasLtMatmulPreferenceSetAttribute;
            let reductions = IN_SINGLE_PRECISION;
            set(preference, REDUCTIONS, (&raw const reductions).cast(), size_of::<u32>());
            for (attribute, matrix) in ALIGNMENTS.into_iter().zip([b, a, c, c]) {
                set(preference, attribute, (&raw const matrix.alignment).cast(), size_of::<u32>());
            }
            let [x, y, z] = ready.layouts;
            let work = product.batch * m * n * k;
            let tried = product.dtype.size() == 2 && TRIED.contains(&work);
            let choose = |most: usize| {
                set(preference, MOST_WORKSPACE, (&raw const most).cast(), size_of::<usize>());
                let (mut ways, mut found) = ([Choice::default(); WAYS], 0);
                let ask = lt.cublasLtMatmulAlgoGetHeuristic;
                let (first, wanted) = (ways.as_mut_ptr(), if tried { WAYS as c_int } else { 1 });
                ask(context, ready.description, x, y, z, z, preference, wanted, first, &raw mut found);
                ways.into_iter().take(usize::try_from(found).unwrap_or(0))
            };
            let waits = |way: &Choice| work < MANY && (1..=COUNTER).contains(&way.workspace);
            let mut best = choose(WORKSPACE).peekable();
            let waited = best.peek().is_some_and(waits);
            let plain = if tried || waited { Some(choose(0)) } else { None };
            (lt.cublasLtMatmulPreferenceDestroy)(preference);
            let mut plain = plain.into_iter().flatten();
            let first = if waited { plain.next() } else { None }.or_else(|| best.next());
            let others = best.chain(plain).filter(|way| !waits(way));
            ready.ways.extend(first.into_iter().chain(others));
            ready.keep_alike(lt, tried);
            Ok((!ready.ways.is_empty()).then_some(ready))
        }
    }

    /// Keeps the first way and, if they are tried, others that add up in the same order, none of it in parts.
    fn keep_alike(&mut self, lt: &Lt, tried: bool) {
        let order = |way: &Choice| {
            ORDER.map(|attribute| {
                let (mut value, mut written) = (0u32, 0);
                let (to, size) = ((&raw mut value).cast(), size_of::<u32>());
                let ask = lt.cublasLtMatmulAlgoConfigGetAttribute;
                // SAFETY: these attributes are of four bytes.
                unsafe { ask(way.algorithm.as_ptr(), attribute, to, size, &raw mut written) };
                value
            })
        };
        let Some(first) = self.ways.first().map(order) else { return };
        let mut seen = SmallVec::<[[u64; 8]; 2 * WAYS]>::new();
        self.ways.retain(|way| {
            let is_new = !seen.contains(&way.algorithm);
            let kept = seen.is_empty() || tried && is_new && first[1] <= 1 && order(way) == first;
            seen.push(way.algorithm);
            kept
        });
    }

    /// The number of the fastest way. They have the same results, so all of them may be made where the results are wanted.
    fn fastest(
        &self,
        driver: &Driver,
        stream: Handle,
        multiply: impl Fn(&Choice) -> Result<()>,
    ) -> Result<usize> {
        let [start, end] = [driver.event(0)?, driver.event(0)?];
        let done = |code: c_int| driver.check("timing a product", code);
        let time = |way: &Choice| -> Result<f32> {
            let mut passed = 0.0;
            multiply(way)?;
            // SAFETY: events and a stream of the context that is current; the time is written.
            unsafe {
                done((driver.cuEventRecord)(start, stream))?;
                (0..TIMES).try_for_each(|_| multiply(way))?;
                done((driver.cuEventRecord)(end, stream))?;
                done((driver.cuEventSynchronize)(end))?;
                done((driver.cuEventElapsedTime)(&raw mut passed, start, end))?;
            }
            Ok(passed)
        };
        let times: SmallVec<[f32; 2 * WAYS]> =
            self.ways.iter().map(|way| time(way).unwrap_or(f32::INFINITY)).collect();
        for event in [start, end] {
            // SAFETY: it is this function's own.
            unsafe { (driver.cuEventDestroy_v2)(event) };
        }
        Ok((0..times.len()).min_by(|&a, &b| times[a].total_cmp(&times[b])).unwrap_or(0))
    }

    /// Has a GPU do it. Addresses are of the left operand, the right one and the results, and of the bias if there is one.
    pub(crate) fn ask(
        self: &Arc<Self>,
        shared: &Shared,
        double: bool,
        places: [Address; 3],
        bias: Option<Address>,
    ) -> Result<()> {
        let workspace = shared.alloc(WORKSPACE)?;
        let workspace = workspace.memory().address();
        shared.ask(Call::Product { ready: self.clone(), double, places, bias, workspace })
    }

    /// Hands it to the driver.
    pub(crate) fn run(
        &self,
        driver: &Driver,
        double: bool,
        [a, b, c]: [Address; 3],
        bias: Option<Address>,
        workspace: Address,
        stream: Handle,
    ) -> Result<()> {
        let (lt, context) = library()?;
        let _held = bias.map(|_| self.bias.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(bias) = bias {
            let set = lt.cublasLtMatmulDescSetAttribute;
            // SAFETY: the description is this product's own, and nobody else uses it meanwhile; it copies the address.
            check(unsafe { set(self.description, BIAS, (&raw const bias).cast(), size_of::<Address>()) })?;
        }
        let (one, zero) = ([1.0f32, 0.0], [0.0f64, 1.0]);
        // One and zero as the scale's type has them.
        let [alpha, beta]: [*const c_void; 2] = match double {
            true => [(&raw const zero[1]).cast(), (&raw const zero[0]).cast()],
            false => [(&raw const one[0]).cast(), (&raw const one[1]).cast()],
        };
        let [x, y, z] = self.layouts;
        let multiply = |way: &Choice| {
            let (matmul, description) = (lt.cublasLtMatmul, self.description);
            let (algorithm, size) = (&raw const *way, way.workspace);
            // SAFETY: the launch's reach was checked, so the matrices are inside their buffers; scales are read at once.
            check(unsafe {
                matmul(
                    context,
                    description,
                    alpha,
                    b,
                    x,
                    a,
                    y,
                    beta,
                    c,
                    z,
                    c,
                    z,
                    algorithm,
                    workspace,
                    size,
                    stream,
                )
            })
        };
        if self.ways.len() > 1 && self.fastest.get().is_none() && !driver.records(stream) {
            let fastest = self.fastest(driver, stream, multiply)?;
            return multiply(&self.ways[*self.fastest.get_or_init(|| fastest)]);
        }
        multiply(&self.ways[self.fastest.get().copied().unwrap_or(0)])
    }
}

impl PartialEq for Ready {
    fn eq(&self, other: &Ready) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        let Ok((lt, _)) = library() else { return };
        // SAFETY: they are its own; a null one was never made.
        unsafe {
            if !self.description.is_null() {
                (lt.cublasLtMatmulDescDestroy)(self.description);
            }
            for layout in self.layouts.into_iter().filter(|layout| !layout.is_null()) {
                (lt.cublasLtMatrixLayoutDestroy)(layout);
            }
        }
    }
}

/// The number of a dtype among CUDA's.
fn kind(dtype: DType) -> c_int {
    match dtype {
        DType::F64 => 1,
        DType::F16 => 2,
        DType::BF16 => 14,
        _ => 0,
    }
}

fn lt() -> Option<&'static Lt> {
    static LT: LazyLock<Option<Lt>> = LazyLock::new(|| {
        if std::env::var_os("ST_CUDA_BLAS").is_some_and(|value| value == "0") {
            return None;
        }
        let named = |version: u32| match cfg!(windows) {
            true => format!("cublasLt64_{version}.dll"),
            false => format!("libcublasLt.so.{version}"),
        };
        let names: SmallVec<[String; 8]> = (12..=16).rev().map(named).collect();
        Lt::of(open(&names)?).ok()
    });
    LT.as_ref()
}

/// Whether cuBLASLt is there.
pub(crate) fn is_there() -> bool {
    lt().is_some()
}

/// The library and its context, which serves every GPU.
fn library() -> Result<(&'static Lt, Handle)> {
    static CONTEXT: LazyLock<std::result::Result<usize, c_int>> = LazyLock::new(|| {
        let mut context: Handle = null_mut();
        // SAFETY: `context` is written.
        match lt().map_or(-1, |lt| unsafe { (lt.cublasLtCreate)(&raw mut context) }) {
            0 => Ok(context.expose_provenance()),
            code => Err(code),
        }
    });
    match (lt(), &*CONTEXT) {
        (Some(lt), Ok(context)) => Ok((lt, std::ptr::with_exposed_provenance_mut(*context))),
        (_, Err(code)) => Err(runtime_err!("cuda: cuBLASLt does not start ({code})")),
        (None, _) => Err(runtime_err!("cuda: cuBLASLt is not there")),
    }
}

fn check(code: c_int) -> Result<()> {
    match code {
        0 => Ok(()),
        _ => Err(runtime_err!("cuda: a product by cuBLASLt failed ({code}); ST_CUDA_BLAS=0 does without it")),
    }
}
