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
    all.iter().all(|heads| {
        let is_right = |outcome: Result<bool>| outcome.unwrap_or(false);
        is_right(heads.are_right(shared, machine)) && is_right(heads.have_right_gradients(shared, machine))
    })
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

    /// The gradient of the result.
    fn g(&self, head: usize, query: usize, i: usize) -> f64 {
        ((head * 3 + query * 5 + i * 7 + query * i) % 13) as f64 / 8.0 - 0.75
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

    /// What shares a query gives to the keys, and the logarithm of their sum.
    fn shares(&self, head: usize, query: usize) -> (Vec<f64>, f64) {
        let scores: Vec<f64> = (0..self.sizes[1]).map(|key| self.score(head, query, key)).collect();
        let most = scores.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        if most == f64::NEG_INFINITY {
            return (vec![0.0; scores.len()], most);
        }
        let shares: Vec<f64> = scores.iter().map(|s| (s - most).exp()).collect();
        let total: f64 = shares.iter().sum();
        (shares.iter().map(|share| share / total).collect(), most + total.ln())
    }

    /// The results of a query, and the logarithm of its sum.
    fn wanted(&self, head: usize, query: usize) -> (Vec<f64>, f64) {
        let (shares, log) = self.shares(head, query);
        let result = |i| shares.iter().enumerate().map(|(key, s)| s * self.v(key, i)).sum();
        ((0..self.sizes[3]).map(result).collect(), log)
    }

    /// The gradients of queries, keys and values, each with what it is a sum of without signs.
    fn wanted_gradients(&self) -> [Vec<[f64; 2]>; 3] {
        let [m, n, d, dv] = self.sizes;
        let mut all = [m * d, n * d, n * dv].map(|size| vec![[0.0; 2]; HEADS * size]);
        let [of_q, of_k, of_v] = &mut all;
        let add = |to: &mut [f64; 2], value: f64, most: f64| {
            to[0] += value;
            to[1] += most;
        };
        for (head, query) in (0..HEADS * m).map(|row| (row / m, row % m)) {
            let (shares, _) = self.shares(head, query);
            let g: Vec<f64> = (0..dv).map(|i| self.g(head, query, i)).collect();
            let slopes: Vec<f64> = (0..n).map(|key| (0..dv).map(|i| g[i] * self.v(key, i)).sum()).collect();
            let (result, _) = self.wanted(head, query);
            let dot: f64 = result.iter().zip(&g).map(|(o, g)| o * g).sum();
            let most: f64 = result.iter().zip(&g).map(|(o, g)| (o * g).abs()).sum();
            for key in 0..n {
                let factor = shares[key] * SCALE;
                let (slope, size) = (factor * (slopes[key] - dot), factor * (slopes[key].abs() + most));
                for i in 0..d {
                    let (q, k) = (self.q(head, query, i), self.k(key, i));
                    add(&mut of_q[(head * m + query) * d + i], slope * k, size * k.abs());
                    add(&mut of_k[(head * n + key) * d + i], slope * q, size * q.abs());
                }
                for i in 0..dv {
                    let value = shares[key] * g[i];
                    add(&mut of_v[(head * n + key) * dv + i], value, value.abs());
                }
            }
        }
        all
    }

    /// Steps along heads, queries, keys and both widths of what is read by both ways: queries, keys, values, a mask.
    fn steps(&self) -> Vec<[usize; 5]> {
        let [m, n, d, dv] = self.sizes;
        let mut steps = vec![[m * d, d, 0, 1, 0], [0, 0, d, 1, 0], [0, 0, dv, 0, 1]];
        steps.extend(self.mask.map(|_| [0, n, 1, 0, 0]));
        steps
    }

    /// Runs a kernel on queries, keys, values and the mask, then on what is read besides; gives what it writes.
    fn run(
        &self,
        (shared, machine): (&Arc<Shared>, Machine),
        backward: bool,
        reads: &[([usize; 5], DType, Vec<f64>)],
        writes: &[([usize; 5], DType, usize)],
    ) -> Result<Vec<Vec<f64>>> {
        let [m, n, d, dv] = self.sizes;
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
        for (_, dtype, values) in reads {
            buffers.push(filled(shared, *dtype, values)?);
        }
        let first = buffers.len();
        for (_, dtype, size) in writes {
            buffers.push(filled(shared, *dtype, &vec![f64::NAN; *size])?);
        }
        let steps: Vec<[usize; 5]> = self
            .steps()
            .into_iter()
            .chain(reads.iter().map(|(steps, ..)| *steps))
            .chain(writes.iter().map(|(steps, ..)| *steps))
            .collect();
        let access = |(i, steps): (usize, &[usize; 5])| Access {
            buffer: i as u32,
            offset: 0,
            strides: steps.iter().map(|&s| s as isize).collect(),
            gather: vec![],
        };
        let mut reads: Vec<Access> = steps.iter().enumerate().map(access).collect();
        let written = reads.split_off(first);
        let dims = [HEADS, m, n, d, dv].as_slice().into();
        let launch = Launch { dims, reads, writes: written, ints: vec![] };
        let kernel = Kernel::Attention { backward, dtype: DType::F16, mask: self.mask, causal: self.causal };
        let program = WgpuProgram::new(kernel, shared.clone(), machine);
        program.launch(&launch, &buffers, &[Scalar::Float(SCALE)])?;
        writes.iter().zip(&buffers[first..]).map(|((_, dtype, _), b)| held(shared, *dtype, b)).collect()
    }

    fn are_right(&self, shared: &Arc<Shared>, machine: Machine) -> Result<bool> {
        let [m, _, _, dv] = self.sizes;
        let writes =
            [([m * dv, dv, 0, 0, 1], DType::F16, HEADS * m * dv), ([m, 1, 0, 0, 0], DType::F32, HEADS * m)];
        let found = self.run((shared, machine), false, &[], &writes)?;
        let near = |found: f64, wanted: f64| {
            found == wanted || (found - wanted).abs() <= 0.004 * (1.0 + wanted.abs())
        };
        Ok((0..HEADS * m).all(|row| {
            let (wanted, log) = self.wanted(row / m, row % m);
            let results = &found[0][row * dv..][..dv];
            near(found[1][row], log) && results.iter().zip(wanted).all(|(&found, wanted)| near(found, wanted))
        }))
    }

    fn have_right_gradients(&self, shared: &Arc<Shared>, machine: Machine) -> Result<bool> {
        let [m, n, d, dv] = self.sizes;
        let queries = || (0..HEADS * m).map(|row| (row / m, row % m));
        let (results, logs): (Vec<Vec<f64>>, Vec<f64>) =
            queries().map(|(head, query)| self.wanted(head, query)).unzip();
        let g = queries().flat_map(|(head, query)| (0..dv).map(move |i| self.g(head, query, i))).collect();
        let of_query = [m * dv, dv, 0, 0, 1];
        let reads = [
            (of_query, DType::F16, results.concat()),
            ([m, 1, 0, 0, 0], DType::F32, logs),
            (of_query, DType::F16, g),
        ];
        let writes = [
            ([m * d, d, 0, 1, 0], DType::F16, HEADS * m * d),
            ([n * d, 0, d, 1, 0], DType::F16, HEADS * n * d),
            ([n * dv, 0, dv, 0, 1], DType::F16, HEADS * n * dv),
        ];
        let found = self.run((shared, machine), true, &reads, &writes)?;
        let near =
            |(&found, [wanted, size]): (&f64, [f64; 2])| (found - wanted).abs() <= 0.002 * (size + 0.5);
        Ok(found
            .iter()
            .zip(self.wanted_gradients())
            .all(|(found, wanted)| found.iter().zip(wanted).all(near)))
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
            // Twins of two are enough: what else there is comes of the same lines.
            if device.shared().machine.cooperative || heads.causal || heads.mask == Some(DType::Bool) {
                let right = heads.have_right_gradients(device.shared(), machine).expect("it runs");
                assert!(right, "the gradients of {heads:?}");
            }
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
