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

/// Nodes of a run, operands before their users. One is used for run after run, so that small graphs ask for no memory.
#[derive(Default)]
pub(crate) struct Snapshot {
    pub(crate) nodes: Vec<Arc<Node>>,
    /// For each node, what a plan must know about its surroundings.
    pub(super) standing: Vec<Standing>,
    /// The operands that are numbers, with the node and the operand that each is, in this order.
    numbers: Vec<((usize, usize), Scalar)>,
    /// What the fingerprint is of.
    words: Words,
    run: u64,
    /// How often each node is an operand within this run, and whether it is a root.
    edges: Vec<u32>,
    /// What has still to be walked: nodes that were entered, each below its operands, and nodes that were not.
    stack: Vec<Arc<Node>>,
}

/// Of a root, among the counts of edges.
const ROOT: u32 = 1 << 31;
/// What is kept of a large run is memory for so many nodes.
const MAX_KEPT: usize = 4096;

/// What surrounds a node.
#[derive(Clone, Copy, PartialEq, Eq)]
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
    /// Takes everything `roots` wait for. The caller holds the lock of runs.
    pub(crate) fn take<'a>(&mut self, roots: impl DoubleEndedIterator<Item = &'a Arc<Node>> + Clone) {
        static RUNS: AtomicU64 = AtomicU64::new(1);
        self.run = RUNS.fetch_add(1, Ordering::Relaxed) & 0xffff_ffff;
        self.stack.extend(roots.clone().rev().cloned());
        while let Some(node) = self.stack.pop() {
            match node.marked(self.run) {
                None => self.enter(node),
                Some(ENTERED) => self.leave(node),
                Some(_) => {}
            }
        }
        for root in roots {
            let at = self.index(root);
            self.edges[at] |= ROOT;
        }
        let Snapshot { nodes, edges, standing, words, .. } = self;
        standing.extend(nodes.iter().zip(edges).map(|(node, edges)| Standing::of(node, *edges, nodes)));
        words.0.extend(standing.iter().map(|standing| standing.word()));
    }

    /// Forgets all, but for memory to be used again.
    pub(crate) fn clear(&mut self) {
        if self.nodes.capacity() > MAX_KEPT {
            *self = Snapshot::default();
        }
        self.nodes.clear();
        self.standing.clear();
        self.numbers.clear();
        self.edges.clear();
        self.stack.clear();
        self.words.0.clear();
    }

    #[inline(always)]
    fn enter(&mut self, node: Arc<Node>) {
        self.words.write_node(&node);
        if node.is_realized() {
            return self.push(node);
        }
        let Snapshot { stack, run, .. } = self;
        node.set_mark(*run, ENTERED);
        let place = stack.len();
        let new = |operand: &&Arc<Node>| operand.marked(*run).is_none();
        node.with_args(|args| stack.extend(args.iter().filter_map(Arg::node).filter(new).cloned()));
        // The node below its operands, the first of which is on top.
        stack.push(node);
        stack[place..].reverse();
    }

    /// After its operands.
    #[inline(always)]
    fn leave(&mut self, node: Arc<Node>) {
        let Snapshot { edges, numbers, nodes, run, words, .. } = self;
        node.with_args(|args| {
            words.write_usize(args.len());
            for (k, arg) in args.iter().enumerate() {
                match arg {
                    Arg::Of { node, out, view } => {
                        let operand = node.marked(*run).expect("operands come first");
                        edges[operand] += 1;
                        let seen = usize::from(view.is_some());
                        words.write_usize(operand << 9 | usize::from(*out) << 1 | seen);
                        view.iter().for_each(|view| view.hash(words));
                    }
                    Arg::Number(number) => {
                        // It is a parameter of kernels: another one needs no other plan.
                        words.write_u8(255);
                        numbers.push(((nodes.len(), k), *number));
                    }
                }
            }
        });
        self.push(node);
    }

    fn push(&mut self, node: Arc<Node>) {
        node.set_mark(self.run, self.nodes.len());
        self.nodes.push(node);
        self.edges.push(0);
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
        self.words.hash()
    }
}

impl Standing {
    /// For the fingerprint.
    fn word(self) -> u64 {
        match self {
            Standing::Memory => 0,
            Standing::LastRead => 1,
            Standing::Wanted => 2,
            Standing::Passing => 3,
            Standing::Inherited(heir) => 4 + u64::from(heir),
        }
    }

    fn of(node: &Arc<Node>, edges: u32, all: &[Arc<Node>]) -> Standing {
        // The snapshot holds one handle.
        let outside = edges & ROOT != 0 || Arc::strong_count(node) > edges as usize + 1;
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

/// What describes a run, word by word. They are gathered first, because a hash of them one after the other would make
/// the walk wait for a multiplication at each.
#[derive(Default)]
struct Words(Vec<u64>);

impl Words {
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

    /// Two multiplicative hashes side by side, of two chains each; nobody chooses graphs in order to collide.
    fn hash(&self) -> u128 {
        let mut chains = KEYS;
        for four in self.0.chunks(4) {
            let [a, b, c, d] = std::array::from_fn(|k| four.get(k).copied().unwrap_or(0));
            let pairs = [(a, b), (c, d), (a, c), (b, d)];
            for ((chain, key), (x, y)) in chains.iter_mut().zip(KEYS).zip(pairs) {
                *chain = product(*chain ^ x, y ^ key.rotate_left(32));
            }
        }
        let count = self.0.len() as u64;
        let half = |[one, other]: [u64; 2]| product(one ^ count, other ^ KEYS[0]);
        let [a, b, c, d] = chains;
        u128::from(half([a, b])) << 64 | u128::from(half([c, d]))
    }
}

/// Odd, and without pattern.
const KEYS: [u64; 4] =
    [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f, 0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db];

/// Both halves of a product in one word.
fn product(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

impl Hasher for Words {
    fn write_u64(&mut self, x: u64) {
        self.0.push(x);
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
        self.hash() as u64
    }
}
