"""Layers against torch's: text, state, values in training and evaluation, gradients of inputs and parameters."""

import copy
import pickle
import re
import warnings

import pytest
import torch
from layers import LAYERS, Layer, tensor
from reference import assert_same, ours, theirs

import spiraltorch_rs as st

warnings.filterwarnings("ignore", message=".*Lazy modules.*")


def built(layer, library):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(library.nn, layer.name)(*layer.args, **layer.kwargs)


def text(module):
    return re.sub("spiraltorch_rs", "torch", repr(module))


def carried(reference, module):
    """Torch's state in our module."""
    state = {name: ours(value) for name, value in reference.state_dict().items()}
    module.load_state_dict(state)


def floats(result):
    """The tensors with gradients in a result of any shape."""
    if isinstance(result, (tuple, list)):
        return [tensor for part in result for tensor in floats(part)]
    return [result] if result is not None and result.is_floating_point() else []


def outcome(module, inputs, layer):
    """The result, and the gradients of inputs and parameters."""
    smooth = [
        x.kind != "sign" and found.is_floating_point() for x, found in zip(layer.inputs, inputs, strict=True)
    ]
    leaves = [x.detach().requires_grad_() if s else x for x, s in zip(inputs, smooth, strict=True)]
    # What writes over its input must not get a leaf.
    given = [x * 1 if getattr(module, "inplace", False) else x for x in leaves]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = module(*given)
    # A weight for each value, or gradients of norms would vanish.
    total = 0
    for part in floats(result):
        flat = part.reshape(-1)
        weights = [0.3 + 0.1 * (i % 7) for i in range(flat.shape[0])]
        total = total + (flat * flat.new_tensor(weights)).sum()
    if total.requires_grad:
        total.backward()
    gradients = [x.grad for x, s in zip(leaves, smooth, strict=True) if s]
    return result, [*gradients, *(parameter.grad for parameter in module.parameters())]


def missing(error):
    found = re.search(r"module 'spiraltorch_rs(\.nn\.functional)?' has no attribute '(\w+)'", str(error))
    found = found or re.search(r"(\w+)\(\) (?:got an unexpected keyword argument '\w+'|takes)", str(error))
    return found and f"nn.functional.{found[found.lastindex or 1]} lacks this"


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("layer", LAYERS, ids=[f"{layer.name}-{i}" for i, layer in enumerate(LAYERS)])
def test_layer_is_torchs(layer: Layer, training: bool):
    reference, module = built(layer, torch), built(layer, st)
    assert text(module) == repr(reference)
    assert list(module.state_dict()) == list(reference.state_dict())
    for (name, mine), value in zip(module.state_dict().items(), reference.state_dict().values(), strict=True):
        assert tuple(mine.shape) == tuple(value.shape), name
    for parameter in reference.parameters():  # biases that begin as zeros hide mistakes
        torch.nn.init.uniform_(parameter, -0.7, 0.7)
    carried(reference, module)
    inputs = [tensor(x) for x in layer.inputs]
    mine = [ours(x) for x in inputs]
    if layer.name == "MultiheadAttention" and len({x.shape for x in layer.inputs}) == 1:
        inputs, mine = [inputs[0]] * 3, [mine[0]] * 3
    reference.train(training)
    module.train(training)
    for _ in range(2):  # twice: statistics move, and gradients add up
        expected, gradients = outcome(reference, inputs, layer)
        try:
            actual, found = outcome(module, mine, layer)
        except (AttributeError, TypeError, RuntimeError) as error:
            reason = missing(error)
            if reason is None:
                raise
            pytest.skip(reason)
        assert_same(actual, expected, loose=layer.loose)
        assert [g is None for g in found] == [g is None for g in gradients]
        present = [i for i, g in enumerate(gradients) if g is not None]
        assert_same([found[i] for i in present], [gradients[i] for i in present], loose=layer.loose)
    for (name, value), kept in zip(reference.state_dict().items(), module.state_dict().values(), strict=True):
        assert torch.allclose(theirs(kept), value, rtol=1e-4, atol=1e-6), name


@pytest.mark.cpu_only("pickled tensors come back on the CPU")
@pytest.mark.parametrize("name", sorted({layer.name for layer in LAYERS}))
def test_layer_is_copied_and_pickled(name):
    layer = next(layer for layer in LAYERS if layer.name == name)
    module = built(layer, st)
    for copied in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert repr(copied) == repr(module)
        for (key, a), b in zip(module.state_dict().items(), copied.state_dict().values(), strict=True):
            assert st.equal(a, b), key
            assert a.data_ptr() != b.data_ptr() or a.numel() == 0, key


def test_every_layer_of_torch_is_there():
    names = {name for name, found in vars(torch.nn).items() if isinstance(found, type)}
    assert names - set(dir(st.nn)) <= {"LinearCrossEntropyOptions"}


def test_every_layer_is_tried():
    classes = {name for name in st.nn.modules.__all__ if not name.startswith("Lazy")}
    without = classes - {layer.name for layer in LAYERS}
    elsewhere = set(
        "Container Module ModuleDict ModuleList ParameterDict ParameterList Sequential RNNBase RNNCellBase "
        "SyncBatchNorm TransformerDecoder TransformerEncoder FractionalMaxPool2d FractionalMaxPool3d RReLU "
        "CrossMapLRN2d MaxUnpool1d MaxUnpool2d MaxUnpool3d NLLLoss2d".split()
    )
    assert without <= elsewhere


@pytest.mark.parametrize("size", [2, 3, 5])
def test_responses_across_maps(size):
    """Values only: torch's gradient of this old layer is that of another sum than its values."""
    x = torch.randn(2, 7, 3, 4)
    assert_same(st.nn.CrossMapLRN2d(size, 0.5)(ours(x)), torch.nn.CrossMapLRN2d(size, 0.5)(x))
