"""The programs of PyTorch's "Learn the basics" in both libraries: tensors, data, autograd, training, files."""

import io

import numpy as np
import pytest
from models import load
from twins import same, told

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("the page is written for it")


def check(program):
    import torch

    assert same(told(program, st), told(program, torch))


def test_tensors():
    def program(t):
        data = [[1, 2], [3, 4]]
        x_data = t.tensor(data)
        x_np = t.from_numpy(np.array(data))
        shape = (2, 3)
        made = [t.ones_like(x_data), t.rand_like(x_data, dtype=t.float).shape, t.rand(shape).shape]
        made += [t.ones(shape), t.zeros(shape), x_np]
        tensor = t.ones(4, 4)
        told = [str(tensor.shape), str(tensor.dtype), str(tensor.device)]
        if t.accelerator.is_available():
            tensor = tensor.to(t.accelerator.current_accelerator())
        tensor[:, 1] = 0
        parts = [tensor[0], tensor[:, 0], tensor[..., -1], t.cat([tensor, tensor, tensor], dim=1)]
        y1, y2 = tensor @ tensor.T, tensor.matmul(tensor.T)
        y3 = t.rand_like(y1)
        t.matmul(tensor, tensor.T, out=y3)
        z3 = t.rand_like(tensor)
        t.mul(tensor, tensor, out=z3)
        item = tensor.sum().item()
        tensor.add_(5)
        ones = t.ones(5)
        shared = ones.numpy()
        ones.add_(1)
        array = np.ones(5)
        other = t.from_numpy(array)
        np.add(array, 1, out=array)
        numbers = [shared.tolist(), other, type(item).__name__]
        return made, told, parts, y1, y2, y3, tensor * tensor, z3, item, tensor, numbers

    check(program)


def test_data():
    def program(t):
        class Pictures(t.utils.data.Dataset):  # type: ignore[name-defined]
            def __init__(self, transform=None, target_transform=None):
                self.labels = [0, 1, 2, 1, 0, 2, 1]
                self.transform, self.target_transform = transform, target_transform

            def __len__(self):
                return len(self.labels)

            def __getitem__(self, idx):
                picture = np.full((1, 2, 2), idx, dtype=np.float32)
                return self.transform(picture), self.target_transform(self.labels[idx])

        one_hot = lambda y: t.zeros(3, dtype=t.float).scatter_(0, t.tensor(y), value=1)  # noqa: E731
        loader = t.utils.data.DataLoader(
            Pictures(t.from_numpy, one_hot), batch_size=3, shuffle=False, drop_last=False
        )
        features, labels = next(iter(loader))
        return str(features.size()), features[0].squeeze(), labels, len(loader), [len(x) for x, _ in loader]

    check(program)


def test_autograd():
    def program(t):
        x, y = t.ones(5), t.zeros(3)
        w = t.tensor(np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3), requires_grad=True)
        b = t.tensor([0.1, -0.2, 0.3], requires_grad=True)
        z = t.matmul(x, w) + b
        loss = t.nn.functional.binary_cross_entropy_with_logits(z, y)
        names = [z.grad_fn.name(), x.grad_fn, w.grad_fn]
        loss.backward()
        told = [z.requires_grad, z.detach().requires_grad]
        with t.no_grad():
            told.append((t.matmul(x, w) + b).requires_grad)
        inp = t.eye(4, 5, requires_grad=True)
        out = (inp + 1).pow(2).t()
        grads = []
        out.backward(t.ones_like(out), retain_graph=True)
        grads.append(inp.grad.clone())
        out.backward(t.ones_like(out), retain_graph=True)
        grads.append(inp.grad.clone())
        inp.grad.zero_()
        out.backward(t.ones_like(out), retain_graph=True)
        return names, w.grad, b.grad, told, grads, inp.grad

    check(program)


def test_training_and_files():
    def program(t):
        model = load("basics", t.__name__).build()
        with t.no_grad():
            for i, parameter in enumerate(model.parameters()):
                values = np.random.default_rng(i).standard_normal(tuple(parameter.shape)) * 0.1
                parameter.copy_(t.from_numpy(values.astype(np.float32)))
        draw = np.random.default_rng(0)
        pictures = t.from_numpy(draw.standard_normal((20, 1, 12, 12)).astype(np.float32))
        labels = t.from_numpy(draw.integers(0, 10, 20))
        dataloader = t.utils.data.DataLoader(t.utils.data.TensorDataset(pictures, labels), batch_size=8)
        loss_fn = t.nn.CrossEntropyLoss()
        optimizer = t.optim.SGD(model.parameters(), lr=1e-1)
        told = []
        for _ in range(3):
            model.train()
            for X, y in dataloader:
                loss = loss_fn(model(X), y)
                loss.backward()
                optimizer.step()
                optimizer.zero_grad()
                told.append(loss.item())
            model.eval()
            with t.no_grad():
                told.append(sum((model(X).argmax(1) == y).type(t.float).sum().item() for X, y in dataloader))
        file = io.BytesIO()
        t.save(model.state_dict(), file)
        file.seek(0)
        again = load("basics", t.__name__).build()
        text = str(again.load_state_dict(t.load(file, weights_only=True)))
        again.eval()
        with t.no_grad():
            return told, text, again(pictures)

    check(program)


def test_layers_one_by_one():
    def program(t):
        nn = t.nn
        image = t.from_numpy(np.random.default_rng(0).standard_normal((3, 28, 28)).astype(np.float32))
        flat = nn.Flatten()(image)
        layer = nn.Linear(in_features=28 * 28, out_features=20)
        hidden = nn.ReLU()(layer(flat))
        logits = nn.Sequential(nn.Flatten(), layer, nn.ReLU(), nn.Linear(20, 10))(image)
        chances = nn.Softmax(dim=1)(logits)
        names = [(n, str(p.size())) for n, p in load("basics", t.__name__).build().named_parameters()]
        return str(flat.size()), str(hidden.size()), bool((hidden >= 0).all()), chances.sum(1), names

    check(program)
