"""L-BFGS: steps by an estimate of the second derivatives, with a line search."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd import enable_grad, no_grad
from spiraltorch_rs.optim.optimizer import Optimizer, check_rate, scalar

__all__ = ["LBFGS"]


class _Point:
    """A place on the line: how far along, the loss there, its gradient and slope."""

    __slots__ = ("grad", "loss", "slope", "t")

    def __init__(self, t: float, loss: float, grad: Tensor, slope: float) -> None:
        self.t, self.loss, self.grad, self.slope = t, loss, grad, slope


def _cubic_minimum(a: _Point, b: _Point, bounds: tuple[float, float] | None = None) -> float:
    """Where the cubic through two points with their slopes is lowest, within bounds."""
    low, high = bounds or (min(a.t, b.t), max(a.t, b.t))
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1**2 - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2.0
    d2 = math.sqrt(square)
    if a.t <= b.t:
        best = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    else:
        best = a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2))
    return min(max(best, low), high)


def _strong_wolfe(
    evaluate: Callable[[float], tuple[float, Tensor, float]],
    t: float,
    begin: _Point,
    direction_size: float,
    tolerance: float,
    most: int,
    c1: float = 1e-4,
    c2: float = 0.9,
) -> tuple[_Point, int]:
    """A step that lowers the loss enough and lies where the slope is flat enough."""

    def at(t: float) -> _Point:
        return _Point(t, *evaluate(t))

    def too_high(point: _Point) -> bool:
        return point.loss > begin.loss + c1 * point.t * begin.slope

    before, now = begin, at(t)
    evaluations, tries, done = 1, 0, False
    bracket: list[_Point] = []
    while tries < most:
        if too_high(now) or (tries > 1 and now.loss >= before.loss):
            bracket = [before, now]
            break
        if abs(now.slope) <= -c2 * begin.slope:
            bracket, done = [now], True
            break
        if now.slope >= 0:
            bracket = [before, now]
            break
        bounds = (now.t + 0.01 * (now.t - before.t), now.t * 10)
        before, now = now, at(_cubic_minimum(before, now, bounds))
        evaluations += 1
        tries += 1
    if tries == most:
        bracket = [begin, now]

    stuck = False
    low, high = (0, 1) if bracket[0].loss <= bracket[-1].loss else (1, 0)
    while not done and tries < most:
        a, b = bracket
        width = abs(b.t - a.t)
        if width * direction_size < tolerance:
            break
        t = _cubic_minimum(a, b)
        left, right = min(a.t, b.t), max(a.t, b.t)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:  # too near to an end, where little is gained
            if stuck or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        now = at(t)
        evaluations += 1
        tries += 1
        if too_high(now) or now.loss >= bracket[low].loss:
            bracket[high] = now
            low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
        else:
            if abs(now.slope) <= -c2 * begin.slope:
                done = True
            elif now.slope * (bracket[high].t - bracket[low].t) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = now
    return bracket[low], evaluations


class LBFGS(Optimizer):
    """L-BFGS; `step` needs a closure that computes the loss and its gradients."""

    def __init__(
        self,
        params: Any,
        lr: Any = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
        *,
        maximize: bool = False,
    ) -> None:
        check_rate(lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
            "maximize": maximize,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    def _flat_grad(self) -> Tensor:
        parts = [
            _C.zeros(p.numel(), dtype=p.dtype, device=p.device) if p.grad is None else p.grad.reshape(-1)
            for p in self._params
        ]
        flat = _C.cat(parts)
        return -flat if self.param_groups[0].get("maximize", False) else flat

    def _move(self, t: float, direction: Tensor) -> None:
        begin = 0
        for parameter in self._params:
            end = begin + parameter.numel()
            parameter.add_(direction[begin:end].view_as(parameter), alpha=t)
            begin = end

    def _to_minimize(self, loss: Any) -> float:
        number = float(loss.detach() if isinstance(loss, Tensor) else loss)
        return -number if self.param_groups[0].get("maximize", False) else number

    def _direction(self, flat_grad: Tensor, state: dict[str, Any], history: int) -> Tensor:
        """The Newton step, from the last changes of place and gradient."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            return -flat_grad
        y = flat_grad - state["prev_flat_grad"]
        s = state["d"] * state["t"]
        ys = float(y.dot(s))
        old_y, old_s, ro = state["old_dirs"], state["old_stps"], state["ro"]
        if ys > 1e-10:
            if len(old_y) == history:
                for kept in (old_y, old_s, ro):
                    kept.pop(0)
            old_y.append(y)
            old_s.append(s)
            ro.append(1.0 / ys)
            state["H_diag"] = ys / float(y.dot(y))
        q: Tensor = -flat_grad
        shares = []
        for y, s, r in zip(reversed(old_y), reversed(old_s), reversed(ro), strict=True):
            share = s.dot(q) * r
            shares.append(share)
            q = q - y * share
        q = q * state["H_diag"]
        for y, s, r, share in zip(old_y, old_s, ro, reversed(shares), strict=True):
            q = q + s * (share - y.dot(q) * r)
        return q

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        if closure is None:
            raise TypeError("LBFGS.step() needs a closure that computes the loss and its gradients")
        recorded = enable_grad()(closure)
        with no_grad():
            return self._step(recorded)

    def _step(self, closure: Callable[[], Any]) -> Any:
        if not self._params:
            return closure()
        group = self.param_groups[0]
        lr, line_search = scalar(group["lr"]), group["line_search_fn"]
        if line_search not in (None, "strong_wolfe"):
            raise RuntimeError("only 'strong_wolfe' is supported")
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        original = closure()
        loss = self._to_minimize(original)
        evaluations = 1
        state["func_evals"] += 1
        flat_grad = self._flat_grad()
        if float(flat_grad.abs().max()) <= group["tolerance_grad"]:
            return original
        iterations = 0
        while iterations < group["max_iter"]:
            iterations += 1
            state["n_iter"] += 1
            direction = self._direction(flat_grad, state, group["history_size"])
            state["prev_flat_grad"], before = flat_grad, loss
            t = lr if state["n_iter"] > 1 else lr / max(1.0, float(flat_grad.abs().sum()))
            state["d"], state["t"] = direction, t
            slope = float(flat_grad.dot(direction))
            if slope > -group["tolerance_change"]:
                break
            used = 0
            if line_search is not None:
                begin = _Point(0, loss, flat_grad, slope)
                point, used = self._search(closure, t, begin, direction, group, evaluations)
                loss, flat_grad, t = point.loss, point.grad, point.t
                self._move(t, direction)
            else:
                self._move(t, direction)
                if iterations != group["max_iter"]:
                    loss = self._to_minimize(closure())
                    flat_grad = self._flat_grad()
                    used = 1
            state["t"] = t
            evaluations += used
            state["func_evals"] += used
            if iterations == group["max_iter"] or evaluations >= group["max_eval"]:
                break
            if float(flat_grad.abs().max()) <= group["tolerance_grad"]:
                break
            if float((direction * t).abs().max()) <= group["tolerance_change"]:
                break
            if abs(loss - before) < group["tolerance_change"]:
                break
        state["prev_loss"] = before
        return original

    def _search(
        self,
        closure: Callable[[], Any],
        t: float,
        begin: _Point,
        direction: Tensor,
        group: dict[str, Any],
        evaluations: int,
    ) -> tuple[_Point, int]:
        start = [parameter.clone() for parameter in self._params]

        def evaluate(t: float) -> tuple[float, Tensor, float]:
            self._move(t, direction)
            loss = self._to_minimize(closure())
            grad = self._flat_grad()
            for parameter, value in zip(self._params, start, strict=True):
                parameter.copy_(value)
            return loss, grad, float(grad.dot(direction))

        size = float(direction.abs().max())
        most = group["max_eval"] - evaluations
        return _strong_wolfe(evaluate, t, begin, size, group["tolerance_change"], most)
