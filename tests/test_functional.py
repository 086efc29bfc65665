"""What `nn.functional` does beyond single results: writing in place, random choices, errors, fused windows."""

import pytest
import torch
from reference import FLOATS, assert_same, collected, ours, pair, theirs

import spiraltorch_rs as st

F, R = st.nn.functional, torch.nn.functional
GENERATOR = torch.Generator().manual_seed(0)


def drawn(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(*shape, generator=GENERATOR, dtype=torch.float64).to(dtype)


ACTIVATIONS = {
    "relu": (),
    "relu6": (),
    "elu": (0.7,),
    "selu": (),
    "celu": (0.7,),
    "leaky_relu": (0.2,),
    "hardtanh": (-0.5, 0.6),
    "threshold": (0.1, 0.3),
    "silu": (),
    "mish": (),
    "hardswish": (),
    "hardsigmoid": (),
    "rrelu": (0.1, 0.3, False),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_in_place(name):
    """`inplace=` by name and by position, and `name_`, write the tensor they are given."""
    value, more = drawn(3, 4), ACTIVATIONS[name]
    expected = getattr(R, name)(value, *more)
    for arguments in ({"inplace": True}, None):
        x = ours(value)
        given = getattr(F, name)(x, *more, **arguments) if arguments else getattr(F, name)(x, *more, True)
        assert given is x
        assert_same(x, expected, loose=8)
    kept = ours(value)
    assert_same(getattr(F, name)(kept, *more, inplace=False), expected, loose=8)
    assert_same(kept, value, exact=True)
    if hasattr(R, f"{name}_"):
        x = ours(value)
        assert getattr(F, f"{name}_")(x, *more) is x
        assert_same(x, expected, loose=8)


def test_in_place_is_on_the_tape():
    leaf, reference = pair(drawn(3, 4), requires_grad=True)
    F.relu(leaf * 1, inplace=True).sum().backward()
    R.relu(reference * 1, inplace=True).sum().backward()
    assert_same(leaf.grad, reference.grad)
    with pytest.raises(RuntimeError):
        F.relu(leaf, inplace=True)


DROPOUTS = {
    "dropout": (60, 50),
    "dropout1d": (60, 50, 3),
    "dropout2d": (60, 50, 2, 2),
    "dropout3d": (60, 50, 2, 1, 2),
    "alpha_dropout": (60, 50),
    "feature_alpha_dropout": (60, 50, 3),
}


@pytest.mark.parametrize("name", DROPOUTS)
def test_dropping_everything_draws_nothing(name):
    x = drawn(*DROPOUTS[name])
    x.view(-1)[0] = float("inf")
    expected = getattr(torch.nn.functional, name)(x, 1.0, True)
    before = st.get_rng_state()
    assert_same(getattr(F, name)(ours(x), 1.0, True), expected)
    assert_same(st.func.vmap(lambda x: getattr(F, name)(x, 1.0, True))(ours(x[None])), expected[None])
    assert st.get_rng_state().equal(before)


@pytest.mark.parametrize("name", DROPOUTS)
def test_dropouts(name):
    """What is dropped, how often, whole channels where they are meant; nothing outside of training."""
    x = ours(drawn(*DROPOUTS[name]) + 3)
    function = getattr(F, name)
    y = theirs(function(x, 0.3, True))
    dropped = (y - y.min()).abs() < 1e-6 if "alpha" in name else y == 0
    assert abs(dropped.float().mean() - 0.3) < 0.05
    if dropped.dim() > 2:
        channels = dropped.flatten(2)
        assert bool((channels.all(-1) == channels.any(-1)).all())
    mean, std = theirs(x).mean(), theirs(x).std()
    assert abs(y.mean() - mean) < 0.2 or "alpha" in name
    assert std < y.std() < 4 * std
    assert function(x, 0.3, False).equal(x)
    assert function(x, 0.0, True).equal(x)
    z = x.clone()
    assert function(z, 0.3, True, True) is z
    assert not z.equal(x)
    for p in (-0.1, 1.1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            function(x, p, True)


def test_alpha_dropout_keeps_mean_and_variance():
    y = theirs(F.alpha_dropout(ours(drawn(400, 300)), 0.2, True))
    assert abs(y.mean()) < 0.02
    assert abs(y.std() - 1) < 0.02


def test_native_dropout():
    y, kept = st.native_dropout(st.ones(1000), 0.25, True)
    assert kept.dtype == st.bool
    assert (theirs(y) != 0).equal(theirs(kept))
    assert abs(theirs(kept).float().mean() - 0.75) < 0.06


def test_gumbel_softmax():
    """Hard choices are ones at classes drawn with their probabilities; the gradient is the soft choice's."""
    logits = torch.tensor([0.0, 1.0, 2.0])
    hard = theirs(F.gumbel_softmax(ours(logits.expand(4000, 3).contiguous()), hard=True))
    assert bool((hard.sum(-1) - 1).abs().max() < 1e-6)
    assert float((hard.mean(0) - logits.softmax(0)).abs().max()) < 0.04
    leaf = st.randn(5, 7, requires_grad=True)
    (F.gumbel_softmax(leaf, 0.5, True) * st.arange(7)).sum().backward()
    assert bool((leaf.grad != 0).any())


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags_of_any_length(mode):
    """Offsets, empty bags, a last offset, an index that does not count."""
    indices, offsets = torch.tensor([1, 2, 0, 5, 5, 3, 1]), torch.tensor([0, 2, 2, 6])
    with collected() as failures:
        for padding in (None, 1, -2):
            for last in (False, True):
                table, reference = pair(drawn(6, 4, dtype=torch.float64), requires_grad=True)
                options = {"mode": mode, "padding_idx": padding, "include_last_offset": last}
                with failures(str(options)):
                    actual = F.embedding_bag(ours(indices), table, ours(offsets), **options)
                    expected = R.embedding_bag(indices, reference, offsets, **options)
                    assert_same(actual, expected, loose=8)
                    actual.square().sum().backward()
                    expected.square().sum().backward()
                    assert_same(table.grad, reference.grad, loose=8)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_embedding_divides_gradients_by_frequency(dtype):
    indices = torch.tensor([[0, 2, 2], [1, 2, 0]], dtype=getattr(torch, dtype))
    mine, reference = pair(torch.linspace(-1, 1, 12).reshape(4, 3), True)
    weights = torch.arange(18.0).reshape(2, 3, 3)
    (F.embedding(ours(indices), mine, 1, scale_grad_by_freq=True) * ours(weights)).sum().backward()
    (R.embedding(indices, reference, 1, scale_grad_by_freq=True) * weights).sum().backward()
    assert_same(mine.grad, reference.grad)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_margins_of_ranks_round_the_difference(dtype):
    left, right = (
        torch.linspace(-3, 3, 40).to(getattr(torch, dtype)),
        torch.linspace(2, -1, 40).to(getattr(torch, dtype)),
    )
    sign = torch.ones(40)
    expected = R.margin_ranking_loss(left, right, sign, 0.5, reduction="none")
    assert torch.equal(
        theirs(F.margin_ranking_loss(ours(left), ours(right), ours(sign), 0.5, reduction="none")), expected
    )


@pytest.mark.parametrize("shape", [(1, 3, 7), (2, 3, 3, 1), (1, 2, 3, 4), (1, 2, 2, 3, 1)])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_scales_that_do_not_fit_the_sizes(shape, mode):
    """Where an image grows to twice its sizes, torch does not look at the scale; elsewhere it does.

    (Its gradients of sequences and volumes do not look at it either, and belong to another function: not compared.)
    """
    with collected() as failures:
        for scale in (1.1, 1.3, 2.1, 2.3, 2.6):
            mine, reference = pair(torch.arange(float(torch.Size(shape).numel())).reshape(shape), True)
            found, expected = (
                library.interpolate(x, scale_factor=scale, mode=mode)
                for library, x in ((F, mine), (R, reference))
            )
            found.square().sum().backward()
            expected.square().sum().backward()
            with failures(scale):
                assert_same(found.detach(), expected.detach())
                if len(shape) == 4:
                    assert_same(mine.grad, reference.grad)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
@pytest.mark.parametrize("scale", [2, 3, 1.7])
def test_gradients_of_larger_images_are_rounded_once(dtype, mode, scale):
    mine, reference = pair(drawn(2, 3, 5, 7, dtype=getattr(torch, dtype)), True)
    expected = R.interpolate(reference, scale_factor=scale, mode=mode)
    weights = drawn(*expected.shape, dtype=expected.dtype)
    expected.backward(weights)
    F.interpolate(mine, scale_factor=scale, mode=mode).backward(ours(weights))
    assert torch.equal(theirs(mine.grad), reference.grad)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear"])
@pytest.mark.parametrize("sizes", [(1, 200), (2, 401), (3, 700)])
def test_large_enlargements_have_both_gradients(mode, sizes):
    """Each element is read at a great many places: more than one kernel can say."""

    def gradients(lib, x, upstream):
        result = lib.nn.functional.interpolate(x, size=(sizes[1], sizes[1]), mode=mode)
        (first,) = lib.autograd.grad(result, x, upstream, create_graph=True)
        return [first, *lib.autograd.grad(first.square().sum(), [upstream])]

    given = torch.rand(1, 2, sizes[0], sizes[0]), torch.rand(1, 2, sizes[1], sizes[1])
    for mine, reference in zip(
        gradients(st, *(ours(t).requires_grad_() for t in given)),
        gradients(torch, *(t.clone().requires_grad_() for t in given)),
        strict=True,
    ):
        assert_same(mine.detach(), reference.detach(), loose=100)


def test_embedding_limits_norms_in_place():
    value, indices = drawn(6, 4) * 3, torch.tensor([0, 2, 2, 5])
    for p in (1.0, 2.0):
        table, reference = ours(value), value.clone()
        assert_same(
            F.embedding(ours(indices), table, max_norm=0.7, norm_type=p),
            R.embedding(indices, reference, max_norm=0.7, norm_type=p),
        )
        assert_same(table, reference)
    table, reference = ours(value), value.clone()
    assert st.embedding_renorm_(table, ours(indices), 0.3, 2.0) is table
    assert_same(table, torch.embedding_renorm_(reference, indices, 0.3, 2.0))
    results = st.embedding_bag(table, ours(indices), st.tensor([0, 3]))
    expected = torch.embedding_bag(reference, indices, torch.tensor([0, 3]))
    assert len(results) == 4
    assert_same(results[0], expected[0], loose=8)


@pytest.mark.parametrize("dtype", FLOATS)
def test_distances_of_pairs(dtype):
    value = drawn(5, 3, dtype=getattr(torch, dtype))
    for p in (1.0, 2.0, 3.0):
        wide = value.float() if value.dtype.itemsize < 4 else value
        assert_same(F.pdist(ours(value), p), torch.pdist(wide, p).to(value.dtype), loose=8)


def test_affine_grids_by_either_name():
    theta = drawn(2, 2, 3, dtype=torch.float64)
    assert_same(
        st.affine_grid_generator(ours(theta), (2, 3, 4, 5), True), R.affine_grid(theta, (2, 3, 4, 5), True)
    )
    for library in (st, torch):
        with pytest.raises(ValueError, match="floating point"):
            library.nn.functional.affine_grid(library.ones(2, 2, 3, dtype=library.int64), (2, 3, 4, 5), True)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_windows_of_infinities_and_nan(n):
    """A window of -inf has an index inside the image; NaN wins."""
    sizes = (7, 6, 5)[:n]
    low = torch.full((1, 2, *sizes), float("-inf"))
    nan = drawn(1, 2, *sizes)
    nan.view(-1)[::5] = float("nan")
    with collected() as failures:
        for value in (low, nan):
            for stride, padding, dilation in ((1, 1, 1), (2, 1, 1), (1, 1, 2), (3, 0, 1)):
                with failures(f"{stride} {padding} {dilation}"):
                    arguments = (3, stride, padding, dilation)
                    actual = getattr(F, f"max_pool{n}d")(ours(value), *arguments, return_indices=True)
                    expected = getattr(R, f"max_pool{n}d")(value, *arguments, return_indices=True)
                    assert_same(actual, expected)


def test_a_training_pool_reads_the_image_few_times():
    """Sums over windows are one expression, whatever the windows' size and stride; so are their gradients."""
    x = st.randn(2, 3, 20, 20, requires_grad=True)
    F.avg_pool2d(x, 3, 2, 1).sum().backward()
    reference = theirs(x).requires_grad_()
    R.avg_pool2d(reference, 3, 2, 1).sum().backward()
    assert_same(x.grad, reference.grad, loose=8)


LENGTHS = [([12, 12, 12], [4, 4, 4]), ([12, 9, 7], [4, 3, 0]), ([3, 12, 1], [4, 2, 1])]


@pytest.mark.parametrize("blank", [0, 4])
@pytest.mark.parametrize("lengths", LENGTHS)
def test_ctc(lengths, blank):
    """Ragged and impossible spellings, repeated labels, lengths as tensors, targets one after another."""
    inputs, labels = lengths
    targets = torch.tensor([[1, 1, 2, 3], [3, 2, 2, 1], [2, 3, 1, 1]])
    flat = torch.cat([targets[i, :n] for i, n in enumerate(labels)])
    with collected() as failures:
        for given in (targets, flat):
            for reduction in ("none", "mean", "sum"):
                leaf, reference = pair(drawn(12, 3, 5, dtype=torch.float64), requires_grad=True)
                options = {"blank": blank, "reduction": reduction, "zero_infinity": True}
                with failures(f"{given.dim()} {reduction}"):
                    actual = F.ctc_loss(leaf.log_softmax(-1), ours(given), inputs, labels, **options)
                    expected = R.ctc_loss(
                        reference.log_softmax(-1),
                        given,
                        torch.tensor(inputs),
                        torch.tensor(labels),
                        **options,
                    )
                    assert_same(actual, expected, loose=8)
                    actual.sum().backward()
                    expected.sum().backward()
                    assert_same(leaf.grad, reference.grad, loose=64)


REFUSED = {
    "max_pool2d: pad": lambda lib, f: f.max_pool2d(lib.ones(1, 1, 4, 4), 2, padding=2),
    "max_pool2d: size": lambda lib, f: f.max_pool2d(lib.ones(1, 1, 4, 4), 9),
    "max_pool2d: rank": lambda lib, f: f.max_pool2d(lib.ones(4), 2),
    "avg_pool2d: divisor": lambda lib, f: f.avg_pool2d(lib.ones(1, 1, 4, 4), 2, divisor_override=0),
    "interpolate: both": lambda lib, f: f.interpolate(lib.ones(1, 1, 4), size=2, scale_factor=2),
    "interpolate: none": lambda lib, f: f.interpolate(lib.ones(1, 1, 4)),
    "interpolate: mode": lambda lib, f: f.interpolate(lib.ones(1, 1, 4), size=2, mode="bilinear"),
    "interpolate: corners": lambda lib, f: f.interpolate(lib.ones(1, 1, 4), size=2, align_corners=True),
    "grid_sample: mode": lambda lib, f: f.grid_sample(lib.ones(1, 1, 4, 4), lib.ones(1, 2, 2, 2), "odd"),
    "grid_sample: batch": lambda lib, f: f.grid_sample(lib.ones(2, 1, 4, 4), lib.ones(1, 2, 2, 2)),
    "fold: blocks": lambda lib, f: f.fold(lib.ones(1, 8, 8), (4, 4), 2),
    "pixel_shuffle": lambda lib, f: f.pixel_shuffle(lib.ones(1, 3, 2, 2), 2),
    "triplet": lambda lib, f: f.triplet_margin_loss(*[lib.ones(2, 3)] * 3, margin=0.0),
    "cross_entropy: smoothing": lambda lib, f: f.cross_entropy(
        lib.ones(2, 3), lib.tensor([0, 1]), label_smoothing=2.0
    ),
    "mse: weight": lambda lib, f: f.mse_loss(lib.ones(2), lib.ones(2), weight=lib.ones(3)),
    "reduction": lambda lib, f: f.l1_loss(lib.ones(2), lib.ones(2), reduction="odd"),
    "ctc: length": lambda lib, f: f.ctc_loss(lib.ones(4, 1, 3), lib.tensor([[1]]), (5,), (1,)),
    "bag: offsets": lambda lib, f: f.embedding_bag(lib.tensor([1]), lib.ones(3, 2), lib.tensor([1])),
    "instance_norm": lambda lib, f: f.instance_norm(lib.ones(2, 3, 1)),
    "integers": lambda lib, f: f.layer_norm(lib.ones(2, 3, dtype=lib.int64), (3,)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals(what):
    """The exception is of torch's kind."""
    with pytest.raises(Exception) as expected:  # noqa: PT011
        REFUSED[what](torch, R)
    with pytest.raises(expected.type):
        REFUSED[what](st, F)


def test_running_statistics_of_instances():
    value = drawn(4, 3, 5)
    mean, var = torch.zeros(3), torch.ones(3)
    my_mean, my_var = ours(mean), ours(var)
    assert_same(F.instance_norm(ours(value), my_mean, my_var), R.instance_norm(value, mean, var), loose=8)
    assert_same(my_mean, mean, loose=8)
    assert_same(my_var, var, loose=8)


def test_dropout_between_layers_of_a_network():
    params = [st.randn(*shape) for shape in ((4, 3), (4, 4), (4,), (4,), (4, 4), (4, 4), (4,), (4,))]
    x, state = st.randn(5, 2, 3), st.zeros(2, 2, 4)
    still = st.rnn_tanh(x, state, params, True, 2, 0.5, False, False, False)[0]
    moved = st.rnn_tanh(x, state, params, True, 2, 0.5, True, False, False)[0]
    assert tuple(moved.shape) == (5, 2, 4)
    assert not moved.equal(still)


def test_triplets_under_any_distance():
    a, b, c = (drawn(4, 5) for _ in range(3))
    for options in ({}, {"margin": 0.4, "swap": True, "reduction": "none"}):
        assert_same(
            F.triplet_margin_with_distance_loss(*map(ours, (a, b, c)), **options),
            R.triplet_margin_with_distance_loss(a, b, c, **options),
            loose=8,
        )
    given = F.triplet_margin_with_distance_loss(
        *map(ours, (a, b, c)), distance_function=lambda x, y: (x - y).abs().sum(-1)
    )
    expected = R.triplet_margin_with_distance_loss(
        a, b, c, distance_function=lambda x, y: (x - y).abs().sum(-1)
    )
    assert_same(given, expected, loose=8)


@pytest.mark.parametrize("margins", [(1, 2, 0, 3), (0, 0, 2, 1), (-1, 2, 3, -2), (1, 0), (0, 1, 0, 0, 2, 2)])
def test_margins_of_a_large_image(margins):
    """Margins of much are filled one by one; the rest is written once."""
    x = drawn(2, 4, 190, 200)
    mine, reference = pair(x, True)
    result, expected = F.pad(mine, margins, value=0.5), R.pad(reference, margins, value=0.5)
    assert_same(result, expected)
    weight = drawn(*expected.shape)
    (result * ours(weight)).sum().backward()
    (expected * weight).sum().backward()
    assert_same(mine.grad, reference.grad)
