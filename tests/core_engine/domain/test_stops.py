"""Stop orders wait for a price; the trade that reaches it makes them orders like others."""

import msgspec
import pytest

from markethall_engine.domain.commands import (
    PlaceOrder,
    SetTradingState,
    TriggerOrder,
    TrimReduceOnly,
    UpdateInstrument,
    UpdateRiskLimits,
)
from markethall_engine.domain.events import (
    FollowUpTaken,
    OrderAccepted,
    OrderCanceled,
    OrderReplaced,
    OrderTriggered,
    ReplaceRejected,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import InstrumentStatus, Step
from markethall_engine.domain.order import OrderStatus, TimeInForce
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.trading_switch import TradingState
from tests.core_engine.domain.builders import (
    BUY,
    FIRST_TIME_NS,
    SECOND_NS,
    SELL,
    SYMBOL,
    Record,
    Venue,
    cancel,
    cancel_all,
    fills,
    kinds,
    order,
    rejection,
    replace,
    venue,
)
from tests.core_engine.domain.stop_builders import (
    STOP,
    market,
    place,
    record_of,
    released,
    stop,
    stop_price,
    trade,
    trailing,
)

GTC, GTD, IOC, FOK = TimeInForce.GTC, TimeInForce.GTD, TimeInForce.IOC, TimeInForce.FOK


def refused_at_trigger(at: Venue, records: list[Record]) -> OrderCanceled:
    """The end of the one order that was refused when it was released."""
    [record] = [record for record in records if isinstance(record.command, TriggerOrder)]
    taken, canceled = record.events
    assert taken == FollowUpTaken()
    assert isinstance(canceled, OrderCanceled)
    assert (canceled.reason, canceled.was_resting) == (CancelReason.REFUSED_AT_TRIGGER, False)
    ended = record_of(at, canceled.order_id)
    assert (ended.status, ended.reject_reason, ended.detail) == (
        OrderStatus.CANCELED,
        canceled.reject_reason,
        canceled.detail,
    )
    assert canceled.detail
    return canceled


def test_a_stop_order_waits_out_of_the_book_and_holds_nothing_back() -> None:
    at = market()
    [accepted] = at.submit(stop(BUY, 5, 105))
    assert isinstance(accepted, OrderAccepted) and accepted.reserved == 0
    assert at.followed == []
    assert record_of(at, accepted.order_id).status is OrderStatus.PENDING_TRIGGER
    assert at.reserved("taker", "USD") == 0
    assert at.bids() == [(90, 50, 1)]


def test_a_trade_below_the_price_releases_no_buy_and_one_at_it_does() -> None:
    at = market()
    order_id = place(at, stop(BUY, 5, 105))
    assert trade(at, 104) == []
    [record] = trade(at, 105)
    assert record.command == TriggerOrder(order_id)
    assert kinds(record.events) == ["FollowUpTaken", "OrderTriggered", "TradeExecuted"]
    triggered = record.events[1]
    assert triggered == OrderTriggered(order_id, "taker", SYMBOL, BUY, 0, 105, 5, 550)
    ended = record_of(at, order_id)
    assert (ended.status, ended.filled_notional, ended.order_type) == (OrderStatus.FILLED, 550, STOP)
    assert (ended.instructions or Instructions()).stop_price_ticks == 105


def test_a_sell_is_released_at_its_price_or_below() -> None:
    at = market()
    order_id = place(at, stop(SELL, 5, 95))
    assert trade(at, 96) == []
    assert released(trade(at, 94)) == [order_id]
    assert record_of(at, order_id).filled_notional == 450


def test_a_price_that_the_market_has_reached_already_releases_at_once() -> None:
    for side, price in ((BUY, 100), (SELL, 100), (BUY, 99), (SELL, 101)):
        at = market()
        order_id = place(at, stop(side, 1, price))
        assert released(at.followed) == [order_id]
        assert record_of(at, order_id).status is OrderStatus.FILLED


def test_before_the_first_trade_a_stop_waits() -> None:
    at = venue("maker", "taker", "seller", "buyer")
    order_id = place(at, stop(SELL, 1, 1_000))
    assert at.followed == []
    assert released(trade(at, 1_000)) == [order_id]


def test_one_trade_releases_buys_before_sells_as_the_market_reaches_them_and_then_the_oldest() -> None:
    at = venue("maker", "taker", "seller", "buyer")
    late = place(at, stop(BUY, 1, 105))
    sell_far = place(at, stop(SELL, 1, 110))
    first = place(at, stop(BUY, 1, 104))
    second = place(at, stop(BUY, 1, 104))
    sell_near = place(at, stop(SELL, 1, 120))
    waiting = place(at, stop(BUY, 1, 106))
    at.place("seller", SELL, 1, 105)
    at.submit(order("buyer", BUY, 1, 105))
    assert released(at.followed) == [first, second, late, sell_near, sell_far]
    assert record_of(at, waiting).status is OrderStatus.PENDING_TRIGGER


def test_every_trade_of_a_sweep_counts() -> None:
    at = market()
    inner = place(at, stop(BUY, 1, 103))
    outer = place(at, stop(BUY, 1, 104))
    for price in (103, 104, 102):
        at.place("seller", SELL, 1, price)
    at.submit(order("buyer", BUY, 3, 104))
    assert released(at.followed) == [inner, outer]


def test_a_released_order_can_release_the_next() -> None:
    at = market()
    place(at, stop(BUY, 50, 101))
    chained = place(at, stop(BUY, 1, 110))
    at.place("maker", SELL, 5, 111)
    assert [type(record.command) for record in trade(at, 101)] == [TriggerOrder, TriggerOrder]
    assert record_of(at, chained).filled_notional == 111


def test_what_a_market_order_of_a_stop_cannot_fill_ends() -> None:
    at = market()
    order_id = place(at, stop(BUY, 60, 105))
    [record] = trade(at, 105)
    assert kinds(record.events)[-1] == "OrderCanceled"
    assert record_of(at, order_id).cancel_reason is CancelReason.NO_LIQUIDITY


def test_a_stop_limit_rests_at_its_limit_once_it_is_released() -> None:
    at = market()
    order_id = place(at, stop(BUY, 5, 105, limit=106))
    assert released(trade(at, 105)) == [order_id]
    resting = record_of(at, order_id)
    assert (resting.status, resting.reserved) == (OrderStatus.NEW, 530)
    assert at.bids()[0] == (106, 5, 1)
    assert fills(at.submit(order("seller", SELL, 2, 106))) == [(order_id, 2, 106)]
    at.submit(replace("taker", order_id, price_ticks=107))
    assert at.bids()[0] == (107, 3, 1)


@pytest.mark.parametrize(
    ("time_in_force", "reason"),
    [(IOC, CancelReason.IMMEDIATE_REMAINDER), (FOK, CancelReason.FILL_OR_KILL)],
)
def test_a_stop_limit_s_immediate_time_in_force_is_for_its_release(
    time_in_force: TimeInForce, reason: CancelReason
) -> None:
    at = market()
    order_id = place(at, stop(BUY, 5, 105, limit=106, time_in_force=time_in_force))
    assert record_of(at, order_id).status is OrderStatus.PENDING_TRIGGER
    trade(at, 105)
    assert record_of(at, order_id).cancel_reason is reason


def test_instructions_are_for_the_released_order() -> None:
    at = market()
    shown = place(at, stop(BUY, 10, 105, limit=106, display_lots=3))
    refused = place(at, stop(BUY, 5, 106, limit=110, post_only=True))
    sliding = place(at, stop(BUY, 5, 106, limit=110, post_only=True, slide=True))
    minimum = place(at, stop(BUY, 60, 106, min_quantity_lots=55))
    trade(at, 105)
    assert at.bids()[0] == (106, 3, 1)
    at.submit(cancel("taker", shown))
    trade(at, 106)
    assert record_of(at, refused).reject_reason is RejectReason.POST_ONLY_WOULD_TAKE
    assert (record_of(at, sliding).status, record_of(at, sliding).price_ticks) == (OrderStatus.NEW, 109)
    assert record_of(at, minimum).cancel_reason is CancelReason.MIN_QUANTITY


def test_funds_are_asked_for_when_it_is_released() -> None:
    at = market()
    place(at, stop(BUY, 40, 105, limit=2_000_000))
    canceled = refused_at_trigger(at, trade(at, 105))
    assert canceled.reject_reason is RejectReason.INSUFFICIENT_FUNDS


def test_an_empty_side_refuses_a_released_market_order() -> None:
    at = venue("maker", "taker", "seller", "buyer")
    place(at, stop(BUY, 5, 105))
    assert refused_at_trigger(at, trade(at, 105)).reject_reason is RejectReason.NO_LIQUIDITY


def test_the_band_is_asked_again_and_quantity_bounds_are_not() -> None:
    at = market(price_band_ppm=100_000)
    place(at, stop(BUY, 5, 109, limit=110))
    too_small = place(at, stop(SELL, 5, 91))
    at.submit(UpdateInstrument(SYMBOL, instrument_revision=1, min_quantity_lots=6, price_band_ppm=5_000))
    at.submit(UpdateInstrument(SYMBOL, instrument_revision=1, price_band_ppm=5_000))
    at.submit(cancel_all("maker"))
    at.submit(UpdateInstrument(SYMBOL, instrument_revision=1, min_quantity_lots=1, price_band_ppm=0))
    at.place("seller", SELL, 1, 109)
    at.submit(order("buyer", BUY, 1, 109))
    assert record_of(at, too_small).status is OrderStatus.PENDING_TRIGGER


def test_a_limit_out_of_the_band_is_refused_on_arrival_and_at_the_trigger() -> None:
    at = market(price_band_ppm=200_000)
    out = rejection(at.submit(stop(BUY, 5, 105, limit=121)))
    assert out.reason is RejectReason.PRICE_OUT_OF_BAND
    place(at, stop(BUY, 5, 105, limit=120))
    at.submit(UpdateInstrument(SYMBOL, price_band_ppm=60_000))
    assert refused_at_trigger(at, trade(at, 105)).reject_reason is RejectReason.PRICE_OUT_OF_BAND


def test_switches_are_asked_on_arrival_and_end_what_waits() -> None:
    at = market()
    waiting = place(at, stop(BUY, 5, 105))
    at.submit(SetTradingState(TradingState.HALTED, "taker"))
    assert record_of(at, waiting).cancel_reason is CancelReason.KILL_SWITCH
    assert rejection(at.submit(stop(BUY, 5, 105))).reason is RejectReason.KILL_SWITCH


def test_reducing_keeps_a_stop_that_would_at_most_close_the_position() -> None:
    at = market()
    at.submit(order("taker", BUY, 10, 110))
    at.place("taker", SELL, 10, 130)
    protecting = place(at, stop(SELL, 10, 95))
    also = place(at, stop(SELL, 4, 94))
    raising = place(at, stop(SELL, 11, 93))
    other_side = place(at, stop(BUY, 1, 200))
    at.submit(SetTradingState(TradingState.REDUCING, "taker"))
    assert record_of(at, protecting).status is OrderStatus.PENDING_TRIGGER
    assert record_of(at, also).status is OrderStatus.PENDING_TRIGGER
    for ended in (raising, other_side):
        assert record_of(at, ended).cancel_reason is CancelReason.KILL_SWITCH
    assert refused_at_trigger(at, trade(at, 95)).reject_reason is RejectReason.KILL_SWITCH


def test_canceling_and_closing_end_what_waits() -> None:
    at = market()
    one, two, three, four = (place(at, stop(SELL, 1, 50 + n)) for n in range(4))
    [canceled] = at.submit(cancel("taker", one))
    assert isinstance(canceled, OrderCanceled) and not canceled.was_resting
    at.submit(cancel_all("taker", side=BUY))
    assert record_of(at, two).status is OrderStatus.PENDING_TRIGGER
    resting = at.place("taker", BUY, 1, 80)
    events = at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.CLOSED))
    ended = [event.order_id for event in events if isinstance(event, OrderCanceled)]
    assert ended[-4:] == [two, three, four, resting]
    assert ended == sorted(ended)


def test_what_waits_is_an_open_order_and_no_exposure() -> None:
    at = market()
    at.submit(
        UpdateRiskLimits(
            "taker", max_open_orders=2, max_position={SYMBOL: 10}, max_order_notional={"USD": 2_099}
        )
    )
    assert "max_order_notional" in rejection(at.submit(stop(BUY, 20, 105))).detail
    place(at, stop(BUY, 19, 105))
    resting = at.place("taker", BUY, 10, 95)
    assert "max_open_orders" in rejection(at.submit(stop(BUY, 1, 105, time_in_force=IOC, limit=105))).detail
    canceled = refused_at_trigger(at, trade(at, 105))
    assert canceled.reject_reason is RejectReason.RISK_LIMIT and "max_position" in canceled.detail
    at.submit(cancel("taker", resting))
    at.submit(UpdateRiskLimits("taker", max_orders_per_second=1))
    passing = place(at, stop(BUY, 3, 106))
    at.submit(UpdateRiskLimits("taker", max_order_quantity={SYMBOL: 5}))
    assert released(trade(at, 106)) == [passing]
    assert record_of(at, passing).status is OrderStatus.FILLED


def test_limits_set_while_an_order_waits_do_not_count_it() -> None:
    at = market()
    order_id = place(at, stop(BUY, 10, 105))
    at.submit(UpdateRiskLimits("taker", max_position={SYMBOL: 10}))
    assert released(trade(at, 105)) == [order_id]
    assert record_of(at, order_id).status is OrderStatus.FILLED


def test_a_reduce_only_stop_is_asked_when_it_is_released() -> None:
    at = market()
    early = place(at, stop(SELL, 5, 95, limit=120, reduce_only=True))
    at.submit(order("taker", BUY, 5, 110))
    newer = at.place("taker", SELL, 2, 130, instructions=Instructions(reduce_only=True))
    refused = place(at, stop(SELL, 5, 94, reduce_only=True))
    at.submit(cancel("taker", newer))
    assert released(trade(at, 95)) == [early]
    assert record_of(at, early).status is OrderStatus.NEW
    assert refused_at_trigger(at, trade(at, 94)).reject_reason is RejectReason.REDUCE_ONLY_WOULD_INCREASE
    assert record_of(at, refused).cancel_reason is CancelReason.REFUSED_AT_TRIGGER


def test_a_released_reduce_only_order_is_cut_as_the_older_one_that_it_is() -> None:
    at = market()
    at.submit(order("taker", BUY, 6, 110))
    old = place(at, stop(SELL, 3, 95, limit=120, reduce_only=True))
    new = at.place("taker", SELL, 3, 130, instructions=Instructions(reduce_only=True))
    trade(at, 95)
    restored = Venue(Exchange.restore(at.exchange.snapshot()))
    assert restored.exchange.digest() == at.exchange.digest()
    for side in (at, restored):
        side.submit(order("taker", SELL, 3, 90))
        assert record_of(side, new).cancel_reason is CancelReason.REDUCE_ONLY
        assert record_of(side, old).status is OrderStatus.NEW


def test_the_release_of_an_order_of_a_group_ends_the_others_first() -> None:
    at = market()
    at.submit(order("taker", BUY, 5, 110))
    at.submit(order("taker", SELL, 999_000, 200))
    profit = at.place("taker", SELL, 1_005, 130, instructions=Instructions(order_group_id="g"))
    loss = place(at, stop(SELL, 1_005, 95, order_group_id="g"))
    assert at.available("taker", "GOLD") == 0
    records = trade(at, 95)
    assert [record.command for record in records] == [TriggerOrder(loss)] * 2
    [canceled] = records[0].events
    assert isinstance(canceled, OrderCanceled)
    assert (canceled.order_id, canceled.reason) == (profit, CancelReason.ORDER_GROUP)
    assert kinds(records[1].events)[:2] == ["FollowUpTaken", "OrderTriggered"]


def test_what_only_reduces_is_cut_before_the_trade_that_made_it_too_large_releases_a_stop() -> None:
    at = market()
    at.submit(order("taker", BUY, 5, 110))
    at.place("taker", SELL, 5, 120, instructions=Instructions(reduce_only=True))
    stopped = place(at, stop(SELL, 1, 95))
    at.place("taker", SELL, 2, 95)
    at.submit(order("buyer", BUY, 2, 95))
    owed = [record.command for record in at.followed[:2]]
    assert owed == [TrimReduceOnly("taker", SYMBOL), TriggerOrder(stopped)]


def test_what_was_released_and_ended_meanwhile_is_not_released() -> None:
    at = market()
    first = place(at, stop(SELL, 1, 95, order_group_id="g"))
    second = place(at, stop(SELL, 1, 94, order_group_id="g"))
    records = trade(at, 94)
    assert [record.command for record in records] == [TriggerOrder(first)] * 2 + [TriggerOrder(second)]
    assert records[-1].events == [FollowUpTaken()]
    assert record_of(at, second).cancel_reason is CancelReason.ORDER_GROUP


def test_a_waiting_order_ends_at_its_time() -> None:
    at = market()
    ends = FIRST_TIME_NS + 500 * SECOND_NS
    order_id = place(at, stop(SELL, 1, 95, time_in_force=GTD, expire_time_ns=ends))
    at.pass_time(ends - at.time_ns)
    assert record_of(at, order_id).status is OrderStatus.EXPIRED
    assert trade(at, 95) == []


def test_an_order_released_at_the_time_of_its_end_is_released_first() -> None:
    at = market()
    ends = at.time_ns + 4 * SECOND_NS
    order_id = place(at, stop(BUY, 1, 105, limit=106, time_in_force=GTD, expire_time_ns=ends))
    at.place("seller", SELL, 1, 105)
    at.submit(order("buyer", BUY, 1, 105))
    assert record_of(at, order_id).status is OrderStatus.NEW
    at.pass_time(SECOND_NS)
    assert record_of(at, order_id).status is OrderStatus.EXPIRED


def test_a_waiting_order_is_replaced_where_it_waits() -> None:
    at = market()
    order_id = place(at, stop(BUY, 5, 105, limit=106))
    [replaced] = at.submit(replace("taker", order_id, quantity_lots=6, price_ticks=108, stop_price_ticks=107))
    assert isinstance(replaced, OrderReplaced)
    assert (replaced.was_resting, replaced.keeps_priority, replaced.reserved) == (False, False, 0)
    assert trade(at, 106) == []
    assert released(trade(at, 107)) == [order_id]
    assert at.bids()[0] == (108, 6, 1)


def test_a_new_stop_price_that_is_reached_already_releases_at_once() -> None:
    at = market()
    order_id = place(at, stop(BUY, 5, 105))
    at.submit(replace("taker", order_id, stop_price_ticks=100))
    assert released(at.followed) == [order_id]


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"stop_price_ticks": 105}, RejectReason.NO_CHANGE),
        ({"stop_price_ticks": 0}, RejectReason.INVALID_PARAMETERS),
        ({"price_ticks": 105}, RejectReason.INVALID_PARAMETERS),
        ({"display_lots": 1}, RejectReason.INVALID_PARAMETERS),
        ({"quantity_lots": 0}, RejectReason.INVALID_PARAMETERS),
        ({"quantity_lots": 1}, RejectReason.QUANTITY_TOO_LOW),
        ({"quantity_lots": 2**62}, RejectReason.INVALID_PARAMETERS),
        ({"quantity_lots": 7, "instrument_revision": 2}, RejectReason.INSTRUMENT_CHANGED),
        ({"quantity_lots": 30}, RejectReason.RISK_LIMIT),
    ],
)
def test_a_replace_of_a_waiting_order_is_held_to_what_a_new_one_is(
    terms: dict[str, int], reason: RejectReason
) -> None:
    at = market(min_quantity_lots=1)
    order_id = place(at, stop(BUY, 5, 105))
    at.submit(UpdateInstrument(SYMBOL, instrument_revision=1, min_quantity_lots=2))
    if reason is RejectReason.RISK_LIMIT:
        at.submit(UpdateRiskLimits("taker", max_order_quantity={SYMBOL: 29}))
    [refused] = at.submit(replace("taker", order_id, **terms))
    assert isinstance(refused, ReplaceRejected)
    assert refused.reason is reason


def test_a_replace_of_a_stop_limit_has_a_price_within_the_band() -> None:
    at = market(price_band_ppm=200_000)
    order_id = place(at, stop(BUY, 5, 105, limit=106))
    for price, reason in ((121, RejectReason.PRICE_OUT_OF_BAND), (0, RejectReason.INVALID_PARAMETERS)):
        [refused] = at.submit(replace("taker", order_id, price_ticks=price))
        assert isinstance(refused, ReplaceRejected) and refused.reason is reason


def test_a_replace_of_a_waiting_order_keeps_the_limit_between_the_exits() -> None:
    at = market()
    order_id = place(at, stop(SELL, 5, 95, limit=94, take_profit_ticks=90))
    [refused] = at.submit(replace("taker", order_id, price_ticks=90))
    assert isinstance(refused, ReplaceRejected) and refused.reason is RejectReason.INVALID_PARAMETERS
    [replaced] = at.submit(replace("taker", order_id, price_ticks=91))
    assert isinstance(replaced, OrderReplaced) and replaced.price_ticks == 91


def test_a_replace_that_would_raise_exposure_is_refused_while_reducing() -> None:
    at = market()
    at.submit(order("taker", BUY, 5, 110))
    order_id = place(at, stop(SELL, 5, 95))
    at.submit(SetTradingState(TradingState.REDUCING, "taker"))
    [refused] = at.submit(replace("taker", order_id, quantity_lots=6))
    assert isinstance(refused, ReplaceRejected) and refused.reason is RejectReason.KILL_SWITCH


def test_only_what_waits_has_a_stop_price_to_replace() -> None:
    at = market()
    resting = at.place("taker", BUY, 5, 95)
    [refused] = at.submit(replace("taker", resting, stop_price_ticks=96))
    assert isinstance(refused, ReplaceRejected) and refused.reason is RejectReason.INVALID_PARAMETERS


@pytest.mark.parametrize(
    "command",
    [
        stop(BUY, 5, 0),
        stop(BUY, 5, 2**63),
        stop(BUY, 0, 105),
        stop(BUY, 5, 105, time_in_force=IOC),
        stop(BUY, 5, 105, limit=2**63),
        stop(BUY, 5, 105, client_order_id="é"),
        stop(BUY, 5, 105, trailing_ticks=1),
        stop(BUY, 5, 105, display_lots=1),
        stop(BUY, 5, 105, post_only=True),
        stop(BUY, 5, 2**62),
        stop(BUY, 5, 105, time_in_force=GTD),
        msgspec.structs.replace(stop(BUY, 5, 105), price_ticks=100),
        msgspec.structs.replace(stop(BUY, 5, 105), instructions=None),
        trailing(BUY, 5),
        trailing(BUY, 5, ticks=1, ppm=1),
        trailing(BUY, 5, ppm=1_000_000),
        trailing(BUY, 5, ticks=-1),
        trailing(BUY, 5, ticks=1, stop_price_ticks=100),
        order("taker", BUY, 5, 100, instructions=Instructions(stop_price_ticks=100)),
        order("taker", BUY, 5, 100, instructions=Instructions(trailing_ppm=100)),
    ],
)
def test_terms_that_make_no_stop_order_are_refused(command: PlaceOrder) -> None:
    assert rejection(market().submit(command)).reason is RejectReason.INVALID_PARAMETERS


def test_a_stop_order_is_checked_like_any_other_when_it_comes() -> None:
    at = market(max_quantity_lots=50)
    assert rejection(at.submit(stop(BUY, 51, 105))).reason is RejectReason.QUANTITY_TOO_HIGH
    unknown = rejection(at.submit(stop(BUY, 5, 105, account="nobody")))
    assert unknown.reason is RejectReason.UNKNOWN_ACCOUNT
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.HALTED))
    assert rejection(at.submit(stop(BUY, 5, 105))).reason is RejectReason.INSTRUMENT_HALTED


def test_a_trailing_sell_follows_the_market_up_and_never_down() -> None:
    at = market()
    order_id = place(at, trailing(SELL, 5, ticks=4))
    assert stop_price(at, order_id) == 96
    for price, stop_ticks in ((103, 99), (101, 99), (104, 100), (101, 100)):
        assert trade(at, price) == []
        assert stop_price(at, order_id) == stop_ticks
    [record] = trade(at, 100)
    triggered = record.events[1]
    assert isinstance(triggered, OrderTriggered) and triggered.stop_price_ticks == 100
    assert (record_of(at, order_id).status, stop_price(at, order_id)) == (OrderStatus.FILLED, 100)


def test_a_trailing_buy_follows_the_market_down_by_a_fraction_rounded_down() -> None:
    at = market()
    order_id = place(at, trailing(BUY, 5, ppm=25_000))
    assert stop_price(at, order_id) == 102
    assert trade(at, 99) == []
    assert stop_price(at, order_id) == 101
    assert trade(at, 100) == []
    assert released(trade(at, 101)) == [order_id]


def test_the_distance_is_one_tick_at_least_and_a_stop_price_too() -> None:
    at = market()
    near = place(at, trailing(BUY, 1, ppm=1))
    deep = place(at, trailing(SELL, 1, ticks=500))
    assert (stop_price(at, near), stop_price(at, deep)) == (101, 1)


def test_before_the_first_trade_there_is_nothing_to_trail() -> None:
    at = venue("maker", "taker", "seller", "buyer")
    at.place("maker", BUY, 9, 50)
    order_id = place(at, trailing(SELL, 1, ticks=5))
    assert stop_price(at, order_id) == 0
    assert trade(at, 80) == []
    assert stop_price(at, order_id) == 75
    assert released(trade(at, 75)) == [order_id]


def test_trailing_stops_are_released_in_the_order_of_their_prices_among_the_others() -> None:
    at = market()
    wide = place(at, trailing(SELL, 1, ticks=6))
    fixed = place(at, stop(SELL, 1, 95))
    narrow = place(at, trailing(SELL, 1, ticks=4))
    rising = place(at, trailing(BUY, 1, ticks=20))
    assert released(trade(at, 91)) == [narrow, fixed, wide]
    assert stop_price(at, rising) == 110


def test_a_trailing_stop_is_replaced_and_canceled_where_it_is() -> None:
    at = market()
    order_id = place(at, trailing(SELL, 1, ticks=4))
    trade(at, 106)
    at.submit(replace("taker", order_id, quantity_lots=2))
    assert (stop_price(at, order_id), record_of(at, order_id).leaves_lots) == (102, 2)
    for terms in ({"stop_price_ticks": 90}, {"price_ticks": 90}):
        [refused] = at.submit(replace("taker", order_id, **terms))
        assert isinstance(refused, ReplaceRejected) and refused.reason is RejectReason.INVALID_PARAMETERS
    at.submit(cancel("taker", order_id))
    assert trade(at, 91) == []
    assert stop_price(at, order_id) == 102


def test_what_waits_survives_a_snapshot() -> None:
    at = market()
    place(at, stop(SELL, 1, 95))
    place(at, stop(SELL, 2, 95))
    place(at, stop(BUY, 1, 105, limit=107, time_in_force=IOC))
    place(at, trailing(SELL, 1, ticks=3))
    trade(at, 102)
    restored = Venue(Exchange.restore(at.exchange.snapshot()))
    assert restored.exchange.digest() == at.exchange.digest()
    for price in (106, 103, 94):
        assert trade(restored, price) == trade(at, price)
    assert restored.exchange.digest() == at.exchange.digest()


def test_what_was_released_and_not_taken_up_survives_a_snapshot() -> None:
    at = market()
    order_id = place(at, stop(SELL, 1, 95))
    at.place("seller", SELL, 1, 94)
    sequence, time_ns = at.sequence + 1, at.time_ns
    for event in at.exchange.decide(order("buyer", BUY, 1, 94), sequence, time_ns):  # type: ignore[union-attr]
        at.exchange.apply(event, sequence, time_ns)
    restored = Venue(Exchange.restore(at.exchange.snapshot()))
    assert restored.exchange.next_command(0) == TriggerOrder(order_id)
    assert restored.exchange.violations() == []
    restored.settle()
    assert record_of(restored, order_id).status is OrderStatus.FILLED


def test_in_the_call_of_an_auction_a_stop_limit_rests_and_a_stop_is_refused() -> None:
    at = market()
    limited = place(at, stop(BUY, 1, 105, limit=106))
    plain = place(at, stop(BUY, 1, 105))
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.AUCTION))
    waiting = place(at, stop(SELL, 1, 50))
    assert record_of(at, waiting).status is OrderStatus.PENDING_TRIGGER
    at.exchange._state.markets[SYMBOL].last_price_ticks = 105
    for order_id in (limited, plain):
        at.exchange._state.follow_ups.append(TriggerOrder(order_id))
        at.exchange._state.markets[SYMBOL].forget_stop(at.exchange._state.live_orders[order_id])
    at.settle()
    assert record_of(at, limited).status is OrderStatus.NEW
    assert record_of(at, plain).reject_reason is RejectReason.INSTRUMENT_IN_AUCTION


def test_a_released_order_pays_the_rates_that_it_was_accepted_with() -> None:
    at = market(taker_fee_ppm=10_000)
    order_id = place(at, stop(BUY, 10, 105))
    at.submit(UpdateInstrument(SYMBOL, taker_fee_ppm=500_000))
    trade(at, 105)
    assert record_of(at, order_id).fees_paid == 11


def test_another_tick_size_tells_what_waits_in_new_ticks() -> None:
    at = market()
    kept = place(at, stop(SELL, 1, 94))
    ended = place(at, stop(SELL, 1, 95))
    falling = place(at, trailing(SELL, 1, ticks=4))
    rising = place(at, trailing(BUY, 1, ticks=4))
    unseen = at.exchange._state.live_orders[rising]
    trade(at, 101)
    unseen.extreme_ticks = 101
    at.submit(UpdateInstrument(SYMBOL, instrument_revision=1, tick_size=Step(2, 2)))
    assert record_of(at, ended).cancel_reason is CancelReason.TICK_SIZE_CHANGED
    assert [stop_price(at, order_id) for order_id in (kept, falling, rising)] == [47, 48, 53]
    restored = Exchange.restore(at.exchange.snapshot())
    assert restored.digest() == at.exchange.digest()
    assert restored.violations() == []


def test_an_extreme_that_was_not_seen_yet_is_none_in_any_tick() -> None:
    at = venue("maker", "taker")
    order_id = place(at, trailing(SELL, 1, ticks=4))
    at.submit(UpdateInstrument(SYMBOL, instrument_revision=1, tick_size=Step(2, 2)))
    assert stop_price(at, order_id) == 0
