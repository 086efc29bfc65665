//! Convolutions: a thread for each element of what is made.
//!
//! Each of the three kinds is a sum of products over some dimensions of the others' shapes. The launch's numbers are
//! `[batch, groups, channels in / groups, channels out / groups]` and six for each spatial dimension.

use super::body::{Point, Scope};
use super::ir::{Code, IndexOp, Ref, Var};
use super::loops::for_each_thread;
use super::matmul::{Types, finish};
use super::numbers::OUTER;
use crate::kernel::ConvKind;

/// What the six numbers of a spatial dimension are.
#[derive(Clone, Copy)]
enum Along {
    Input,
    Kernel,
    Output,
    Stride,
    Padding,
    Dilation,
}

/// A convolution over `spatial` dimensions.
pub(super) fn write(
    code: &mut Code,
    scope: &Scope,
    kind: ConvKind,
    spatial: usize,
    types: Types,
    threads: usize,
) {
    let conv = Conv { scope, kind, spatial, types };
    let count = code.number(OUTER);
    for_each_thread(code, threads, 1, count, |code, at| conv.element(code, at));
}

struct Conv<'a> {
    scope: &'a Scope<'a>,
    kind: ConvKind,
    spatial: usize,
    types: Types,
}

/// Where the sum is: the image, the channels on both sides, and a position in input, kernel and output for each dimension.
struct At {
    image: Ref,
    group: Ref,
    channel_in: Ref,
    channel_out: Ref,
    input: Vec<Ref>,
    kernel: Vec<Ref>,
    output: Vec<Ref>,
}

impl Conv<'_> {
    fn number(&self, code: &mut Code, i: usize) -> Ref {
        code.number(self.scope.numbers.int(i))
    }

    fn along(&self, code: &mut Code, d: usize, what: Along) -> Ref {
        self.number(code, 4 + 6 * d + what as usize)
    }

    fn element(&self, code: &mut Code, at: Ref) {
        let rank = self.spatial + 2;
        let mut point: Point = vec![None; rank];
        self.scope.coordinates(code, at, 0, rank, &mut point);
        let coordinates: Vec<Ref> = point.iter().map(|c| c.expect("all are known")).collect();
        let (channels_in, channels_out) = (self.number(code, 2), self.number(code, 3));
        let zero = self.types.zero(code);
        let sum = code.declare(zero);
        let of = |code: &mut Code, channel: Ref, channels: Ref| {
            (code.index(IndexOp::Div, channel, channels), code.index(IndexOp::Rem, channel, channels))
        };
        let nowhere = code.position(0);
        let mut at = At {
            image: coordinates[0],
            group: nowhere,
            channel_in: nowhere,
            channel_out: nowhere,
            input: coordinates[2..].to_vec(),
            kernel: coordinates[2..].to_vec(),
            output: coordinates[2..].to_vec(),
        };
        match self.kind {
            ConvKind::Forward => {
                (at.group, at.channel_out) = of(code, coordinates[1], channels_out);
                self.count(code, channels_in, |code, c| {
                    self.over_kernel(code, At { channel_in: c, ..at }, 0, sum);
                });
            }
            ConvKind::Input => {
                (at.group, at.channel_in) = of(code, coordinates[1], channels_in);
                self.count(code, channels_out, |code, c| {
                    self.over_kernel(code, At { channel_out: c, ..at }, 0, sum);
                });
            }
            ConvKind::Weight => {
                (at.group, at.channel_out) = of(code, coordinates[0], channels_out);
                at.channel_in = coordinates[1];
                let batch = self.number(code, 0);
                self.count(code, batch, |code, image| self.over_output(code, At { image, ..at }, 0, sum));
            }
        }
        let result = code.get(sum);
        finish(code, self.scope, &point, result);
    }

    fn count(&self, code: &mut Code, to: Ref, body: impl FnOnce(&mut Code, Ref)) {
        let (from, one) = (code.position(0), code.position(1));
        code.count(from, to, one, body);
    }

    /// Over the kernel's positions from dimension `d` on.
    fn over_kernel(&self, code: &mut Code, mut at: At, d: usize, sum: Var) {
        if d == self.spatial {
            return self.term(code, &at, sum);
        }
        let size = self.along(code, d, Along::Kernel);
        self.count(code, size, |code, k| {
            at.kernel[d] = k;
            let exists = match self.kind {
                ConvKind::Input => self.output_of_input(code, &mut at, d),
                _ => self.input_of_output(code, &mut at, d),
            };
            code.only_if(exists, |code| self.over_kernel(code, at, d + 1, sum));
        });
    }

    /// Over the output's positions from dimension `d` on.
    fn over_output(&self, code: &mut Code, mut at: At, d: usize, sum: Var) {
        if d == self.spatial {
            return self.term(code, &at, sum);
        }
        let size = self.along(code, d, Along::Output);
        self.count(code, size, |code, o| {
            at.output[d] = o;
            let exists = self.input_of_output(code, &mut at, d);
            code.only_if(exists, |code| self.over_output(code, at, d + 1, sum));
        });
    }

    /// Where the kernel's position lies in the input for a position of the output, and whether that is inside.
    fn input_of_output(&self, code: &mut Code, at: &mut At, d: usize) -> Ref {
        let (stride, padding) = (self.along(code, d, Along::Stride), self.along(code, d, Along::Padding));
        let (dilation, size) = (self.along(code, d, Along::Dilation), self.along(code, d, Along::Input));
        let first = code.index(IndexOp::Mul, at.output[d], stride);
        let offset = code.index(IndexOp::Mul, at.kernel[d], dilation);
        let padded = code.index(IndexOp::Add, first, offset);
        at.input[d] = code.index(IndexOp::Sub, padded, padding);
        self.inside(code, at.input[d], size)
    }

    /// Which position of the output sees the input's position through the kernel's, and whether there is one.
    fn output_of_input(&self, code: &mut Code, at: &mut At, d: usize) -> Ref {
        let (stride, padding) = (self.along(code, d, Along::Stride), self.along(code, d, Along::Padding));
        let (dilation, size) = (self.along(code, d, Along::Dilation), self.along(code, d, Along::Output));
        let padded = code.index(IndexOp::Add, at.input[d], padding);
        let offset = code.index(IndexOp::Mul, at.kernel[d], dilation);
        let steps = code.index(IndexOp::Sub, padded, offset);
        let zero = code.position(0);
        // Remainders are for what is not negative; the quotient of a negative one is thrown away.
        let negative = code.index(IndexOp::Less, steps, zero);
        let minus = code.constant(crate::scalar::Scalar::Int(-1), super::ir::Ty::I32);
        let whole = code.index(IndexOp::Rem, steps, stride);
        let fits = code.index(IndexOp::Equal, whole, zero);
        let quotient = code.index(IndexOp::Div, steps, stride);
        at.output[d] = code.choose(negative, minus, quotient);
        let inside = self.inside(code, at.output[d], size);
        code.both(fits, inside)
    }

    fn inside(&self, code: &mut Code, at: Ref, size: Ref) -> Ref {
        let minus = code.constant(crate::scalar::Scalar::Int(-1), super::ir::Ty::I32);
        let (low, high) = (code.index(IndexOp::Less, minus, at), code.index(IndexOp::Less, at, size));
        code.both(low, high)
    }

    /// Adds the product at one place.
    fn term(&self, code: &mut Code, at: &At, sum: Var) {
        let (channels_in, channels_out) = (self.number(code, 2), self.number(code, 3));
        let groups = self.number(code, 1);
        let along = |code: &mut Code, place: Ref, position: &[Ref], what: Along| {
            position.iter().enumerate().fold(place, |place, (d, &p)| {
                let size = self.along(code, d, what);
                let lines = code.index(IndexOp::Mul, place, size);
                code.index(IndexOp::Add, lines, p)
            })
        };
        let of_group = |code: &mut Code, channels: Ref, channel: Ref| {
            let first = code.index(IndexOp::Mul, at.group, channels);
            code.index(IndexOp::Add, first, channel)
        };
        let image = |code: &mut Code, channels: Ref, channel: Ref, position: &[Ref], what: Along| {
            let all = code.index(IndexOp::Mul, groups, channels);
            let first = code.index(IndexOp::Mul, at.image, all);
            let channel = of_group(code, channels, channel);
            let place = code.index(IndexOp::Add, first, channel);
            along(code, place, position, what)
        };
        let weight = |code: &mut Code| {
            let filter = of_group(code, channels_out, at.channel_out);
            let first = code.index(IndexOp::Mul, filter, channels_in);
            let place = code.index(IndexOp::Add, first, at.channel_in);
            along(code, place, &at.kernel, Along::Kernel)
        };
        let input = |code: &mut Code| image(code, channels_in, at.channel_in, &at.input, Along::Input);
        let output = |code: &mut Code| image(code, channels_out, at.channel_out, &at.output, Along::Output);
        let (a, b) = match self.kind {
            ConvKind::Forward => (input(code), weight(code)),
            ConvKind::Input => (output(code), weight(code)),
            ConvKind::Weight => (output(code), input(code)),
        };
        let load = |code: &mut Code, read: usize, place: Ref| {
            let offset = code.number(self.scope.numbers.offset(read));
            let at = code.index(IndexOp::Add, offset, place);
            self.types.load(code, self.scope, read, at)
        };
        let (a, b) = (load(code, 0, a), load(code, 1, b));
        self.types.add(code, sum, a, b);
    }
}
