//! The part of the graph that a run is about: its nodes in order, and a fingerprint of their structure.
//!
//! Nodes are numbered operands first. The fingerprint covers what a plan depends on (operations, shapes, views, dtypes,
//! who else holds a node) and nothing else, so that a step of a training loop finds the plan of the step before although
//! its buffers and its scalars are different ones.

use crate::graph::{Arg, Node};
use st_kernel::Scalar;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Nodes of a run, operands before their users.
pub(crate) struct Snapshot {
    pub(crate) nodes: Vec<Arc<Node>>,
    /// For each node, what a plan must know about its surroundings.
    pub(super) standing: Vec<Standing>,
    /// The operands that are numbers, with the node and the operand that each is, in this order.
    numbers: Vec<((usize, usize), Scalar)>,
    /// Of everything but the surroundings.
    structure: Fingerprint,
    run: u64,
}

/// What surrounds a node.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Standing {
    /// It has a buffer, which somebody may look at later.
    Memory,
    /// It has a buffer that only this run reads.
    LastRead,
    /// As that, but only the result of this node may take it over: it is written over where it is.
    Inherited(u32),
    /// Its value is wanted after the run.
    Wanted,
    /// Only other nodes of this run need it.
    Passing,
}

const ENTERED: usize = u32::MAX as usize;

impl Snapshot {
    /// Everything `roots` wait for. The caller holds the lock of runs.
    pub(crate) fn take(roots: &[Arc<Node>]) -> Snapshot {
        static RUNS: AtomicU64 = AtomicU64::new(1);
        let run = RUNS.fetch_add(1, Ordering::Relaxed) & 0xffff_ffff;
        let mut structure = Fingerprint { low: 0x9e37_79b9_7f4a_7c15, high: 0xc2b2_ae3d_27d4_eb4f };
        let mut nodes: Vec<Arc<Node>> = Vec::new();
        // How often each node is an operand within this run.
        let mut edges: Vec<u32> = Vec::new();
        let mut numbers = Vec::new();
        enum Visit {
            Enter(Arc<Node>),
            Leave(Arc<Node>),
        }
        let mut stack: Vec<Visit> = roots.iter().rev().cloned().map(Visit::Enter).collect();
        while let Some(visit) = stack.pop() {
            match visit {
                Visit::Enter(node) => {
                    if node.marked(run).is_some() {
                        continue;
                    }
                    structure.write_node(&node);
                    if node.is_realized() {
                        node.set_mark(run, nodes.len());
                        nodes.push(node);
                        edges.push(0);
                        continue;
                    }
                    node.set_mark(run, ENTERED);
                    let place = stack.len();
                    node.with_args(|args| {
                        let new = args.iter().rev().filter_map(Arg::node).filter(|n| n.marked(run).is_none());
                        stack.extend(new.cloned().map(Visit::Enter));
                    });
                    stack.insert(place, Visit::Leave(node));
                }
                Visit::Leave(node) => {
                    node.with_args(|args| {
                        structure.write_usize(args.len());
                        for (k, arg) in args.iter().enumerate() {
                            match arg {
                                Arg::Of { node, out, view } => {
                                    let operand = node.marked(run).expect("operands come first");
                                    edges[operand] += 1;
                                    structure.write_usize(operand << 8 | usize::from(*out));
                                    view.hash(&mut structure);
                                }
                                Arg::Number(number) => {
                                    // It is a parameter of kernels: another one needs no other plan.
                                    structure.write_u8(255);
                                    numbers.push(((nodes.len(), k), *number));
                                }
                            }
                        }
                    });
                    node.set_mark(run, nodes.len());
                    nodes.push(node);
                    edges.push(0);
                }
            }
        }
        let mut root = vec![0u32; nodes.len()];
        roots.iter().for_each(|r| root[r.marked(run).expect("roots are entered")] += 1);
        let standing = |i: usize| Standing::of(&nodes[i], edges[i], root[i], &nodes);
        let standing = (0..nodes.len()).map(standing).collect();
        Snapshot { nodes, standing, numbers, structure, run }
    }

    /// The number of a node of this run.
    pub(super) fn index(&self, node: &Node) -> usize {
        node.marked(self.run).expect("a node of this run")
    }

    /// Which of the run's numbers an operand of a node is.
    pub(super) fn number_of(&self, node: usize, operand: usize) -> Option<u32> {
        self.numbers.binary_search_by_key(&(node, operand), |(place, _)| *place).ok().map(|at| at as u32)
    }

    /// One of the run's numbers.
    pub(super) fn number(&self, at: u32) -> Scalar {
        self.numbers[at as usize].1
    }

    /// Equal for runs that one plan serves.
    pub(crate) fn fingerprint(&self) -> u128 {
        let mut hash = self.structure;
        self.standing.iter().for_each(|standing| standing.hash(&mut hash));
        u128::from(hash.low) << 64 | u128::from(hash.high)
    }
}

impl Standing {
    fn of(node: &Arc<Node>, edges: u32, roots: u32, all: &[Arc<Node>]) -> Standing {
        // The snapshot holds one handle and each mention among the roots another.
        let outside = roots > 0 || Arc::strong_count(node) > edges as usize + 1;
        let Some(buffer) = node.value(0) else {
            return if outside { Standing::Wanted } else { Standing::Passing };
        };
        if outside || buffer.is_foreign() {
            return Standing::Memory;
        }
        match node.heir(all) {
            Some(heir) => Standing::Inherited(heir),
            None if Arc::strong_count(buffer) > 1 || node.is_fixed() => Standing::Memory,
            None => Standing::LastRead,
        }
    }
}

/// Two multiplicative hashes side by side; nobody chooses graphs in order to collide.
#[derive(Clone, Copy)]
struct Fingerprint {
    low: u64,
    high: u64,
}

impl Fingerprint {
    /// All of a node but its operands. What memory was made by does not matter.
    fn write_node(&mut self, node: &Node) {
        let realized = node.is_realized();
        let head = [node.dtype as usize, node.shape.len(), usize::from(node.device), usize::from(realized)];
        self.write_usize(head.iter().fold(0, |word, part| word << 16 | part));
        node.shape.iter().for_each(|&size| self.write_usize(size));
        if !realized {
            node.op.hash(self);
        }
        node.further().for_each(|output| output.hash(self));
    }
}

impl Hasher for Fingerprint {
    fn write_u64(&mut self, x: u64) {
        let fold = |a: u64, k: u64| {
            let product = u128::from(a ^ x) * u128::from(k);
            (product as u64) ^ (product >> 64) as u64
        };
        self.low = fold(self.low.rotate_left(23), 0xa076_1d64_78bd_642f);
        self.high = fold(self.high.rotate_left(41), 0xe703_7ed1_a0b4_28db);
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_ne_bytes(word) ^ (chunk.len() as u64) << 56);
        }
    }
    fn write_u8(&mut self, x: u8) {
        self.write_u64(u64::from(x) | 1 << 40);
    }
    fn write_u32(&mut self, x: u32) {
        self.write_u64(u64::from(x) | 1 << 41);
    }
    fn write_usize(&mut self, x: usize) {
        self.write_u64(x as u64);
    }
    fn write_isize(&mut self, x: isize) {
        self.write_u64(x as u64);
    }
    fn finish(&self) -> u64 {
        self.low
    }
}
