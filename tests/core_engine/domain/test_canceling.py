"""Cancel one, cancel all."""

from markethall_engine.domain.commands import CancelOrder, UpdateInstrument
from markethall_engine.domain.events import (
    CancelAllCompleted,
    CancelRejected,
    CommandRejected,
    OrderCanceled,
)
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.order import OrderStatus
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    SELL,
    SYMBOL,
    Venue,
    cancel,
    cancel_all,
    create_instrument,
    fills,
    order,
    venue,
)


def canceled(order_id, side, price_ticks, lots, *, account_id="maker", symbol=SYMBOL):
    return OrderCanceled(
        order_id, account_id, symbol, side, price_ticks, lots, was_resting=True, reason=CancelReason.REQUESTED
    )


def refused_cancel(at: Venue, command: CancelOrder) -> tuple[RejectReason, str]:
    (event,) = at.submit(command)
    assert isinstance(event, CancelRejected)
    assert (event.account_id, event.order_id, event.client_order_id) == (
        command.account_id,
        command.order_id,
        command.client_order_id,
    )
    return event.reason, event.detail


def test_a_canceled_order_leaves_the_book_and_frees_its_reservation():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    assert at.submit(cancel("maker", bid_id)) == [canceled(bid_id, BUY, 100, 10)]
    assert at.bids() == []
    assert (at.available("maker", "USD"), at.reserved("maker", "USD")) == (1_000_000, 0)


def test_canceling_a_partly_filled_order_keeps_its_fills():
    at = venue()
    ask_id = at.place("maker", SELL, 10, 100)
    at.place("taker", BUY, 4, 100)
    assert at.submit(cancel("maker", ask_id)) == [canceled(ask_id, SELL, 100, 6)]
    record = at.exchange.order(ask_id)
    assert record is not None
    assert (record.status, record.filled_lots, record.canceled_lots, record.filled_notional) == (
        OrderStatus.CANCELED,
        4,
        6,
        400,
    )


def test_an_order_can_be_canceled_by_its_client_order_id():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100, client_order_id="mine")
    assert at.submit(CancelOrder("maker", client_order_id="mine")) == [canceled(bid_id, BUY, 100, 10)]


def test_canceling_from_the_middle_of_a_level_leaves_the_others_in_order():
    at = venue()
    first, second, third = (at.place("maker", SELL, 1, 100) for _ in range(3))
    at.submit(cancel("maker", second))
    assert fills(at.submit(order("taker", BUY, 2, 100))) == [(first, 1, 100), (third, 1, 100)]


def test_an_unknown_order_cannot_be_canceled():
    at = venue()
    assert refused_cancel(at, cancel("maker", 999)) == (
        RejectReason.UNKNOWN_ORDER,
        "account maker has no order 999",
    )
    assert refused_cancel(at, CancelOrder("maker", client_order_id="none")) == (
        RejectReason.UNKNOWN_ORDER,
        "account maker has no client order id 'none'",
    )


def test_another_account_s_order_is_unknown():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    assert refused_cancel(at, cancel("taker", bid_id))[0] is RejectReason.UNKNOWN_ORDER
    at.place("taker", SELL, 10, 100)
    assert refused_cancel(at, cancel("taker", bid_id))[0] is RejectReason.UNKNOWN_ORDER


def test_an_order_that_has_ended_cannot_be_canceled():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    at.submit(cancel("maker", bid_id))
    assert refused_cancel(at, cancel("maker", bid_id)) == (
        RejectReason.ORDER_ENDED,
        f"order {bid_id} is CANCELED already",
    )


def test_an_unknown_account_cannot_cancel():
    at = venue()
    assert refused_cancel(at, cancel("nobody", 1)) == (
        RejectReason.UNKNOWN_ACCOUNT,
        "there is no account 'nobody'",
    )


def test_orders_can_be_canceled_while_trading_is_halted():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.HALTED))
    assert at.submit(cancel("maker", bid_id)) == [canceled(bid_id, BUY, 100, 10)]


def test_cancel_all_cancels_the_account_s_orders_oldest_first():
    at = venue()
    bid_id, ask_id = at.place("maker", BUY, 10, 100), at.place("maker", SELL, 5, 101)
    at.place("taker", BUY, 3, 99)
    assert at.submit(cancel_all("maker")) == [
        canceled(bid_id, BUY, 100, 10),
        canceled(ask_id, SELL, 101, 5),
        CancelAllCompleted("maker", "", None, 2),
    ]
    assert at.bids() == [(99, 3, 1)]


def test_cancel_all_can_be_of_one_instrument_and_one_side():
    at = venue()
    at.submit(create_instrument(symbol="GOLD-2"))
    bid_id = at.place("maker", BUY, 10, 100, symbol="GOLD-2")
    at.place("maker", SELL, 10, 101, symbol="GOLD-2")
    at.place("maker", BUY, 10, 100)
    assert at.submit(cancel_all("maker", "GOLD-2", BUY)) == [
        canceled(bid_id, BUY, 100, 10, symbol="GOLD-2"),
        CancelAllCompleted("maker", "GOLD-2", BUY, 1),
    ]


def test_cancel_all_of_nothing_is_no_refusal():
    at = venue()
    assert at.submit(cancel_all("maker")) == [CancelAllCompleted("maker", "", None, 0)]


def test_cancel_all_of_an_unknown_account_or_instrument_is_refused():
    at = venue()
    assert at.submit(cancel_all("nobody")) == [
        CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "there is no account 'nobody'")
    ]
    assert at.submit(cancel_all("maker", "NONE")) == [
        CommandRejected(RejectReason.UNKNOWN_INSTRUMENT, "there is no instrument 'NONE'")
    ]
