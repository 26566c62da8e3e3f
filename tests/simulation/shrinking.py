"""The fewest commands that still fail: what is left of a run once all that does not matter is gone.

A command is first replaced by one that changes nothing but takes a sequence, so that the ids of the orders
after it stay what later commands call them; then such fillers go as well, where that is possible.
"""

from collections.abc import Callable, Sequence

from markethall_engine.domain.commands import CancelOrder, Command

Step = tuple[int, tuple[Command, ...]]
"""A time in nanoseconds, and what is asked then."""

FILLER = CancelOrder("nobody", 1)


def shrink(steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool], *, kept: int = 0) -> list[Step]:
    """Give some of the steps, as few as taking away halves, quarters and so on to single ones leads to.

    `fails` says whether a list of steps shows the failure; that of all steps does. The first `kept` stay.
    """
    first = list(steps[:kept])

    def still_fails(rest: Sequence[Step]) -> bool:
        return fails([*first, *rest])

    shrunk = _without(list(steps[kept:]), lambda step: [(step[0], (FILLER,))], still_fails)
    return [*first, *_without(shrunk, lambda _: [], still_fails)]


def _without(
    steps: list[Step],
    instead: Callable[[Step], list[Step]],
    fails: Callable[[Sequence[Step]], bool],
) -> list[Step]:
    size = max(1, len(steps) // 2)
    while True:
        start, has_shrunk = 0, False
        while start < len(steps):
            chunk = steps[start : start + size]
            replaced = [put for step in chunk for put in instead(step)]
            candidate = [*steps[:start], *replaced, *steps[start + size :]]
            if replaced != chunk and fails(candidate):
                steps, has_shrunk = candidate, True
                start += len(replaced)
            else:
                start += size
        if size > 1:
            size //= 2
        elif not has_shrunk:
            return steps
