"""What gives way when an order would trade with one of its own account: the incoming order's word counts."""

import pytest

from markethall_engine.domain.commands import UpdateAccount
from markethall_engine.domain.events import Event, OrderCanceled, OrderReduced, TradePrevented
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.order import OrderStatus, Side
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    IOC,
    SELL,
    SYMBOL,
    Venue,
    accepted,
    fills,
    kinds,
    order,
    rejection,
    replace,
    rested,
    venue,
)

NEWEST, OLDEST = SelfTradePrevention.CANCEL_NEWEST, SelfTradePrevention.CANCEL_OLDEST
BOTH, DECREMENT = SelfTradePrevention.CANCEL_BOTH, SelfTradePrevention.DECREMENT


def preventing(rule: SelfTradePrevention) -> dict[str, Instructions]:
    return {"instructions": Instructions(self_trade_prevention=rule)}


def prevented(incoming_id: int, resting_id: int, lots: int, rule: SelfTradePrevention) -> Event:
    return TradePrevented(SYMBOL, "me", incoming_id, BUY, resting_id, 100, lots, rule)


def canceled(order_id: int, side: Side, lots: int, *, was_resting: bool) -> Event:
    return OrderCanceled(
        order_id, "me", SYMBOL, side, 100, lots, was_resting, CancelReason.SELF_TRADE_PREVENTION
    )


def own_ask(at: Venue, lots: int = 5) -> int:
    return at.place("me", SELL, lots, 100)


def test_without_an_instruction_an_account_trades_with_itself():
    at = venue("me")
    ask = own_ask(at)
    assert fills(at.submit(order("me", BUY, 5, 100))) == [(ask, 5, 100)]
    assert at.available("me", "GOLD") == at.available("me", "USD") == 1_000_000


def test_cancel_newest_ends_the_incoming_order_and_leaves_the_resting_one():
    at = venue("me")
    ask = own_ask(at)
    command = order("me", BUY, 8, 100, **preventing(NEWEST))
    events = at.submit(command)
    assert events == [
        accepted(command, at.sequence, reserved=800),
        prevented(at.sequence, ask, 5, NEWEST),
        canceled(at.sequence, BUY, 8, was_resting=False),
    ]
    assert at.asks() == [(100, 5, 1)]
    assert at.reserved("me", "USD") == 0


def test_cancel_oldest_ends_the_resting_order_and_the_incoming_one_goes_on():
    at = venue("me", "maker")
    ask, behind = own_ask(at), at.place("maker", SELL, 3, 100)
    command = order("me", BUY, 8, 100, **preventing(OLDEST))
    events = at.submit(command)
    assert events[:3] == [
        accepted(command, at.sequence, reserved=800),
        prevented(at.sequence, ask, 5, OLDEST),
        canceled(ask, SELL, 5, was_resting=True),
    ]
    assert fills(events) == [(behind, 3, 100)]
    assert events[-1] == rested(command, at.sequence, 5)
    assert at.reserved("me", "GOLD") == 0


def test_cancel_both_ends_both_and_what_stands_behind_is_not_reached():
    at = venue("me", "maker")
    ask = own_ask(at)
    at.place("maker", SELL, 3, 100)
    command = order("me", BUY, 8, 100, **preventing(BOTH))
    assert at.submit(command)[1:] == [
        prevented(at.sequence, ask, 5, BOTH),
        canceled(ask, SELL, 5, was_resting=True),
        canceled(at.sequence, BUY, 8, was_resting=False),
    ]
    assert at.asks() == [(100, 3, 1)]


def test_decrement_lowers_a_larger_incoming_order_and_cancels_the_resting_one():
    at = venue("me")
    ask = own_ask(at)
    command = order("me", BUY, 8, 100, **preventing(DECREMENT))
    assert at.submit(command)[1:] == [
        prevented(at.sequence, ask, 5, DECREMENT),
        canceled(ask, SELL, 5, was_resting=True),
        OrderReduced(
            order_id=at.sequence,
            account_id="me",
            symbol=SYMBOL,
            side=BUY,
            price_ticks=100,
            quantity_lots=3,
            leaves_lots=3,
            reserved=300,
            reduced_lots=5,
            was_resting=False,
        ),
        rested(command, at.sequence, 3),
    ]
    assert at.bids() == [(100, 3, 1)]
    assert at.reserved("me", "USD") == 300


def test_decrement_lowers_a_larger_resting_order_which_keeps_its_priority():
    at = venue("me", "maker", "taker")
    ask, behind = own_ask(at), at.place("maker", SELL, 5, 100)
    command = order("me", BUY, 2, 100, **preventing(DECREMENT))
    assert at.submit(command)[1:] == [
        prevented(at.sequence, ask, 2, DECREMENT),
        OrderReduced(
            order_id=ask,
            account_id="me",
            symbol=SYMBOL,
            side=SELL,
            price_ticks=100,
            quantity_lots=3,
            leaves_lots=3,
            reserved=3,
            reduced_lots=2,
            was_resting=True,
        ),
        canceled(at.sequence, BUY, 2, was_resting=False),
    ]
    assert fills(at.submit(order("taker", BUY, 4, 100))) == [(ask, 3, 100), (behind, 1, 100)]


def test_decrement_of_equal_orders_cancels_both():
    at = venue("me")
    ask = own_ask(at)
    events = at.submit(order("me", BUY, 5, 100, **preventing(DECREMENT)))
    assert events[2:] == [
        canceled(ask, SELL, 5, was_resting=True),
        canceled(at.sequence, BUY, 5, was_resting=False),
    ]


def test_what_stands_before_the_own_order_is_filled_first():
    at = venue("me", "maker")
    first = at.place("maker", SELL, 2, 100)
    own_ask(at)
    events = at.submit(order("me", BUY, 4, 100, **preventing(NEWEST)))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted", "TradePrevented", "OrderCanceled"]
    assert fills(events) == [(first, 2, 100)]
    record = at.exchange.order(at.sequence)
    assert record is not None
    assert (record.filled_lots, record.canceled_lots, record.status) == (2, 2, OrderStatus.CANCELED)


def test_the_resting_order_s_instruction_does_not_matter():
    at = venue("me")
    ask = at.place("me", SELL, 5, 100, **preventing(OLDEST))
    assert fills(at.submit(order("me", BUY, 5, 100))) == [(ask, 5, 100)]


def test_other_accounts_orders_trade_as_ever():
    at = venue("me", "maker")
    ask = at.place("maker", SELL, 5, 100)
    assert fills(at.submit(order("me", BUY, 5, 100, **preventing(BOTH)))) == [(ask, 5, 100)]


@pytest.mark.parametrize("rule", [NEWEST, OLDEST, BOTH, DECREMENT])
def test_a_fok_order_that_its_own_orders_keep_from_filling_whole_is_killed_and_nothing_else_happens(rule):
    at = venue("me", "maker")
    own_ask(at)
    at.place("maker", SELL, 2, 100)
    events = at.submit(order("me", BUY, 5, 100, time_in_force=FOK, **preventing(rule)))
    assert kinds(events) == ["OrderAccepted", "OrderCanceled"]
    assert events[-1].reason is CancelReason.FILL_OR_KILL  # type: ignore[union-attr]
    assert at.asks() == [(100, 7, 2)]


def test_a_fok_order_that_cancels_the_oldest_may_fill_behind_it():
    at = venue("me", "maker")
    own_ask(at)
    behind = at.place("maker", SELL, 5, 101)
    events = at.submit(order("me", BUY, 5, 101, time_in_force=FOK, **preventing(OLDEST)))
    assert fills(events) == [(behind, 5, 101)]
    assert at.asks() == []


@pytest.mark.parametrize(
    ("side", "held", "spent"), [(BUY, "USD", 2 * 101), (SELL, "GOLD", 2)], ids=["a buy", "a sell"]
)
def test_a_market_order_needs_funds_for_its_fills_alone(side: Side, held: str, spent: int):
    at = venue("me", "maker")
    opposite = SELL if side is BUY else BUY
    at.place("me", opposite, 5, 100)
    at.place("maker", opposite, 2, 101 if side is BUY else 99)
    before = at.available("me", held)
    events = at.submit(order("me", side, 7, **preventing(DECREMENT)))
    assert events[0].reserved == spent  # type: ignore[union-attr]
    assert kinds(events)[1:] == ["TradePrevented", "OrderCanceled", "OrderReduced", "TradeExecuted"]
    assert before - at.available("me", held) == spent
    assert at.reserved("me", held) == 0


def test_a_market_order_that_meets_only_its_own_orders_is_accepted_and_canceled():
    at = venue("me")
    own_ask(at)
    events = at.submit(order("me", BUY, 5, time_in_force=IOC, **preventing(NEWEST)))
    assert kinds(events) == ["OrderAccepted", "TradePrevented", "OrderCanceled"]


def test_a_market_order_that_canceled_all_it_met_ends_for_want_of_liquidity():
    at = venue("me")
    own_ask(at)
    events = at.submit(order("me", BUY, 5, **preventing(OLDEST)))
    assert events[-1].reason is CancelReason.NO_LIQUIDITY  # type: ignore[union-attr]
    assert rejection(at.submit(order("me", BUY, 5, **preventing(OLDEST)))).reason is RejectReason.NO_LIQUIDITY


def test_a_replaced_order_that_comes_in_again_is_the_incoming_one():
    at = venue("me")
    ask = own_ask(at)
    bid = at.place("me", BUY, 8, 99, **preventing(DECREMENT))
    events = at.submit(replace("me", bid, price_ticks=100))
    assert kinds(events) == [
        "OrderReplaced",
        "TradePrevented",
        "OrderCanceled",
        "OrderReduced",
        "OrderRested",
    ]
    assert at.exchange.order(ask).status is OrderStatus.CANCELED  # type: ignore[union-attr]
    record = at.exchange.order(bid)
    assert record is not None
    assert (record.quantity_lots, record.leaves_lots, record.reserved) == (3, 3, 300)


def test_a_replaced_order_may_be_canceled_so():
    at = venue("me")
    own_ask(at)
    bid = at.place("me", BUY, 8, 99, **preventing(NEWEST))
    events = at.submit(replace("me", bid, price_ticks=100))
    assert kinds(events) == ["OrderReplaced", "TradePrevented", "OrderCanceled"]
    assert at.bids() == []


def test_a_reduced_order_holds_back_what_its_leaves_and_their_fee_need():
    at = venue("me", "maker", maker_fee_ppm=1_000, taker_fee_ppm=10_001)
    at.place("maker", SELL, 1, 100)
    own_ask(at, 2)
    at.place("me", BUY, 9, 100, **preventing(DECREMENT))
    record = at.exchange.order(at.sequence)
    assert record is not None
    # 1 filled for a fee of 1.0001, rounded up to 2; 2 reduced; 6 left at 600 and 6.0006 + 1.0001 - 2 of fee.
    assert (record.quantity_lots, record.filled_lots, record.leaves_lots) == (7, 1, 6)
    assert (record.fees_paid, record.reserved) == (2, 606)


def test_market_data_of_the_whole_venue_follows():
    """The depth that events tell is the book: see `test_depth` for the rule, this for the new events."""
    at = venue("me", "maker")
    own_ask(at)
    at.place("maker", SELL, 5, 100)
    at.submit(order("me", BUY, 2, 100, **preventing(DECREMENT)))
    assert at.asks() == [(100, 8, 2)]


def group_venue(**groups: str) -> Venue:
    at = venue(*groups)
    for account_id, group_id in groups.items():
        at.submit(UpdateAccount(account_id, self_trade_group_id=group_id))
    return at


def test_an_order_does_not_trade_with_those_of_other_accounts_of_its_group():
    at = group_venue(me="desk", colleague="desk", stranger="other", loner="")
    asks = [at.place(name, SELL, 5, 100) for name in ("stranger", "colleague", "loner", "me")]
    events = at.submit(order("me", BUY, 20, 100, **preventing(OLDEST)))
    assert fills(events) == [(asks[0], 5, 100), (asks[2], 5, 100)]
    prevented = [event for event in events if isinstance(event, TradePrevented)]
    assert [(event.resting_order_id, event.resting_account_id) for event in prevented] == [
        (asks[1], "colleague"),
        (asks[3], ""),
    ]


def test_the_incoming_orders_rule_lowers_a_colleagues_order():
    at = group_venue(me="desk", colleague="desk")
    ask = at.place("colleague", SELL, 5, 100)
    events = at.submit(order("me", BUY, 2, 100, **preventing(DECREMENT)))
    assert kinds(events) == ["OrderAccepted", "TradePrevented", "OrderReduced", "OrderCanceled"]
    record = at.exchange.order(ask)
    assert record is not None
    assert (record.account_id, record.leaves_lots, record.reserved) == ("colleague", 3, 3)


def test_without_a_rule_a_group_trades_with_itself():
    at = group_venue(me="desk", colleague="desk")
    ask = at.place("colleague", SELL, 5, 100)
    assert fills(at.submit(order("me", BUY, 5, 100))) == [(ask, 5, 100)]


def test_an_account_that_has_left_its_group_is_a_stranger_to_it():
    at = group_venue(me="desk", colleague="desk")
    ask = at.place("colleague", SELL, 5, 100)
    at.submit(UpdateAccount("colleague", self_trade_group_id=""))
    assert fills(at.submit(order("me", BUY, 5, 100, **preventing(NEWEST)))) == [(ask, 5, 100)]


def test_a_replaced_order_meets_its_group_as_an_incoming_one():
    at = group_venue(me="desk", colleague="desk")
    at.place("colleague", SELL, 5, 100)
    bid = at.place("me", BUY, 8, 99, **preventing(NEWEST))
    events = at.submit(replace("me", bid, price_ticks=100))
    assert kinds(events) == ["OrderReplaced", "TradePrevented", "OrderCanceled"]
