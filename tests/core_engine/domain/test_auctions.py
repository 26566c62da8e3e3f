"""Auctions: what the call takes in, and how the resting orders trade when it ends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markethall_engine.domain.commands import CreateAccount, Deposit, SetTradingState, UpdateInstrument
from markethall_engine.domain.events import (
    AuctionBegun,
    AuctionEnded,
    AuctionSides,
    Event,
    InstrumentCreated,
    InstrumentUpdated,
    OrderCanceled,
    OrderReduced,
    TradeExecuted,
    TradePrevented,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.order import OrderStatus
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.trading_switch import TradingState
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    IOC,
    SELL,
    SYMBOL,
    Venue,
    create_instrument,
    kinds,
    order,
    rejection,
    replace,
    venue,
)

OPEN, HALTED, CLOSED, AUCTION = (
    InstrumentStatus.OPEN,
    InstrumentStatus.HALTED,
    InstrumentStatus.CLOSED,
    InstrumentStatus.AUCTION,
)
MILLION = 1_000_000


def change_status(at: Venue, status: InstrumentStatus) -> list[Event]:
    return at.submit(UpdateInstrument(SYMBOL, status=status))


def in_auction(*accounts: str, **terms) -> Venue:
    at = venue(*(accounts or ("ann", "bob", "cid")), **terms)
    change_status(at, AUCTION)
    return at


def prevented(rule: SelfTradePrevention) -> dict[str, Instructions]:
    return {"instructions": Instructions(self_trade_prevention=rule)}


def trades(events: list[Event]) -> list[tuple[int, int, int, int]]:
    """Maker, taker, quantity and price of each trade."""
    return [
        (event.maker_order_id, event.taker_order_id, event.quantity_lots, event.price_ticks)
        for event in events
        if isinstance(event, TradeExecuted)
    ]


def test_a_call_begins_and_ends_by_a_change_of_status():
    at = venue()
    updated, begun = change_status(at, AUCTION)
    assert isinstance(updated, InstrumentUpdated)
    assert updated.instrument.status is AUCTION
    assert begun == AuctionBegun(SYMBOL, 0)
    assert kinds(change_status(at, AUCTION)) == ["InstrumentUpdated"]
    assert change_status(at, OPEN)[1:] == [AuctionEnded(SYMBOL, 0, 0)]
    assert at.exchange.instrument(SYMBOL).status is OPEN


def test_an_instrument_may_begin_with_its_opening_auction():
    at = venue()
    created, begun = at.submit(create_instrument(symbol="NEW", status=AUCTION))
    assert isinstance(created, InstrumentCreated)
    assert begun == AuctionBegun("NEW", 0)
    at.submit(order("maker", SELL, 5, 100, symbol="NEW"))
    at.submit(order("taker", BUY, 5, 101, symbol="NEW"))
    assert at.exchange.best_bid("NEW").price_ticks == 101


def test_an_instrument_does_not_begin_closed():
    at = venue()
    (refused,) = at.submit(create_instrument(symbol="NEW", status=CLOSED))
    assert refused.detail == "an instrument begins OPEN, HALTED or in AUCTION, found CLOSED"


def test_orders_of_a_call_rest_and_the_book_may_cross():
    at = in_auction()
    assert kinds(at.submit(order("ann", SELL, 5, 100))) == ["OrderAccepted", "OrderRested"]
    assert kinds(at.submit(order("bob", BUY, 7, 105))) == ["OrderAccepted", "OrderRested"]
    assert (at.bids(), at.asks()) == ([(105, 7, 1)], [(100, 5, 1)])


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ({}, "MARKET"),
        ({"price_ticks": 100, "time_in_force": IOC}, "IOC"),
        ({"price_ticks": 100, "time_in_force": FOK}, "FOK"),
        (
            {"price_ticks": 100, "instructions": Instructions(min_quantity_lots=1)},
            "a minimum quantity to fill at once",
        ),
    ],
)
def test_what_cannot_rest_is_refused_in_a_call(terms, found):
    at = in_auction()
    at.place("ann", SELL, 5, 100)
    refused = rejection(at.submit(order("bob", BUY, 5, **terms)))
    assert refused.reason is RejectReason.INSTRUMENT_IN_AUCTION
    assert refused.detail == (
        f"GOLD-USD is in an auction, where an order must be able to rest, found {found}"
    )


def test_a_post_only_order_may_cross_in_a_call():
    at = in_auction()
    at.place("ann", SELL, 5, 100)
    post_only = order("bob", BUY, 5, 101, instructions=Instructions(post_only=True))
    assert kinds(at.submit(post_only)) == ["OrderAccepted", "OrderRested"]


def test_a_replace_in_a_call_matches_nothing():
    at = in_auction()
    at.place("ann", SELL, 5, 100)
    bid = at.place("bob", BUY, 5, 90)
    assert kinds(at.submit(replace("bob", bid, price_ticks=110))) == ["OrderReplaced", "OrderRested"]
    assert trades(change_status(at, OPEN)) == [(14, bid, 5, 100)]


def test_orders_are_canceled_in_a_call_as_always():
    at = in_auction()
    at.place("ann", SELL, 5, 100)
    at.submit(SetTradingState(TradingState.HALTED, "ann"))
    at.place("bob", BUY, 5, 100)
    assert change_status(at, OPEN)[1:] == [AuctionEnded(SYMBOL, 0, 0)]


def test_all_trade_at_one_price_by_price_and_then_time():
    at = in_auction()
    late_ask = at.place("ann", SELL, 10, 100)
    best_ask = at.place("ann", SELL, 4, 98)
    first_bid = at.place("bob", BUY, 6, 102)
    second_bid = at.place("cid", BUY, 7, 102)
    low_bid = at.place("cid", BUY, 9, 99)
    events = change_status(at, OPEN)
    assert trades(events) == [
        (best_ask, first_bid, 4, 100),
        (late_ask, first_bid, 2, 100),
        (late_ask, second_bid, 7, 100),
    ]
    assert events[-1] == AuctionEnded(SYMBOL, 100, 13)
    assert (at.bids(), at.asks()) == ([(99, 9, 1)], [(100, 1, 1)])
    assert at.exchange.order(low_bid).status is OrderStatus.NEW
    assert at.exchange.last_price_ticks(SYMBOL) == 100


def test_the_older_order_pays_the_maker_s_fee_and_the_younger_the_taker_s():
    at = in_auction(maker_fee_ppm=10_000, taker_fee_ppm=20_000)
    bid = at.place("ann", BUY, 10, 110)
    ask = at.place("bob", SELL, 4, 100)
    _, trade, _ = change_status(at, HALTED)
    assert trade == TradeExecuted(
        trade_id=1,
        symbol=SYMBOL,
        price_ticks=110,  # more is bid than asked
        quantity_lots=4,
        notional=440,
        taker_side=SELL,
        maker_order_id=bid,
        maker_account_id="ann",
        maker_fee=5,
        maker_leaves_lots=6,
        maker_reserved=673,
        taker_order_id=ask,
        taker_account_id="bob",
        taker_fee=9,
        taker_leaves_lots=0,
        taker_reserved=0,
        auction=AuctionSides(110, 4, 100, 4),
    )
    assert at.available("bob", "USD") == 1_000_000 + 440 - 9
    assert at.exchange.order(ask).fees_paid == 9


def test_a_buyer_gets_back_what_the_auction_saves_him():
    at = in_auction(funds=1_000)
    at.place("bob", BUY, 10, 100)
    at.place("ann", SELL, 10, 50)
    assert (at.available("bob", "USD"), at.reserved("bob", "USD")) == (0, 1_000)
    change_status(at, OPEN)  # without a reference the lowest limit that is as good as any
    assert (at.available("bob", "USD"), at.reserved("bob", "USD")) == (500, 0)


def test_the_last_price_is_the_reference_and_before_it_the_instrument_s_own():
    at = in_auction(reference_price_ticks=102)
    for side, price in ((SELL, 95), (SELL, 104), (BUY, 110), (BUY, 103)):
        at.place("ann", side, 1, price)  # up to 103 a bid is left over, from 104 on an ask
    assert [trade[3] for trade in trades(change_status(at, OPEN))] == [103]
    at.submit(UpdateInstrument(SYMBOL, 1, reference_price_ticks=90))
    change_status(at, AUCTION)
    for side, price in ((SELL, 90), (BUY, 108)):
        at.place("ann", side, 1, price)
    assert [trade[3] for trade in trades(change_status(at, OPEN))] == [103]


def test_a_closing_auction_leaves_the_instrument_halted():
    at = in_auction()
    at.place("ann", SELL, 5, 100)
    at.place("bob", BUY, 3, 100)
    assert trades(change_status(at, HALTED)) == [(14, 15, 3, 100)]
    assert rejection(at.submit(order("bob", BUY, 1, 100))).reason is RejectReason.INSTRUMENT_HALTED
    assert at.asks() == [(100, 2, 1)]


def test_closing_in_a_call_cancels_everything_and_trades_nothing():
    at = in_auction()
    at.place("ann", SELL, 5, 100)
    at.place("bob", BUY, 3, 100)
    assert kinds(change_status(at, CLOSED)) == ["InstrumentUpdated", "OrderCanceled", "OrderCanceled"]


def test_an_iceberg_takes_part_whole_and_shows_its_part_anew_at_its_place():
    at = in_auction()
    iceberg = at.place("ann", SELL, 20, 100, instructions=Instructions(display_lots=5))
    at.place("cid", SELL, 5, 100)
    at.place("bob", BUY, 12, 100)
    events = change_status(at, OPEN)
    assert trades(events) == [(iceberg, 16, 12, 100)]
    assert events[1].auction == AuctionSides(100, 0, 100, 12)
    assert at.asks() == [(100, 10, 2)]
    at.place("bob", BUY, 1, 100)
    assert at.exchange.order(iceberg).leaves_lots == 7  # still first in the queue


def test_an_iceberg_s_last_part_is_shown_whole():
    at = in_auction()
    at.place("ann", SELL, 20, 100, instructions=Instructions(display_lots=5))
    at.place("bob", BUY, 17, 100)
    assert change_status(at, OPEN)[1].auction.maker_shown_lots == 2
    assert at.asks() == [(100, 3, 1)]


def test_own_orders_without_a_rule_trade_with_each_other():
    at = in_auction()
    ask = at.place("ann", SELL, 5, 100, **prevented(SelfTradePrevention.CANCEL_BOTH))
    bid = at.place("ann", BUY, 5, 100)  # the younger one has no rule
    assert trades(change_status(at, OPEN)) == [(ask, bid, 5, 100)]


def test_a_prevented_meeting_is_recorded_and_the_price_is_that_of_those_who_trade():
    at = in_auction()
    ask = at.place("ann", SELL, 5, 90)
    bid = at.place("ann", BUY, 5, 110, **prevented(SelfTradePrevention.CANCEL_NEWEST))
    other = at.place("bob", BUY, 2, 100)
    events = change_status(at, OPEN)
    assert events[1] == TradePrevented(
        symbol=SYMBOL,
        account_id="ann",
        incoming_order_id=bid,
        incoming_side=BUY,
        resting_order_id=ask,
        price_ticks=110,
        quantity_lots=5,
        self_trade_prevention=SelfTradePrevention.CANCEL_NEWEST,
    )
    assert events[2] == OrderCanceled(
        bid, "ann", SYMBOL, BUY, 110, 5, was_resting=True, reason=CancelReason.SELF_TRADE_PREVENTION
    )
    assert trades(events) == [(ask, other, 2, 90)]
    assert events[-1] == AuctionEnded(SYMBOL, 90, 2)


@pytest.mark.parametrize(("group_id", "is_prevented"), [("desk", True), ("other", False)])
def test_accounts_of_one_group_are_one_to_self_trade_prevention(group_id, is_prevented):
    at = in_auction()
    for account_id, group in (("dan", "desk"), ("eve", group_id)):
        at.submit(CreateAccount(account_id, self_trade_group_id=group))
        at.submit(Deposit(account_id, "GOLD", 9))
        at.submit(Deposit(account_id, "USD", 900))
    at.place("dan", SELL, 5, 90)
    at.place("eve", BUY, 5, 110, **prevented(SelfTradePrevention.CANCEL_BOTH))
    meeting = change_status(at, OPEN)[1]
    assert isinstance(meeting, TradePrevented if is_prevented else TradeExecuted)
    if isinstance(meeting, TradePrevented):
        assert (meeting.account_id, meeting.resting_account_id) == ("eve", "dan")


def test_cancel_oldest_ends_the_older_order():
    at = in_auction()
    ask = at.place("ann", SELL, 5, 90)
    bid = at.place("ann", BUY, 5, 110, **prevented(SelfTradePrevention.CANCEL_OLDEST))
    events = change_status(at, OPEN)
    assert kinds(events) == ["InstrumentUpdated", "TradePrevented", "OrderCanceled", "AuctionEnded"]
    assert at.exchange.order(ask).status is OrderStatus.CANCELED
    assert at.exchange.order(bid).status is OrderStatus.NEW


def test_cancel_both_ends_both_the_older_one_first():
    at = in_auction()
    ask = at.place("ann", SELL, 5, 90)
    bid = at.place("ann", BUY, 9, 110, **prevented(SelfTradePrevention.CANCEL_BOTH))
    canceled = [event for event in change_status(at, OPEN) if isinstance(event, OrderCanceled)]
    assert [(event.order_id, event.canceled_lots) for event in canceled] == [(ask, 5), (bid, 9)]


def test_decrement_lowers_both_by_what_would_have_traded():
    at = in_auction(maker_fee_ppm=10_000, taker_fee_ppm=20_000)
    display = Instructions(self_trade_prevention=SelfTradePrevention.DECREMENT, display_lots=4)
    ask = at.place("ann", SELL, 5, 90)
    bid = at.place("ann", BUY, 12, 110, instructions=display)
    events = change_status(at, OPEN)
    assert kinds(events[2:4]) == ["OrderCanceled", "OrderReduced"]
    assert events[3] == OrderReduced(
        bid,
        "ann",
        SYMBOL,
        BUY,
        110,
        quantity_lots=7,
        leaves_lots=7,
        reserved=786,
        reduced_lots=5,
        was_resting=True,
        reduced_hidden_lots=5,
    )
    assert at.exchange.order(ask).status is OrderStatus.CANCELED
    assert at.bids() == [(110, 4, 1)]


def test_what_has_met_others_before_a_prevention_stays():
    """A cut takes what is open, not what the order's place in the queue has got it already."""
    at = in_auction()
    other = at.place("bob", SELL, 3, 90)
    own = at.place("ann", SELL, 5, 95)
    bid = at.place("ann", BUY, 6, 100, **prevented(SelfTradePrevention.CANCEL_NEWEST))
    events = change_status(at, OPEN)
    assert kinds(events) == [
        "InstrumentUpdated",
        "TradePrevented",
        "OrderReduced",
        "TradeExecuted",
        "AuctionEnded",
    ]
    assert trades(events) == [(other, bid, 3, 90)]
    assert at.exchange.order(bid).status is OrderStatus.FILLED
    assert at.asks() == [(95, 5, 1)]
    assert at.exchange.order(own).status is OrderStatus.NEW


def test_an_auction_survives_a_snapshot():
    at = in_auction()
    at.place("ann", SELL, 5, 100)
    at.place("bob", BUY, 3, 101)
    restored = Exchange.restore(at.exchange.snapshot())
    assert restored.digest() == at.exchange.digest()
    assert restored.violations() == []
    command = UpdateInstrument(SYMBOL, status=OPEN)
    sequence, time_ns = at.sequence + 1, at.time_ns
    assert restored.decide(command, sequence, time_ns) == at.exchange.decide(command, sequence, time_ns)


orders = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cid"]),
        st.sampled_from([BUY, SELL]),
        st.integers(1, 9),
        st.integers(95, 105),
        st.sampled_from([0, 0, 2]),
        st.none() | st.sampled_from(SelfTradePrevention),
    ),
    max_size=14,
)


@given(orders, st.integers(0, 110))
@settings(max_examples=300, deadline=None)
def test_an_uncrossing_leaves_nothing_crossed_and_nobody_behind_his_better(placed, reference):
    """`Venue` finds a crossed book itself, and whatever does not add up."""
    at = in_auction(reference_price_ticks=reference, maker_fee_ppm=1_234, taker_fee_ppm=23_456)
    for account_id, side, lots, price, display_lots, rule in placed:
        instructions = Instructions(self_trade_prevention=rule, display_lots=display_lots)
        at.place(account_id, side, lots, price, instructions=instructions)
    queues = {side: at.exchange.resting_orders(SYMBOL, side) for side in (BUY, SELL)}
    events = change_status(at, OPEN)

    ended = events[-1]
    assert isinstance(ended, AuctionEnded)
    done = [event for event in events if isinstance(event, TradeExecuted)]
    assert {trade.price_ticks for trade in done} <= {ended.price_ticks}
    assert sum(trade.quantity_lots for trade in done) == ended.quantity_lots
    assert all(trade.maker_order_id < trade.taker_order_id for trade in done)

    for side, queue in queues.items():
        after = [at.exchange.order(before.order_id) for before in queue]
        for order_after in after:
            if order_after.filled_lots:
                limit = order_after.price_ticks
                assert limit >= ended.price_ticks if side is BUY else limit <= ended.price_ticks
        # Whoever is filled stands before whoever is not: only the last with fills may have leaves.
        unfilled = [bool(order_after.leaves_lots) for order_after in after if order_after.filled_lots]
        assert not any(unfilled[:-1])
        waiting = [order_after for order_after in after if order_after.leaves_lots]
        assert not any(order_after.filled_lots for order_after in waiting[1:])

    def volume(price: int) -> int:
        """What would trade at a price of all that was not cut."""
        sums = []
        for side, queue in queues.items():
            left = [at.exchange.order(before.order_id) for before in queue]
            sums.append(
                sum(
                    one.filled_lots + one.leaves_lots
                    for one in left
                    if (one.price_ticks >= price if side is BUY else one.price_ticks <= price)
                )
            )
        return min(sums)

    assert ended.quantity_lots == max(volume(price) for price in range(94, 107))


GROUP = {"instructions": Instructions(order_group_id="exits")}


def test_the_others_of_a_group_end_before_one_of_it_trades():
    """What would trade only with the others is not counted for the price."""
    at = in_auction()
    at.submit(create_instrument(symbol="OTHER"))
    elsewhere = at.place("ann", SELL, 1, 500, symbol="OTHER", **GROUP)
    trading = at.place("ann", SELL, 2, 95, **GROUP)
    crossing = at.place("ann", SELL, 4, 96, **GROUP)
    resting = at.place("ann", SELL, 8, 200, **GROUP)
    bid = at.place("bob", BUY, 5, 100)
    events = change_status(at, OPEN)
    assert [
        (event.order_id, event.canceled_lots, event.reason)
        for event in events
        if isinstance(event, OrderCanceled)
    ] == [
        (elsewhere, 1, CancelReason.ORDER_GROUP),
        (crossing, 4, CancelReason.ORDER_GROUP),
        (resting, 8, CancelReason.ORDER_GROUP),
    ]
    assert trades(events) == [(trading, bid, 2, 100)]


def test_two_orders_of_a_group_that_trade_with_each_other_end_the_third_once():
    at = in_auction()
    ask = at.place("ann", SELL, 2, 95, **GROUP)
    bid = at.place("ann", BUY, 2, 95, **GROUP)
    other = at.place("ann", BUY, 2, 90, **GROUP)
    events = change_status(at, OPEN)
    assert kinds(events)[1:] == ["OrderCanceled", "TradeExecuted", "AuctionEnded"]
    assert events[1].order_id == other
    assert trades(events) == [(ask, bid, 2, 95)]


REDUCE = {"instructions": Instructions(reduce_only=True)}


def holding(lots: int) -> Venue:
    """`ann` has bought this many lots, and an auction begins."""
    at = venue("ann", "bob", "cid")
    at.place("cid", SELL, lots, 100)
    at.place("ann", BUY, lots, 100)
    change_status(at, AUCTION)
    return at


def test_a_reduce_only_order_trades_no_more_than_what_reduces_when_its_turn_comes():
    at = holding(10)
    reducing = at.place("ann", SELL, 10, 95, **REDUCE)
    before = at.place("ann", SELL, 7, 94)
    bid = at.place("bob", BUY, 20, 100)
    events = change_status(at, OPEN)
    assert kinds(events)[1] == "OrderReduced"
    assert (events[1].order_id, events[1].leaves_lots, events[1].reduced_lots) == (reducing, 3, 7)
    assert trades(events) == [(before, bid, 7, 100), (reducing, bid, 3, 100)]
    assert at.exchange.position("ann", SYMBOL).quantity_lots == 0


def test_a_reduce_only_order_that_would_reduce_nothing_any_more_ends():
    at = holding(5)
    reducing = at.place("ann", SELL, 5, 95, **REDUCE)
    at.place("ann", SELL, 5, 94)
    at.place("bob", BUY, 20, 100)
    events = change_status(at, OPEN)
    assert isinstance(events[1], OrderCanceled)
    assert (events[1].order_id, events[1].reason) == (reducing, CancelReason.REDUCE_ONLY)


def test_a_reduce_only_order_that_reduces_as_a_whole_is_not_cut():
    at = venue("ann", "bob")
    at.place("ann", SELL, 5, 100)
    at.place("bob", BUY, 5, 100)
    change_status(at, AUCTION)
    at.place("bob", SELL, 9, 95)
    buying_back = at.place("ann", BUY, 5, 100, **REDUCE)
    assert trades(change_status(at, OPEN))[0][1:3] == (buying_back, 5)
