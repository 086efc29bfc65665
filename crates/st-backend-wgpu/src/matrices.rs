//! Whether a GPU's matrix units can be trusted: some drivers' give wrong results.
//!
//! Two small products of whole numbers, for both ways in which operands lie in memory, are made by matrix units and compared
//! with what they must be, exactly. Attention is compared with what it is in double precision.

use crate::device::{Shared, own};
use crate::program::WgpuProgram;
use st_kernel::render::Machine;
use st_kernel::{Access, Body, Buffer, DType, Inst, Kernel, Launch, Program, Result, Scalar, Store, Val};
use std::sync::Arc;

const M: usize = 128;
const N: usize = 256;
const K: usize = 96;

/// Whether products by matrix units are right on this device.
pub(crate) fn are_right(shared: &Arc<Shared>) -> bool {
    let machine = Machine { cooperative: true, ..shared.machine };
    [false, true].into_iter().all(|turned| is_right(shared, machine, turned).unwrap_or(false))
}

fn is_right(shared: &Arc<Shared>, machine: Machine, turned: bool) -> Result<bool> {
    let body = Body {
        insts: vec![(Inst::Hole(0), DType::F32)],
        reads: vec![DType::F16; 2],
        params: vec![],
        stores: vec![Store { value: Val(0), per_row: false }],
    };
    let kernel = Kernel::Matmul { batch: 0, dtype: DType::F16, acc: DType::F32, body };
    // Along m, n and k.
    let strides: [[usize; 3]; 3] = match turned {
        false => [[K, 0, 1], [0, 1, N], [N, 1, 0]],
        true => [[1, 0, M], [0, K, 1], [N, 1, 0]],
    };
    let access = |i: usize| Access {
        buffer: i as u32,
        offset: 0,
        strides: strides[i].iter().map(|&s| s as isize).collect(),
        gather: vec![],
    };
    let launch = Launch {
        dims: [M, N, K].as_slice().into(),
        reads: vec![access(0), access(1)],
        writes: vec![access(2)],
        ints: vec![],
    };
    let element =
        |operand: usize, line: usize, step: usize| ((line * 7 + step * (3 + operand)) % 9) as f64 - 4.0;
    let mut buffers: Vec<Buffer> = Vec::new();
    for (operand, lines) in [M, N].into_iter().enumerate() {
        let (of_line, of_step) = (strides[operand][operand], strides[operand][2]);
        let mut values = vec![0.0; lines * K];
        for line in 0..lines {
            for step in 0..K {
                values[line * of_line + step * of_step] = element(operand, line, step);
            }
        }
        buffers.push(filled(shared, DType::F16, &values)?);
    }
    buffers.push(filled(shared, DType::F32, &[f64::NAN; M * N])?);
    WgpuProgram::new(kernel, shared.clone(), machine).launch(&launch, &buffers, &[])?;
    let wanted = |i: usize| (0..K).map(|p| element(0, i / N, p) * element(1, i % N, p)).sum::<f64>();
    let found = held(shared, DType::F32, &buffers[2])?;
    Ok(found.iter().enumerate().all(|(i, &found)| found == wanted(i)))
}

/// Memory with these values.
fn filled(shared: &Shared, dtype: DType, values: &[f64]) -> Result<Buffer> {
    let mut bytes = Vec::new();
    values.iter().for_each(|&x| Scalar::Float(x).cast(dtype).write(dtype, &mut bytes));
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let buffer = shared.alloc(bytes.len())?;
    shared.queue().write(&buffer.memory().buffer, &bytes);
    Ok(Arc::new(buffer))
}

/// The values in memory.
fn held(shared: &Shared, dtype: DType, buffer: &Buffer) -> Result<Vec<f64>> {
    let mut values = Vec::new();
    shared.read(Some((&own(buffer)?.memory().buffer, 0, buffer.len() as u64)), |bytes| {
        values = bytes.chunks_exact(dtype.size()).map(|x| Scalar::read(dtype, x).to_f64()).collect();
    })?;
    Ok(values)
}

/// Attention of two heads of queries that share keys and values.
#[derive(Debug)]
struct Heads {
    /// Queries, keys, the width of both, that of values.
    sizes: [usize; 4],
    mask: Option<DType>,
    causal: bool,
    /// Whether later keys give much larger scores, so that what was summed before shrinks.
    steep: bool,
}

const HEADS: usize = 2;
const SCALE: f64 = 0.5;

/// Whether attention by matrix units is right on this device.
pub(crate) fn attend_rightly(shared: &Arc<Shared>) -> bool {
    let machine = Machine { cooperative: true, ..shared.machine };
    let heads = |sizes, mask, causal, steep| Heads { sizes, mask, causal, steep };
    let all = [
        heads([70, 90, 64, 32], None, true, false),
        heads([130, 100, 128, 128], Some(DType::Bool), false, true),
    ];
    all.iter().all(|heads| heads.are_right(shared, machine).unwrap_or(false))
}

impl Heads {
    fn q(&self, head: usize, query: usize, i: usize) -> f64 {
        ((head * 5 + query * 7 + i * i * 3 + query * i) % 9) as f64 / 8.0 - 0.5
    }

    fn k(&self, key: usize, i: usize) -> f64 {
        (((key * 5 + i * i * 2 + key * i * 3) % 7) as f64 - 3.0) / 8.0
            * if self.steep { (1 + key) as f64 } else { 1.0 }
    }

    fn v(&self, key: usize, i: usize) -> f64 {
        (((key * 3 + i * 5) % 11) as f64 - 5.0) / 4.0
    }

    /// What a mask says: nothing of it, or the least number, hides a key.
    fn mask(&self, query: usize, key: usize) -> f64 {
        match self.mask {
            Some(DType::Bool) => f64::from(u8::from((query * 3 + key * 5) % 4 < 2 && query != 5)),
            Some(_) => ((query + key * 3) % 8) as f64 / 4.0,
            None => 0.0,
        }
    }

    fn score(&self, head: usize, query: usize, key: usize) -> f64 {
        let mask = self.mask(query, key);
        let hidden = self.mask == Some(DType::Bool) && mask == 0.0 || self.causal && key > query;
        let product: f64 = (0..self.sizes[2]).map(|i| self.q(head, query, i) * self.k(key, i)).sum();
        match (hidden, self.mask) {
            (true, _) => f64::NEG_INFINITY,
            (_, Some(DType::Bool) | None) => product * SCALE,
            _ => product * SCALE + mask,
        }
    }

    /// The results of a query, and the logarithm of its sum.
    fn wanted(&self, head: usize, query: usize) -> (Vec<f64>, f64) {
        let [_, n, _, dv] = self.sizes;
        let scores: Vec<f64> = (0..n).map(|key| self.score(head, query, key)).collect();
        let most = scores.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        let shares: Vec<f64> =
            scores.iter().map(|s| if *s == most { 1.0 } else { (s - most).exp() }).collect();
        if most == f64::NEG_INFINITY {
            return (vec![0.0; dv], most);
        }
        let total: f64 = shares.iter().sum();
        let result = |i| shares.iter().enumerate().map(|(key, s)| s * self.v(key, i)).sum::<f64>() / total;
        ((0..dv).map(result).collect(), most + total.ln())
    }

    fn launch(&self) -> Launch {
        let [m, n, d, dv] = self.sizes;
        // Along heads, queries, keys and both widths.
        let mut strides = vec![[m * d, d, 0, 1, 0], [0, 0, d, 1, 0], [0, 0, dv, 0, 1]];
        strides.extend(self.mask.map(|_| [0, n, 1, 0, 0]));
        let reads = strides.len();
        strides.extend([[m * dv, dv, 0, 0, 1], [m, 1, 0, 0, 0]]);
        let access = |(i, strides): (usize, &[usize; 5])| Access {
            buffer: i as u32,
            offset: 0,
            strides: strides.iter().map(|&s| s as isize).collect(),
            gather: vec![],
        };
        let mut all: Vec<Access> = strides.iter().enumerate().map(access).collect();
        let writes = all.split_off(reads);
        Launch { dims: [HEADS, m, n, d, dv].as_slice().into(), reads: all, writes, ints: vec![] }
    }

    fn are_right(&self, shared: &Arc<Shared>, machine: Machine) -> Result<bool> {
        let [m, n, d, dv] = self.sizes;
        let kernel =
            Kernel::Attention { backward: false, dtype: DType::F16, mask: self.mask, causal: self.causal };
        let rows = |rows: usize, width: usize| (0..rows * width).map(move |at| (at / width, at % width));
        let q: Vec<f64> = rows(HEADS * m, d).map(|(row, i)| self.q(row / m, row % m, i)).collect();
        let k: Vec<f64> = rows(n, d).map(|(key, i)| self.k(key, i)).collect();
        let v: Vec<f64> = rows(n, dv).map(|(key, i)| self.v(key, i)).collect();
        let mut buffers = vec![];
        for values in [q, k, v] {
            buffers.push(filled(shared, DType::F16, &values)?);
        }
        if let Some(dtype) = self.mask {
            let mask: Vec<f64> = rows(m, n).map(|(query, key)| self.mask(query, key)).collect();
            buffers.push(filled(shared, dtype, &mask)?);
        }
        let first = buffers.len();
        buffers.push(filled(shared, DType::F16, &vec![f64::NAN; HEADS * m * dv])?);
        buffers.push(filled(shared, DType::F32, &vec![f64::NAN; HEADS * m])?);
        let program = WgpuProgram::new(kernel, shared.clone(), machine);
        program.launch(&self.launch(), &buffers, &[Scalar::Float(SCALE)])?;
        let (results, logs) =
            (held(shared, DType::F16, &buffers[first])?, held(shared, DType::F32, &buffers[first + 1])?);
        let near = |found: f64, wanted: f64| {
            found == wanted || (found - wanted).abs() <= 0.004 * (1.0 + wanted.abs())
        };
        Ok((0..HEADS * m).all(|row| {
            let (wanted, log) = self.wanted(row / m, row % m);
            let found = &results[row * dv..][..dv];
            near(logs[row], log) && found.iter().zip(wanted).all(|(&found, wanted)| near(found, wanted))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::WgpuDevice;

    /// The device, and a machine whose kernels by matrix units run as their twins (`twin`) if it has none.
    fn opened() -> Option<(WgpuDevice, Machine)> {
        let device = WgpuDevice::open(0).ok().filter(|device| device.shared().has_halves());
        let Some(device) = device else {
            eprintln!("skipped: there is no GPU with numbers in half precision");
            return None;
        };
        let machine = Machine { cooperative: true, ..device.shared().machine };
        Some((device, machine))
    }

    #[test]
    fn attention_is_right() {
        let Some((device, machine)) = opened() else { return };
        let heads = |sizes, mask, causal, steep| Heads { sizes, mask, causal, steep };
        let mut all = vec![heads([70, 100, 64, 40], None, true, true)];
        all.extend(
            [None, Some(DType::Bool), Some(DType::F32)].map(|mask| heads([33, 72, 16, 8], mask, false, true)),
        );
        if device.shared().machine.cooperative {
            // Their twins take minutes.
            for sizes in [[1, 1, 4, 4], [64, 64, 40, 72], [130, 100, 128, 128], [300, 513, 128, 64]] {
                for mask in [None, Some(DType::Bool), Some(DType::F16), Some(DType::BF16)] {
                    all.extend([heads(sizes, mask, true, true), heads(sizes, mask, false, false)]);
                }
            }
        }
        for heads in all {
            let right = heads.are_right(device.shared(), machine).expect("it runs");
            assert!(right, "{heads:?}");
        }
    }

    #[test]
    fn what_was_summed_shrinks_in_steep_cases() {
        let heads = Heads { sizes: [33, 72, 16, 8], mask: None, causal: false, steep: true };
        let most = |query, keys: std::ops::Range<usize>| {
            keys.map(|key| heads.score(0, query, key)).fold(f64::MIN, f64::max) / std::f64::consts::LN_2
        };
        assert!((0..33).any(|query| most(query, 32..64) > most(query, 0..32) + 8.0));
    }
}
