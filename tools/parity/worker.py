"""The process that calls us: one job a line on its input, one answer a line on its output. It may crash or hang."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from typing import Any


def main() -> None:
    """Answers jobs until the input ends."""
    # What the libraries print must not fall between our answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(**answer: Any) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    import warnings

    import torch

    from . import carry, check

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    known = check.operators()
    say(ready=True)
    for line in sys.stdin:
        job = json.loads(line)
        carry.be_on(job["device"])
        start = time.monotonic()
        checker = check.Checker(
            known[job["op"]], job["dtype"], job["limit"], lambda at: say(at=at), job["references"]
        )
        if checker.ours is None:
            say(missing=True)
            continue
        found = checker.run()
        aspects = {name: asdict(aspect) for name, aspect in found.items()}
        say(aspects=aspects, seconds=time.monotonic() - start)


if __name__ == "__main__":
    main()
