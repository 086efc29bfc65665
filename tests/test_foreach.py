"""`_foreach_*`: an operator on each tensor of a list, against torch."""

from __future__ import annotations

import pytest
import torch
import torch.foreach

import spiraltorch_rs as st

NAMES = sorted(name for name in dir(torch) if name.startswith("_foreach_"))
VALUES = [[0.3, 0.7, 0.2], [[0.9, 0.1], [0.4, 0.6]]]
OTHERS = [[0.5, 0.25, 0.75], [[0.2, 0.8], [0.3, 0.9]]]


def lists(lib, dtype="float32"):
    kind = getattr(lib, dtype)
    return tuple([lib.tensor(v, dtype=kind) for v in values] for values in (VALUES, OTHERS))


def calls(lib, name, dtype="float32"):
    """Arguments for an operator, and what it is asked with."""
    a, b = lists(lib, dtype)
    bare = name.removeprefix("_foreach_").rstrip("_")
    if bare in ("add", "sub"):
        return [((a, 2), {}), ((a, b), {"alpha": 3}), ((a, [1, 2.5]), {}), ((a, lib.tensor(0.5)), {})]
    if bare in ("mul", "div"):
        return [((a, 2), {}), ((a, b), {}), ((a, [1, 2.5]), {}), ((a, lib.tensor(0.5)), {})]
    if bare in ("clamp_max", "clamp_min", "maximum", "minimum", "pow"):
        power: list = [((0.5, a), {})] if name == "_foreach_pow" else []
        return [((a, 0.5), {}), ((a, b), {}), ((a, [0.5, 0.3]), {}), *power]
    if bare in ("addcmul", "addcdiv"):
        many = [((a, b, a, 2.0), {}), ((a, b, b), {"value": 0.5}), ((a, b, b, [1.0, 2.0]), {})]
        return [*many, ((a, b, b, lib.tensor([1.0, 2.0])), {}), ((a, b, b), {"scalars": [0.5, 2.0]})]
    if bare == "lerp":
        return [((a, b, 0.25), {}), ((a, b, b), {}), ((a, b, [0.5, 0.75]), {})]
    if bare == "mm":
        return [(([a[1]], [b[1]]), {})]
    if bare == "copy":
        return [((a, b), {})]
    if bare in ("norm", "powsum"):
        return [((a,), {}), ((a, 3), {}), ((a,), {"dtype": lib.float64})]
    return [((a,), {})]


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_torch(name, dtype):
    for (ours, kwargs), (theirs, their_kwargs) in zip(
        calls(st, name, dtype), calls(torch, name, dtype), strict=True
    ):
        got = getattr(st, name)(*ours, **kwargs)
        want = getattr(torch, name)(*theirs, **their_kwargs)
        assert type(got) is type(want)
        if name.endswith("_"):
            assert got is ours[0]
        for one, other in zip(got, want, strict=True):
            assert str(one.dtype).split(".")[1] == str(other.dtype).split(".")[1]
            values = torch.tensor(one.double().tolist(), dtype=torch.float64)
            torch.testing.assert_close(values.to(other.dtype), other)


WRONG = {
    "none": lambda lib, a: lib._foreach_add([], 1),
    "none to take the root of": lambda lib, a: lib._foreach_sqrt([]),
    "numbers": lambda lib, a: lib._foreach_sqrt([1, 2]),
    "one tensor": lambda lib, a: lib._foreach_sqrt(lib.ones(2)),
    "a number first": lambda lib, a: lib._foreach_add(1, a),
    "too few numbers": lambda lib, a: lib._foreach_add(a, [1]),
    "too few tensors": lambda lib, a: lib._foreach_add(a, a[:1]),
    "too few to copy": lambda lib, a: lib._foreach_copy_(a, a[:1]),
    "one tensor with a dimension": lambda lib, a: lib._foreach_mul(a, lib.ones(2)),
    "a packed number": lambda lib, a: lib._foreach_addcmul(a, a, a, lib.tensor(1.0)),
    "too few factors": lambda lib, a: lib._foreach_addcdiv(a, a, a, [1.0]),
    "too few shares": lambda lib, a: lib._foreach_lerp(a, a, [1.0]),
    "shapes": lambda lib, a: lib._foreach_add(a, a[::-1]),
    "an unknown keyword": lambda lib, a: lib._foreach_add(a, number=2),
    "an operand twice": lambda lib, a: lib._foreach_add(a, 2, scalar=2),
    "a float into integers": lambda lib, a: lib._foreach_add_([lib.ones(2, dtype=lib.int32)], 1.5),
}


@pytest.mark.parametrize("case", WRONG)
def test_errors_are_torchs(case):
    def refused(lib):
        with pytest.raises((TypeError, RuntimeError)) as caught:
            WRONG[case](lib, [lib.ones(2), lib.ones(3)])
        return caught.value

    ours, theirs = refused(st), refused(torch)
    assert type(ours) is type(theirs)
    if type(theirs) is RuntimeError and "must match" not in str(theirs) and "result type" not in str(theirs):
        assert str(ours) == str(theirs)


def test_has_gradients():
    def gradients(lib):
        a, b = lists(lib)
        leaves = [t.requires_grad_() for t in (*a, *b)]
        sum(t.sum() for t in lib._foreach_mul(a, b)).backward()
        return [t.grad.tolist() for t in leaves]

    assert gradients(st) == gradients(torch)


def test_operands_by_name_and_formats():
    def results(lib):
        a, _ = lists(lib)
        images = [lib.ones(2, 3, 4, 5)]
        last = lib._foreach_clone(images, memory_format=lib.channels_last)[0]
        named = (
            *lib._foreach_add(a, scalar=2),
            *lib._foreach_mul(a, scalars=[2, 3]),
            *lib._foreach_pow(a, exponent=2),
        )
        return [t.tolist() for t in named], last.stride()

    assert results(st) == results(torch)


def test_public_names():
    assert sorted(st.foreach.__all__) == sorted(torch.foreach.__all__)
    with pytest.raises(AttributeError, match="no attribute 'powsum'"):
        st.foreach.powsum  # noqa: B018

    def results(lib):
        a, b = lists(lib)
        lib.foreach.add_(a, b, alpha=2)
        return [t.tolist() for t in (*a, *lib.foreach.norm(a, ord=1), *lib.foreach.maximum(a, 0.5))]

    for ours, theirs in zip(results(st), results(torch), strict=True):
        torch.testing.assert_close(torch.tensor(ours), torch.tensor(theirs))
