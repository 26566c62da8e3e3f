"""What is sent to the venue for an event of the recording, and what must come of it."""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from tools.recorded_flow.lifetimes import LevelKey
from tools.recorded_flow.queue_book import Execution
from tools.recorded_flow.recording import Row, Side


class Place(NamedTuple):
    """Let an order rest. `name` is unique in the replay."""

    name: str
    side: Side
    price: int
    quantity: int


class Cancel(NamedTuple):
    name: str


class Reduce(NamedTuple):
    """Lower an order to a total `quantity`, what is filled of it included; it keeps its place."""

    name: str
    quantity: int


class Take(NamedTuple):
    """Send an order that fills at once or not at all; without a `limit` at any price."""

    name: str
    side: Side
    limit: int | None
    quantity: int


Command = Place | Cancel | Reduce | Take


class Cause(Enum):
    """Why the recording itself cannot come out of a venue that keeps price-time priority."""

    ENTERED_UNSEEN = (
        "an order took part that entered before the day or beyond the visible levels, "
        "so its place in the queue is not recorded"
    )
    NEVER_NAMED = (
        "quantity stood in the queue that entered unseen and that no event ever names, "
        "so whose it was and where it stood is not recorded"
    )
    PRIORITY_BROKEN = (
        "the exchange filled a later order before an earlier one at the same price, "
        "though both had been placed in sight"
    )
    CROSSED = "an order was recorded at a price at which it would have matched, as in a halt or an auction"
    CONTRADICTION = "the recorded events do not add up to the recorded book"


@dataclass(frozen=True, slots=True)
class AggressiveOrder:
    """An order that fills on arrival, with the fills that must come of it."""

    command: Place | Take
    event: int
    """Index of its first event."""
    recorded: tuple[Execution, ...] | None
    """What the exchange did; None where the recording has the order but not its fills."""
    expected: tuple[Execution, ...]
    """What price-time priority does with the orders that rest at the venue."""
    cause: Cause | None = None
    """Why the two differ, if they do."""
    has_seeded_makers: bool = False
    """Whether a recorded maker's place in the queue is not recorded, but inferred when it was seeded."""


@dataclass(slots=True)
class Step:
    """The commands for one event, or for the executions of one instant, and the book that must follow."""

    events: range
    commands: list[Command] = field(default_factory=list)
    aggressive_orders: list[AggressiveOrder] = field(default_factory=list)
    row: Row | None = None
    """The recorded book after the last event."""
    rows_inside: tuple[tuple[int, Row], ...] = ()
    """If the step is one aggressive order, the recorded book after each of its events but the last, with the
    quantity that was filled until then."""
    seeded: frozenset[LevelKey] = frozenset()
    """Levels that come into sight and got their quantity from the row: what they show is no evidence."""
    cause: Cause | None = None
    """Why the row cannot follow, if it cannot."""
