"""Random programs of views, operators and writes in place, some in numpy's memory: each does what it does with torch.

Values before and after the backward pass, gradients, shapes, leaves and refusals are compared; what torch refuses and
we do not ends a program's comparison.
"""

import random
import warnings

import numpy as np
import pytest
import torch
from reference import assert_close
from reference import theirs as carried

import spiraltorch_rs as st

SHAPES = [(2, 3), (3,), (2, 3, 2), (4, 4), (1, 3), (3, 2)]
VIEWS = """
x.t() if x.dim() == 2 else x; x[0]; x[-1]; x[..., ::2]; x[..., 1:]; x.unsqueeze(0); x.transpose(0, -1)
x.reshape(-1); x.flatten(); x.narrow(0, 0, 1); x.expand(2, *x.shape); x.view(-1); x.detach(); x.squeeze()
x.movedim(0, -1); x.select(-1, 0); x.unfold(0, 2, 1); x.chunk(2, -1)[0]; x.unbind(0)[-1]; x.split(2, 0)[0]
x.view_as(x); x.permute(*reversed(range(x.dim()))); x.as_strided((2,), (1,)); x.diagonal() if x.dim() > 1 else x
x.data
"""
OPERATORS = """
x.sin(); x * 2; x.exp().clamp(max=10); x.tanh(); -x; x.abs(); x**2; x + 1; x.clone(); x.relu(); x.cumsum(0)
x.softmax(-1); x.flip(0); x.roll(1, 0); x.sum(0, keepdim=True); x.mean(-1, keepdim=True); x.contiguous()
x.sort(-1)[0]; x.sigmoid(); x.max(-1, keepdim=True).values; x.logsumexp(0, keepdim=True); x.double().float()
x.clamp(-0.5, 0.5); x.masked_fill(x > 0, 1.5); x.repeat_interleave(2, 0); x.index_select(0, i); x[x > 0]
x.where(x > 0, x * 3); x.prod(-1, keepdim=True); x.log_softmax(0); x.std(-1, keepdim=True, unbiased=False)
x.norm(dim=-1, keepdim=True); x.tril() if x.dim() > 1 else x * 1; x.diff(dim=0)
x @ x.mT if x.dim() > 1 else x * x; F.layer_norm(x, x.shape[-1:]); F.gelu(x); F.pad(x, (1, 1))
t.stack([x, x], 0); t.cat([x, x * 2], -1); x.topk(1, -1)[0]; F.normalize(x, dim=-1); x.lerp(x * 2, 0.3)
x.cummax(0)[0]; x.take(i); x.rot90(1, (0, 1)) if x.dim() > 1 else x; t.fft.rfft(x).abs()
x.gather(0, t.zeros_like(x).long()); x.quantile(0.3, dim=-1); x.masked_scatter(x > 0.2, x.flip(0).contiguous())
x.unfold(-1, 2, 1).sum(-1); x.half().float(); x.long().float() * x
"""
PAIRS = """
x + y; x * y; x - y; x / (y.abs() + 1); t.maximum(x, y); t.cat([x.reshape(-1), y.reshape(-1)]); x.lerp(y, 0.3)
t.where(x > y, x, y); t.hypot(x, y + 2); t.addcmul(x, x, y); x.logaddexp(y)
x @ y.mT if x.dim() > 1 and x.shape == y.shape else x * y
F.cosine_similarity(x, y, -1) if x.shape == y.shape else x + y
"""
WRITES = """
x.add_(1); x.mul_(2); x.sin_(); x.zero_(); x.copy_(x.flip(0)); x.sub_(y); x.mul_(y); x.add_(y, alpha=0.5)
x[0] = 1.5; x[..., 0] = 0.3; x.masked_fill_(x > 0, 0.7); x.clamp_(-1, 1); x.relu_(); x.tanh_(); x[x > 0] = 0.1
x.div_(2); x.copy_(y); x.t_() if x.dim() == 2 else x.neg_(); x.pow_(2); x.index_fill_(0, i, 0.2); x += 1; x *= y
x -= x * 0.5; x.unsqueeze_(0); x.squeeze_(); x.fill_(0.4); x.transpose_(0, -1); x.sigmoid_(); x[1:] *= 2
x[..., ::2].add_(1); x.lerp_(y, 0.2); x.detach_(); x.view(-1)[0] = 3.0; x.data.mul_(2)
x.reshape(-1)[1:2].mul_(3); x.scatter_(0, t.zeros_like(x).long(), 0.9)
"""
KINDS = {"made": VIEWS, "computed": OPERATORS, "combined": PAIRS, "written": WRITES}


def lines(text):
    return [line.strip() for line in text.replace(";", "\n").splitlines() if line.strip()]


def program(choose):
    """Leaves and steps: a kind, an expression or a statement, two names, and whether gradients are off."""
    shape = choose.choice(SHAPES)
    leaves = [(choose.random() < 0.6, shape if choose.random() < 0.7 else (1,)) for _ in range(3)]
    kinds = {kind: lines(text) for kind, text in KINDS.items()}
    steps, count = [], len(leaves)
    for _ in range(choose.randint(4, 14)):
        (kind,) = choose.choices(list(kinds), weights=[30, 30, 14, 26])
        names = choose.randrange(count), choose.randrange(count)
        steps.append((kind, choose.choice(kinds[kind]), *names, choose.random() < 0.1))
        count += kind != "written"
    return leaves, steps


def begun(library, leaves, seed):
    """The leaves: every other one in numpy's memory."""
    numbers = np.random.RandomState(seed)
    tensors = []
    for at, (wants, shape) in enumerate(leaves):
        tensor = library.from_numpy(numbers.randn(*shape).astype(np.float32))
        tensor = tensor if at % 2 == seed % 2 else tensor.clone()
        tensors.append(tensor.requires_grad_() if wants else tensor)
    return tensors


def step(library, tensors, kind, code, first, second, unrecorded):
    """Takes a step; says what came of it. A step whose tensors are missing gives nothing."""
    found = None
    try:
        x, y = tensors[first], tensors[second] if tensors[second] is not None else tensors[first]
        if x is None:
            return "skipped"
        names = {"x": x, "y": y, "t": library, "F": library.nn.functional, "i": library.tensor([0, 0])}
        with library.set_grad_enabled(not unrecorded):
            if kind == "written":
                exec(code, names)
                tensors[first] = found = names["x"]
            else:
                found = eval(code, names)
                found = found if found.numel() <= 400 else None
        return "none" if found is None else (tuple(found.shape), found.requires_grad, found.is_leaf)
    except (RuntimeError, IndexError, ValueError):
        return "refused"
    finally:
        if kind != "written":
            tensors.append(found)


def backward(library, tensors):
    """The gradients of a weighted sum of all tensors; whether they were refused."""
    try:
        weighted = [
            (tensor * library.linspace(0.5, 1.5, tensor.numel()).reshape(tensor.shape)).sum()
            for tensor in tensors
            if tensor is not None and tensor.requires_grad and tensor.numel()
        ]
        if weighted:
            sum(weighted).backward()
    except RuntimeError:
        return "refused"
    return "done"


@pytest.mark.cpu_only("memory is shared with numpy")
@pytest.mark.parametrize("seed", range(250))
def test_programs(seed):
    leaves, steps = program(random.Random(seed))
    mine, theirs = begun(st, leaves, seed), begun(torch, leaves, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, taken in enumerate(steps):
            expected, got = step(torch, theirs, *taken), step(st, mine, *taken)
            if expected == "refused" and got != "refused":
                return
            assert got == expected, f"step {number} of {steps}"
        for mine_now, theirs_now in zip(mine, theirs, strict=True):
            compare(mine_now, theirs_now, steps)
        expected, got = backward(torch, theirs), backward(st, mine)
    if expected == "refused":
        return
    assert got == expected, steps
    for (wants, _), mine_now, theirs_now in zip(leaves, mine, theirs, strict=False):
        if wants and theirs_now.is_leaf:
            compare(mine_now.grad, theirs_now.grad, steps)


def compare(mine, theirs, steps):
    assert (mine is None) == (theirs is None), steps
    if mine is None:
        return
    theirs = theirs.detach()
    largest = theirs[theirs.isfinite()].abs().amax().item() if theirs.isfinite().any() else 0.0
    assert tuple(mine.shape) == tuple(theirs.shape), steps
    try:
        assert_close(carried(mine), theirs, 2e-3, 2e-3 * max(largest, 1e-3))
    except AssertionError as error:
        raise AssertionError(f"{steps}") from error
