"""Where the engine is in its life, from which health, refusals and status follow.

    RECOVERING ──> RUNNING ──> DRAINING ──> STOPPED
         │            │                        ▲
         └────────────┴────────────────────────┘

The port is open in all of them. Commands and queries are taken up while RUNNING, and finished while
DRAINING.
"""

from collections.abc import Callable
from enum import Enum

from markethall_engine.rpc.errors import NotServing
from markethall_engine.rpc.venue import Venue


class State(Enum):
    """The values are what `GetStatus` says."""

    RECOVERING = "recovering"
    RUNNING = "running"
    DRAINING = "draining"
    STOPPED = "stopped"


_NEXT: dict[State, frozenset[State]] = {
    State.RECOVERING: frozenset({State.RUNNING, State.STOPPED}),
    State.RUNNING: frozenset({State.DRAINING, State.STOPPED}),
    State.DRAINING: frozenset({State.STOPPED}),
    State.STOPPED: frozenset(),
}

_REFUSALS: dict[State, str] = {
    State.RECOVERING: "the engine recovers from its journal; try again shortly",
    State.DRAINING: "the engine is shutting down",
    State.STOPPED: "the engine has stopped",
}


class Lifecycle:
    """The engine's state, and the venue once there is one."""

    def __init__(self) -> None:
        self._state = State.RECOVERING
        self._venue: Venue | None = None
        self._on_drain: set[Callable[[], object]] = set()

    @property
    def state(self) -> State:
        return self._state

    @property
    def has_venue(self) -> bool:
        """Whether recovery is over."""
        return self._venue is not None

    @property
    def venue(self) -> Venue:
        """What calls work on; raises `NotServing` before there is one."""
        if self._venue is None:
            raise self._refusal()
        return self._venue

    def check_running(self) -> None:
        """Raise `NotServing` unless new calls are taken up."""
        if self._state is not State.RUNNING:
            raise self._refusal()

    def run(self, venue: Venue) -> None:
        """Recovery is over: take up calls."""
        self._venue = venue
        self._enter(State.RUNNING)

    def drain(self) -> None:
        """Take up no more calls, and tell the streams of commands to read no further."""
        self._enter(State.DRAINING)
        for callback in tuple(self._on_drain):
            callback()

    def stop(self) -> None:
        """Nothing will be answered any more."""
        self._enter(State.STOPPED)

    def on_drain(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Have `callback` called when draining begins; returns what takes that back."""
        self._on_drain.add(callback)
        return lambda: self._on_drain.discard(callback)

    def _enter(self, state: State) -> None:
        if state not in _NEXT[self._state]:
            raise RuntimeError(f"the engine cannot go from {self._state.value} to {state.value}")
        self._state = state

    def _refusal(self) -> NotServing:
        return NotServing(self._state.name, _REFUSALS[self._state])
