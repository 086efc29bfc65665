"""Fourier transforms against torch: every function, size, dimension and norm; gradients; short pieces; errors."""

# Each case is run where its lambda is made.
# ruff: noqa: B023

from itertools import product

import pytest
import torch
from reference import collected

import spiraltorch_rs as st

REAL_TO_HALF = ("rfft", "ihfft")
ONE_DIMENSION = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
SEVERAL = tuple(f"{name}{n}" for name, n in product(ONE_DIMENSION, "2n"))
DTYPES = [torch.float32, torch.float64, torch.complex64, torch.complex128, torch.int64]
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.int64: 2e-5}


def drawn(shape, dtype):
    generator = torch.Generator().manual_seed(sum(shape))
    if dtype == torch.int64:
        return torch.randint(-5, 5, shape, generator=generator)
    return torch.randn(shape, generator=generator, dtype=dtype)


def mine_of(value, requires_grad=False):
    made = st.tensor(value.detach().resolve_conj().numpy().copy())
    return made.requires_grad_() if requires_grad else made


def as_real(module, tensor):
    return module.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor


def numbers(module, tensor):
    real = as_real(module, tensor).detach()
    return real if module is torch else torch.tensor(real.numpy())


def agree(function, value, *more):
    """A function of a module and a tensor gives torch's values and gradients."""
    wants = value.is_floating_point() or value.is_complex()
    limit = TOLERANCE.get(value.dtype, 1e-10)
    found = []
    for module in (st, torch):
        x = mine_of(value, wants) if module is st else value.detach().clone().requires_grad_(wants)
        rest = [mine_of(other) if module is st else other for other in more]
        result = function(module, x, *rest)
        found.append([numbers(module, result)])
        if wants and result.requires_grad:
            real = as_real(module, result)
            weight = torch.linspace(-1, 1, real.numel(), dtype=torch.float64).cos().reshape(tuple(real.shape))
            weight = weight.to(torch.float32 if "32" in str(real.dtype) else torch.float64)
            number = (real * real * (mine_of(weight) if module is st else weight)).sum()
            found[-1].append(numbers(module, module.autograd.grad(number, [x])[0]))
    for mine, reference in zip(*found, strict=True):
        scale = 1.0 + (float(reference.abs().max()) if reference.numel() else 0.0)
        torch.testing.assert_close(mine, reference, rtol=limit, atol=limit * scale)


def outcome(call):
    try:
        return call(), None
    except Exception as error:
        return None, error


def agree_or_fail_alike(function, value):
    error = outcome(lambda: function(torch, value))[1]
    if error is None:
        agree(function, value)
        return
    with pytest.raises(type(error)):
        function(st, mine_of(value))


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.complex64, torch.complex128, torch.int64], ids=str
)
@pytest.mark.parametrize("name", ONE_DIMENSION)
def test_one_dimension(name, dtype):
    with collected() as failures:
        for shape in [(8,), (7,), (4, 5), (0, 3), (3, 0)]:
            for n, norm in [(None, None), (1, "backward"), (4, "ortho"), (9, "forward")]:
                with failures(f"{shape} n={n} norm={norm}"):
                    agree_or_fail_alike(
                        lambda m, x: getattr(m.fft, name)(x, n=n, norm=norm), drawn(shape, dtype)
                    )
            with failures(f"{shape} dim=0"):
                agree_or_fail_alike(lambda m, x: getattr(m.fft, name)(x, dim=0), drawn(shape, dtype))
            if len(shape) > 1:
                with failures(f"{shape} turned"):
                    agree_or_fail_alike(lambda m, x: getattr(m.fft, name)(x.mT, 3, 0), drawn(shape, dtype))


@pytest.mark.parametrize("dtype", [torch.float64, torch.complex64], ids=str)
@pytest.mark.parametrize("name", SEVERAL)
def test_several_dimensions(name, dtype):
    with collected() as failures:
        for shape, s, dims in product(
            [(4, 5), (2, 3, 6), (0, 3)], (None, (3, 4), (-1, 5), (2,)), (None, (-1,), (1, 0))
        ):
            options = {} if dims is None else {"dim": dims}
            for norm in (None, "ortho") if s is None else ("forward",):
                with failures(f"{shape} {s} {dims} {norm}"):
                    agree_or_fail_alike(
                        lambda m, x: getattr(m.fft, name)(x, s, norm=norm, **options),
                        drawn(shape, dtype),
                    )


def test_frequencies_and_shifts():
    for n in range(8):
        for name in ("fftfreq", "rfftfreq"):
            reference = getattr(torch.fft, name)(n, 0.5)
            mine = torch.tensor(getattr(st.fft, name)(n, 0.5).numpy())
            torch.testing.assert_close(mine, reference, equal_nan=True)
    for name, dims in product(("fftshift", "ifftshift"), (None, 0, (1,), (0, 1))):
        agree(lambda m, x: getattr(m.fft, name)(x, dims), drawn((4, 5), torch.float64))
        agree(lambda m, x: getattr(m.fft, name)(x, dims), drawn((4, 5), torch.complex128))


def test_second_derivatives():
    value = drawn((6,), torch.float64)
    found = []
    for module in (st, torch):
        x = mine_of(value, True) if module is st else value.clone().requires_grad_()
        power = module.fft.rfft(x).abs() ** 3
        (first,) = module.autograd.grad(power.sum(), [x], create_graph=True)
        (second,) = module.autograd.grad((first * first).sum(), [x])
        found.append(numbers(module, second))
    torch.testing.assert_close(*found)


CUTS = [
    {},
    {"hop_length": 3, "normalized": True},
    {"center": False},
    {"pad_mode": "constant"},
    {"pad_mode": "replicate"},
    {"onesided": False},
]


@pytest.mark.parametrize("cut", CUTS, ids=str)
def test_short_pieces(cut):
    window = torch.hann_window(8, dtype=torch.float64) + 0.1
    for shape in [(30,), (2, 31)]:
        signal = drawn(shape, torch.float64)
        agree(lambda m, x, w: m.stft(x, 8, window=w, return_complex=True, **cut), signal, window)
        agree(lambda m, x: m.stft(x, 8, win_length=6, return_complex=False, **cut), signal)
        pieces = torch.stft(signal, 8, window=window, return_complex=True, **cut)
        back = {key: value for key, value in cut.items() if key != "pad_mode"}
        for length in (None, 25):
            agree(lambda m, x, w: m.istft(x, 8, window=w, length=length, **back), pieces, window)
    if not cut:
        mine = mine_of(drawn((40,), torch.float64))
        round_trip = st.istft(
            st.stft(mine, 8, window=mine_of(window), return_complex=True), 8, window=mine_of(window)
        )
        torch.testing.assert_close(torch.tensor(round_trip.numpy()), torch.tensor(mine.numpy()))


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.fft.fft(m.ones(3).to(m.float16)),
        lambda m: m.fft.rfft(m.ones(3).to(m.bfloat16)),
        lambda m: m.fft.rfft(m.ones(3).to(m.complex64)),
        lambda m: m.fft.fft(m.ones(3), 0),
        lambda m: m.fft.fft(m.ones(3), norm="x"),
        lambda m: m.fft.fft(m.ones(3), dim=2),
        lambda m: m.fft.fft(m.tensor(1.0)),
        lambda m: m.fft.fftn(m.ones(3), s=(2, 3)),
        lambda m: m.fft.fftn(m.ones(3, 3), s=(2, 3), dim=(0,)),
        lambda m: m.fft.fftn(m.ones(3, 3), dim=(0, 0)),
        lambda m: m.fft.irfftn(m.ones(3, 3), dim=()),
        lambda m: m.stft(m.ones(20), 8),
        lambda m: m.stft(m.ones(20), 8, hop_length=0, return_complex=True),
        lambda m: m.stft(m.ones(20), 8, win_length=9, return_complex=True),
        lambda m: m.stft(m.ones(3), 8, return_complex=True),
        lambda m: m.istft(m.ones(5, 4), 8),
        lambda m: m.istft(m.ones(4, 4).to(m.complex64), 8),
        lambda m: m.istft(m.ones(5, 4).to(m.complex64), 8, window=m.zeros(8)),
    ],
)
def test_errors(call):
    error = outcome(lambda: call(torch))[1]
    assert error is not None
    with pytest.raises(type(error)):
        call(st)
