"""Random commands for a small venue, for hypothesis to make and to shrink."""

from hypothesis import strategies as st

from markethall_engine.domain.commands import (
    CancelAllOrders,
    CancelOrder,
    Command,
    CreateAccount,
    Deposit,
    EndSession,
    PlaceOrder,
    ReplaceOrder,
    SetTradingState,
    Transfer,
    UpdateAccount,
    UpdateInstrument,
    UpdateRiskLimits,
    Withdraw,
)
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.instrument import FeeRates, InstrumentStatus, Step
from markethall_engine.domain.margin import NO_MARGIN, Margin
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.risk.trading_switch import TradingState
from tests.core_engine.domain.builders import FIRST_TIME_NS, SECOND_NS, SYMBOL, Venue, venue

accounts = st.sampled_from(["ann", "bob", "poor"])
sides = st.sampled_from(Side)
assets = st.sampled_from(["GOLD", "USD"])
sessions = st.sampled_from(["", "", "s", "t"])
lots = st.integers(1, 12)
prices = st.integers(95, 105)
order_ids = st.integers(13, 40)  # sequences: the first order of `small_venue` is 13
client_order_ids = st.sampled_from(["", "", "", "a", "b", "c"])

plain_instructions = st.sampled_from(
    [
        Instructions(reduce_only=True),
        Instructions(order_group_id="one"),
        Instructions(display_lots=3),
        Instructions(post_only=True, slide=True),
        Instructions(take_profit_ticks=103),
        Instructions(stop_loss_ticks=97, session_id="s"),
        Instructions(expire_time_ns=FIRST_TIME_NS + 25 * SECOND_NS),
        *(Instructions(self_trade_prevention=rule) for rule in SelfTradePrevention),
    ]
)
mixed_instructions = st.builds(
    Instructions,
    self_trade_prevention=st.none() | st.sampled_from(SelfTradePrevention),
    post_only=st.booleans(),
    min_quantity_lots=st.sampled_from([0, 0, 1, 3]),
    display_lots=st.sampled_from([0, 0, 0, 1, 3]),
    reduce_only=st.sampled_from([False, False, True]),
    slide=st.sampled_from([False, False, True]),
    order_group_id=st.sampled_from(["", "", "one", "other"]),
    take_profit_ticks=st.sampled_from([0, 0, 0, 97, 103]),
    stop_loss_ticks=st.sampled_from([0, 0, 0, 97, 103]),
    stop_loss_limit_ticks=st.sampled_from([0, 0, 0, 100]),
    expire_time_ns=st.sampled_from([0, 0, FIRST_TIME_NS + 25 * SECOND_NS, FIRST_TIME_NS + 40 * SECOND_NS]),
    session_id=sessions,
)
instructions = st.none() | st.none() | plain_instructions | mixed_instructions

limit_orders = st.builds(
    PlaceOrder,
    account_id=accounts,
    client_order_id=client_order_ids,
    symbol=st.just(SYMBOL),
    instrument_revision=st.just(1),
    side=sides,
    order_type=st.just(OrderType.LIMIT),
    time_in_force=st.just(TimeInForce.GTC) | st.sampled_from(TimeInForce),
    quantity_lots=lots,
    price_ticks=prices,
    instructions=instructions,
)
market_orders = st.builds(
    PlaceOrder,
    account_id=accounts,
    client_order_id=client_order_ids,
    symbol=st.just(SYMBOL),
    instrument_revision=st.just(1),
    side=sides,
    order_type=st.just(OrderType.MARKET),
    time_in_force=st.sampled_from([TimeInForce.IOC, TimeInForce.FOK]),
    quantity_lots=lots,
    instructions=instructions,
)


def _stop_orders(
    order_type: OrderType, price_ticks: st.SearchStrategy[int], **terms: st.SearchStrategy[int]
) -> st.SearchStrategy[PlaceOrder]:
    return st.builds(
        PlaceOrder,
        account_id=accounts,
        client_order_id=client_order_ids,
        symbol=st.just(SYMBOL),
        instrument_revision=st.just(1),
        side=sides,
        order_type=st.just(order_type),
        time_in_force=st.just(TimeInForce.GTC),
        quantity_lots=lots,
        price_ticks=price_ticks,
        instructions=st.builds(
            Instructions,
            reduce_only=st.sampled_from([False, False, True]),
            order_group_id=st.sampled_from(["", "", "one", "other"]),
            session_id=sessions,
            **terms,
        ),
    )


no_ticks = st.just(0)
stop_orders = st.one_of(
    _stop_orders(OrderType.STOP, no_ticks, stop_price_ticks=prices),
    _stop_orders(OrderType.STOP_LIMIT, prices, stop_price_ticks=prices),
    _stop_orders(OrderType.TRAILING_STOP, no_ticks, trailing_ticks=st.integers(0, 3)),
    _stop_orders(OrderType.TRAILING_STOP, no_ticks, trailing_ppm=st.sampled_from([0, 20_000])),
)
trading_states = st.sampled_from([TradingState.ACTIVE, TradingState.ACTIVE, *TradingState])
cancels = st.builds(CancelOrder, accounts, order_ids)
replaces = st.builds(
    ReplaceOrder,
    account_id=accounts,
    instrument_revision=st.just(1),
    order_id=order_ids,
    quantity_lots=st.none() | lots,
    price_ticks=st.none() | prices,
    display_lots=st.none() | st.integers(0, 4),
    stop_price_ticks=st.none() | st.none() | prices,
)
others = st.one_of(
    st.builds(CancelAllOrders, accounts, st.just(""), st.none() | sides),
    st.builds(SetTradingState, trading_states, accounts),
    st.builds(
        UpdateRiskLimits,
        accounts,
        max_order_quantity=st.none() | st.dictionaries(st.just(SYMBOL), lots),
        max_order_notional=st.none() | st.dictionaries(st.just("USD"), st.integers(100, 1_200)),
        max_position=st.none() | st.dictionaries(st.just(SYMBOL), lots),
        max_open_orders=st.none() | st.integers(0, 3),
        max_orders_per_second=st.none() | st.integers(0, 2),
        max_daily_loss=st.none() | st.dictionaries(st.just("USD"), st.integers(1, 20)),
    ),
    st.builds(SetTradingState, trading_states, symbol=st.sampled_from(["", SYMBOL])),
    st.builds(EndSession, st.sampled_from(["s", "t"])),
    st.builds(Deposit, accounts, assets, st.integers(0, 1_000)),
    st.builds(Withdraw, accounts, assets, st.integers(0, 1_000)),
    st.builds(Transfer, accounts, accounts, assets, st.integers(0, 1_000)),
    st.builds(
        UpdateAccount,
        accounts,
        fee_tier=st.none() | st.sampled_from(["", "vip"]),
        self_trade_group_id=st.none() | st.sampled_from(["", "firm"]),
        margin=st.none() | st.sampled_from([NO_MARGIN, Margin(500_000, 450_000)]),
    ),
    st.builds(
        UpdateInstrument,
        symbol=st.just(SYMBOL),
        status=st.sampled_from([None, InstrumentStatus.OPEN, *InstrumentStatus]),
        maker_fee_ppm=st.none() | st.integers(0, 1_000_000),
        taker_fee_ppm=st.none() | st.integers(0, 1_000_000),
        price_band_ppm=st.none() | st.just(20_000),
        volatility_band_ppm=st.none() | st.sampled_from([0, 20_000]),
        tick_size=st.none() | st.none() | st.sampled_from([Step(5, 2), Step(1, 2)]),
        market_protection_ppm=st.none() | st.sampled_from([0, 20_000]),
    ),
)
orders = st.one_of(limit_orders, limit_orders, limit_orders, market_orders, stop_orders)
# Kinds are chosen before commands: a choice of choices would give every command of `others` as often as any.
commands: st.SearchStrategy[Command] = st.sampled_from(
    [orders, orders, orders, orders, orders, orders, cancels, replaces, others]
).flatmap(lambda kind: kind)


def small_venue() -> Venue:
    """Three accounts, one of them short of funds but with margin; twelve commands are behind it."""
    at = venue(
        "ann",
        "bob",
        funds=100_000,
        maker_fee_ppm=1_234,
        taker_fee_ppm=23_456,
        fee_tiers={"vip": FeeRates(567, 8_901)},
        volatility_auction_ns=5 * SECOND_NS,
    )
    at.submit(CreateAccount("poor", margin=Margin(500_000, 250_000), parent_account_id="ann"))
    at.submit(Deposit("poor", "GOLD", 20))
    at.submit(Deposit("poor", "USD", 2_000))
    return at
