//! Stable sorts along the last dimension; NaN counts as largest.
//!
//! Short lines: a thread for each element counts the elements that come before it. Longer ones are sorted by the bits of keys
//! that have the elements' order, the lowest bits first. A group sorts a tile by four bits at a time: each thread counts
//! its own elements of each kind, and running sums of all counts tell where these go. Lines of several tiles are sorted by eight
//! bits at a time: tiles by themselves, then their elements go behind those of smaller digits and of earlier tiles.

use super::body::{Point, Scope};
use super::ir::{Code, IndexOp, Node, Ref, Shared, Ty, Var};
use super::loops::for_each_thread;
use super::numbers::{OUTER, PARTS};
use super::reduce::ordered;
use super::scans::store;
use crate::device::Launch;
use crate::dtype::DType;
use crate::prim::Prim;
use crate::scalar::Scalar;

/// The longest line that is sorted by counting.
const SHORT_LINE: usize = 256;
/// Threads of a group that sorts a tile, the elements of each, and how many they are together.
pub(super) const SORTERS: usize = 128;
const EACH: usize = 16;
const TILE: usize = SORTERS * EACH;
/// Bits that tiles are sorted by at a time, and those that elements go to their places by.
const FEW_BITS: usize = 4;
const BITS: usize = 8;
const DIGITS: usize = 1 << BITS;
/// Tiles whose counts are summed.
const CHUNK: usize = 32;

/// What a stage does. Its launch says which bits it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Round {
    /// Sorts lines of one tile.
    Alone,
    /// Sorts tiles by a digit: of the elements as they come, of what the round before left, or of that by other halves of keys.
    First,
    Next,
    Other,
    /// Adds the counts of some tiles.
    Sums,
    /// Brings the elements of tiles to their places, or the results.
    Spread,
    Last,
}

/// Whether a launch's lines are sorted by bits.
pub(super) fn by_bits(launch: &Launch) -> bool {
    launch.dims.last().is_some_and(|&line| line > SHORT_LINE)
}

/// Lines, and tiles of each.
fn tiles(launch: &Launch) -> (usize, usize) {
    let (line, lines) = launch.dims.split_last().expect("lines have a dimension");
    (lines.iter().product(), line.div_ceil(TILE))
}

/// The rounds of a sort by bits, and the first bit of each.
pub(super) fn rounds(dtype: DType, launch: &Launch) -> Vec<(Round, usize)> {
    if tiles(launch).1 <= 1 {
        return vec![(Round::Alone, 0)];
    }
    let bits = 8 * dtype.size();
    let of = |bit: usize| {
        let tile = match bit {
            0 => Round::First,
            32 => Round::Other,
            _ => Round::Next,
        };
        let spread = if bit + BITS == bits { Round::Last } else { Round::Spread };
        [tile, Round::Sums, spread].map(|round| (round, bit))
    };
    (0..bits).step_by(BITS).flat_map(of).collect()
}

/// How many groups a round has.
pub(super) fn groups(round: Round, launch: &Launch) -> usize {
    let (lines, tiles) = tiles(launch);
    match round {
        Round::Sums => lines * tiles.div_ceil(CHUNK) * (DIGITS / SORTERS),
        _ => lines * tiles,
    }
}

/// Bytes of scratch memory: keys and numbers of the elements twice, for each digit of each tile how many there are and the first
/// one's place, and the sums of counts.
pub(super) fn scratch(launch: &Launch) -> usize {
    let (lines, tiles) = tiles(launch);
    let elements: usize = launch.dims.iter().product();
    4 * (4 * elements + DIGITS * lines * (2 * tiles + tiles.div_ceil(CHUNK)))
}

/// A sort of lines.
pub(super) struct Sort<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) descending: bool,
    pub(super) dtype: DType,
}

impl Sort<'_> {
    fn last(&self) -> usize {
        self.scope.numbers.rank - 1
    }

    /// The element of a line.
    fn load(&self, code: &mut Code, line: &Point, at: Ref) -> Ref {
        let mut point = line.clone();
        point[self.last()] = Some(at);
        let from = self.scope.place(code, 0, &point);
        code.value(Node::Load(usize::from(self.scope.bindings[0]), self.dtype, from), Ty::of(self.dtype))
    }

    /// Whether an element comes before another one that is not equal to it.
    fn precedes(&self, code: &mut Code, a: Ref, b: Ref) -> Ref {
        let (small, large) = if self.descending { (b, a) } else { (a, b) };
        comes_before(code, self.dtype, small, large)
    }

    /// Writes an element and its number to their place in the results, if that is kept.
    fn finish(&self, code: &mut Code, line: &Point, place: Ref, value: Ref, number: Ref) {
        let kept = code.number(self.scope.numbers.int(0));
        let stays = code.index(IndexOp::Less, place, kept);
        code.only_if(stays, |code| {
            let mut point = line.clone();
            point[self.last()] = Some(place);
            store(code, self.scope, 0, self.dtype, self.dtype, &point, value);
            let number = code.value(Node::Wide(number), Ty::I64);
            store(code, self.scope, 1, DType::I64, DType::I64, &point, number);
        });
    }

    /// By counting.
    pub(super) fn write(&self, code: &mut Code, threads: usize) {
        let count = code.number(OUTER);
        for_each_thread(code, threads, 1, count, |code, at| {
            let mut point: Point = vec![None; self.last() + 1];
            self.scope.coordinates(code, at, 0, self.last() + 1, &mut point);
            let own = point[self.last()].expect("all are known");
            let value = self.load(code, &point, own);
            let (zero, one) = (code.position(0), code.position(1));
            let size = code.number(self.scope.numbers.dim(self.last()));
            let before = code.declare(zero);
            code.count(zero, size, one, |code, i| {
                let other = self.load(code, &point, i);
                let less = self.precedes(code, other, value);
                let more = self.precedes(code, value, other);
                let differs = code.either(less, more);
                let equal = code.prim(Prim::Not, &[differs], Ty::Bool);
                let earlier = code.index(IndexOp::Less, i, own);
                let tie = code.both(equal, earlier);
                let counts = code.either(less, tie);
                code.only_if(counts, |code| {
                    let so_far = code.get(before);
                    let next = code.plus(so_far, 1);
                    code.set(before, next);
                });
            });
            let place = code.get(before);
            self.finish(code, &point, place, value, own);
        });
    }
}

/// What a group shares, an element each of a tile's: what is exchanged, and counts.
struct Room {
    exchange: Shared,
    counts: Shared,
    /// Where a thread's elements stand.
    seats: Vec<Ref>,
}

/// A thread's elements, neighbours in the tile.
struct Items {
    keys: Vec<Var>,
    numbers: Vec<Var>,
}

impl Items {
    fn new(code: &mut Code, keys: Vec<Ref>, numbers: Vec<Ref>) -> Items {
        let [keys, numbers] =
            [keys, numbers].map(|values| values.into_iter().map(|value| code.declare(value)).collect());
        Items { keys, numbers }
    }
}

/// Where a group works: its line, the line's first element among all, its number among the line's tiles, and how many there are.
struct Spot {
    line: Ref,
    point: Point,
    begin: Ref,
    size: Ref,
    tile: Ref,
    tiles: Ref,
}

fn bits_and(code: &mut Code, a: Ref, mask: usize) -> Ref {
    let mask = code.position(mask);
    code.prim(Prim::And, &[a, mask], Ty::I32)
}

/// Some bits of a key.
fn digit(code: &mut Code, key: Ref, shift: Ref, count: usize) -> Ref {
    let low = code.prim(Prim::Shr, &[key, shift], Ty::I32);
    bits_and(code, low, count - 1)
}

/// Where an element of a tile stands in shared memory: shuffled, so that neither neighbours nor elements sixteen apart meet in a bank.
fn seat(code: &mut Code, at: Ref) -> Ref {
    let column = bits_and(code, at, EACH - 1);
    let (row, two_rows) = (code.index(IndexOp::Sub, at, column), code.position(5));
    let turn = code.prim(Prim::Shr, &[at, two_rows], Ty::I32);
    let turned = code.index(IndexOp::Add, column, turn);
    let column = bits_and(code, turned, EACH - 1);
    code.index(IndexOp::Add, row, column)
}

fn shared(code: &mut Code, array: Shared, at: Ref) -> Ref {
    code.load_shared(array, Ty::I32, at)
}

/// What the threads before this one have together. The array is free again after a barrier.
fn before(code: &mut Code, array: Shared, own: Ref) -> Ref {
    let (thread, zero) = (code.thread(), code.position(0));
    let sum = code.declare(own);
    for (i, step) in (0..SORTERS.ilog2()).map(|i| (i as usize, 1 << i)) {
        let half = SORTERS * (i % 2);
        let (so_far, at) = (code.get(sum), code.plus(thread, half));
        code.store_shared(array, at, so_far);
        code.barrier();
        let step = code.position(step);
        let is_first = code.index(IndexOp::Less, thread, step);
        let other = code.index(IndexOp::Sub, thread, step);
        let other = code.choose(is_first, thread, other);
        let at = code.plus(other, half);
        let found = shared(code, array, at);
        let more = code.choose(is_first, zero, found);
        let next = code.index(IndexOp::Add, so_far, more);
        code.set(sum, next);
    }
    let all = code.get(sum);
    code.index(IndexOp::Sub, all, own)
}

impl Sort<'_> {
    /// A round of a sort by bits.
    pub(super) fn write_round(&self, code: &mut Code, round: Round) {
        let size = code.number(self.scope.numbers.dim(self.last()));
        let (group, tiles) = (code.group(), code.parts(size, TILE));
        let per_line = match round {
            Round::Sums => {
                let chunks = code.parts(tiles, CHUNK);
                code.times(chunks, DIGITS / SORTERS)
            }
            _ => tiles,
        };
        let (line, tile) =
            (code.index(IndexOp::Div, group, per_line), code.index(IndexOp::Rem, group, per_line));
        let begin = code.index(IndexOp::Mul, line, size);
        let all = code.number(OUTER);
        let exists = code.index(IndexOp::Less, begin, all);
        code.only_if(exists, |code| {
            let mut point: Point = vec![None; self.last() + 1];
            if self.last() > 0 {
                self.scope.coordinates(code, line, 0, self.last(), &mut point);
            }
            let spot = Spot { line, point, begin, size, tile, tiles };
            match round {
                Round::Alone => self.alone(code, &spot),
                Round::First | Round::Next | Round::Other => self.tile(code, &spot, round),
                Round::Sums => self.sums(code, &spot),
                Round::Spread | Round::Last => self.spread(code, &spot, round == Round::Last),
            }
        });
    }

    fn room(&self, code: &mut Code) -> Room {
        let (exchange, counts) = (code.share(Ty::I32, TILE), code.share(Ty::I32, TILE));
        let (thread, two) = (code.thread(), code.position(2));
        let (row, turn) = (code.times(thread, EACH), code.index(IndexOp::Div, thread, two));
        let one = |i| {
            let turned = code.plus(turn, i);
            let column = bits_and(code, turned, EACH - 1);
            code.index(IndexOp::Add, row, column)
        };
        let seats = (0..EACH).map(one).collect();
        Room { exchange, counts, seats }
    }

    fn kept(&self, code: &mut Code, at: Ref) -> Ref {
        code.value(Node::Load(self.scope.scratch, DType::I32, at), Ty::I32)
    }

    fn keep(&self, code: &mut Code, at: Ref, value: Ref) {
        code.store(self.scope.scratch, DType::I32, at, value);
    }

    /// Keys and numbers of this line, as the round begins with them or, `after` it, as it leaves them.
    fn halves(&self, code: &mut Code, spot: &Spot, after: bool) -> [Ref; 2] {
        let (bit, all) = (code.number(PARTS), code.number(OUTER));
        let rounds = code.plus(bit, BITS * usize::from(after));
        let (rounds, two) = (code.parts(rounds, BITS), code.position(2));
        let odd = code.index(IndexOp::Rem, rounds, two);
        let half = code.times(odd, 2);
        let before = code.index(IndexOp::Mul, half, all);
        let keys = code.index(IndexOp::Add, before, spot.begin);
        [keys, code.index(IndexOp::Add, keys, all)]
    }

    /// Where the counts of a tile of this line are, where its digits begin, and the sums of a chunk.
    fn counts(&self, code: &mut Code, spot: &Spot, tile: Ref) -> [Ref; 3] {
        let all = code.number(OUTER);
        let lines = code.index(IndexOp::Div, all, spot.size);
        let (all, chunks) = (code.times(all, 4), code.parts(spot.tiles, CHUNK));
        let mut at = |per_line: Ref, before: Ref, number: Ref| {
            let at = code.index(IndexOp::Mul, spot.line, per_line);
            let at = code.index(IndexOp::Add, at, number);
            let at = code.times(at, DIGITS);
            let used = code.index(IndexOp::Mul, lines, per_line);
            let used = code.times(used, DIGITS);
            (code.index(IndexOp::Add, before, at), code.index(IndexOp::Add, before, used))
        };
        let (counts, end) = at(spot.tiles, all, tile);
        let (firsts, end) = at(spot.tiles, end, tile);
        [counts, firsts, at(chunks, end, tile).0]
    }

    /// The bits of the round in its half of a key.
    fn shift(code: &mut Code) -> Ref {
        let bit = code.number(PARTS);
        bits_and(code, bit, 31)
    }

    /// The low or the high 32 bits of a key: numbers without sign in the order of the elements.
    fn key(&self, code: &mut Code, line: &Point, at: Ref, high: bool) -> Ref {
        let dtype = self.dtype;
        let bits = match dtype.size() {
            1 if dtype == DType::I8 => DType::I8,
            1 => DType::U8,
            2 if dtype == DType::U16 => DType::U16,
            2 => DType::I16,
            4 => DType::I32,
            _ => DType::I64,
        };
        let ty = Ty::of(bits);
        let mut point = line.clone();
        point[self.last()] = Some(at);
        let from = self.scope.place(code, 0, &point);
        let loaded = code.value(Node::Load(usize::from(self.scope.bindings[0]), bits, from), ty);
        let most = i64::MAX >> (64 - 8 * dtype.size());
        let number = |code: &mut Code, value: i64| code.constant(Scalar::Int(value), ty);
        let (zero, ones, largest) = (number(code, 0), number(code, -1), number(code, most));
        let not = |code: &mut Code, x: Ref| code.prim(Prim::Not, &[x], ty);
        let raised = |code: &mut Code, x: Ref| {
            let other = code.prim(Prim::Xor, &[x, largest], ty);
            not(code, other)
        };
        let key = if dtype.is_float() {
            let size = code.prim(Prim::And, &[loaded, largest], ty);
            let infinite = number(code, infinity(dtype));
            let is_nan = code.prim(Prim::Lt, &[infinite, size], Ty::Bool);
            let is_zero = code.prim(Prim::Eq, &[size, zero], Ty::Bool);
            let own = code.choose(is_zero, zero, loaded);
            let is_negative = code.prim(Prim::Lt, &[own, zero], Ty::Bool);
            let (down, up) = (not(code, own), raised(code, own));
            let key = code.choose(is_negative, down, up);
            code.choose(is_nan, ones, key)
        } else if matches!(dtype, DType::Bool | DType::U8 | DType::U16 | DType::U32 | DType::U64) {
            loaded
        } else {
            raised(code, loaded)
        };
        let key = if self.descending { not(code, key) } else { key };
        if ty != Ty::I64 {
            return key;
        }
        let places = number(code, 32);
        let half = if high { code.prim(Prim::Shr, &[key, places], ty) } else { key };
        code.value(Node::Cast(DType::I64, DType::I32, half), Ty::I32)
    }

    /// Calls `f` with places of the tile, in which neighbours are different threads'.
    fn each(code: &mut Code, f: impl FnOnce(&mut Code, Ref)) {
        let (zero, one, each) = (code.position(0), code.position(1), code.position(EACH));
        code.count(zero, each, one, |code, i| {
            let (before, thread) = (code.times(i, SORTERS), code.thread());
            let own = code.index(IndexOp::Add, before, thread);
            f(code, own);
        });
    }

    /// The same for those inside the line, and where they are there.
    fn each_in(code: &mut Code, spot: &Spot, first: Ref, f: impl FnOnce(&mut Code, Ref, Ref)) {
        Self::each(code, |code, own| {
            let at = code.index(IndexOp::Add, first, own);
            let exists = code.index(IndexOp::Less, at, spot.size);
            code.only_if(exists, |code| f(code, own, at));
        });
    }

    /// The thread's elements of what `f` makes of places of the tile and their seats; beyond the line all bits are set.
    fn gathered(
        code: &mut Code,
        room: &Room,
        spot: &Spot,
        first: Ref,
        f: impl FnOnce(&mut Code, Ref, Ref) -> Ref,
    ) -> Vec<Ref> {
        Self::each(code, |code, own| {
            let ones = code.constant(Scalar::Int(-1), Ty::I32);
            let (at, found) = (code.index(IndexOp::Add, first, own), code.declare(ones));
            let seat = seat(code, own);
            let exists = code.index(IndexOp::Less, at, spot.size);
            code.only_if(exists, |code| {
                let value = f(code, at, seat);
                code.set(found, value);
            });
            let found = code.get(found);
            code.store_shared(room.exchange, seat, found);
        });
        Self::taken(code, room)
    }

    /// What the others have put at the thread's seats.
    fn taken(code: &mut Code, room: &Room) -> Vec<Ref> {
        code.barrier();
        let taken = room.seats.iter().map(|&at| shared(code, room.exchange, at)).collect();
        code.barrier();
        taken
    }

    fn put(code: &mut Code, room: &Room, seats: &[Ref], values: &[Ref]) {
        seats.iter().zip(values).for_each(|(&at, &value)| code.store_shared(room.exchange, at, value));
    }

    fn held(code: &mut Code, vars: &[Var]) -> Vec<Ref> {
        vars.iter().map(|&var| code.get(var)).collect()
    }

    /// Orders a tile by some bits of keys, from this one to before that one.
    fn order(&self, code: &mut Code, room: &Room, items: &Items, from: Ref, to: Ref) {
        let few = code.position(FEW_BITS);
        code.count(from, to, few, |code, shift| {
            let (zero, thread) = (code.position(0), code.thread());
            Self::each(code, |code, at| {
                let at = seat(code, at);
                code.store_shared(room.counts, at, zero);
            });
            let keys = Self::held(code, &items.keys);
            let mut ranks = Vec::new();
            for &key in &keys {
                let kind = digit(code, key, shift, 1 << FEW_BITS);
                let at = code.times(kind, SORTERS);
                let at = code.index(IndexOp::Add, at, thread);
                let at = seat(code, at);
                let same = shared(code, room.counts, at);
                let more = code.plus(same, 1);
                code.store_shared(room.counts, at, more);
                ranks.push((at, same));
            }
            code.barrier();
            self.run_counts(code, room);
            code.barrier();
            let places: Vec<Ref> = ranks
                .iter()
                .map(|&(at, same)| {
                    let first = shared(code, room.counts, at);
                    let place = code.index(IndexOp::Add, first, same);
                    seat(code, place)
                })
                .collect();
            let numbers = Self::held(code, &items.numbers);
            for (values, vars) in [(numbers, &items.numbers), (keys, &items.keys)] {
                Self::put(code, room, &places, &values);
                let taken = Self::taken(code, room);
                vars.iter().zip(taken).for_each(|(&var, value)| code.set(var, value));
            }
        });
    }

    /// Makes of counts, those of a kind being neighbours, how many come before.
    fn run_counts(&self, code: &mut Code, room: &Room) {
        let mut own = Vec::new();
        let mut sum = code.position(0);
        for &at in &room.seats {
            own.push((at, sum));
            let count = shared(code, room.counts, at);
            sum = code.index(IndexOp::Add, sum, count);
        }
        let before = before(code, room.exchange, sum);
        for (at, within) in own {
            let all = code.index(IndexOp::Add, before, within);
            code.store_shared(room.counts, at, all);
        }
    }

    /// Sorts a line of one tile.
    fn alone(&self, code: &mut Code, spot: &Spot) {
        let room = self.room(code);
        let (zero, thread) = (code.position(0), code.thread());
        let keys =
            Self::gathered(code, &room, spot, zero, |code, at, _| self.key(code, &spot.point, at, false));
        let first = code.times(thread, EACH);
        let numbers = (0..EACH).map(|i| code.plus(first, i)).collect();
        let items = Items::new(code, keys, numbers);
        let bits = 8 * self.dtype.size();
        let end = code.position(bits.min(32));
        self.order(code, &room, &items, zero, end);
        let numbers = Self::held(code, &items.numbers);
        Self::put(code, &room, &room.seats, &numbers);
        code.barrier();
        if bits > 32 {
            let keys = Self::gathered(code, &room, spot, zero, |code, _, seat| {
                let number = shared(code, room.exchange, seat);
                self.key(code, &spot.point, number, true)
            });
            items.keys.iter().zip(keys).for_each(|(&var, key)| code.set(var, key));
            self.order(code, &room, &items, zero, end);
            let numbers = Self::held(code, &items.numbers);
            Self::put(code, &room, &room.seats, &numbers);
            code.barrier();
        }
        Self::each_in(code, spot, zero, |code, own, at| {
            let own = seat(code, own);
            let number = shared(code, room.exchange, own);
            let value = self.load(code, &spot.point, number);
            self.finish(code, &spot.point, at, value, number);
        });
    }

    /// Sorts a tile by a digit, and counts the elements of each.
    fn tile(&self, code: &mut Code, spot: &Spot, round: Round) {
        let room = self.room(code);
        let first = code.times(spot.tile, TILE);
        let [keys_at, numbers_at] = self.halves(code, spot, false);
        let kept = |code: &mut Code, half: Ref, at: Ref| {
            let from = code.index(IndexOp::Add, half, at);
            self.kept(code, from)
        };
        let keys = Self::gathered(code, &room, spot, first, |code, at, _| match round {
            Round::Next => kept(code, keys_at, at),
            Round::First => self.key(code, &spot.point, at, false),
            _ => {
                let number = kept(code, numbers_at, at);
                self.key(code, &spot.point, number, true)
            }
        });
        let numbers = Self::gathered(code, &room, spot, first, |code, at, _| match round {
            Round::First => at,
            _ => kept(code, numbers_at, at),
        });
        let items = Items::new(code, keys, numbers);
        let shift = Self::shift(code);
        let end = code.plus(shift, BITS);
        self.order(code, &room, &items, shift, end);
        let numbers = Self::held(code, &items.numbers);
        Self::put(code, &room, &room.seats, &numbers);
        code.barrier();
        let leave = |code: &mut Code, half: Ref, own: Ref, at: Ref| {
            let own = seat(code, own);
            let (value, to) = (shared(code, room.exchange, own), code.index(IndexOp::Add, half, at));
            self.keep(code, to, value);
            value
        };
        Self::each_in(code, spot, first, |code, own, at| {
            leave(code, numbers_at, own, at);
        });
        code.barrier();
        let (keys, zero) = (Self::held(code, &items.keys), code.position(0));
        Self::put(code, &room, &room.seats, &keys);
        for i in 0..2 * DIGITS / SORTERS {
            let at = code.thread();
            let at = code.plus(at, i * SORTERS);
            code.store_shared(room.counts, at, zero);
        }
        code.barrier();
        let left = code.index(IndexOp::Sub, spot.size, first);
        let full = code.position(TILE);
        let valid = code.smaller(left, full);
        Self::each_in(code, spot, first, |code, own, at| {
            let key = leave(code, keys_at, own, at);
            self.edges(code, &room, (key, shift), (own, valid));
        });
        code.barrier();
        let [counts, firsts, _] = self.counts(code, spot, spot.tile);
        for i in 0..DIGITS / SORTERS {
            let own = code.thread();
            let own = code.plus(own, i * SORTERS);
            let begin = shared(code, room.counts, own);
            let at = code.plus(own, DIGITS);
            let end = shared(code, room.counts, at);
            let count = code.index(IndexOp::Sub, end, begin);
            for (to, value) in [(counts, count), (firsts, begin)] {
                let to = code.index(IndexOp::Add, to, own);
                self.keep(code, to, value);
            }
        }
    }

    /// Where the first and the last of a digit leave their places.
    fn edges(&self, code: &mut Code, room: &Room, (key, shift): (Ref, Ref), (at, end): (Ref, Ref)) {
        let own = digit(code, key, shift, DIGITS);
        let (zero, one) = (code.position(0), code.position(1));
        let after = code.plus(at, 1);
        let is_first = code.index(IndexOp::Equal, at, zero);
        let is_last = code.index(IndexOp::Equal, after, end);
        let before = code.index(IndexOp::Sub, at, one);
        for (is_edge, other, left, array) in [(is_first, before, at, 0), (is_last, after, after, DIGITS)] {
            let other = code.choose(is_edge, at, other);
            let other = seat(code, other);
            let other = shared(code, room.exchange, other);
            let other = digit(code, other, shift, DIGITS);
            let same = code.index(IndexOp::Equal, own, other);
            let differs = code.prim(Prim::Not, &[same], Ty::Bool);
            let leaves = code.either(is_edge, differs);
            code.only_if(leaves, |code| {
                let to = code.plus(own, array);
                code.store_shared(room.counts, to, left);
            });
        }
    }

    /// Adds the counts of a chunk's tiles, a thread for each digit.
    fn sums(&self, code: &mut Code, spot: &Spot) {
        let parts = code.position(DIGITS / SORTERS);
        let chunk = code.index(IndexOp::Div, spot.tile, parts);
        let part = code.index(IndexOp::Rem, spot.tile, parts);
        let (thread, part) = (code.thread(), code.times(part, SORTERS));
        let own = code.index(IndexOp::Add, part, thread);
        let first = code.times(chunk, CHUNK);
        let end = code.plus(first, CHUNK);
        let end = code.smaller(end, spot.tiles);
        let sum = self.added(code, spot, own, (first, end));
        let [_, _, sums] = self.counts(code, spot, chunk);
        let to = code.index(IndexOp::Add, sums, own);
        self.keep(code, to, sum);
    }

    /// How many of a digit the tiles from this one to before that one have.
    fn added(&self, code: &mut Code, spot: &Spot, own: Ref, (from, to): (Ref, Ref)) -> Ref {
        let (zero, one) = (code.position(0), code.position(1));
        let sum = code.declare(zero);
        code.count(from, to, one, |code, tile| {
            let [counts, ..] = self.counts(code, spot, tile);
            let at = code.index(IndexOp::Add, counts, own);
            let (so_far, more) = (code.get(sum), self.kept(code, at));
            let next = code.index(IndexOp::Add, so_far, more);
            code.set(sum, next);
        });
        code.get(sum)
    }

    /// Brings a tile's elements to their places.
    fn spread(&self, code: &mut Code, spot: &Spot, is_last: bool) {
        let (scanned, table) = (code.share(Ty::I32, 2 * SORTERS), code.share(Ty::I32, DIGITS));
        let (zero, one, size) = (code.position(0), code.position(1), code.position(CHUNK));
        let (chunks, chunk) = (code.parts(spot.tiles, CHUNK), code.index(IndexOp::Div, spot.tile, size));
        let start = code.times(chunk, CHUNK);
        // For each of the thread's digits how many there are, and in earlier tiles.
        let mut found = Vec::new();
        for i in 0..DIGITS / SORTERS {
            let own = code.thread();
            let own = code.times(own, DIGITS / SORTERS);
            let own = code.plus(own, i);
            let earlier = self.added(code, spot, own, (start, spot.tile));
            let [all, before] = [zero, earlier].map(|first| code.declare(first));
            code.count(zero, chunks, one, |code, other| {
                let [_, _, sums] = self.counts(code, spot, other);
                let at = code.index(IndexOp::Add, sums, own);
                let more = self.kept(code, at);
                let is_earlier = code.index(IndexOp::Less, other, chunk);
                let counts = code.choose(is_earlier, more, zero);
                for (var, more) in [(all, more), (before, counts)] {
                    let so_far = code.get(var);
                    let next = code.index(IndexOp::Add, so_far, more);
                    code.set(var, next);
                }
            });
            found.push((own, code.get(all), code.get(before)));
        }
        let own = found.iter().fold(zero, |sum, &(_, all, _)| code.index(IndexOp::Add, sum, all));
        let mut smaller = before(code, scanned, own);
        let [_, firsts, _] = self.counts(code, spot, spot.tile);
        for (own, all, before) in found {
            let at = code.index(IndexOp::Add, firsts, own);
            let first = self.kept(code, at);
            let to = code.index(IndexOp::Add, smaller, before);
            let to = code.index(IndexOp::Sub, to, first);
            code.store_shared(table, own, to);
            smaller = code.index(IndexOp::Add, smaller, all);
        }
        code.barrier();
        let (first, shift) = (code.times(spot.tile, TILE), Self::shift(code));
        let (here, there) = (self.halves(code, spot, false), self.halves(code, spot, true));
        // All are read before the first is written.
        let mut items = Vec::new();
        for i in 0..EACH {
            let (thread, zero) = (code.thread(), code.position(0));
            let own = code.plus(thread, i * SORTERS);
            let at = code.index(IndexOp::Add, first, own);
            let exists = code.index(IndexOp::Less, at, spot.size);
            let vars = [code.declare(zero), code.declare(zero)];
            code.only_if(exists, |code| {
                for (var, half) in vars.into_iter().zip(here) {
                    let from = code.index(IndexOp::Add, half, at);
                    let value = self.kept(code, from);
                    code.set(var, value);
                }
            });
            items.push((exists, own, vars.map(|var| code.get(var))));
        }
        for (exists, own, [key, number]) in items {
            code.only_if(exists, |code| {
                let kind = digit(code, key, shift, DIGITS);
                let moved = shared(code, table, kind);
                let place = code.index(IndexOp::Add, moved, own);
                if is_last {
                    let value = self.load(code, &spot.point, number);
                    return self.finish(code, &spot.point, place, value, number);
                }
                for (half, value) in there.into_iter().zip([key, number]) {
                    let to = code.index(IndexOp::Add, half, place);
                    self.keep(code, to, value);
                }
            });
        }
    }
}

/// The bits of infinity.
fn infinity(dtype: DType) -> i64 {
    match dtype {
        DType::F16 => 0x7c00,
        DType::BF16 => 0x7f80,
        DType::F32 => 0x7f80_0000,
        _ => 0x7ff0 << 48,
    }
}

/// Whether a is less than b, NaN being larger than every number.
fn comes_before(code: &mut Code, dtype: DType, a: Ref, b: Ref) -> Ref {
    match dtype {
        DType::Bool => {
            let no = code.prim(Prim::Not, &[a], Ty::Bool);
            code.both(no, b)
        }
        d if d.is_float() => {
            let less = code.prim(Prim::Lt, &[a, b], Ty::Bool);
            let a_is = code.prim(Prim::Eq, &[a, a], Ty::Bool);
            let b_is = code.prim(Prim::Eq, &[b, b], Ty::Bool);
            let b_nan = code.prim(Prim::Not, &[b_is], Ty::Bool);
            let only_b = code.both(a_is, b_nan);
            code.either(less, only_b)
        }
        _ => {
            let [a, b] = [a, b].map(|x| ordered(code, dtype, x));
            code.prim(Prim::Lt, &[a, b], Ty::Bool)
        }
    }
}
