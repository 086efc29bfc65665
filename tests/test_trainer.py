"""The trainer against a loop by hand in torch; resuming bit for bit; callbacks, progress, reports."""

import io
import os
import random
import re
import sys
import types
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from reference import ours

import spiraltorch_rs as st
from spiraltorch_rs import trainer as tr
from spiraltorch_rs.trainer import svg

D = st.utils.data
X = torch.randn(70, 6, generator=torch.Generator().manual_seed(0))
Y = X[:, :3].argmax(1)


def loader(batch=8, **options):
    return D.DataLoader(D.TensorDataset(ours(X), ours(Y)), batch, **options)


def network(library, dropout=0.3):
    nn = library.nn
    return nn.Sequential(
        nn.Linear(6, 16), nn.ReLU(), nn.Dropout(dropout), nn.BatchNorm1d(16), nn.Linear(16, 3)
    )


def made(*callbacks, model=None, **options):
    st.manual_seed(3)
    model = model or network(st)
    optimizer = st.optim.AdamW(model.parameters(), lr=1e-2)
    options.setdefault("progress", False)
    if "scheduler" in options:
        options["scheduler"] = options["scheduler"](optimizer)
    return st.Trainer(model, optimizer, st.nn.CrossEntropyLoss(), callbacks=callbacks, **options)


@pytest.mark.parametrize("accumulate", [1, 3])
@pytest.mark.parametrize("schedule", ["epoch", "step"])
def test_the_loop_is_torchs(accumulate, schedule):
    """Losses, gradient norms, rates and weights of the loop that a user of torch writes."""
    reference = network(torch, dropout=0.0)
    model = network(st, dropout=0.0)
    model.load_state_dict({name: ours(value) for name, value in reference.state_dict().items()})
    trainer = made(
        tr.GradientClipping(0.5),
        tr.LearningRateMonitor(),
        model=model,
        accumulate=accumulate,
        schedule=schedule,
        scheduler=lambda optimizer: st.optim.lr_scheduler.ExponentialLR(optimizer, 0.9),
        metrics={"accuracy": tr.accuracy},
    )
    history = trainer.fit(loader(), loader(32), epochs=3)

    optimizer = torch.optim.AdamW(reference.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    loss_fn = torch.nn.CrossEntropyLoss()
    losses, norms, rates, epochs = [], [], [], []
    for _ in range(3):
        reference.train()
        batches = list(zip(X.split(8), Y.split(8), strict=True))
        total = 0.0
        for i, (x, y) in enumerate(batches, 1):
            loss = loss_fn(reference(x), y)
            (loss / accumulate).backward()
            total += loss.item() * len(x)
            if i % accumulate == 0 or i == len(batches):
                norms.append(float(torch.nn.utils.clip_grad_norm_(reference.parameters(), 0.5)))
                rates.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                optimizer.zero_grad()
                losses.append(loss.item())
                if schedule == "step":
                    scheduler.step()
        reference.eval()
        with torch.no_grad():
            output = reference(X)
        epochs.append(
            [total / len(X), loss_fn(output, Y).item(), (output.argmax(1) == Y).float().mean().item()]
        )
        if schedule == "epoch":
            scheduler.step()
    for name, wanted in (("loss", losses), ("grad_norm", norms), ("lr", rates)):
        assert [step for step, _ in history.steps[name]][-1] in (len(losses), len(losses) - 1)
        # Adam makes much of gradients that are nearly zero.
        assert [value for _, value in history.steps[name]] == pytest.approx(wanted, rel=2e-3, abs=1e-6)
    for row, wanted in zip(history.epochs, epochs, strict=True):
        found = [row["loss"], row["valid_loss"], row["valid_accuracy"]]
        assert found == pytest.approx(wanted, rel=2e-4)
    for mine, theirs in zip(model.state_dict().values(), reference.state_dict().values(), strict=True):
        assert np.allclose(mine.numpy(), theirs.numpy(), rtol=2e-4, atol=1e-5)
    assert model.training


class Interrupt(tr.Callback):
    """Ends a run in the middle, as a machine that is taken away does."""

    def __init__(self, step):
        self.step = step

    def on_step_end(self, trainer):
        if trainer.step == self.step:
            raise KeyboardInterrupt


class Noisy(D.TensorDataset):
    """Changes its elements at random, by all the sources there are."""

    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        return x + 0.1 * st.randn(6) + random.random() * 0.1 + float(np.random.rand()) * 0.1, y


def measured(history):
    rows = [{k: v for k, v in row.items() if k != "steps_per_second"} for row in history.epochs]
    return rows, history.steps


def seeded(seed):
    st.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize(
    "where",
    [
        "shuffled",
        pytest.param(
            "workers", marks=pytest.mark.cpu_only("workers are forks, in which GPUs cannot be used")
        ),
        "generator",
        "noisy",
        pytest.param("torch", marks=pytest.mark.cpu_only("torch's batches are there")),
    ],
)
def test_resuming_is_exact(where, precision, tmp_path):
    """A run that is interrupted within an epoch and goes on elsewhere ends as one that is not, to the last bit."""
    if precision == "float16" and where != "shuffled":
        pytest.skip("the place in the data has nothing to do with precision")

    def batches():
        if where == "torch":
            torch.manual_seed(8)
            return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, Y), 8, shuffle=True)
        data = (Noisy if where == "noisy" else D.TensorDataset)(ours(X), ours(Y))
        generator = st.Generator().manual_seed(5) if where == "generator" else None
        workers = 2 if where == "workers" else 0
        return D.DataLoader(data, 8, shuffle=True, generator=generator, num_workers=workers)

    def trainer(*callbacks):
        return made(
            tr.EarlyStopping("valid_loss", patience=9),
            *callbacks,
            accumulate=2,
            precision=precision,
            schedule="step",
            scheduler=lambda optimizer: st.optim.lr_scheduler.OneCycleLR(optimizer, 0.05, 40),
        )

    whole = trainer()
    seeded(1)
    expected = measured(whole.fit(batches(), loader(35), epochs=4))
    cut = trainer(Interrupt(13), tr.Checkpoint(tmp_path, monitor="valid_loss", every_steps=4))
    seeded(1)
    with pytest.raises(KeyboardInterrupt):
        cut.fit(batches(), loader(35), epochs=4)
    after = trainer(tr.Checkpoint(tmp_path, monitor="valid_loss"))
    seeded(77)
    found = measured(after.fit(batches(), loader(35), epochs=4, resume=True))
    assert found == expected
    parts = [(t.model.state_dict(), t.optimizer.state_dict()["state"]) for t in (whole, after)]
    assert all(st.equal(a, b) for a, b in zip(parts[0][0].values(), parts[1][0].values(), strict=True))
    assert all(
        st.equal(parts[0][1][i][name], parts[1][1][i][name]) for i in parts[0][1] for name in ("exp_avg",)
    )
    assert whole.scheduler.state_dict() == after.scheduler.state_dict()
    assert whole.scaler.state_dict() == after.scaler.state_dict()
    assert sorted(os.listdir(tmp_path)) == ["best.pt", "last.pt"]


def test_checkpoints(tmp_path):
    """The best one is the best epoch's; a wrong file and other settings are told; fit can be called again."""
    keeper = tr.Checkpoint(tmp_path / "deep" / "run", monitor="valid_loss")
    trainer = made(keeper)
    trainer.fit(loader(), loader(35), epochs=2)
    history = trainer.fit(loader(), loader(35), epochs=5)
    assert [row["epoch"] for row in history.epochs] == [1, 2, 3, 4, 5]
    best = history.best("valid_loss")
    other = made()
    other.load(keeper.best)
    assert other.epoch == best["epoch"]
    assert other.evaluate(loader(35))["loss"] == pytest.approx(best["valid_loss"], rel=1e-6)
    weights = torch.load(keeper.last, map_location="cpu", weights_only=True)["model"]
    assert list(weights) == list(trainer.model.state_dict()), "torch reads it, too"
    st.save({"x": 1}, tmp_path / "other.pt")
    with pytest.raises(RuntimeError, match="no checkpoint of a Trainer"):
        made().load(tmp_path / "other.pt")
    with pytest.raises(RuntimeError, match="accumulate"):
        made(accumulate=2).load(keeper.last)
    with pytest.raises(RuntimeError, match="scheduler"):
        made(scheduler=lambda o: st.optim.lr_scheduler.StepLR(o, 1)).load(keeper.last)
    with pytest.raises(RuntimeError, match="Checkpoint"):
        made().fit(loader(), epochs=1, resume=True)
    fresh = made(tr.Checkpoint(tmp_path / "empty"))
    assert fresh.fit(loader(), epochs=1, resume=True).epochs[-1]["epoch"] == 1
    with pytest.raises(KeyError, match="valid_loss"):
        made(tr.Checkpoint(tmp_path, monitor="valid_loss")).fit(loader(), epochs=1)


def test_early_stopping():
    """Stops after `patience` epochs that are not better; the values are set by hand."""

    class Values(tr.Callback):
        def __init__(self, values):
            self.values = values

        def on_epoch_end(self, trainer):
            trainer.history.epochs[-1]["score"] = self.values[trainer.epoch - 1]

    def epochs(values, **options):
        trainer = made(Values(values), tr.EarlyStopping("score", **options))
        return len(trainer.fit(loader(35), epochs=len(values)).epochs)

    assert epochs([3, 2, 2, 2, 1], patience=2) == 4
    assert epochs([3, 2, 2, 1, 1], patience=2) == 5
    assert epochs([1, 2, 2.5, 2.4], patience=1, mode="max") == 4
    assert epochs([3, 2.9, 2.8, 2.7], patience=2, min_delta=0.5) == 3
    with pytest.raises(KeyError, match="nothing"):
        made(tr.EarlyStopping("nothing")).fit(loader(), epochs=1)


def test_plateaus_look_at_the_validation():
    trainer = made(
        scheduler=lambda o: st.optim.lr_scheduler.ReduceLROnPlateau(
            o, patience=0, threshold=10.0, threshold_mode="abs"
        ),
        accumulate=1,
    )
    rates = [row["lr"] for row in trainer.fit(loader(35), loader(35), epochs=3).epochs]
    assert rates == pytest.approx([1e-2, 1e-2, 1e-3])


def test_other_batches(device):
    """Dicts of arrays and torch's tensors, with a step of one's own."""
    model = st.nn.Linear(6, 3)
    data = [{"image": X[i : i + 7].numpy(), "label": Y[i : i + 7]} for i in range(0, 70, 7)]

    def step(model, batch):
        return st.nn.functional.cross_entropy(model(batch["image"]), batch["label"])

    optimizer = st.optim.SGD(model.parameters(), lr=0.1)
    trainer = st.Trainer(model, optimizer, step=step, device=device, progress=False)
    history = trainer.fit(data, data, epochs=3)
    assert history.epochs[-1]["valid_loss"] < history.epochs[0]["valid_loss"]
    assert tr.batches.size_of({"name": "x", "y": st.zeros(5, 2)}) == 5


@pytest.mark.cpu_only("memory of the host is shared")
def test_batches_are_taken_over_without_a_copy():
    array, tensor = np.zeros((2, 3), np.float32), torch.zeros(2, 3)
    taken = tr.batches.on_device([array, tensor, {"x": tensor}, "text", 3])
    taken[0].fill_(1)
    taken[1].fill_(2)
    assert array.all()
    assert tensor.eq(2).all()
    assert taken[2]["x"].data_ptr() == tensor.data_ptr()
    assert taken[3:] == ["text", 3]


def test_prediction_and_evaluation():
    trainer = made(metrics={"accuracy": tr.accuracy})
    trainer.model.train()
    outputs = trainer.predict(loader(32))
    assert tuple(outputs.shape) == (70, 3)
    assert st.equal(outputs, trainer.predict(loader(11))) or st.allclose(outputs, trainer.predict(loader(11)))
    assert trainer.model.training
    values = trainer.evaluate(loader(32))
    assert values["accuracy"] == pytest.approx((outputs.argmax(1) == ours(Y)).float().mean().item())
    assert not outputs.requires_grad


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_mixed_precision(precision):
    seen = []

    class Watch(st.nn.Linear):
        def forward(self, x):
            y = super().forward(x)
            seen.append(y.dtype)
            return y

    trainer = made(
        model=st.nn.Sequential(Watch(6, 16), st.nn.ReLU(), st.nn.Linear(16, 3)), precision=precision
    )
    history = trainer.fit(loader(), loader(), epochs=4)
    assert set(seen) == {getattr(st, precision)}
    assert trainer.scaler.is_enabled() == (precision == "float16")
    assert history.epochs[-1]["loss"] < history.epochs[0]["loss"] / 1.3
    assert all(p.dtype == st.float32 for p in trainer.model.parameters())


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"precision": "int8"}, "precision"),
        ({"schedule": "day"}, "schedule"),
        ({"accumulate": 0}, "accumulate"),
    ],
)
def test_wrong_settings(options, match):
    with pytest.raises(ValueError, match=match):
        made(**options)
    with pytest.raises(TypeError, match="loss_fn"):
        st.Trainer(st.nn.Linear(1, 1), None)
    for wrong in (lambda: tr.GradientClipping(), lambda: tr.GradientClipping(1.0, value=2.0)):
        with pytest.raises(TypeError, match="either"):
            wrong()
    with pytest.raises(ValueError, match="mode"):
        tr.EarlyStopping(mode="best")


def test_clipping_by_value():
    largest = []

    class Watch(tr.Callback):
        def on_before_optimizer_step(self, trainer):
            largest.append(max(p.grad.abs().max().item() for p in trainer.model.parameters()))

    made(tr.GradientClipping(value=0.01), Watch()).fit(loader(35), epochs=2)
    assert max(largest) == pytest.approx(0.01)


def test_lines_where_nobody_watches(tmp_path):
    """A line an epoch with loss, speed and memory; the values go to a file."""
    out = io.StringIO()
    trainer = made(tr.Progress(out), tr.CSVLogger(tmp_path / "log" / "values.csv"))
    history = trainer.fit(loader(), loader(), epochs=2)
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert re.fullmatch(r"epoch 2/2  loss \d.*  valid_loss \d.*  [\d.,]+ steps/s  [\d,]+ MB", lines[1])
    assert f"{history.epochs[1]['loss']:.4g}" in lines[1]
    rows = (tmp_path / "log" / "values.csv").read_text().splitlines()
    assert rows[0].startswith("epoch,step,loss")
    assert len(rows) == 3


def test_a_bar_on_a_terminal():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    out = Terminal()
    made(tr.Progress(out)).fit(loader(), epochs=1)
    assert "epoch 1/1" in out.getvalue()
    assert re.search(r"9/9|0/9", out.getvalue())


def test_report(tmp_path, monkeypatch):
    """A page that is whole without the network, of valid SVG, with all values; safe with any title."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    trainer = made(tr.GradientClipping(1.0), tr.LearningRateMonitor(), metrics={"accuracy": tr.accuracy})
    history = trainer.fit(loader(), loader(), epochs=3)
    (page,) = trainer.report(tmp_path / "a" / "report.html", title="<Run> & more")
    text = page.read_text()
    assert "&lt;Run&gt; &amp; more" in text
    assert "<Run>" not in text
    assert not re.search(r"(src|href)=|@import|url\(", text)
    figures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    titles = [ElementTree.fromstring(figure).get("aria-label") for figure in figures]
    assert {"loss by epoch", "accuracy by epoch", "loss by step", "grad_norm by step", "lr by step"} <= set(
        titles
    )
    for row in history.epochs:
        assert f"{row['valid_accuracy']:.5g}" in text


def test_the_picture_of_a_report(tmp_path, monkeypatch):
    """With matplotlib a PNG is written beside it; here with one that only notes what it is asked."""
    drawn = []

    class Part:
        flat = None

        def __getattr__(self, name):
            return lambda *args, **kwargs: drawn.append((name, args))

    class Figure(Part):
        def __init__(self, **settings):
            pass

        def subplots(self, lines, columns, squeeze):
            found = Part()
            found.flat = [Part() for _ in range(lines * columns)]
            return found

        def savefig(self, path, dpi):
            Path(path).write_bytes(b"PNG")

    package: Any = types.ModuleType("matplotlib")
    module: Any = types.ModuleType("matplotlib.figure")
    package.__spec__ = types.SimpleNamespace()
    module.Figure, package.figure = Figure, module
    monkeypatch.setitem(sys.modules, "matplotlib", package)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", module)
    trainer = made()
    trainer.fit(loader(), loader(), epochs=2)
    _, picture = trainer.report(tmp_path / "report.html")
    assert picture.read_bytes() == b"PNG"
    assert any(name == "plot" and len(args[0]) == 2 for name, args in drawn)


def test_curves():
    """Thinning keeps the extremes; logarithms where values span decades; what is not finite is left out."""
    points = [(i, (i * 7919 % 1000) / 10) for i in range(10_000)]
    kept = svg.thinned(points)
    assert len(kept) <= 400
    assert {min(y for _, y in points), max(y for _, y in points)} <= {y for _, y in kept}
    assert [x for x, _ in kept] == sorted(x for x, _ in kept)
    figure = ElementTree.fromstring(svg.chart("x", {"a": [(1, 1.0), (2, 1e-4), (3, float("nan"))]}))
    line = next(e for e in figure.iter() if e.tag.endswith("polyline"))
    assert len(line.get("points").split()) == 2
    labels = [e.text for e in figure.iter() if e.tag.endswith("text")]
    assert "0.01" in labels
    assert svg.chart("x", {"a": [(1, float("inf"))]}) == ""
    assert "<svg" in svg.chart("x", {"a": [(1, 2.0)]})
