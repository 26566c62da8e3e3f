"""The states of an engine, and the ways between them."""

from itertools import pairwise, product
from typing import cast

import pytest

from markethall_engine.rpc.errors import NotServing
from markethall_engine.rpc.lifecycle import Lifecycle, State
from markethall_engine.rpc.venue import Venue

VENUE = cast("Venue", object())

ENTER = {
    State.RUNNING: lambda lifecycle: lifecycle.run(VENUE),
    State.DRAINING: lambda lifecycle: lifecycle.drain(),
    State.STOPPED: lambda lifecycle: lifecycle.stop(),
}
WAYS = {
    State.RECOVERING: (),
    State.RUNNING: (State.RUNNING,),
    State.DRAINING: (State.RUNNING, State.DRAINING),
    State.STOPPED: (State.STOPPED,),
}
LEGAL = {
    *pairwise((State.RECOVERING, State.RUNNING, State.DRAINING, State.STOPPED)),
    (State.RECOVERING, State.STOPPED),
    (State.RUNNING, State.STOPPED),
}


def lifecycle_in(state: State) -> Lifecycle:
    lifecycle = Lifecycle()
    for step in WAYS[state]:
        ENTER[step](lifecycle)
    return lifecycle


@pytest.mark.parametrize(("here", "there"), list(product(State, ENTER)))
def test_an_engine_goes_through_its_states_in_order_and_never_back(here: State, there: State):
    lifecycle = lifecycle_in(here)
    if (here, there) in LEGAL:
        ENTER[there](lifecycle)
        assert lifecycle.state is there
    else:
        with pytest.raises(RuntimeError):
            ENTER[there](lifecycle)
        assert lifecycle.state is here


@pytest.mark.parametrize("state", State)
def test_new_calls_are_taken_up_while_running_only(state: State):
    lifecycle = lifecycle_in(state)
    if state is State.RUNNING:
        lifecycle.check_running()
    else:
        with pytest.raises(NotServing) as caught:
            lifecycle.check_running()
        assert caught.value.reason == state.name


def test_there_is_a_venue_from_the_end_of_recovery_on():
    lifecycle = Lifecycle()
    assert not lifecycle.has_venue
    with pytest.raises(NotServing):
        _ = lifecycle.venue
    lifecycle.run(VENUE)
    assert lifecycle.has_venue
    assert lifecycle.venue is VENUE


def test_who_asked_is_told_that_draining_begins_unless_it_was_taken_back():
    lifecycle = lifecycle_in(State.RUNNING)
    told: list[str] = []
    lifecycle.on_drain(lambda: told.append("kept"))
    lifecycle.on_drain(lambda: told.append("taken back"))()
    lifecycle.drain()
    assert told == ["kept"]
