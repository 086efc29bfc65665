"""Models written for torch run when their import changes: equal weights give equal losses, gradients and steps.

Whether half precision is right is judged against torch in double precision: ours may be about as far away as torch's.
"""

import numpy as np
import pytest
import torch
from models import NAMES, load
from reference import name_of, ours, theirs

import spiraltorch_rs as st

# Of the largest value of a tensor: sums of thousands of terms in another order. Adam divides by small gradients.
TOLERANCES = {"float32": 3e-5, "float64": 1e-10}
STEPS_TOLERANCE = 1e-8
# What is smaller is rounding: gradients of biases of keys, or before a norm, are zero in exact numbers.
SMALL = 1e-2


def carried(value):
    """Our tensors as torch's, whatever they are in."""
    if isinstance(value, st.Tensor):
        return theirs(value)
    if isinstance(value, (tuple, list)):
        return [carried(part) for part in value]
    if isinstance(value, dict):
        return {key: carried(part) for key, part in value.items()}
    return value


def tensors(value, path=""):
    """The tensors in what a program gives, with their places."""
    if isinstance(value, (tuple, list)):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for key, part in value.items():
            yield from tensors(part, f"{path}/{key}")
    elif value is not None:
        yield path, value.detach()


def distance(actual, expected):
    """The largest difference, of the largest value."""
    if not expected.numel():
        return 0.0
    actual, expected = actual.double(), expected.double()
    apart = (actual == expected) | (actual.isnan() & expected.isnan())
    difference = torch.where(apart, 0.0, (actual - expected).abs())
    finite = torch.where(expected.isfinite(), expected, 0.0)
    return (difference.max() / finite.abs().max().clamp(min=SMALL)).item()


def assert_same(actual, expected, tolerance):
    """Shapes, dtypes and values, wherever they stand in what was told."""
    mine, reference = dict(tensors(actual)), dict(tensors(expected))
    assert list(mine) == list(reference)
    for place, value in reference.items():
        assert mine[place].shape == value.shape, place
        assert mine[place].dtype == value.dtype, place
        apart = distance(mine[place], value)
        assert apart <= tolerance, f"{place} differs by {apart:.1e} of its largest value"


def tolerance_of(name, dtype, double=TOLERANCES["float64"]):
    """Double precision is as good as what is single in the model."""
    if dtype == "float64" and not hasattr(load(name, "torch"), "SINGLE"):
        return double
    return TOLERANCES["float32"]


class Run:
    """A model in one library: built from torch's weights, and what it does with a batch."""

    def __init__(self, name, library, weights, dtype, device="cpu"):
        self.library, self.device = library, device
        self.dtype = getattr(library, dtype)
        self.file = load(name, library.__name__)
        self.model = self.file.build()
        carry = ours if library is st else torch.Tensor.clone
        self.model.load_state_dict({key: carry(value) for key, value in weights.items()})
        self.model.to(device=device, dtype=self.dtype)
        self.batch = {key: self.tensor(v) for key, v in self.file.inputs(np.random.default_rng(0)).items()}

    def tensor(self, value):
        made = self.library.from_numpy(np.ascontiguousarray(value)).to(self.device)
        return made.to(self.dtype) if made.is_floating_point() else made

    def forward(self):
        """The loss and the outputs."""
        return self.file.loss(self.model, **self.batch)

    def gradients(self):
        loss, outputs = self.forward()
        loss.backward()
        named = {name: p.grad for name, p in self.model.named_parameters() if p.grad is not None}
        # Buffers too: the statistics that training collects.
        return loss, outputs, named, dict(self.model.named_buffers())

    def trained(self, make, steps=2):
        """The weights after some steps of an optimizer."""
        optimizer = make(self.library.optim, self.model)
        losses = []
        for _ in range(steps):
            optimizer.zero_grad()
            loss, _ = self.forward()
            loss.backward()
            self.library.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss)
        return losses, dict(self.model.state_dict())

    def extras(self):
        self.model.eval()
        return self.file.extras(self.model, **self.batch)


def weights_of(name):
    """The weights torch draws."""
    torch.manual_seed(0)
    return load(name, "torch").build().state_dict()


def both(name, dtype, device, call):
    """What a call of a run gives in both libraries, ours carried over."""
    weights = weights_of(name)
    expected = call(Run(name, torch, weights, dtype))
    return carried(call(Run(name, st, weights, dtype, device))), expected


OPTIMIZERS = {
    "SGD": lambda optim, model: optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True),
    "AdamW": lambda optim, model: optim.AdamW(
        [
            {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": 0.1},
            {"params": [p for p in model.parameters() if p.dim() <= 1], "weight_decay": 0.0},
        ],
        lr=1e-2,
        betas=(0.9, 0.95),
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_losses_gradients_and_statistics(name, dtype, device):
    assert_same(*both(name, dtype, device, Run.gradients), tolerance_of(name, dtype))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", NAMES)
def test_steps_of_an_optimizer(name, optimizer, device):
    actual, expected = both(name, "float64", device, lambda run: run.trained(OPTIMIZERS[optimizer]))
    assert_same(actual, expected, tolerance_of(name, "float64", STEPS_TOLERANCE))


@pytest.mark.parametrize("name", NAMES)
def test_what_else_the_model_is_used_for(name, device):
    actual, expected = both(name, "float32", device, Run.extras)
    assert_same(actual, expected, TOLERANCES["float32"])


@pytest.mark.parametrize("name", NAMES)
def test_bfloat16(name, device):
    actual, expected = both(name, "bfloat16", device, Run.forward)
    exact = dict(tensors(Run(name, torch, weights_of(name), "float64").forward()))
    mine, reference = dict(tensors(actual)), dict(tensors(expected))
    assert list(mine) == list(reference)
    for place, value in reference.items():
        assert name_of(mine[place].dtype) == name_of(value.dtype), place
        error, torchs = distance(mine[place], exact[place]), distance(value, exact[place])
        assert error <= 1.5 * torchs + 0.02, f"{place}: {error:.1e} from exact values, torch is {torchs:.1e}"


@pytest.mark.cpu_only("torch, which reads the files, does not know other devices of ours")
@pytest.mark.parametrize("name", NAMES)
def test_the_saved_weights_are_torchs(name, tmp_path):
    model = load(name, "spiraltorch_rs").build()
    st.save(model.state_dict(), tmp_path / "model.pt")
    read = torch.load(tmp_path / "model.pt", weights_only=True)
    reference = load(name, "torch").build()
    assert list(read) == list(reference.state_dict())
    reference.load_state_dict(read)
    assert_same(carried(dict(model.state_dict())), reference.state_dict(), 0.0)


@pytest.mark.parametrize("name", NAMES)
def test_the_model_prints_as_torchs(name):
    mine, reference = (repr(load(name, library).build()) for library in ("spiraltorch_rs", "torch"))
    assert mine == reference
