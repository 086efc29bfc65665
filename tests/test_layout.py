"""In which order the elements of results stand in memory: as torch says, stride by stride."""

from functools import partial

import pytest
import torch

import spiraltorch_rs as st


def inputs(library):
    """Tensors in every order that programs meet."""

    def numbers(*shape):
        return (library.arange(float(torch.Size(shape).numel())) * 0.01 + 0.1).reshape(shape)

    return {
        "rows": numbers(3, 4),
        "turned": numbers(3, 4).t(),
        "sliced": numbers(4, 6)[:, ::2],
        "spread": numbers(3, 1).expand(3, 4),
        "middle": numbers(2, 3, 4).transpose(0, 1),
        "last": numbers(2, 3, 4, 5).to(memory_format=library.channels_last),
        "last3d": numbers(2, 3, 2, 4, 5).to(memory_format=library.channels_last_3d),
        "pixel": numbers(2, 3, 1, 1).to(memory_format=library.channels_last),
        "column": numbers(2, 3, 2, 1).permute(0, 2, 1, 3),
    }


ANY = {
    "exp": lambda t, x: x.exp(),
    "add": lambda t, x: x + x,
    "add_number": lambda t, x: x * 2 + 1,
    "to_left": lambda t, x: x + t.ones(x.shape),
    "to_right": lambda t, x: t.ones(x.shape) + x,
    "broadcast": lambda t, x: x + t.ones(x.shape[-1]),
    "compare": lambda t, x: x > 0.2,
    "where": lambda t, x: t.where(x > 0.2, x, -x),
    "clone": lambda t, x: x.clone(),
    "row_major_clone": lambda t, x: x.clone(memory_format=t.contiguous_format),
    "contiguous": lambda t, x: x.contiguous(),
    "to": lambda t, x: x.to(t.float64),
    "half": lambda t, x: x.half(),
    "zeros_like": lambda t, x: t.zeros_like(x),
    "rand_like": lambda t, x: t.rand_like(x),
    "softmax": lambda t, x: x.softmax(-1),
    "tril": lambda t, x: x.tril(),
    "sum": lambda t, x: x.sum(0),
    "cumsum": lambda t, x: x.cumsum(0),
    "sort": lambda t, x: x.sort(0).values,
    "flip": lambda t, x: x.flip(0),
    "roll": lambda t, x: x.roll(1, 0),
    "rolls": lambda t, x: x.roll((1, 1), (0, 1)),
    "rot90": lambda t, x: x.rot90(1, (0, 1)),
    "rot180": lambda t, x: x.rot90(2, (0, 1)),
    "rot270": lambda t, x: x.rot90(3, (0, 1)),
    "masked_fill": lambda t, x: x.masked_fill(x > 0.2, 1.0),
    "masked_scatter": lambda t, x: x.masked_scatter(x > 0.2, x.clone()),
    "index_fill": lambda t, x: x.index_fill(0, t.tensor([0, 1]), 1.0),
    "renorm": lambda t, x: x.renorm(2, 0, 0.1),
    "batch_norm": lambda t, x: t.nn.functional.batch_norm(x, None, None, training=True),
    "rms_norm": lambda t, x: t.nn.functional.rms_norm(x, x.shape[-1:]),
    "relu_": lambda t, x: t.relu_(x.clone()),
}

IMAGES = {
    "conv": lambda t, x: t.nn.functional.conv2d(x, t.ones(6, 3, 2, 2), t.ones(6)),
    "conv_transpose": lambda t, x: t.nn.functional.conv_transpose2d(x, t.ones(3, 6, 2, 2)),
    "max_pool": lambda t, x: t.nn.functional.max_pool2d(x, 2),
    "avg_pool": lambda t, x: t.nn.functional.avg_pool2d(x, 2),
    "adaptive": lambda t, x: t.nn.functional.adaptive_avg_pool2d(x, 1),
    "batch_norm": lambda t, x: t.nn.functional.batch_norm(x, t.zeros(3), t.ones(3)),
    "trained_norm": lambda t, x: t.nn.functional.batch_norm(x, t.zeros(3), t.ones(3), training=True),
    "group_norm": lambda t, x: t.nn.functional.group_norm(x, 3),
    "instance_norm": lambda t, x: t.nn.functional.instance_norm(x),
    "interpolate": lambda t, x: t.nn.functional.interpolate(x, scale_factor=2.0),
    "bilinear": lambda t, x: t.nn.functional.interpolate(x, scale_factor=2.0, mode="bilinear"),
    "pad": lambda t, x: t.nn.functional.pad(x, (1, 1, 1, 1)),
    "circular": lambda t, x: t.nn.functional.pad(x, (1, 1, 1, 1), mode="circular"),
    "fractional": lambda t, x: t.nn.functional.fractional_max_pool2d(
        x, 2, output_size=2, _random_samples=t.full((2, 3, 2), 0.3)
    ),
    "reflect": lambda t, x: t.nn.functional.pad(x, (1, 1, 1, 1), mode="reflect"),
    "cat": lambda t, x: t.cat([x, x], 1),
    "prelu": lambda t, x: t.nn.functional.prelu(x, t.ones(3)),
}


def strides(tensor):
    """Steps along dimensions somebody walks."""
    return [step for size, step in zip(tensor.shape, tensor.stride(), strict=True) if size > 1]


def assert_alike(function, name):
    mine, theirs = function(st, inputs(st)[name]), function(torch, inputs(torch)[name])
    assert tuple(mine.shape) == tuple(theirs.shape)
    assert strides(mine) == strides(theirs)
    assert mine.is_contiguous() == theirs.is_contiguous()
    if mine.dim() == 4:
        assert mine.is_contiguous(memory_format=st.channels_last) == theirs.is_contiguous(
            memory_format=torch.channels_last
        )
    return mine, theirs


def made_of(made, order, of):
    """A copy of a tensor, or what is like it, in an order."""

    def make(library):
        tensor, keywords = of(library), {"memory_format": getattr(library, order)}
        if made.endswith("_like"):
            return getattr(library, made)(tensor, **keywords)
        return getattr(tensor, made)(**keywords)

    return make


def transformed(name, dims):
    """A Fourier transform along some dimensions."""
    return lambda library: getattr(library.fft, name)(library.ones(5, 6, 8), dim=dims)


def one_channel(library, made, weights, images):
    """A convolution from or to one channel, whose order in memory only the steps tell."""
    image = library.ones(2, 1, 6, 5).to(memory_format=getattr(library, images))
    layer = made(library.nn).to(memory_format=getattr(library, weights))
    return layer(image)


def converted(library, order):
    nn = library.nn
    model = nn.Sequential(nn.Conv2d(3, 4, 2), nn.Sequential(nn.ConvTranspose2d(4, 2, 3), nn.BatchNorm2d(2)))
    nn.utils.convert_conv2d_weight_memory_format(model, getattr(library, order))
    volumes = nn.utils.convert_conv3d_weight_memory_format(nn.Conv3d(2, 3, 2), library.channels_last_3d)
    flat = nn.utils.convert_conv2d_weight_memory_format(nn.Conv1d(2, 3, 2), library.channels_last)
    weights = [p for layer in (model, volumes, flat) for p in layer.parameters()]
    return [*weights, model(library.ones(2, 3, 5, 5))]


# What each expression makes is looked at step by step, dimensions of size one as well.
STEPS = {
    **{
        f"{made} of one channel, {wanted}": made_of(made, wanted, lambda t: t.ones(2, 1, 4, 3))
        for made in ("clone", "contiguous", "to", "double", "cfloat", "zeros_like", "empty_like")
        for wanted in ("channels_last", "contiguous_format")
    },
    **{
        f"{name}, weights {weights}, images {images}": partial(
            one_channel, made=made, weights=weights, images=images
        )
        for name, made in {
            "from one channel": lambda nn: nn.Conv2d(1, 4, 3),
            "from and to one": lambda nn: nn.Conv2d(1, 1, 3),
            "back from one": lambda nn: nn.ConvTranspose2d(1, 4, 3),
        }.items()
        for weights in ("contiguous_format", "channels_last")
        for images in ("contiguous_format", "channels_last")
    },
    "windows of one channel": lambda t: [
        getattr(t.nn.functional, name)(t.ones(2, 1, 4, 4).to(memory_format=t.channels_last), 2)
        for name in ("avg_pool2d", "max_pool2d", "adaptive_avg_pool2d")
    ],
    "windows of volumes": lambda t: [
        getattr(t.nn.functional, name)(t.ones(2, 3, 4, 4, 4).to(memory_format=t.channels_last_3d), 2)
        for name in ("avg_pool3d", "max_pool3d", "adaptive_avg_pool3d", "adaptive_max_pool3d")
    ],
    "converted weights": lambda t: [*converted(t, "channels_last"), *converted(t, "contiguous_format")],
    "pixels": made_of("clone", "channels_last", lambda t: t.ones(2, 3, 1, 1)),
    "ones of any order": made_of(
        "clone", "contiguous_format", lambda t: t.ones(6).as_strided((1, 3, 2, 1), (9, 2, 1, 7))
    ),
    **{
        f"complex {made}": made_of(made, "channels_last", lambda t: t.ones(2, 3, 4, 5) * 1j)
        for made in ("clone", "contiguous", "to", "cfloat", "cdouble", "zeros_like")
    },
    "complex column": lambda t: t.ones(3, 2, dtype=t.complex64).unsqueeze(-1),
    "complex ones": lambda t: t.ones(3, 2, dtype=t.complex64).reshape(3, 1, 2, 1, 1),
    "complex volume": lambda t: t.atleast_3d(t.ones(3, 2, dtype=t.complex64)),
    "complex part": lambda t: t.ones(3, 2, dtype=t.complex64).float(),
    "complex grid": lambda t: t.meshgrid(t.ones(3) * 1j, t.ones(2) * 1j, indexing="ij"),
    "complex rows": lambda t: t.broadcast_tensors(t.ones(3, 1) * 1j, t.ones(2)),
    "complex itself": lambda t: +(t.ones(6, dtype=t.complex64).as_strided((2, 2), (1, 1))),
    "number expanded": lambda t: (
        t.tensor(3.0).expand(1),
        t.tensor(3.0).expand(2, 1),
        t.tensor(1j).expand(1, 2),
    ),
    "negative margins": lambda t: [
        t.nn.functional.pad(t.ones(1, 3, 4, 4), (-1, 1, -2, 1), mode) for mode in ("reflect", "replicate")
    ],
    "pixels that stay": lambda t: [
        getattr(t.nn.functional, name)(t.ones(2, 3, 4, 5).transpose(2, 3), 1)
        for name in ("pixel_shuffle", "pixel_unshuffle")
    ],
    "medians of numbers": lambda t: t.median(t.arange(15).view(3, 5), 1),
    "lu": lambda t: t.lu(t.eye(3, 4))[0],
    **{
        f"{name} along {dims}": transformed(name, dims)
        for name in ("fftn", "ifftn", "rfftn", "irfftn", "hfft2", "fft2")
        for dims in ((0, 1), (0, -1), (-2, -1), (1, 2))
    },
}


@pytest.mark.parametrize("what", STEPS)
def test_steps(what):
    results = (STEPS[what](library) for library in (st, torch))
    mine, theirs = (
        [tuple(t.stride()) for t in (found if isinstance(found, (list, tuple)) else [found])]
        for found in results
    )
    assert mine == theirs


@pytest.mark.parametrize("name", inputs(torch))
@pytest.mark.parametrize("operator", ANY)
def test_results_stand_as_their_operands(operator, name):
    mine, theirs = assert_alike(ANY[operator], name)
    if operator != "rand_like":
        torch.testing.assert_close(torch.from_numpy(mine.numpy()), theirs)


@pytest.mark.parametrize("operator", ["max_pool2d", "avg_pool2d"])
def test_windows_of_turned_images_are_row_major(operator):
    for dims in ((2, 3), (0, 1)):
        results = [
            getattr(t.nn.functional, operator)(
                t.ones(2, 4, 5, 6).transpose(*dims).contiguous().transpose(*dims), 2
            )
            for t in (st, torch)
        ]
        assert strides(results[0]) == strides(results[1])


@pytest.mark.parametrize("operator", IMAGES)
def test_images_keep_their_channels_last(operator):
    mine, theirs = assert_alike(IMAGES[operator], "last")
    torch.testing.assert_close(torch.from_numpy(mine.numpy()), theirs, rtol=1e-4, atol=1e-5)


def test_weights_with_the_channels_last_are_followed():
    def convolved(library, x):
        weight = library.ones(6, 3, 2, 2).to(memory_format=library.channels_last)
        return library.nn.functional.conv2d(x.contiguous(), weight)

    assert_alike(convolved, "last")


@pytest.mark.parametrize("name", ["turned", "last", "middle"])
def test_gradients_stand_as_their_leaves(name):
    found = []
    for library in (st, torch):
        leaf = inputs(library)[name].clone().requires_grad_()
        (leaf * library.arange(float(leaf.numel())).reshape(leaf.shape)).sum().backward()
        found.append(leaf.grad)
    mine, theirs = found
    assert strides(mine) == strides(theirs)
    torch.testing.assert_close(torch.from_numpy(mine.numpy()), theirs)


def blurred(mode):
    return lambda f, x: f.interpolate(x, scale_factor=2, mode=mode)


IMAGES_BACK = {
    "conv": lambda f, x: f.conv2d(x, x[:, :, :2, :2].detach().contiguous(), padding=1),
    "transposed": lambda f, x: f.conv_transpose2d(x, x[:1, :, :1, :1].detach().reshape(3, 1, 1, 1)),
    "max_pool": lambda f, x: f.max_pool2d(x, 2),
    "avg_pool": lambda f, x: f.avg_pool2d(x, 2),
    "lp_pool": lambda f, x: f.lp_pool2d(x, 2.0, 2),
    "adaptive_avg": lambda f, x: f.adaptive_avg_pool2d(x, 2),
    "adaptive_max": lambda f, x: f.adaptive_max_pool2d(x, 2),
    "batch_norm": lambda f, x: f.batch_norm(x, None, None, training=True),
    "group_norm": lambda f, x: f.group_norm(x, 3),
    "instance_norm": lambda f, x: f.instance_norm(x),
    "layer_norm": lambda f, x: f.layer_norm(x, (5,)),
    "softmax": lambda f, x: f.softmax(x, 1),
    "nearest": blurred("nearest"),
    "reflected": lambda f, x: f.pad(x, (1, 1, 1, 1), mode="reflect"),
    "repeated": lambda f, x: f.pad(x, (1, 1, 1, 1), mode="replicate"),
    "around": lambda f, x: f.pad(x, (1, 1, 1, 1), mode="circular"),
}
# (Where their upstream is row-major, torch's gradients of these are so, too.)
AS_UPSTREAM = {
    "rms_norm": lambda f, x: f.rms_norm(x, (5,)),
    "local_response_norm": lambda f, x: f.local_response_norm(x, 2),
    "bilinear": blurred("bilinear"),
    "flip": lambda f, x: x.flip(1),
    "roll": lambda f, x: x.roll(1, 1),
}


@pytest.mark.parametrize("upstream", ["contiguous_format", "channels_last"])
@pytest.mark.parametrize("operator", IMAGES_BACK | AS_UPSTREAM)
def test_gradients_of_images_stand_as_they_do(operator, upstream):
    if operator in AS_UPSTREAM and upstream == "contiguous_format":
        upstream = "preserve_format"
    call = (IMAGES_BACK | AS_UPSTREAM)[operator]

    def gradient(library):
        x = inputs(library)["last"].double().sin().requires_grad_()
        y = call(library.nn.functional, x)
        weight = library.arange(float(y.numel())).double().sin().reshape(y.shape)
        weight = library.empty_like(y, memory_format=getattr(library, upstream)).copy_(weight)
        return library.autograd.grad(y, x, weight)[0]

    mine, theirs = gradient(st), gradient(torch)
    assert strides(mine) == strides(theirs)
    torch.testing.assert_close(torch.from_numpy(mine.numpy()), theirs)


def test_the_gradient_of_one_average_has_memory_of_its_own():
    def gradient(library):
        x = library.ones(2, 3, 4).requires_grad_()
        return library.autograd.grad(library.nn.functional.adaptive_avg_pool1d(x, 1).sum(), x)[0]

    assert strides(gradient(st)) == strides(gradient(torch))


def test_gradients_of_weights_with_the_channels_last_stand_as_they_do():
    def gradient(library):
        weight = library.ones(6, 3, 2, 2).to(memory_format=library.channels_last).requires_grad_()
        y = library.nn.functional.conv2d(inputs(library)["last"].contiguous(), weight)
        return library.autograd.grad(y.sum(), weight)[0]

    assert strides(gradient(st)) == strides(gradient(torch))


@pytest.mark.parametrize("margins", [(1, 2), (1, 1, 2, 0), (2, -1)])
@pytest.mark.parametrize("name", ["rows", "turned", "last", "middle"])
def test_gradients_of_margins_have_no_gaps(name, margins):
    found = []
    for library in (torch, st):
        x = inputs(library)[name].requires_grad_()
        y = library.nn.functional.pad(x, margins)
        found.append(library.autograd.grad((y * y).sum(), x)[0].stride())
    assert found[1] == found[0]


@pytest.mark.parametrize("name", ["turned", "last", "middle"])
def test_writing_keeps_the_order(name):
    found = []
    for library in (st, torch):
        x = inputs(library)[name].clone()
        x.add_(1).mul_(x)
        x[0] = 7.0
        found.append(x)
    mine, theirs = found
    assert mine.stride() == theirs.stride()
    torch.testing.assert_close(torch.from_numpy(mine.numpy()), theirs)


def test_a_network_with_the_channels_last_trains_as_torchs():
    def network(library):
        layers = library.nn
        return layers.Sequential(
            layers.Conv2d(3, 4, 3, padding=1),
            layers.BatchNorm2d(4),
            layers.ReLU(),
            layers.MaxPool2d(2),
            layers.Conv2d(4, 2, 1),
        )

    theirs = network(torch)
    mine = network(st)
    mine.load_state_dict({name: st.tensor(value.numpy()) for name, value in theirs.state_dict().items()})
    image = torch.randn(2, 3, 6, 6)
    results = []
    for library, model in ((torch, theirs), (st, mine)):
        model.to(memory_format=library.channels_last)
        x = library.tensor(image.numpy()).to(memory_format=library.channels_last)
        y = model(x)
        assert y.is_contiguous(memory_format=library.channels_last)
        y.square().mean().backward()
        results.append([y, *(p.grad for p in model.parameters())])
    for b, a in zip(*results, strict=True):
        assert strides(a) == strides(b)
        torch.testing.assert_close(torch.tensor(a.detach().numpy()), b.detach(), rtol=1e-4, atol=1e-5)


FORMATS = {
    "cast": lambda t, x, f: x.double(memory_format=f),
    "cast to its own": lambda t, x, f: x.float(memory_format=f),
    "whole": lambda t, x, f: x.long(memory_format=f),
}


@pytest.mark.parametrize("wanted", ["contiguous_format", "channels_last", "preserve_format"])
@pytest.mark.parametrize("given", ["contiguous_format", "channels_last"])
@pytest.mark.parametrize("name", FORMATS)
def test_casts_in_an_order(name, given, wanted):
    found = []
    for library in (st, torch):
        x = library.ones(2, 3, 4, 5).to(memory_format=getattr(library, given))
        found.append(FORMATS[name](library, x, getattr(library, wanted)))
    mine, theirs = found
    assert strides(mine) == strides(theirs)


MATRICES = {
    "inverse": lambda t, a, b: t.linalg.inv(a),
    "old_inverse": lambda t, a, b: t.inverse(a),
    "inverse_ex": lambda t, a, b: t.linalg.inv_ex(a),
    "cholesky": lambda t, a, b: t.linalg.cholesky(a),
    "upper_cholesky": lambda t, a, b: t.linalg.cholesky(a, upper=True),
    "cholesky_ex": lambda t, a, b: t.linalg.cholesky_ex(a),
    "cholesky_solve": lambda t, a, b: t.cholesky_solve(b, t.linalg.cholesky(a)),
    "cholesky_inverse": lambda t, a, b: t.cholesky_inverse(t.linalg.cholesky(a)),
    "qr": lambda t, a, b: t.linalg.qr(a[..., :2]),
    "complete_qr": lambda t, a, b: t.linalg.qr(a[..., :2], "complete"),
    "geqrf": lambda t, a, b: t.geqrf(a[..., :2]),
    "reflections": lambda t, a, b: t.linalg.householder_product(*t.geqrf(a)),
    "multiplied": lambda t, a, b: t.ormqr(*t.geqrf(a), b),
    "svd": lambda t, a, b: t.linalg.svd(a[..., :2]),
    "reduced_svd": lambda t, a, b: t.linalg.svd(a[..., :2], full_matrices=False),
    "old_svd": lambda t, a, b: t.svd(a[..., :2]),
    "eigh": lambda t, a, b: t.linalg.eigh(a),
    "eig": lambda t, a, b: t.linalg.eig(a),
    "lu_factor": lambda t, a, b: t.linalg.lu_factor(a),
    "lu": lambda t, a, b: t.linalg.lu(a),
    "lu_unpack": lambda t, a, b: t.lu_unpack(*t.linalg.lu_factor(a)),
    "lu_solve": lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b),
    "lu_solve_from_right": lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b.mT, left=False),
    "solve": lambda t, a, b: t.linalg.solve(a, b),
    "solve_vectors": lambda t, a, b: t.linalg.solve(a, b[..., 0]),
    "solve_from_right": lambda t, a, b: t.linalg.solve(a, b.mT, left=False),
    "solve_ex": lambda t, a, b: t.linalg.solve_ex(a, b),
    "triangular": lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True),
    "triangular_from_right": lambda t, a, b: t.linalg.solve_triangular(a, b.mT, upper=True, left=False),
    "old_triangular": lambda t, a, b: t.triangular_solve(b, a),
    "ldl": lambda t, a, b: t.linalg.ldl_factor(a),
    "lstsq": lambda t, a, b: t.linalg.lstsq(a, b).solution,
    "power": lambda t, a, b: t.linalg.matrix_power(a, 3),
    "exponential": lambda t, a, b: t.linalg.matrix_exp(a),
    "pinv": lambda t, a, b: t.linalg.pinv(a),
    "nonzero": lambda t, a, b: t.nonzero(a),
    "argwhere": lambda t, a, b: t.argwhere(a),
    "into_nothing": lambda t, a, b: t.linalg.inv(a, out=t.empty(0, dtype=a.dtype)),
    "exp_into_nothing": lambda t, a, b: t.exp(a.mT, out=t.empty(0, dtype=a.dtype)),
}


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("batch", [(), (2,), (1, 2)])
@pytest.mark.parametrize("name", MATRICES)
def test_matrices_of_linear_algebra_stand_column_by_column(name, batch, dtype):
    found = []
    for library in (st, torch):
        kind = getattr(library, dtype)
        a = (
            (4 * library.eye(4, dtype=kind) + library.ones(4, 4, dtype=kind))
            .expand(*batch, 4, 4)
            .contiguous()
        )
        b = (library.arange(8.0) + 1).to(kind).reshape(4, 2).expand(*batch, 4, 2).contiguous()
        result = MATRICES[name](library, a, b)
        found.append([result] if isinstance(result, library.Tensor) else list(result))
    for mine, theirs in zip(*found, strict=True):
        assert tuple(mine.shape) == tuple(theirs.shape)
        assert mine.stride() == theirs.stride()


def test_the_gradient_of_a_matrix_that_stands_column_by_column():
    found = []
    for library in (st, torch):
        a = (library.eye(3) * 3 + library.arange(9.0).reshape(3, 3) / 7).requires_grad_()
        vectors = library.linalg.inv(a)
        (vectors.reshape(-1) * library.arange(9.0)).sum().backward()
        found.append(a.grad)
    mine, theirs = found
    torch.testing.assert_close(torch.from_numpy(mine.numpy()), theirs, rtol=1e-4, atol=1e-5)
