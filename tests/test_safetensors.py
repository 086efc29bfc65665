"""Safetensors by the format's own description, files that do not fit together, and tensors in a file's memory."""

import json
import os
import struct
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from reference import DTYPES, assert_same, ours, theirs

import spiraltorch_rs as st
from spiraltorch_rs import safetensors

CODES = {
    "bool": "BOOL",
    "uint8": "U8",
    "int8": "I8",
    "int16": "I16",
    "int32": "I32",
    "int64": "I64",
    "float16": "F16",
    "bfloat16": "BF16",
    "float32": "F32",
    "float64": "F64",
}


def written(header, data=b"", length=None):
    """A file by hand."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def read(data):
    """What a file says, by hand: the metadata, and each tensor by torch."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", None)
    found = {}
    names = {code: name for name, code in CODES.items()}
    for name, entry in header.items():
        begin, end = (8 + length + at for at in entry["data_offsets"])
        dtype = getattr(torch, names[entry["dtype"]])
        flat = (
            torch.frombuffer(bytearray(data[begin:end]), dtype=dtype)
            if end > begin
            else torch.empty(0, dtype=dtype)
        )
        found[name] = flat.reshape(entry["shape"])
    return metadata, found, length


def example():
    generator = torch.Generator().manual_seed(0)
    values = {f"a.{d}": (torch.randn(3, 5, generator=generator) * 4).to(getattr(torch, d)) for d in DTYPES}
    return {**values, "empty": torch.zeros(0, 3), "number": torch.tensor(2.5), "ключ": torch.arange(3)}


def test_files_are_as_described(tmp_path):
    """Every dtype both ways; the header's length is a multiple of eight, and numbers lie at multiples of their size."""
    values = example()
    path = tmp_path / "x.safetensors"
    safetensors.save_file({name: ours(value) for name, value in values.items()}, path, {"format": "pt"})
    metadata, found, length = read(path.read_bytes())
    assert metadata == {"format": "pt"}
    assert length % 8 == 0
    assert found.keys() == values.keys()
    assert all(found[name].equal(values[name]) and found[name].dtype == values[name].dtype for name in values)
    assert_same(
        list(safetensors.load_file(path).values()),
        [values[n] for n in safetensors.load_file(path)],
        exact=True,
    )
    assert os.listdir(tmp_path) == ["x.safetensors"]
    data = safetensors.save({name: ours(value) for name, value in values.items()}, {"format": "pt"})
    assert data == path.read_bytes()
    assert all(theirs(tensor).equal(values[name]) for name, tensor in safetensors.load(data).items())
    with safetensors.safe_open(path, framework="pt", device="cpu") as file:
        assert sorted(file.keys()) == sorted(values)
        assert file.metadata() == {"format": "pt"}
        part = file.get_slice("a.float32")
        assert part.get_shape() == [3, 5]
        assert part.get_dtype() == "F32"
        assert_same(part[1:, ::2], values["a.float32"][1:, ::2], exact=True)
        assert_same(file.get_tensor("ключ"), values["ключ"], exact=True)
        with pytest.raises(safetensors.SafetensorError, match="nothing"):
            file.get_tensor("nothing")


def test_files_of_others():
    """Tensors in any order, odd headers, places that are not at multiples of a number's size."""
    data = struct.pack("<Bf", 7, 1.5)
    header = {
        "b": {"dtype": "F32", "shape": [1], "data_offsets": [1, 5]},
        "a": {"shape": [], "dtype": "U8", "data_offsets": [0, 1]},
    }
    found = safetensors.load(written(json.dumps(header).encode() + b"   ", data))
    assert found["a"].item() == 7
    assert found["b"].tolist() == [1.5]
    assert safetensors.load(written({})) == {}


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


EIGHT = bytes(8)
DAMAGED = {
    "nothing": b"",
    "cut in the length": b"1234",
    "a huge header": written({}, length=2**63),
    "a header longer than the file": written({"a": entry()}, length=1000),
    "no JSON": written(b"{a", EIGHT),
    "no text": written(b"\xff\xfe", EIGHT),
    "no object": written(b"[]"),
    "deep": written(b"[" * 100_000),
    "an entry of nothing": written({"a": 3}),
    "an entry too many": written({"a": {**entry(), "more": 1}}, EIGHT),
    "an unknown dtype": written({"a": entry("F7")}, EIGHT),
    "a dtype that is a list": written({"a": entry(["F32"])}, EIGHT),
    "a negative size": written({"a": entry(shape=(-2, -1))}, EIGHT),
    "a size that is no number": written({"a": entry(shape=("2",))}, EIGHT),
    "a size that is true": written({"a": entry(shape=(True,), offsets=(0, 4))}, EIGHT[:4]),
    "a huge size": written({"a": entry(shape=(2**62, 2**62))}, EIGHT),
    "too few bytes": written({"a": entry()}, EIGHT[:7]),
    "too many bytes": written({"a": entry()}, EIGHT + b"x"),
    "a hole": written({"a": entry(offsets=(4, 12))}, EIGHT + EIGHT[:4]),
    "an overlap": written({"a": entry(), "b": entry(offsets=(4, 12))}, EIGHT + EIGHT[:4]),
    "offsets backwards": written({"a": entry(offsets=(8, 0))}, EIGHT),
    "three offsets": written({"a": entry(offsets=(0, 8, 8))}, EIGHT),
    "a name twice": written(b'{"a":%b,"a":%b}' % ((json.dumps(entry()).encode(),) * 2), EIGHT),
    "metadata of numbers": written({"__metadata__": {"a": 1}}),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files(name, tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(DAMAGED[name])
    for attempt in (lambda: safetensors.load(DAMAGED[name]), lambda: safetensors.load_file(path)):
        with pytest.raises(safetensors.SafetensorError):
            attempt()


@settings(max_examples=100)
@given(data=some.data())
def test_damaged_bytes(data):
    """Whatever byte is changed and wherever a file ends: an error, or tensors, but no crash."""
    whole = safetensors.save({"a": st.arange(4), "b": st.ones(2, 3)})
    changed = bytearray(whole)
    changed[data.draw(some.integers(0, len(whole) - 1))] = data.draw(some.integers(0, 255))
    cut = data.draw(some.integers(0, len(whole)))
    try:
        safetensors.load(bytes(changed[:cut]))
    except safetensors.SafetensorError:
        assert True


def test_what_cannot_be_written(tmp_path):
    number: Any = 3
    path = tmp_path / "x.safetensors"
    x = st.ones(3, 4)
    with pytest.raises(RuntimeError, match="share memory"):
        safetensors.save_file({"a": x, "b": x[0]}, path)
    with pytest.raises(ValueError, match="contiguous"):
        safetensors.save_file({"a": x.t()}, path)
    with pytest.raises(ValueError, match="Tensor"):
        safetensors.save_file({"a": number}, path)
    with pytest.raises(safetensors.SafetensorError, match="texts"):
        safetensors.save_file({"a": x}, path, {"a": number})
    assert os.listdir(tmp_path) == []


def test_models_with_tied_weights(tmp_path):
    class Tied(st.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = st.nn.Linear(4, 4, bias=False), st.nn.Linear(4, 4, bias=False)
            self.second.weight = self.first.weight

    model, other = Tied(), Tied()
    path = tmp_path / "model.safetensors"
    safetensors.save_model(model, path)
    assert list(safetensors.load_file(path)) == ["first.weight"]
    assert safetensors.load_model(other, path) == ([], [])
    assert st.equal(other.second.weight, model.first.weight)
    assert other.second.weight is other.first.weight
    with pytest.raises(RuntimeError, match=r"[Mm]issing"):
        safetensors.load_model(st.nn.Linear(4, 4), path)


@pytest.mark.cpu_only("what is loaded onto a GPU has memory there, which in software is the process's")
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads memory from /proc")
@pytest.mark.parametrize("kind", ["safetensors", "pt"])
def test_files_are_mapped(kind, tmp_path):
    """Nothing is read before it is looked at; writes stay in the program; the file may go."""

    def private():
        return int(next(r for r in open("/proc/self/status") if r.startswith("RssAnon")).split()[1]) * 1024

    path, size = tmp_path / f"x.{kind}", 64_000_000
    tensors = {"a": st.zeros(size // 4), "b": st.arange(5)}
    (safetensors.save_file if kind == "safetensors" else st.save)(tensors, path)
    del tensors
    before = private()
    loaded = safetensors.load_file(path) if kind == "safetensors" else st.load(path, mmap=True)
    assert private() - before < size / 4
    assert loaded["b"].tolist() == [0, 1, 2, 3, 4]
    assert loaded["a"].sum().item() == 0
    assert private() - before < size / 4
    kept = path.read_bytes()[-64:]
    loaded["b"].fill_(7)
    loaded["a"][:3] = 1
    st.synchronize()
    assert path.read_bytes()[-64:] == kept
    path.unlink()
    assert loaded["a"].sum().item() == 3
    assert (loaded["b"] * 2).tolist() == [14] * 5


def test_mapped_checkpoints(tmp_path):
    """Any dtype, views, torch's files; damaged places are refused."""
    x = torch.randn(4, 6)
    values = [
        x,
        x.t(),
        x[1:, ::2],
        torch.arange(4),
        torch.randn(3, dtype=torch.complex64),
        x.bfloat16(),
        x[:0],
    ]
    path = tmp_path / "x.pt"
    torch.save(values, path)
    assert_same(st.load(path, mmap=True), values, exact=True)
    with pytest.raises(ValueError, match="file path"):
        st.load(path.open("rb"), mmap=True)
    torch.save(values, path, _use_new_zipfile_serialization=False)
    with pytest.raises(RuntimeError, match="mmap"):
        st.load(path, mmap=True)
    st.save({"a": st.arange(100)}, path)
    whole = path.read_bytes()
    for cut in (10, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:cut])
        with pytest.raises(RuntimeError, match=r"truncated|damaged"):
            st.load(path, mmap=True)
    place = whole.rindex(b"PK\x03\x04", 0, whole.index(b"x/data/0"))
    path.write_bytes(whole[:place] + b"XX" + whole[place + 2 :])
    with pytest.raises(RuntimeError, match=r"truncated|damaged"):
        st.load(path, mmap=True)
