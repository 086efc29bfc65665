"""Files of torch's, both ways, and those that somebody damaged or wrote to do harm."""

import collections
import contextlib
import io
import os
import pickle
import pickletools
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from reference import DTYPES, assert_same, ours, theirs

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("torch, which reads the files, does not know other devices of ours")


def values(dtype, shape=(3, 4)):
    return (torch.randn(shape) * 3).to(getattr(torch, dtype))


def from_torch(obj, **options):
    file = io.BytesIO()
    torch.save(obj, file, **options)
    file.seek(0)
    return st.load(file)


def to_torch(obj):
    file = io.BytesIO()
    st.save(obj, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("old", [False, True], ids=["zip", "old"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_tensors_of_torch(dtype, old):
    x = values(dtype)
    tensors = [x, x.t(), x[1:, ::2], x[0, 0], x[:0], x.expand(2, 3, 4)]
    assert_same(from_torch(tensors, _use_new_zipfile_serialization=not old), tensors, exact=True)


@pytest.mark.parametrize("dtype", DTYPES)
def test_tensors_for_torch(dtype):
    x = ours(values(dtype))
    tensors = [x, x.t(), x[1:, ::2], x[0, 0], x[:0], x.expand(2, 3, 4)]
    found = to_torch(tensors)
    assert_same(tensors, found, exact=True)
    assert found[0].data_ptr() == found[1].data_ptr(), "tensors that shared memory share it again"
    assert len({id(t.untyped_storage().data_ptr()) for t in found}) >= 1


def as_of_python_2(data):
    """A file in the old format with its texts as Python 2 wrote them."""
    file, written = io.BytesIO(data), b""
    for _ in range(5):
        ops = list(pickletools.genops(file))
        ends = [at for _, _, at in ops[1:]] + [ops[-1][2] + 1]
        for (op, text, begin), end in zip(ops, ends, strict=True):
            old = op.name == "BINUNICODE"
            plain = data[begin:end]
            written += b"U" + bytes([len(text)]) + text.encode() if old else plain
    return written + file.read()


@pytest.mark.parametrize("encoding", ["bytes", "utf-8", "latin1"])
def test_text_of_python_2(encoding):
    file = io.BytesIO()
    torch.save(["text", torch.arange(3)], file, pickle_protocol=2, _use_new_zipfile_serialization=False)
    found = []
    for library in (st, torch):
        old = io.BytesIO(as_of_python_2(file.getvalue()))
        text, numbers = library.load(old, encoding=encoding)
        found.append((text, numbers.tolist()))
    assert found[0] == found[1]


@pytest.mark.parametrize("old", [False, True], ids=["zip", "old"])
def test_text_that_is_wanted_as_bytes(old):
    file = io.BytesIO()
    torch.save({"x": torch.arange(3)}, file, pickle_protocol=2, _use_new_zipfile_serialization=not old)
    found = []
    for library in (st, torch):
        file.seek(0)
        found.append({key: x.tolist() for key, x in library.load(file, encoding="bytes").items()})
    assert found[0] == found[1]


OBJECTS = {
    "numbers": [1, -(2**70), 1.5, float("inf"), True, None, "text", b"bytes", bytearray(b"x"), 1 + 2j],
    "containers": {"a": (1, [2, {"b": 3}]), 4: {5, 6}, "o": collections.OrderedDict(x=1, y=2)},
    "unicode": {"ключ": "значение"},
}


@pytest.mark.parametrize("name", OBJECTS)
def test_objects(name):
    assert to_torch(OBJECTS[name]) == OBJECTS[name]
    assert from_torch(OBJECTS[name]) == OBJECTS[name]


ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
    np.array(1.5, dtype=">f4"),
    np.zeros((0, 3), dtype=bool),
    np.array(["a", "bcd"]),
    np.float32(2.5),
]


@pytest.mark.parametrize("array", ARRAYS, ids=repr)
def test_arrays(array):
    """Torch wants to be asked before it makes arrays; ours are made of checked parts only."""
    found = from_torch({"x": array})["x"]
    assert found.dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(found, array)
    assert isinstance(found, type(array))
    assert np.array_equal(pickle.loads(pickle.dumps(found)), array)


def test_arrays_of_objects_are_refused():
    with pytest.raises((RuntimeError, pickle.UnpicklingError), match="more than numbers"):
        from_torch(np.array([{}], dtype=object))


def test_things_with_names():
    found = to_torch({"dtype": st.bfloat16, "size": st.Size([1, 2]), "device": st.device("cpu")})
    assert found == {"dtype": torch.bfloat16, "size": torch.Size([1, 2]), "device": torch.device("cpu")}
    back = from_torch(found)
    assert back == {"dtype": st.bfloat16, "size": st.Size([1, 2]), "device": st.device("cpu")}
    assert type(back["size"]) is st.Size


def test_parameters_and_gradients():
    parameter = st.nn.Parameter(st.ones(2))
    leaf = st.ones(3, requires_grad=True)
    found = to_torch([parameter, leaf, st.nn.Parameter(st.ones(1), False)])
    assert isinstance(found[0], torch.nn.Parameter)
    assert [one.requires_grad for one in found] == [True, True, False]
    back = from_torch(found)
    assert isinstance(back[0], st.nn.Parameter)
    assert not isinstance(back[1], st.nn.Parameter)
    assert [one.requires_grad for one in back] == [True, True, False]


def models(library):
    nn = library.nn
    return nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))


@pytest.mark.parametrize("way", ["to torch", "from torch"])
def test_checkpoints_travel(way, tmp_path):
    """Model and optimizer go on in the other library as they would have in their own."""
    source, target = (st, torch) if way == "to torch" else (torch, st)
    x = torch.randn(5, 1, 4, 4)

    def train(library, model, optimizer, count):
        data = x if library is torch else ours(x)
        for _ in range(count):
            optimizer.zero_grad()
            model(data).square().mean().backward()
            optimizer.step()

    model = models(source)
    optimizer = source.optim.Adam(model.parameters(), lr=0.01, amsgrad=True)
    train(source, model, optimizer, 3)
    path = tmp_path / "checkpoint.pt"
    source.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, path)
    loaded = target.load(path, weights_only=True)
    assert loaded["epoch"] == 3
    other = models(target)
    other.load_state_dict(loaded["model"])
    restored = target.optim.Adam(other.parameters())
    restored.load_state_dict(loaded["optimizer"])
    assert restored.param_groups[0]["lr"] == 0.01
    train(source, model, optimizer, 3)
    train(target, other, restored, 3)
    both = (model, other) if source is st else (other, model)
    mine, wanted = (list(one.state_dict().values()) for one in both)
    assert_same(mine, [value.detach() for value in wanted], loose=256)


def test_whole_modules(tmp_path):
    path = tmp_path / "model.pt"
    model = models(st)
    st.save(model, path)
    with pytest.raises(pickle.UnpicklingError, match="Unsupported global"):
        st.load(path)
    loaded = st.load(path, weights_only=False)
    assert repr(loaded) == repr(model)
    x = st.ones(2, 1, 4, 4)
    assert st.equal(loaded.eval()(x), model.eval()(x))


def test_a_module_that_torch_wrote(tmp_path):
    path = tmp_path / "model.pt"
    model = models(torch).eval()
    torch.save(model, path)
    loaded = st.load(path, weights_only=False)
    x = torch.randn(2, 1, 4, 4)
    assert_same(loaded(ours(x)), model(x), loose=64)


def test_locations():
    file = io.BytesIO()
    st.save(st.arange(3), file)
    for location in ("cpu", st.device("cpu"), {"cpu": "cpu"}, lambda storage, place: storage):
        file.seek(0)
        assert st.load(file, map_location=location).tolist() == [0, 1, 2]
    file.seek(0)
    with pytest.raises(RuntimeError, match="map_location"):
        st.load(file, map_location="cuda")
    data = file.getvalue().replace(b"cpu", b"gpu")
    assert data != file.getvalue()


def test_writes_are_whole(tmp_path):
    path = tmp_path / "x.pt"
    st.save(st.ones(2), path)
    before = path.read_bytes()

    class Stubborn:
        def __reduce__(self):
            raise ValueError("not me")

    with pytest.raises(ValueError, match="not me"):
        st.save([st.zeros(2), Stubborn()], path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["x.pt"]
    with pytest.raises(RuntimeError, match="does not exist"):
        st.save(1, tmp_path / "missing" / "x.pt")


def test_several_in_a_stream(tmp_path):
    with (tmp_path / "x").open("wb") as file:
        file.write(b"head")
        st.save(st.ones(2), file)
    with (tmp_path / "x").open("rb") as file:
        file.seek(4)
        assert st.load(file).tolist() == [1, 1]


def test_what_harm_is_not_done(tmp_path):
    mark = tmp_path / "executed"

    class Harm:
        def __reduce__(self):
            return os.system, (f"touch {mark}",)

    plain = io.BytesIO(pickle.dumps(Harm()))
    with pytest.raises(pickle.UnpicklingError):
        st.load(plain)
    for old in (False, True):
        file = io.BytesIO()
        torch.save({"a": Harm()}, file, _use_new_zipfile_serialization=not old)
        file.seek(0)
        with pytest.raises(pickle.UnpicklingError, match=r"posix.system|nt.system"):
            st.load(file)
    assert not mark.exists()


class Known:
    def __init__(self, x=0):
        self.x = x


def test_globals_that_are_allowed():
    file = io.BytesIO()
    st.save(Known(4), file)
    file.seek(0)
    with pytest.raises(pickle.UnpicklingError, match="add_safe_globals"):
        st.load(file)
    with st.serialization.safe_globals([Known]):
        file.seek(0)
        assert st.load(file).x == 4
    assert st.serialization.get_safe_globals() == []


def rewritten(data, change):
    """An archive with other entries."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            changed = change(name, old.read(name))
            if changed is not None:
                new.writestr(name, changed)
    made.seek(0)
    return made


def example():
    file = io.BytesIO()
    st.save({"a": st.arange(10), "b": st.ones(2, 3)}, file)
    return file.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda name, data: None if name.endswith("data/0") else data,
        lambda name, data: data[:-8] if name.endswith("data/0") else data,
        lambda name, data: data + b"12345678" if name.endswith("data/0") else data,
        lambda name, data: None if name.endswith("data.pkl") else data,
        lambda name, data: data[: len(data) // 2] if name.endswith("data.pkl") else data,
        lambda name, data: b"" if name.endswith("data.pkl") else data,
        lambda name, data: data.replace(b"K\x0a\x85", b"K\xff\x85") if name.endswith("data.pkl") else data,
        lambda name, data: (
            data.replace(b"LongStorage", b"HugeStorage") if name.endswith("data.pkl") else data
        ),
    ],
)
def test_damaged_archives(change):
    with pytest.raises((RuntimeError, pickle.UnpicklingError)):
        st.load(rewritten(example(), change))


def test_compressed_archives_are_refused():
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(example())) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name) + bytes(100_000))
    made.seek(0)
    with pytest.raises(RuntimeError, match="compressed"):
        st.load(made)


@settings(max_examples=150)
@given(data=some.data(), old=some.booleans())
def test_damaged_bytes_raise(data, old):
    """Whatever byte is changed and wherever a file ends: an error, or the same things, but no crash."""
    if old:
        file = io.BytesIO()
        torch.save({"a": torch.arange(10), "b": torch.ones(2, 3)}, file, _use_new_zipfile_serialization=False)
        whole = file.getvalue()
    else:
        whole = example()
    cut = data.draw(some.integers(0, len(whole)))
    place = data.draw(some.integers(0, len(whole) - 1))
    byte = data.draw(some.integers(0, 255))
    changed = bytearray(whole)
    changed[place] = byte
    damaged = bytes(changed[:cut] if data.draw(some.booleans()) else changed)
    with contextlib.suppress(RuntimeError, pickle.UnpicklingError, EOFError):
        st.load(io.BytesIO(damaged))


def test_not_a_file():
    with pytest.raises(FileNotFoundError):
        st.load("/nonexistent.pt")
    with pytest.raises(EOFError):
        st.load(io.BytesIO())
    with pytest.raises(AttributeError):
        st.load(3)
    with pytest.raises(AttributeError):
        st.save(1, 3)


def test_values_are_kept_bit_for_bit():
    x = torch.tensor([float("nan"), -0.0, float("inf"), 1e-45])
    assert theirs(from_torch(x)).view(torch.int32).tolist() == x.view(torch.int32).tolist()
