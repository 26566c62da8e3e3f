"""Orders that end with a connection: cancel on disconnect."""

from typing import Any

import pytest

from markethall_engine.domain.commands import CancelAllOrders, Command, EndSession, same_request
from markethall_engine.domain.events import OrderCanceled, SessionEnded
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.reasons import CancelReason
from tests.core_engine.domain.builders import BUY, SELL, SYMBOL, Venue, cancel, order, replace, venue


def of(session_id: str, **more: Any) -> Instructions:
    return Instructions(session_id=session_id, **more)


def test_the_end_of_a_session_cancels_its_live_orders_oldest_first_and_no_others():
    at = venue()
    first = at.place("maker", BUY, 3, 90, instructions=of("s-1"))
    at.place("maker", BUY, 3, 91, instructions=of("s-2"))
    at.place("maker", BUY, 3, 92)
    second = at.place("taker", BUY, 4, 93, instructions=of("s-1"))
    assert at.submit(EndSession("s-1")) == [
        OrderCanceled(first, "maker", SYMBOL, BUY, 90, 3, True, CancelReason.DISCONNECTED),
        OrderCanceled(second, "taker", SYMBOL, BUY, 93, 4, True, CancelReason.DISCONNECTED),
        SessionEnded("s-1", 2),
    ]
    assert [price for price, _, _ in at.bids()] == [92, 91]
    assert at.exchange.sessions() == ["s-2"]


def test_a_session_without_live_orders_ends_too():
    at = venue()
    assert at.submit(EndSession("s-9")) == [SessionEnded("s-9", 0)]


@pytest.mark.parametrize("end", ["filled", "canceled", "all canceled", "replaced"])
def test_what_ended_before_is_not_canceled_again(end: str):
    at = venue()
    order_id = at.place("maker", BUY, 3, 90, instructions=of("s-1"))
    endings: dict[str, Command] = {
        "filled": order("taker", SELL, 3, 90),
        "canceled": cancel("maker", order_id),
        "all canceled": CancelAllOrders("maker"),
        "replaced": replace("maker", order_id, price_ticks=95),
    }
    at.submit(endings[end])
    live = end == "replaced"
    assert at.exchange.sessions() == (["s-1"] if live else [])
    assert at.submit(EndSession("s-1"))[-1] == SessionEnded("s-1", int(live))


def test_a_restored_exchange_knows_the_sessions():
    at = venue()
    order_id = at.place("maker", BUY, 3, 90, instructions=of("s-1"))
    restored = Venue(Exchange.restore(at.exchange.snapshot()))
    assert restored.exchange.sessions() == ["s-1"]
    canceled, ended = restored.submit(EndSession("s-1"))
    assert isinstance(canceled, OrderCanceled) and canceled.order_id == order_id
    assert ended == SessionEnded("s-1", 1)


@pytest.mark.parametrize("more", [{}, {"display_lots": 1}])
def test_a_repetition_over_another_connection_is_a_repetition(more: dict[str, int]):
    plain = Instructions(**more) if more else None
    first = order("maker", BUY, 3, 90, client_order_id="a", instructions=of("s-1", **more))
    assert same_request(first, order("maker", BUY, 3, 90, client_order_id="a", instructions=plain))
    assert same_request(
        first, order("maker", BUY, 3, 90, client_order_id="a", instructions=of("s-2", **more))
    )
    assert not same_request(
        first, order("maker", BUY, 3, 90, client_order_id="a", instructions=Instructions(post_only=True))
    )
