"""Small recordings for tests, in whole numbers."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools.recorded_flow.recording import EventKind, FlowEvent, Levels, Recording, Row, Scales, Side

BUY, SELL = Side.BUY, Side.SELL

RECORDED_FLOW = Path(
    os.environ.get("MARKETHALL_RECORDED_FLOW")
    or Path(__file__).parents[2].parent / "shared" / "data" / "lobster"
)


def event(time_ns: int, kind: str, order_id: int, side: Side, quantity: int, price: int) -> FlowEvent:
    return FlowEvent(time_ns, EventKind(kind), order_id, side, quantity, price)


def row(bids: Levels = (), asks: Levels = ()) -> Row:
    return Row(bids, asks)


def recording(events: Sequence[FlowEvent], rows: Sequence[Row] = (), *, depth: int = 0) -> Recording:
    return Recording("TEST", Scales(price=2, quantity=0), depth, tuple(events), tuple(rows))


def recorded_day() -> Path:
    """A real day of order flow; skips where there is none."""
    days = sorted(RECORDED_FLOW.glob("*.zip")) if RECORDED_FLOW.is_dir() else []
    if not days:
        pytest.skip(f"no recorded order flow in {RECORDED_FLOW}; MARKETHALL_RECORDED_FLOW says where it is")
    return days[0]
