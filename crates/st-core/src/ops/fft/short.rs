//! Transforms of short pieces of a signal, and the signal from them.

use super::{Direction, complex_along, half_along, real_along};
use crate::complex::{Complex, Numbers, parts_of};
use crate::ops::arrange::PadMode;
use crate::ops::{Operand, result_type};
use crate::tensor::Tensor;
use st_kernel::view::View;
use st_kernel::{Result, Scalar, runtime_err, type_err, unsupported};

/// How pieces are cut out of a signal.
pub struct Stft<'a> {
    /// Points of a transform.
    pub n_fft: i64,
    /// Distance of the pieces; a quarter of `n_fft` if not given.
    pub hop_length: Option<i64>,
    /// Points of the window; `n_fft` if not given.
    pub win_length: Option<i64>,
    /// What pieces are multiplied by; ones if not given.
    pub window: Option<&'a Numbers>,
    /// Whether pieces lie around their position rather than behind it.
    pub center: bool,
    /// What stands before and after a signal whose pieces are centred.
    pub pad_mode: &'a str,
    /// Whether results are divided by the root of `n_fft`.
    pub normalized: bool,
    /// Only the first half; usual for real signals.
    pub onesided: Option<bool>,
    /// Must be said of real signals.
    pub return_complex: Option<bool>,
}

/// How a signal was cut into pieces.
pub struct Istft<'a> {
    /// Points of a transform.
    pub n_fft: i64,
    /// Distance of the pieces.
    pub hop_length: Option<i64>,
    /// Points of the window.
    pub win_length: Option<i64>,
    /// What pieces were multiplied by.
    pub window: Option<&'a Numbers>,
    /// Whether pieces lie around their position.
    pub center: bool,
    /// Whether results were divided by the root of `n_fft`.
    pub normalized: bool,
    /// Whether there is only the first half.
    pub onesided: Option<bool>,
    /// Points of the signal.
    pub length: Option<i64>,
    /// Whether the signal is complex.
    pub return_complex: bool,
}

/// Sizes that are used.
struct Sizes {
    n: i64,
    hop: i64,
    window: i64,
}

impl Sizes {
    fn new(name: &str, n: i64, hop: Option<i64>, window: Option<i64>) -> Result<Sizes> {
        let sizes = Sizes { n, hop: hop.unwrap_or(n / 4), window: window.unwrap_or(n) };
        if sizes.hop <= 0 {
            return Err(runtime_err!("{name}: expected hop_length > 0, but got hop_length={}", sizes.hop));
        }
        if !(1..=n).contains(&sizes.window) {
            return Err(runtime_err!(
                "{name}: expected 0 < win_length <= n_fft, but got win_length={}",
                sizes.window
            ));
        }
        Ok(sizes)
    }

    /// The window in the middle of `n` points.
    fn window(&self, name: &str, window: Option<&Numbers>, like: &Numbers) -> Result<Numbers> {
        if let Some(given) = window
            && given.shape() != [self.window as usize]
        {
            return Err(runtime_err!(
                "{name}: expected a 1D window tensor of size equal to win_length={}, but got window with size {:?}",
                self.window,
                given.shape()
            ));
        }
        let left = (self.n - self.window) / 2;
        let margins = (left, self.n - self.window - left);
        let zero = Scalar::Int(0);
        Ok(match window {
            Some(Numbers::Complex(z)) => {
                Numbers::Complex(Complex::of_pairs(z.pairs().padded(&[margins, (0, 0)], zero)?))
            }
            Some(Numbers::Real(x)) => Numbers::Real(x.padded(&[margins], zero)?),
            None => {
                let ones = Tensor::ones(&[self.window as usize], like.parts(), like.device())?;
                Numbers::Real(ones.padded(&[margins], zero)?)
            }
        })
    }
}

/// The pairs of a product of pieces (`rank` dimensions) and a window, or the real product.
fn windowed(pieces: &Numbers, window: &Numbers) -> Result<Numbers> {
    match (pieces, window) {
        (Numbers::Real(x), Numbers::Real(w)) => x.mul(w).map(Numbers::Real),
        (Numbers::Complex(z), Numbers::Real(w)) => {
            z.pairs().mul(&w.unsqueeze(-1)?).map(|pairs| Numbers::Complex(Complex::of_pairs(pairs)))
        }
        (x, Numbers::Complex(w)) => x.to_complex()?.mul(w).map(Numbers::Complex),
    }
}

/// A view of the signal's pieces: `[.., frames, n]`.
fn pieces(x: &Tensor, dim: i64, sizes: &Sizes) -> Result<Tensor> {
    x.unfold(dim, sizes.n, sizes.hop)
}

/// The transforms of pieces of a signal `[length]` or `[batch, length]`: `[.., frequencies, pieces]`.
pub fn stft(x: &Numbers, how: &Stft) -> Result<Numbers> {
    let name = "stft";
    let is_complex = matches!(x, Numbers::Complex(_)) || matches!(how.window, Some(Numbers::Complex(_)));
    if how.return_complex.is_none() && !is_complex {
        return Err(runtime_err!(
            "stft requires the return_complex parameter be given for real inputs, and will further require that return_complex=True in a future PyTorch release."
        ));
    }
    if !x.parts().is_float() {
        return Err(unsupported!("stft: expected a tensor of floating point or complex values"));
    }
    super::expect_precision(x.parts())?;
    if !matches!(x.dim(), 1 | 2) {
        return Err(runtime_err!("stft: expected a 1D or 2D tensor, but got {}D", x.dim()));
    }
    let pad = if how.center { how.n_fft / 2 } else { 0 };
    let padded = match x {
        Numbers::Real(x) => Numbers::Real(widened_ends(x, pad, how.pad_mode)?),
        Numbers::Complex(z) => Numbers::Complex(Complex::join(
            &widened_ends(&z.re()?, pad, how.pad_mode)?,
            &widened_ends(&z.im()?, pad, how.pad_mode)?,
        )?),
    };
    let length = padded.shape()[padded.dim() - 1] as i64;
    if how.n_fft <= 0 || how.n_fft > length {
        return Err(runtime_err!("stft: expected 0 < n_fft <= {length}, but got n_fft={}", how.n_fft));
    }
    let sizes = Sizes::new(name, how.n_fft, how.hop_length, how.win_length)?;
    let window = sizes.window(name, how.window, x)?;
    let cut = match &padded {
        Numbers::Real(x) => Numbers::Real(pieces(x, -1, &sizes)?),
        // The pairs stand last, before the new dimension.
        Numbers::Complex(z) => {
            Numbers::Complex(Complex::of_pairs(pieces(z.pairs(), -2, &sizes)?.transpose(-1, -2)?))
        }
    };
    let cut = windowed(&cut, &window)?;
    let scale = if how.normalized { 1.0 / (how.n_fft as f64).sqrt() } else { 1.0 };
    let last = cut.dim() - 1;
    let onesided = how.onesided.unwrap_or(!is_complex);
    let pairs = match &cut {
        Numbers::Real(x) if onesided => half_along(&x.to_dtype(parts_of(x.dtype()))?, last, scale)?,
        Numbers::Complex(_) if onesided => {
            return Err(runtime_err!("Cannot have onesided output if window or input is complex"));
        }
        other => complex_along(other.to_complex()?.pairs(), last, Direction::Forward, scale)?,
    };
    let pairs = pairs.transpose(-2, -3)?;
    Ok(match how.return_complex {
        Some(false) => Numbers::Real(pairs),
        _ => Numbers::Complex(Complex::of_pairs(pairs)),
    })
}

fn widened_ends(x: &Tensor, pad: i64, mode: &str) -> Result<Tensor> {
    if pad == 0 {
        return Ok(x.clone());
    }
    let mode = match mode {
        "constant" => return x.pad_constant(&[(pad, pad)], 0),
        "reflect" => PadMode::Reflect,
        "replicate" => PadMode::Replicate,
        "circular" => PadMode::Circular,
        other => return Err(unsupported!("Unrecognised padding mode {other}")),
    };
    let with_channels = match x.dim() {
        1 => x.unsqueeze(0)?,
        _ => x.clone(),
    };
    let padded = with_channels.pad_from(&[(pad, pad)], mode)?;
    if x.dim() == 1 { padded.select(0, 0) } else { Ok(padded) }
}

/// Pieces `[batch, frames, n]` added up where they were cut out.
fn overlapped(pieces: &Tensor, hop: usize) -> Result<Tensor> {
    let &[batch, frames, n] = pieces.shape() else { unreachable!("pieces have three dimensions") };
    let length = n + hop * frames.saturating_sub(1);
    let view = View {
        shape: pieces.shape().into(),
        strides: [length as isize, hop as isize, 1].into_iter().collect(),
        offset: 0,
    };
    let zeros = Tensor::zeros(&[batch * length], pieces.dtype(), pieces.device())?;
    zeros.add_at(&view, pieces)?.reshape_to(&[batch, length])
}

/// The signal whose pieces have these transforms: of overlapping pieces the mean, weighted by the window.
pub fn istft(x: &Numbers, how: &Istft) -> Result<Numbers> {
    let name = "istft";
    let Numbers::Complex(z) = x else {
        return Err(type_err!(
            "istft requires a complex-valued input tensor matching the output from stft with return_complex=True."
        ));
    };
    super::expect_precision(z.parts())?;
    if !matches!(z.dim(), 2 | 3) {
        return Err(runtime_err!("istft: expected a tensor with 2 or 3 dimensions, but got {}", z.dim()));
    }
    if z.numel() == 0 {
        return Err(runtime_err!("istft: input tensor cannot be empty."));
    }
    let sizes = Sizes::new(name, how.n_fft, how.hop_length, how.win_length)?;
    let batched = if z.dim() == 2 { z.pairs().unsqueeze(0)? } else { z.pairs().clone() };
    let (found, frames) = (batched.shape()[1] as i64, batched.shape()[2] as i64);
    let onesided = how.onesided.unwrap_or(found != how.n_fft);
    let wanted = if onesided { how.n_fft / 2 + 1 } else { how.n_fft };
    if found != wanted {
        return Err(runtime_err!(
            "istft: expected the frequency dimension (3rd to the last) of the input tensor to match {} when onesided={onesided}, but got {found}",
            if onesided { "n_fft / 2 + 1" } else { "n_fft" }
        ));
    }
    if how.return_complex && onesided {
        return Err(runtime_err!("istft: cannot have onesided output if window or input is complex"));
    }
    let window = sizes.window(name, how.window, &Numbers::Complex(z.clone()))?;
    if matches!(window, Numbers::Complex(_)) && !how.return_complex {
        return Err(runtime_err!("istft: Complex windows are incompatible with return_complex=False"));
    }
    let dtype = match &window {
        Numbers::Real(window) => result_type(&[Operand::Tensor(z.pairs()), Operand::Tensor(window)]),
        Numbers::Complex(window) => result_type(&[z.pairs().into(), window.pairs().into()]),
    };
    let window = match window {
        Numbers::Real(window) => Numbers::Real(window.to_dtype(dtype)?),
        Numbers::Complex(window) => Numbers::Complex(window.to_parts(dtype)?),
    };
    let n = how.n_fft as usize;
    let scale = if how.normalized { 1.0 / (n as f64).sqrt() } else { 1.0 / n as f64 };
    let spectra = batched.to_dtype(dtype)?.transpose(1, 2)?;
    let hop = sizes.hop as usize;
    let added = |pieces: &Numbers| of_parts(&windowed(pieces, &window)?, |part| overlapped(part, hop));
    let envelope = added(&of_parts(&window, |part| part.expand_to(&[1, frames as usize, n]))?)?;
    let expected = how.n_fft + sizes.hop * (frames - 1);
    let start = if how.center { how.n_fft / 2 } else { 0 };
    let end = match how.length {
        Some(length) => start + length,
        None if how.center => expected - how.n_fft / 2,
        None => expected,
    };
    let inside = end.min(expected);
    let cut = |x: &Numbers| of_parts(x, |part| part.narrow(1, start, (inside - start).max(0)));
    let envelope = cut(&envelope)?;
    let least = match &envelope {
        Numbers::Real(x) => x.detach().abs()?,
        Numbers::Complex(z) => z.detach().abs()?,
    };
    if least.numel() > 0 && least.amin(&[], false)?.item()?.to_f64() <= 1e-11 {
        return Err(runtime_err!("istft: window overlap add min: 1"));
    }
    let finish = |pieces: &Numbers| -> Result<Numbers> {
        let signal = divided(&cut(&added(pieces)?)?, &envelope)?;
        of_parts(&signal, |part| {
            let part = part.padded(&[(0, 0), (0, (end - inside).max(0))], Scalar::Int(0))?;
            if z.dim() == 2 { part.select(0, 0) } else { Ok(part) }
        })
    };
    if how.return_complex {
        let whole = complex_along(&spectra, 2, Direction::Inverse, scale)?;
        return finish(&Numbers::Complex(Complex::of_pairs(whole)));
    }
    let half = spectra.narrow(2, 0, how.n_fft / 2 + 1)?;
    finish(&Numbers::Real(real_along(&half, 2, n, scale)?))
}

/// What a function of real tensors makes of the numbers, or of both of their parts.
fn of_parts(x: &Numbers, f: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Numbers> {
    Ok(match x {
        Numbers::Real(x) => Numbers::Real(f(x)?),
        Numbers::Complex(z) => Numbers::Complex(Complex::join(&f(&z.re()?)?, &f(&z.im()?)?)?),
    })
}

fn divided(x: &Numbers, by: &Numbers) -> Result<Numbers> {
    match (x, by) {
        (x, Numbers::Real(by)) => of_parts(x, |part| part.div(by)),
        (x, Numbers::Complex(by)) => x.to_complex()?.div(by).map(Numbers::Complex),
    }
}
