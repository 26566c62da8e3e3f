"""Where one rule of trading meets another."""

import pytest

from markethall_engine.domain.commands import (
    CreateAccount,
    Deposit,
    EndAuction,
    EndSession,
    ExitLeg,
    ExpireOrders,
    Liquidate,
    PlaceExit,
    TriggerOrder,
    TrimReduceOnly,
    UpdateInstrument,
)
from markethall_engine.domain.events import (
    FollowUpTaken,
    Liquidated,
    OrderCanceled,
    OrderReduced,
    ReplaceRejected,
    SessionEnded,
)
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import InstrumentStatus, Step
from markethall_engine.domain.order import OrderStatus, TimeInForce
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    IOC,
    SECOND_NS,
    SELL,
    SYMBOL,
    Venue,
    cancel,
    fills,
    kinds,
    order,
    replace,
    venue,
)
from tests.core_engine.domain.margin_builders import short_seller
from tests.core_engine.domain.stop_builders import (
    market,
    place,
    record_of,
    released,
    stop,
    stop_price,
    trade,
    trailing,
)

REDUCE_ONLY = Instructions(reduce_only=True)
OPEN, AUCTION = InstrumentStatus.OPEN, InstrumentStatus.AUCTION
BEGINS = ["InstrumentUpdated", "AuctionBegun"]
MINUTE_NS = 60 * SECOND_NS


def banded(**terms: object) -> Venue:
    """The market of stop orders, whose trades stay within 5 % of 100: from 95 to 105."""
    return market(
        volatility_band_ppm=50_000,
        volatility_auction_ns=MINUTE_NS,
        reference_price_ticks=100,
        **terms,
    )


def status(at: Venue) -> InstrumentStatus:
    instrument = at.exchange.instrument(SYMBOL)
    assert instrument is not None
    return instrument.status


def test_what_one_trade_obliges_to_is_done_as_exits_cuts_releases_and_liquidations() -> None:
    at = short_seller()
    at.submit(CreateAccount("taker"))
    for asset in ("GOLD", "USD"):
        at.submit(Deposit("taker", asset, 1_000))
    at.place("maker", BUY, 3, 100)
    at.submit(order("taker", SELL, 3, 100))
    at.place("taker", BUY, 3, 90, instructions=REDUCE_ONLY)
    waiting = place(at, stop(BUY, 1, 161, account="other"))
    entry = at.place("maker", SELL, 1, 161, instructions=Instructions(take_profit_ticks=80))
    at.submit(order("taker", BUY, 1, 161))
    assert [record.command for record in at.followed] == [
        PlaceExit(entry, ExitLeg.TAKE_PROFIT),
        TrimReduceOnly("taker", SYMBOL),
        TriggerOrder(waiting),
        Liquidate("trader", SYMBOL),
    ]


def test_a_released_order_that_meets_a_reduce_only_one_before_its_cut_takes_what_it_may_reduce() -> None:
    at = market()
    at.place("seller", SELL, 5, 100)
    at.submit(order("rival", BUY, 5, 100))
    plain = at.place("rival", SELL, 3, 106)
    reducing = at.place("rival", SELL, 5, 107, instructions=REDUCE_ONLY)
    first, second = place(at, stop(BUY, 3, 105)), place(at, stop(BUY, 4, 105))
    one, other, cut = trade(at, 105)
    assert [one.command, other.command] == [TriggerOrder(first), TriggerOrder(second)]
    assert fills(one.events) == [(plain, 3, 106)]
    assert kinds(other.events) == [
        "FollowUpTaken",
        "OrderTriggered",
        "OrderReduced",
        "TradeExecuted",
        "TradeExecuted",
    ]
    reduced = other.events[2]
    assert isinstance(reduced, OrderReduced)
    assert (reduced.order_id, reduced.leaves_lots) == (reducing, 2)
    assert fills(other.events)[0] == (reducing, 2, 107)
    assert (cut.command, cut.events) == (TrimReduceOnly("rival", SYMBOL), [FollowUpTaken()])


@pytest.mark.parametrize("limit", [0, 120])
def test_a_released_order_begins_a_volatility_auction_instead_of_trading_beyond_the_band(limit: int) -> None:
    at = banded()
    inside = at.place("rival", SELL, 2, 105)
    order_id = place(at, stop(BUY, 5, 104, limit))
    [record] = trade(at, 104)
    ends = "OrderRested" if limit else "OrderCanceled"
    assert kinds(record.events) == ["FollowUpTaken", "OrderTriggered", "TradeExecuted", *BEGINS, ends]
    assert fills(record.events) == [(inside, 2, 105)]
    assert status(at) is AUCTION
    found = record_of(at, order_id)
    assert found.cancel_reason is (None if limit else CancelReason.NO_LIQUIDITY)
    assert (found.filled_lots, found.leaves_lots) == (2, 3 if limit else 0)


def test_what_is_released_after_a_release_began_an_auction_is_held_to_the_call() -> None:
    at = banded()
    first = place(at, stop(BUY, 1, 104))
    limited = place(at, stop(BUY, 1, 104, limit=120))
    plain = place(at, stop(BUY, 1, 104))
    immediate = place(at, stop(BUY, 1, 104, limit=120, time_in_force=IOC))
    assert released(trade(at, 104)) == [first, limited, plain, immediate]
    assert status(at) is AUCTION
    assert record_of(at, limited).status is OrderStatus.NEW
    for order_id in (plain, immediate):
        assert record_of(at, order_id).reject_reason is RejectReason.INSTRUMENT_IN_AUCTION
    assert at.asks() == [(110, 50, 1)]


def test_the_trades_of_an_auction_release_stop_orders_and_move_what_trails() -> None:
    at = market()
    order_id, following = place(at, stop(BUY, 1, 104)), place(at, trailing(SELL, 1, ticks=4))
    at.submit(UpdateInstrument(SYMBOL, status=AUCTION))
    at.place("seller", SELL, 2, 104)
    at.place("buyer", BUY, 2, 104)
    assert record_of(at, order_id).status is OrderStatus.PENDING_TRIGGER
    events = at.submit(UpdateInstrument(SYMBOL, status=OPEN))
    assert kinds(events) == ["InstrumentUpdated", "TradeExecuted", "AuctionEnded"]
    assert released(at.followed) == [order_id]
    assert fills(at.followed[0].events)[0][2] == 110
    assert stop_price(at, following) == 106  # by the release at 110


def test_the_volatility_band_does_not_stop_a_liquidation() -> None:
    at = short_seller()
    at.submit(UpdateInstrument(SYMBOL, reference_price_ticks=161, volatility_band_ppm=50_000))
    at.place("maker", SELL, 1, 161)
    beyond = at.place("maker", SELL, 10, 200)
    at.submit(order("other", BUY, 1, 161))
    [record] = at.followed
    assert fills(record.events) == [(beyond, 10, 200)]
    assert isinstance(record.events[-1], Liquidated)
    assert status(at) is OPEN


def test_every_price_of_what_waits_is_told_in_new_ticks() -> None:
    at = market()
    bracket = {"take_profit_ticks": 130, "stop_loss_ticks": 80, "stop_loss_limit_ticks": 70}
    limited = place(at, stop(BUY, 1, 104, limit=106, **bracket))
    following = place(at, trailing(SELL, 1, ticks=4))
    by_fraction = place(at, trailing(SELL, 1, ppm=100_000))
    trade(at, 103)
    at.submit(UpdateInstrument(SYMBOL, instrument_revision=1, tick_size=Step(2, 2)))
    told = record_of(at, limited)
    assert told.instructions == Instructions(
        stop_price_ticks=52, take_profit_ticks=65, stop_loss_ticks=40, stop_loss_limit_ticks=35
    )
    assert (told.price_ticks, told.tick_revision) == (53, 2)
    # The extreme, 103 cents, is 51 ticks rounded down, which a sell that trails is released no sooner by.
    assert (stop_price(at, following), stop_price(at, by_fraction)) == (49, 46)
    at.place("seller", SELL, 1, 52, instrument_revision=2)
    at.submit(order("buyer", BUY, 1, 52, instrument_revision=2))
    assert released(at.followed) == [limited]
    assert at.bids()[0] == (53, 1, 1)
    assert stop_price(at, following) == 50


@pytest.mark.parametrize("price", [130, 131])
def test_a_replace_of_a_waiting_order_keeps_its_limit_between_the_exits(price: int) -> None:
    at = market()
    order_id = place(at, stop(BUY, 1, 104, limit=106, take_profit_ticks=130))
    [refused] = at.submit(replace("taker", order_id, price_ticks=price))
    assert isinstance(refused, ReplaceRejected)
    assert refused.reason is RejectReason.INVALID_PARAMETERS
    at.submit(replace("taker", order_id, price_ticks=129))
    assert record_of(at, order_id).price_ticks == 129


def test_the_end_of_a_session_cancels_what_waits_for_its_price_too() -> None:
    at = market()
    waiting = place(at, stop(BUY, 2, 105, session_id="s"))
    resting = at.place("taker", BUY, 1, 80, instructions=Instructions(session_id="s"))
    following = place(at, trailing(SELL, 3, ticks=4, session_id="s"))
    events = at.submit(EndSession("s"))
    assert [
        (event.order_id, event.was_resting, event.reason)
        for event in events
        if isinstance(event, OrderCanceled)
    ] == [
        (waiting, False, CancelReason.DISCONNECTED),
        (resting, True, CancelReason.DISCONNECTED),
        (following, False, CancelReason.DISCONNECTED),
    ]
    assert events[-1] == SessionEnded("s", 3)
    assert released(trade(at, 105)) == []


def in_volatility_auction() -> Venue:
    """A call that ends a minute after the last command, with nothing in the book."""
    at = venue(volatility_band_ppm=50_000, volatility_auction_ns=MINUTE_NS, reference_price_ticks=100)
    ask = at.place("maker", SELL, 1, 110)
    at.submit(order("taker", BUY, 1))
    at.submit(cancel("maker", ask))
    assert (status(at), at.bids(), at.asks()) == (AUCTION, [], [])
    return at


@pytest.mark.parametrize(("later_ns", "takes_part"), [(0, False), (1, True)])
def test_an_order_that_ends_with_the_auction_takes_no_part_in_it(later_ns: int, takes_part: bool) -> None:
    at = in_volatility_auction()
    ends_ns = at.exchange.next_timer_ns()
    assert ends_ns is not None
    bid = at.place(
        "maker",
        BUY,
        5,
        101,
        time_in_force=TimeInForce.DAY,
        instructions=Instructions(expire_time_ns=ends_ns + later_ns),
    )
    at.place("taker", SELL, 3, 99)
    done = at.pass_time(ends_ns - at.time_ns)
    ending = [EndAuction(SYMBOL)] if takes_part else [ExpireOrders(ends_ns), EndAuction(SYMBOL)]
    assert [record.command for record in done] == ending
    at.pass_time(later_ns)
    ended = record_of(at, bid)
    assert (ended.status, ended.cancel_reason) == (OrderStatus.EXPIRED, CancelReason.EXPIRED)
    assert (ended.filled_lots, ended.canceled_lots) == ((3, 2) if takes_part else (0, 5))


def test_an_entry_that_its_time_ends_is_followed_by_exits_of_what_it_filled() -> None:
    at = venue()
    ends_ns = at.time_ns + MINUTE_NS
    entry = at.place(
        "maker",
        BUY,
        5,
        100,
        time_in_force=TimeInForce.GTD,
        instructions=Instructions(
            expire_time_ns=ends_ns, take_profit_ticks=120, display_lots=1, order_group_id="g"
        ),
    )
    sibling = at.place("maker", BUY, 1, 90, instructions=Instructions(order_group_id="other"))
    at.submit(order("taker", SELL, 2, 100))
    assert at.followed == []
    expiry, exit_ = at.pass_time(ends_ns - at.time_ns)
    assert expiry.command == ExpireOrders(ends_ns)
    assert exit_.command == PlaceExit(entry, ExitLeg.TAKE_PROFIT)
    ended = record_of(at, entry)
    assert (ended.status, ended.cancel_reason) == (OrderStatus.EXPIRED, CancelReason.EXPIRED)
    assert (ended.filled_lots, ended.leaves_lots, ended.canceled_lots) == (2, 0, 3)
    assert at.asks() == [(120, 2, 1)]
    assert record_of(at, sibling).status is OrderStatus.NEW
