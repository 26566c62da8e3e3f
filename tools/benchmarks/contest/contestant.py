"""One contestant in its own process: it plays the flow as often as it is asked, and says how long it took.

    python -m tools.benchmarks.contest.contestant NAME

NAME is that of a module beside or below this one, which says how the flow's steps become calls of its
documented interface. Whatever can be made before the clock starts is made before: the calls with their
arguments, order objects included. All contestants are then driven by the same loop, without garbage
collections, and processor time is what counts. One line of standard input is one run: it is the number of
commands and of runs wanted at once, in JSON, and gives one line of output.
"""

import gc
import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

from tools.benchmarks.contest.mixed_flow import Step, mixed_flow

Call = tuple[Callable[..., object], tuple[Any, ...]]


class Prepared(NamedTuple):
    """An empty book, and the flow as calls of it."""

    calls: list[Call]
    """In order; as few a command as the interface allows."""
    resting_lots: Callable[[], int | None]
    """What rests afterwards, of both sides; None where the interface cannot tell."""


Prepare = Callable[[Sequence[Step]], Prepared]
"""What each contestant's module has, as `prepare`."""


def run(prepare: Prepare, count: int) -> dict[str, float | int | None]:
    """Play a flow of `count` commands once."""
    flow = mixed_flow(count)
    prepared = prepare(flow.steps)
    calls = prepared.calls
    gc.collect()
    gc.disable()
    started = time.process_time()
    for call, arguments in calls:
        call(*arguments)
    seconds = time.process_time() - started
    gc.enable()
    resting_lots = prepared.resting_lots()
    assert resting_lots in (None, flow.resting_lots), (
        f"expected {flow.resting_lots} lots, found {resting_lots}"
    )
    return {"seconds": seconds, "resting_lots": resting_lots}


def main(name: str) -> None:
    prepare = cast("Prepare", importlib.import_module(f"tools.benchmarks.contest.{name}").prepare)
    for line in sys.stdin:
        print(json.dumps(run(prepare, json.loads(line))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
