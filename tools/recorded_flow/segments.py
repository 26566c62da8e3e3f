"""Which events are one act: the executions of one instant and side were one aggressive order."""

from collections.abc import Iterator, Sequence

from tools.recorded_flow.recording import EventKind, FlowEvent, Side

Groups = dict[int, list[int]]
"""Indexes of executions that one aggressive order caused, by the index of the first."""


def group_executions(events: Sequence[FlowEvent]) -> Groups:
    """Group by instant and side.

    An execution of an order that was placed after the group began starts a new one: the aggressive order
    cannot have met it.
    """
    groups: Groups = {}
    now = -1
    current: dict[Side, list[int]] = {}
    placed: dict[int, int] = {}
    for index, event in enumerate(events):
        if event.time_ns != now:
            now = event.time_ns
            current = {}
            placed = {}
        if event.kind is EventKind.PLACE:
            placed[event.order_id] = index
        elif event.kind is EventKind.EXECUTE:
            group = current.get(event.side)
            if group is None or placed.get(event.order_id, -1) > group[0]:
                group = current[event.side] = groups[index] = []
            group.append(index)
    return groups


def split_segments(length: int, groups: Groups) -> Iterator[range]:
    """Split `length` events into the shortest ranges that cut no group in two."""
    start = 0
    while start < length:
        end = start
        index = start
        while index <= end:
            if index in groups:
                end = max(end, groups[index][-1])
            index += 1
        yield range(start, end + 1)
        start = end + 1
