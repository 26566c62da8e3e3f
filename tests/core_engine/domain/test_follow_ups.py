"""What the venue owes itself is done in order, before anything else, and survives a snapshot."""

from markethall_engine.domain.commands import TriggerOrder
from markethall_engine.domain.events import FollowUpTaken
from markethall_engine.domain.exchange import Exchange
from tests.core_engine.domain.builders import Venue, venue


def owing_venue() -> Venue:
    at = venue()
    at.exchange._state.follow_ups.extend((TriggerOrder(98), TriggerOrder(99)))
    return at


def test_a_venue_that_owes_nothing_has_no_next_command() -> None:
    assert venue().exchange.next_command(0) is None


def test_the_oldest_follow_up_is_the_next_command() -> None:
    at = owing_venue()
    assert at.exchange.next_command(at.time_ns) == TriggerOrder(98)


def test_follow_ups_are_taken_one_by_one() -> None:
    at = owing_venue()
    assert [(record.command, record.events) for record in at.settle()] == [
        (TriggerOrder(98), [FollowUpTaken()]),
        (TriggerOrder(99), [FollowUpTaken()]),
    ]
    assert at.exchange.next_command(at.time_ns) is None


def test_follow_ups_survive_a_snapshot_and_count_in_the_digest() -> None:
    at = owing_venue()
    restored = Exchange.restore(at.exchange.snapshot())
    assert restored.next_command(at.time_ns) == TriggerOrder(98)
    before = restored.digest()
    Venue(restored).settle()
    assert restored.digest() != before
