"""The venue closes what an account with margin can no longer hold: when, in which order, and how far."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from markethall_engine.domain.commands import (
    Command,
    CreateAccount,
    CreateAsset,
    Deposit,
    Liquidate,
    PlaceOrder,
    SetTradingState,
    UpdateAccount,
    UpdateInstrument,
    Withdraw,
)
from markethall_engine.domain.events import (
    Event,
    FollowUpTaken,
    Liquidated,
    OrderAccepted,
    OrderCanceled,
    TradeExecuted,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import FeeRates, InstrumentStatus
from markethall_engine.domain.ledger.records import BalanceRecord
from markethall_engine.domain.margin import NO_MARGIN, Margin
from markethall_engine.domain.order import OrderStatus
from markethall_engine.domain.reasons import CancelReason
from markethall_engine.domain.risk.trading_switch import TradingState
from tests.core_engine.domain.builders import (
    BUY,
    GTC,
    IOC,
    LIMIT,
    MARKET,
    SELL,
    SYMBOL,
    Record,
    Venue,
    create_instrument,
    kinds,
    order,
    venue,
)
from tests.core_engine.domain.margin_builders import HALF, short_seller


def trade_at(at: Venue, price: int, symbol: str = SYMBOL) -> list[Record]:
    """Have a lot change hands at a price; gives what the venue did then."""
    at.place("maker", SELL, 1, price, symbol=symbol)
    at.submit(order("other", BUY, 1, price, symbol=symbol))
    return at.followed


def liquidations(records: list[Record]) -> list[Liquidated]:
    return [event for record in records for event in record.events if isinstance(event, Liquidated)]


def test_nothing_happens_while_equity_covers_the_maintenance_margin():
    at = short_seller()
    # Equity 2,000 - 10 * 160 = 400 is exactly a quarter of an exposure of 1,600.
    assert trade_at(at, 160) == []


def test_a_trade_that_takes_equity_below_it_has_the_venue_buy_back_what_was_sold_short():
    at = short_seller()
    offer = at.place("maker", SELL, 10, 161)
    at.submit(order("other", BUY, 1, 161))
    [record] = at.followed
    assert record.command == Liquidate("trader", SYMBOL)
    taken, accepted, *rest = record.events
    assert taken == FollowUpTaken()
    assert isinstance(accepted, OrderAccepted)
    assert (accepted.order_id, accepted.side, accepted.order_type, accepted.time_in_force) == (
        record.sequence,
        BUY,
        MARKET,
        IOC,
    )
    assert (accepted.account_id, accepted.client_order_id, accepted.quantity_lots) == ("trader", "", 10)
    # 9 are left at 161, which is all; the last has no offer.
    assert kinds(rest) == ["TradeExecuted", "OrderCanceled", "Liquidated"]
    assert isinstance(rest[0], TradeExecuted) and rest[0].maker_order_id == offer
    assert isinstance(rest[1], OrderCanceled) and rest[1].reason is CancelReason.NO_LIQUIDITY
    assert rest[2] == Liquidated("trader", SYMBOL, "USD", record.sequence, 9, 0)
    assert at.exchange.balance("trader", "GOLD") == BalanceRecord("trader", "GOLD", -1, 0)


def test_a_long_position_on_borrowed_money_is_sold():
    at = venue("maker", "other")
    at.submit(CreateAccount("trader", margin=HALF))
    at.submit(Deposit("trader", "USD", 1_000))
    trade_at(at, 100)
    at.place("maker", SELL, 20, 100)
    at.submit(order("trader", BUY, 20, 100))
    at.place("other", BUY, 30, 66)
    at.submit(order("maker", SELL, 1, 66))
    [liquidated] = liquidations(at.followed)
    assert liquidated.filled_lots == 20
    assert at.exchange.balances("trader") == [
        BalanceRecord("trader", "GOLD", 0, 0),
        BalanceRecord("trader", "USD", 320, 0),
    ]


def test_its_orders_against_the_quote_asset_are_canceled_first_and_never_met():
    at = short_seller()
    at.submit(CreateAsset("EUR", 2))
    at.submit(create_instrument(symbol="GOLD-EUR", quote_asset="EUR"))
    at.submit(Deposit("trader", "EUR", 100))
    at.submit(UpdateInstrument("GOLD-EUR", 1, reference_price_ticks=1))
    in_euros = at.place("trader", BUY, 1, 1, symbol="GOLD-EUR")
    own_ask = at.place("trader", SELL, 1, 165)
    own_bid = at.place("trader", BUY, 3, 90)
    behind = at.place("maker", SELL, 12, 170)
    trade_at(at, 161)
    [record] = at.followed
    canceled = [event for event in record.events if isinstance(event, OrderCanceled)]
    assert [(event.order_id, event.reason) for event in canceled] == [
        (own_ask, CancelReason.LIQUIDATION),
        (own_bid, CancelReason.LIQUIDATION),
    ]
    trades = [event for event in record.events if isinstance(event, TradeExecuted)]
    assert [(trade.maker_order_id, trade.quantity_lots) for trade in trades] == [(behind, 10)]
    assert record.events[-1] == Liquidated("trader", SYMBOL, "USD", record.sequence, 10, 2)
    assert [live.order_id for live in at.exchange.live_orders("trader")] == [in_euros]


def test_switches_limits_and_protection_do_not_stop_it():
    at = short_seller(market_protection_ppm=10_000)
    at.place("maker", SELL, 5, 161)
    at.place("maker", SELL, 9, 200)
    at.submit(SetTradingState(TradingState.HALTED, "trader"))
    at.submit(order("other", BUY, 1, 161))
    [liquidated] = liquidations(at.followed)
    assert liquidated.filled_lots == 10


def test_with_nobody_to_trade_with_it_waits_for_the_next_trade():
    at = short_seller()
    [liquidated] = liquidations(trade_at(at, 161))
    assert liquidated == Liquidated("trader", SYMBOL, "USD", 0, 0, 0)
    at.place("maker", SELL, 20, 162)
    assert at.followed == []
    at.submit(order("other", BUY, 1, 162))
    assert [one.filled_lots for one in liquidations(at.followed)] == [10]


def test_a_fee_tier_is_paid_in_liquidation_too():
    at = short_seller(fee_tiers={"vip": FeeRates(0, 10_000)})
    at.submit(UpdateAccount("trader", fee_tier="vip"))
    at.place("maker", SELL, 11, 161)
    at.submit(order("other", BUY, 1, 161))
    [record] = at.followed
    assert sum(event.taker_fee for event in record.events if isinstance(event, TradeExecuted)) == 17


def test_the_largest_holding_goes_first_and_the_next_by_its_trades_while_equity_is_short():
    at = short_seller(lots=4)
    at.submit(CreateAsset("OIL", 0))
    at.submit(create_instrument(symbol="OIL-USD", base_asset="OIL"))
    at.submit(Deposit("maker", "OIL", 100))
    trade_at(at, 100, "OIL-USD")
    at.place("maker", BUY, 10, 100, symbol="OIL-USD")
    at.submit(order("trader", SELL, 10, 100, symbol="OIL-USD"))
    at.place("maker", SELL, 10, 100)
    at.place("maker", SELL, 20, 190, symbol="OIL-USD")
    at.submit(order("other", BUY, 1, 190, symbol="OIL-USD"))
    # 2,400 - 400 - 1,900 is less than a quarter of 2,300; after the oil 100 is exactly a quarter of 400.
    assert [one.symbol for one in liquidations(at.followed)] == ["OIL-USD"]
    at.submit(order("other", BUY, 1, 100))
    assert at.followed == []
    at.place("maker", SELL, 5, 101)
    at.submit(order("other", BUY, 9, 101))
    at.submit(order("other", BUY, 1, 101))
    assert [one.symbol for one in liquidations(at.followed)] == [SYMBOL]


def test_of_equal_holdings_the_one_whose_instrument_is_older_goes_first():
    at = short_seller(lots=6)
    at.submit(CreateAsset("OIL", 0))
    at.submit(create_instrument(symbol="OIL-USD", base_asset="OIL"))
    at.submit(Deposit("maker", "OIL", 100))
    trade_at(at, 100, "OIL-USD")
    at.place("maker", BUY, 6, 100, symbol="OIL-USD")
    at.submit(order("trader", SELL, 6, 100, symbol="OIL-USD"))
    trade_at(at, 160)
    [liquidated] = liquidations(trade_at(at, 160, "OIL-USD"))
    assert liquidated.symbol == SYMBOL


def test_a_follow_up_that_finds_the_account_covered_again_does_nothing():
    at = short_seller()
    exchange = at.exchange
    exchange._state.follow_ups.append(Liquidate("trader", SYMBOL))
    [record] = at.settle()
    assert record.events == [FollowUpTaken()]


def test_a_follow_up_of_an_account_that_lost_its_margin_does_nothing():
    at = short_seller()
    at.place("maker", SELL, 10, 100)
    at.submit(order("trader", BUY, 10, 100))
    at.submit(UpdateAccount("trader", margin=NO_MARGIN))
    at.exchange._state.follow_ups.append(Liquidate("trader", SYMBOL))
    [record] = at.settle()
    assert record.events == [FollowUpTaken()]


def test_what_does_not_trade_is_left_until_it_does():
    at = short_seller()
    at.submit(create_instrument(symbol="GOLD-2"))
    trade_at(at, 161)  # short of margin, and nobody offers
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.HALTED))
    assert trade_at(at, 100, "GOLD-2") == []
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.OPEN))
    assert [one.symbol for one in liquidations(trade_at(at, 100, "GOLD-2"))] == [SYMBOL]


def test_an_account_with_nothing_in_the_instrument_is_not_looked_at():
    at = short_seller()
    at.submit(CreateAsset("OIL", 0))
    at.submit(create_instrument(symbol="OIL-USD", base_asset="OIL"))
    at.submit(Deposit("maker", "OIL", 100))
    at.submit(CreateAccount("idle", margin=HALF))
    trade_at(at, 161)
    assert [one.account_id for one in liquidations(trade_at(at, 100, "OIL-USD"))] == ["trader"]


def test_a_follow_up_that_finds_nothing_left_that_trades_cancels_and_says_so():
    at = short_seller()
    resting = at.place("trader", BUY, 2, 50)
    state = at.exchange._state
    market = state.markets[SYMBOL]
    market.last_price_ticks = 200
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.HALTED))
    state.follow_ups.append(Liquidate("trader", SYMBOL))
    [record] = at.settle()
    assert kinds(record.events) == ["FollowUpTaken", "OrderCanceled", "Liquidated"]
    assert record.events[-1] == Liquidated("trader", "", "USD", 0, 0, 1)
    ended = at.exchange.order(resting)
    assert ended is not None and ended.status is OrderStatus.CANCELED


def test_a_purchase_that_the_venue_cannot_lend_for_is_not_made():
    at = short_seller()
    at.submit(Deposit("other", "USD", 2**63 - 1 - 2_001_000 - 100))
    at.place("maker", SELL, 10, 1_000)
    at.place("maker", SELL, 1, 161)
    at.submit(order("other", BUY, 1, 161))
    [liquidated] = liquidations(at.followed)
    assert (liquidated.order_id, liquidated.filled_lots) == (0, 0)


def test_a_queued_liquidation_is_in_the_snapshot():
    at = short_seller()
    at.exchange._state.follow_ups.append(Liquidate("trader", SYMBOL))
    restored = Exchange.restore(at.exchange.snapshot())
    assert restored.next_command(at.time_ns) == Liquidate("trader", SYMBOL)
    at.settle()


# Any traffic whatever.

OIL = "OIL-USD"
symbols = st.sampled_from([SYMBOL, OIL])
orders = st.builds(
    PlaceOrder,
    account_id=st.sampled_from(["trader", "gambler", "maker", "other"]),
    client_order_id=st.just(""),
    symbol=symbols,
    instrument_revision=st.just(1),
    side=st.sampled_from([BUY, SELL]),
    order_type=st.just(LIMIT),
    time_in_force=st.sampled_from([GTC, GTC, IOC]),
    quantity_lots=st.integers(1, 30),
    price_ticks=st.integers(60, 140),
    instructions=st.none() | st.builds(Instructions, display_lots=st.sampled_from([0, 1, 5])),
)
funds = st.builds(
    Withdraw, st.sampled_from(["trader", "gambler"]), st.sampled_from(["USD", "GOLD"]), st.integers(1, 500)
)
traffic = st.lists(st.one_of(orders, orders, orders, funds), min_size=20, max_size=80)


def busy_venue() -> Venue:
    at = venue("maker", "other", funds=100_000, maker_fee_ppm=100, taker_fee_ppm=2_500)
    at.submit(CreateAsset("OIL", 1))
    at.submit(create_instrument(symbol=OIL, base_asset="OIL"))
    for account_id in ("maker", "other"):
        at.submit(Deposit(account_id, "OIL", 100_000))
    for account_id, margin in (("trader", HALF), ("gambler", Margin(100_000, 50_000))):
        at.submit(CreateAccount(account_id, margin=margin))
        at.submit(Deposit(account_id, "USD", 2_000))
    for symbol in (SYMBOL, OIL):
        trade_at(at, 100, symbol)
    return at


def worth(at: Venue, account_id: str) -> tuple[Fraction, Fraction, dict[str, int]]:
    """Equity and exposure as fractions, before any rounding, and the totals they are made of."""
    held = {found.asset: found.available + found.reserved for found in at.exchange.balances(account_id)}
    equity, exposure = Fraction(held.get("USD", 0)), Fraction(0)
    for base, symbol in (("GOLD", SYMBOL), ("OIL", OIL)):
        instrument = at.exchange.instrument(symbol)
        assert instrument is not None
        price = Fraction(at.exchange.last_price_ticks(symbol) * instrument.tick_value, instrument.lot_units)
        equity += held.get(base, 0) * price
        exposure += abs(held.get(base, 0) * price)
    return equity, exposure, held


@given(traffic)
@settings(max_examples=60, deadline=None)
def test_equity_and_exposure_are_exact_but_for_less_than_a_cent_a_holding_against_the_account(sent):
    at = busy_venue()
    for command in sent:
        at.decide(command)
    for account_id in ("trader", "gambler"):
        equity, exposure, _ = worth(at, account_id)
        [found] = at.exchange.margin_statuses(account_id)
        assert 0 <= equity - found.equity < 2
        assert 0 <= found.exposure - exposure < 2
        assert found.exposure_with_orders >= found.exposure


@given(traffic)
@settings(max_examples=100, deadline=None)
def test_liquidation_brings_an_account_to_health_or_to_nothing_or_to_the_end_of_the_book(sent):
    at = busy_venue()
    for command in sent:
        _carry_out(at, command)


def _carry_out(at: Venue, command: Command) -> None:
    """Decide a command, and look at what every liquidation that follows leaves."""
    at.decide(command)
    liquidated = liquidations(at.followed)
    for account_id, ppm in (("trader", 250_000), ("gambler", 50_000)):
        mine = [event for event in liquidated if event.account_id == account_id]
        if mine:
            [found] = at.exchange.margin_statuses(account_id)
            is_covered = found.equity * 1_000_000 >= found.exposure * ppm
            last = mine[-1]
            side = BUY if worth(at, account_id)[2].get(last.symbol.split("-")[0], 0) < 0 else SELL
            others = [
                resting
                for resting in at.exchange.resting_orders(last.symbol, SELL if side is BUY else BUY)
                if resting.account_id != account_id
            ]
            assert is_covered or found.exposure == 0 or not others, (mine, found)


@given(traffic)
@settings(max_examples=60, deadline=None)
def test_deciding_again_and_restoring_give_the_same_liquidations(sent):
    at = busy_venue()
    for command in sent:
        at.decide(command)
    replayed = Exchange()
    for index, record in enumerate(at.records):
        if index == len(at.records) // 2:
            replayed = Exchange.restore(replayed.snapshot())
        decision = replayed.decide(record.command, record.sequence, record.time_ns)
        assert decision == record.events
        for event in _events(decision):
            replayed.apply(event, record.sequence, record.time_ns)
    assert replayed.digest() == at.exchange.digest()


def _events(decision: object) -> list[Event]:
    assert isinstance(decision, list)
    return decision
