"""Takes every call and draws nothing, but looks at the numbers."""

import numpy as np


def _nothing(*arguments, **options):
    return None


figure = title = xlabel = ylabel = xticks = yticks = savefig = close = _nothing


def plot(x, y, *arguments, **options):
    """Finite numbers, as many as places."""
    assert len(x) == len(y)
    assert np.isfinite(np.asarray(y)).all()
