//! Fourier transforms: `fft_rfft` is `st.fft.rfft`.

use super::macros::build;
use crate::complex::Numbers;
use crate::ops::def::{Forms, Ints, On};
use crate::ops::fft::{
    Direction, Istft, Stft, fft, fftfreq, fftn, fftshift, irfft, irfftn, istft, rfft, rfftn, stft,
};
use crate::tensor::{Tensor, default_device, default_dtype};
use Direction::{Forward, Inverse};
use st_kernel::DType;

const OUT: Forms = Forms::FUNCTION.and(Forms::OUT).and(Forms::CAST);

build! {
    /// The discrete Fourier transform along a dimension.
    "fft_fft" "(input: Tensor, n: int? = None, dim: int = -1, norm: str? = None)".forms(OUT),
        |input: Numbers, n: Option<i64>, dim: i64, norm: Option<&str>| fft(&input, n, dim, norm, Forward);

    /// The inverse of `fft`.
    "fft_ifft" "(input: Tensor, n: int? = None, dim: int = -1, norm: str? = None)".forms(OUT),
        |input: Numbers, n: Option<i64>, dim: i64, norm: Option<&str>| fft(&input, n, dim, norm, Inverse);

    /// The first half of the transform of a real signal.
    "fft_rfft" "(input: Tensor, n: int? = None, dim: int = -1, norm: str? = None)".forms(OUT),
        |input: Numbers, n: Option<i64>, dim: i64, norm: Option<&str>| rfft(&input, n, dim, norm, Forward);

    /// The inverse of `rfft`.
    "fft_irfft" "(input: Tensor, n: int? = None, dim: int = -1, norm: str? = None)".forms(OUT),
        |input: Numbers, n: Option<i64>, dim: i64, norm: Option<&str>| irfft(&input, n, dim, norm, Inverse);

    /// The transform, which is real, of a signal of which the first half is given.
    "fft_hfft" "(input: Tensor, n: int? = None, dim: int = -1, norm: str? = None)".forms(OUT),
        |input: Numbers, n: Option<i64>, dim: i64, norm: Option<&str>| irfft(&input, n, dim, norm, Forward);

    /// The inverse of `hfft`.
    "fft_ihfft" "(input: Tensor, n: int? = None, dim: int = -1, norm: str? = None)".forms(OUT),
        |input: Numbers, n: Option<i64>, dim: i64, norm: Option<&str>| rfft(&input, n, dim, norm, Inverse);

    /// The discrete Fourier transform along two dimensions.
    "fft_fft2" "(input: Tensor, s: int[]? = None, dim: int[] = [-2, -1], norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Ints, norm: Option<&str>| fftn(&input, s.as_ref(), Some(&dim), norm, Forward);

    /// The inverse of `fft2`.
    "fft_ifft2" "(input: Tensor, s: int[]? = None, dim: int[] = [-2, -1], norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Ints, norm: Option<&str>| fftn(&input, s.as_ref(), Some(&dim), norm, Inverse);

    /// Half of the transform of a real signal along two dimensions.
    "fft_rfft2" "(input: Tensor, s: int[]? = None, dim: int[] = [-2, -1], norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Ints, norm: Option<&str>| rfftn(&input, s.as_ref(), Some(&dim), norm, Forward);

    /// The inverse of `rfft2`.
    "fft_irfft2" "(input: Tensor, s: int[]? = None, dim: int[] = [-2, -1], norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Ints, norm: Option<&str>| irfftn(&input, s.as_ref(), Some(&dim), norm, Inverse);

    /// The transform, which is real, along two dimensions of a signal of which half is given.
    "fft_hfft2" "(input: Tensor, s: int[]? = None, dim: int[] = [-2, -1], norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Ints, norm: Option<&str>| irfftn(&input, s.as_ref(), Some(&dim), norm, Forward);

    /// The inverse of `hfft2`.
    "fft_ihfft2" "(input: Tensor, s: int[]? = None, dim: int[] = [-2, -1], norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Ints, norm: Option<&str>| rfftn(&input, s.as_ref(), Some(&dim), norm, Inverse);

    /// The discrete Fourier transform along several dimensions.
    "fft_fftn" "(input: Tensor, s: int[]? = None, dim: int[]? = None, norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>| fftn(&input, s.as_ref(), dim.as_ref(), norm, Forward);

    /// The inverse of `fftn`.
    "fft_ifftn" "(input: Tensor, s: int[]? = None, dim: int[]? = None, norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>| fftn(&input, s.as_ref(), dim.as_ref(), norm, Inverse);

    /// Half of the transform of a real signal along several dimensions.
    "fft_rfftn" "(input: Tensor, s: int[]? = None, dim: int[]? = None, norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>| rfftn(&input, s.as_ref(), dim.as_ref(), norm, Forward);

    /// The inverse of `rfftn`.
    "fft_irfftn" "(input: Tensor, s: int[]? = None, dim: int[]? = None, norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>| irfftn(&input, s.as_ref(), dim.as_ref(), norm, Inverse);

    /// The transform, which is real, along several dimensions of a signal of which half is given.
    "fft_hfftn" "(input: Tensor, s: int[]? = None, dim: int[]? = None, norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>| irfftn(&input, s.as_ref(), dim.as_ref(), norm, Forward);

    /// The inverse of `hfftn`.
    "fft_ihfftn" "(input: Tensor, s: int[]? = None, dim: int[]? = None, norm: str? = None)".forms(OUT),
        |input: Numbers, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>| rfftn(&input, s.as_ref(), dim.as_ref(), norm, Inverse);

    /// The frequencies of `fft` of n points `d` apart.
    "fft_fftfreq" "(n: int, d: float = 1.0, *, dtype: dtype? = None, device: device? = None)".forms(OUT),
        |n: i64, d: f64, dtype: Option<DType>, device: Option<On>| frequencies(n, d, false, dtype, device);

    /// The frequencies of `rfft` of n points `d` apart.
    "fft_rfftfreq" "(n: int, d: float = 1.0, *, dtype: dtype? = None, device: device? = None)".forms(OUT),
        |n: i64, d: f64, dtype: Option<DType>, device: Option<On>| frequencies(n, d, true, dtype, device);

    /// Frequency zero moved to the middle.
    "fft_fftshift" "(input: Tensor, dim: int[]? = None)".forms(Forms::FUNCTION),
        |input: &Tensor, dim: Option<Ints>| fftshift(input, dim.as_ref(), false);

    /// The inverse of `fftshift`.
    "fft_ifftshift" "(input: Tensor, dim: int[]? = None)".forms(Forms::FUNCTION),
        |input: &Tensor, dim: Option<Ints>| fftshift(input, dim.as_ref(), true);

    /// The transforms of overlapping pieces of a signal.
    "stft" "(input: Tensor, n_fft: int, hop_length: int? = None, win_length: int? = None, window: Tensor? = None, center: bool = True, pad_mode: str = 'reflect', normalized: bool = False, onesided: bool? = None, return_complex: bool? = None, align_to_window: bool? = None)",
        |input: Numbers, n_fft: i64, hop_length: Option<i64>, win_length: Option<i64>, window: Option<Numbers>, center: bool, pad_mode: &str, normalized: bool, onesided: Option<bool>, return_complex: Option<bool>, _align: Option<bool>| {
            let window = window.as_ref();
            stft(&input, &Stft { n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided, return_complex })
        };

    /// The signal whose overlapping pieces have these transforms.
    "istft" "(input: Tensor, n_fft: int, hop_length: int? = None, win_length: int? = None, window: Tensor? = None, center: bool = True, normalized: bool = False, onesided: bool? = None, length: int? = None, return_complex: bool = False)".gives("Tensor"),
        |input: Numbers, n_fft: i64, hop_length: Option<i64>, win_length: Option<i64>, window: Option<Numbers>, center: bool, normalized: bool, onesided: Option<bool>, length: Option<i64>, return_complex: bool| {
            let window = window.as_ref();
            istft(&input, &Istft { n_fft, hop_length, win_length, window, center, normalized, onesided, length, return_complex })
        };
}

fn frequencies(
    n: i64,
    spacing: f64,
    half: bool,
    dtype: Option<DType>,
    device: Option<On>,
) -> st_kernel::Result<Tensor> {
    let device = device.map_or_else(default_device, |on| on.0);
    fftfreq(n, spacing, half, dtype.unwrap_or_else(default_dtype), device)
}
