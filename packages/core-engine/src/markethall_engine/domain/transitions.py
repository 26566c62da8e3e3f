"""What each event does to the state: the only writer of it, live and in replay.

Transitions follow no rule that an event's numbers do not state already; what they compute from them is
bookkeeping (sums, fee credit, positions). An event that does not fit the state is a bug or a foreign
journal, and raises. It is one long table: whoever asks what an event does finds it here and nowhere else.
"""

from typing import Final

from msgspec.structs import replace

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.book.book_side import BookSide
from markethall_engine.domain.commands import TriggerOrder, TrimReduceOnly
from markethall_engine.domain.events import (
    AccountCreated,
    AccountUpdated,
    AssetCreated,
    AuctionBegun,
    AuctionEnded,
    CancelAllCompleted,
    CancelRejected,
    CommandRejected,
    FollowUpTaken,
    FundsDeposited,
    FundsTransferred,
    FundsWithdrawn,
    InstrumentCreated,
    InstrumentUpdated,
    Liquidated,
    OrderAccepted,
    OrderCanceled,
    OrderReduced,
    OrderRefreshed,
    OrderRejected,
    OrderReplaced,
    OrderRested,
    OrderTriggered,
    ReplaceRejected,
    RiskLimitsUpdated,
    SessionEnded,
    TradeExecuted,
    TradePrevented,
    TradingStateSet,
)
from markethall_engine.domain.ledger.balance import Balance
from markethall_engine.domain.ledger.fees import fee_credit_after
from markethall_engine.domain.ledger.ledger import Ledger
from markethall_engine.domain.ledger.position import day_of
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.market import Market
from markethall_engine.domain.order import OrderRecord, OrderStatus, Side
from markethall_engine.domain.risk.account_risk import AccountRisk
from markethall_engine.domain.risk.exposure import reduce_only_excess
from markethall_engine.domain.risk.limits import NO_LIMITS
from markethall_engine.domain.risk.liquidations import liquidations_due
from markethall_engine.domain.state import ExchangeState
from markethall_engine.domain.stop_price import is_reached
from markethall_engine.domain.tick_change import TickChange

_BUY: Final = Side.BUY


def asset_created(state: ExchangeState, event: AssetCreated) -> None:
    state.assets[event.asset.asset] = event.asset


def instrument_created(state: ExchangeState, event: InstrumentCreated) -> None:
    instrument = event.instrument
    state.open_market(Market(instrument, state.ledger.fees(instrument.quote_asset)))


def instrument_updated(state: ExchangeState, event: InstrumentUpdated) -> None:
    market = state.markets[event.instrument.symbol]
    old = market.instrument
    market.redefine(event.instrument)
    if event.instrument.revision != old.revision:
        _change_tick(state, market, TickChange(old.tick_size, event.instrument.tick_size))
    if not market.is_in_auction:
        state.auction_ends_ns.pop(event.instrument.symbol, None)


def _change_tick(state: ExchangeState, market: Market, change: TickChange) -> None:
    """Tell every price of an instrument in its new ticks."""
    market.last_price_ticks = change.nearest(market.last_price_ticks)
    market.first_price_ticks = change.nearest(market.first_price_ticks)
    market.auction_price_ticks = change.nearest(market.auction_price_ticks)
    market.book.bids.rescale(change.exact)
    market.book.asks.rescale(change.exact)
    waiting = market.waiting_orders()
    market.stops = None
    for order in state.live_orders.values():
        if order.symbol == market.instrument.symbol:
            order.price_ticks = change.exact(order.price_ticks)
            order.instructions = change.instructions(order.instructions)
            order.tick_revision = market.instrument.revision
    for order in waiting:
        order.extreme_ticks = change.away(order.side, order.extreme_ticks)
        assert order.instructions is not None, "a stop order has a stop price or a distance"
        market.await_price(order, order.instructions.stop_price_ticks)


def auction_begun(state: ExchangeState, event: AuctionBegun) -> None:
    if event.end_time_ns:
        state.auction_ends_ns[event.symbol] = event.end_time_ns


def auction_ended(state: ExchangeState, event: AuctionEnded) -> None:
    if event.price_ticks:
        state.markets[event.symbol].auction_price_ticks = event.price_ticks


def account_created(state: ExchangeState, event: AccountCreated) -> None:
    account = state.accounts[event.account.account_id] = AccountState(event.account)
    state.keep_margin(account)


def account_updated(state: ExchangeState, event: AccountUpdated) -> None:
    account = state.accounts[event.account.account_id]
    account.account = event.account
    state.keep_margin(account)


def risk_limits_updated(state: ExchangeState, event: RiskLimitsUpdated) -> None:
    account = state.accounts[event.account_id]
    if event.limits == NO_LIMITS:
        account.risk = None
    elif account.risk is None:
        account.risk = AccountRisk(event.limits, account.live_orders.values())
    else:
        account.risk.change_limits(event.limits)


def trading_state_set(state: ExchangeState, event: TradingStateSet) -> None:
    state.switches.set(event.switch)


def funds_deposited(state: ExchangeState, event: FundsDeposited) -> None:
    state.ledger.deposit(state.ledger.balance(event.account_id, event.asset), event.amount)


def funds_withdrawn(state: ExchangeState, event: FundsWithdrawn) -> None:
    state.ledger.withdraw(state.ledger.balance(event.account_id, event.asset), event.amount)


def funds_transferred(state: ExchangeState, event: FundsTransferred) -> None:
    ledger = state.ledger
    payer = ledger.balance(event.account_id, event.asset)
    ledger.charge(payer, ledger.balance(event.to_account_id, event.asset), event.amount)


def order_accepted(state: ExchangeState, event: OrderAccepted) -> None:
    instrument = state.markets[event.symbol].instrument
    account = state.accounts[event.account_id]
    order = state.new_order(event, instrument, account, state.time_ns)
    state.ledger.reserve(order.pays, order.reserved)
    state.begin_life(order)
    if order.is_pending:
        _await_price(state, order)
    if account.risk is not None:
        if not order.is_pending:
            account.risk.change_open_lots(order, order.leaves_lots)
        account.risk.time_order(state.time_ns)
    if event.client_order_id:
        state.keep_client_order_id(event.account_id, event.client_order_id, event.order_id)


def order_triggered(state: ExchangeState, event: OrderTriggered) -> None:
    order = state.live_order(event.order_id)
    order.is_pending = False
    order.price_ticks = event.price_ticks
    state.ledger.reserve(order.pays, event.reserved)
    order.reserved = event.reserved
    if order.owner.risk is not None:
        order.owner.risk.change_open_lots(order, order.leaves_lots)
    if order.instructions is not None and order.instructions.reduce_only:
        order.owner.add_reduce_only(order)
    order.update_time_ns = state.time_ns
    order.update_sequence = state.sequence


def _await_price(state: ExchangeState, order: LiveOrder) -> None:
    """Have a stop order wait for its price, or owe its release where the last trade's is that already."""
    market = state.markets[order.symbol]
    instructions = order.instructions
    assert instructions is not None, "a stop order has a stop price or a distance"
    if is_reached(order.side, instructions.stop_price_ticks, market.last_price_ticks):
        state.follow_ups.append(TriggerOrder(order.order_id))
        return
    if not instructions.stop_price_ticks and not order.extreme_ticks:
        order.extreme_ticks = market.last_price_ticks
    market.await_price(order, instructions.stop_price_ticks)


def order_rejected(state: ExchangeState, event: OrderRejected) -> None:
    account = state.accounts.get(event.account_id)
    if account is not None:
        account.order_ids.append(event.order_id)
    if event.client_order_id:
        state.keep_client_order_id(event.account_id, event.client_order_id, event.order_id)
    state.keep_closed(
        OrderRecord(
            order_id=event.order_id,
            account_id=event.account_id,
            client_order_id=event.client_order_id,
            symbol=event.symbol,
            side=event.side,
            order_type=event.order_type,
            time_in_force=event.time_in_force,
            status=OrderStatus.REJECTED,
            quantity_lots=event.quantity_lots,
            price_ticks=event.price_ticks,
            filled_lots=0,
            leaves_lots=0,
            canceled_lots=event.quantity_lots,
            filled_notional=0,
            fees_paid=0,
            reserved=0,
            reject_reason=event.reason,
            cancel_reason=None,
            detail=event.detail,
            create_time_ns=state.time_ns,
            update_time_ns=state.time_ns,
            update_sequence=state.sequence,
            instructions=event.instructions,
            tick_revision=event.tick_revision,
        )
    )


def order_rested(state: ExchangeState, event: OrderRested) -> None:
    order = state.live_order(event.order_id)
    order.hidden_lots = event.hidden_lots
    state.markets[event.symbol].book.side(event.side).add(order)


def order_refreshed(state: ExchangeState, event: OrderRefreshed) -> None:
    order = state.live_order(event.order_id)
    state.markets[event.symbol].book.side(event.side).refresh(order, event.hidden_lots)


def trade_executed(state: ExchangeState, event: TradeExecuted) -> None:
    market = state.markets[event.symbol]
    maker = state.live_order(event.maker_order_id)
    taker = state.live_order(event.taker_order_id)
    base_units = market.instrument.lot_units * event.quantity_lots
    _settle(state.ledger, market.fees, event, maker=maker, taker=taker, base_units=base_units)

    _fill(state, event, maker, event.maker_fee, maker.terms.maker_fee_ppm, event.maker_reserved)
    _fill(state, event, taker, event.taker_fee, taker.terms.taker_fee_ppm, event.taker_reserved)

    side = market.book.side(maker.side)
    auction = event.auction
    if auction is not None:
        _fill_in_book(state, side, maker, event.maker_leaves_lots, auction.maker_shown_lots)
        side = market.book.side(taker.side)
        _fill_in_book(state, side, taker, event.taker_leaves_lots, auction.taker_shown_lots)
    else:
        if event.maker_leaves_lots:
            side.lower(maker, event.maker_leaves_lots)
        else:
            side.remove(maker)
            state.end_life(maker, maker.filled_record())
        taker.leaves_lots = event.taker_leaves_lots
        if not event.taker_leaves_lots:
            state.end_life(taker, taker.filled_record())

    if market.last_price_ticks == 0:
        market.first_price_ticks = event.price_ticks
    market.last_price_ticks = event.price_ticks
    state.last_trade_id = event.trade_id

    # What the trade obliges the venue to do, after the exits of the sides that it ended, in this order.
    if maker.owner.reduce_only:
        _owe_trim(state, maker.owner, event.symbol)
    if taker.owner.reduce_only:
        _owe_trim(state, taker.owner, event.symbol)
    if market.stops is not None:
        for order in market.take_reached(event.price_ticks):
            state.follow_ups.append(TriggerOrder(order.order_id))
    if state.margin_accounts:
        state.follow_ups.extend(liquidations_due(state, market.instrument))


def _owe_trim(state: ExchangeState, account: AccountState, symbol: str) -> None:
    """Have reduce-only orders cut, if the position no longer bears them all."""
    if symbol in account.reduce_only and any(reduce_only_excess(account, symbol, side) for side in Side):
        owed = TrimReduceOnly(account.account.account_id, symbol)
        if owed not in state.follow_ups:
            state.follow_ups.append(owed)


def _fill_in_book(
    state: ExchangeState, side: BookSide, order: LiveOrder, leaves_lots: int, shown_lots: int
) -> None:
    """Leave an order where it rests with these leaves, showing so much less; without any it is filled."""
    if leaves_lots:
        hidden_lots = leaves_lots - (order.leaves_lots - order.hidden_lots - shown_lots)
        side.lower(order, leaves_lots)
        side.unhide(order, hidden_lots)
    else:
        side.remove(order)
        state.end_life(order, order.filled_record())


def order_canceled(state: ExchangeState, event: OrderCanceled) -> None:
    order = state.live_order(event.order_id)
    if event.was_resting:
        state.markets[order.symbol].book.side(order.side).remove(order)
    elif order.is_pending:
        state.markets[order.symbol].forget_stop(order)
    state.ledger.release(order.pays, order.reserved)
    order.reserved = 0
    if order.owner.risk is not None and not order.is_pending:
        order.owner.risk.change_open_lots(order, -order.leaves_lots)
    order.update_time_ns = state.time_ns
    order.update_sequence = state.sequence
    record = order.canceled_record(event.reason)
    if event.reject_reason is not None:
        record = replace(record, reject_reason=event.reject_reason, detail=event.detail)
    state.end_life(order, record)


def order_replaced(state: ExchangeState, event: OrderReplaced) -> None:
    order = state.live_order(event.order_id)
    if not event.was_resting:
        _replace_stop(state, order, event)
        return
    side = state.markets[order.symbol].book.side(order.side)
    if event.keeps_priority:
        side.unhide(order, event.hidden_lots)
        side.lower(order, event.leaves_lots)
    else:
        side.remove(order)
        order.leaves_lots = event.leaves_lots
        order.hidden_lots = 0
    more = event.reserved - order.reserved
    if more > 0:
        state.ledger.reserve(order.pays, more)
    else:
        state.ledger.release(order.pays, -more)
    order.reserved = event.reserved
    order.quantity_lots = event.quantity_lots
    order.price_ticks = event.price_ticks
    order.instructions = event.instructions
    if order.owner.risk is not None:
        order.owner.risk.change_open_lots(order, event.leaves_lots - event.old_leaves_lots)
    order.update_time_ns = state.time_ns
    order.update_sequence = state.sequence


def _replace_stop(state: ExchangeState, order: LiveOrder, event: OrderReplaced) -> None:
    """New terms for an order that waits for its stop price, which it may have reached by them."""
    state.markets[order.symbol].forget_stop(order)
    order.quantity_lots = event.quantity_lots
    order.leaves_lots = event.leaves_lots
    order.price_ticks = event.price_ticks
    order.instructions = event.instructions
    order.update_time_ns = state.time_ns
    order.update_sequence = state.sequence
    _await_price(state, order)


def order_reduced(state: ExchangeState, event: OrderReduced) -> None:
    order = state.live_order(event.order_id)
    if event.was_resting:
        side = state.markets[order.symbol].book.side(order.side)
        side.unhide(order, order.hidden_lots - event.reduced_hidden_lots)
        side.lower(order, event.leaves_lots)
    else:
        order.leaves_lots = event.leaves_lots
    state.ledger.release(order.pays, order.reserved - event.reserved)
    if order.owner.risk is not None:
        order.owner.risk.change_open_lots(order, -event.reduced_lots)
    order.reserved = event.reserved
    order.quantity_lots = event.quantity_lots
    order.update_time_ns = state.time_ns
    order.update_sequence = state.sequence


def follow_up_taken(state: ExchangeState, event: FollowUpTaken) -> None:
    state.follow_ups.popleft()


def nothing_changed(
    state: ExchangeState,
    event: CancelRejected
    | ReplaceRejected
    | CommandRejected
    | CancelAllCompleted
    | SessionEnded
    | Liquidated
    | TradePrevented,
) -> None:
    """For events that only answer."""


def _settle(
    ledger: Ledger,
    fees: Balance,
    event: TradeExecuted,
    *,
    maker: LiveOrder,
    taker: LiveOrder,
    base_units: int,
) -> None:
    """Move the money of one trade: base, notional, both fees, and what the buyer need not hold back."""
    if event.taker_side is _BUY:
        buyer, seller = taker, maker
        buyer_fee, seller_fee, buyer_reserved = event.taker_fee, event.maker_fee, event.taker_reserved
    else:
        buyer, seller = maker, taker
        buyer_fee, seller_fee, buyer_reserved = event.maker_fee, event.taker_fee, event.maker_reserved
    ledger.pay(seller.pays, buyer.receives, base_units)
    ledger.pay(buyer.pays, seller.receives, event.notional)
    ledger.pay(buyer.pays, fees, buyer_fee)
    ledger.release(buyer.pays, buyer.reserved - event.notional - buyer_fee - buyer_reserved)
    ledger.charge(seller.receives, fees, seller_fee)


def _fill(
    state: ExchangeState, event: TradeExecuted, order: LiveOrder, fee: int, rate_ppm: int, reserved: int
) -> None:
    """Count one side of a trade into its order and its account's position."""
    notional = event.notional
    order.filled_lots += event.quantity_lots
    order.filled_notional += notional
    order.fees_paid += fee
    order.fee_credit = fee_credit_after(notional, rate_ppm, order.fee_credit, fee)
    order.reserved = reserved
    order.update_time_ns = state.time_ns
    order.update_sequence = state.sequence
    if order.owner.risk is not None:
        order.owner.risk.change_open_lots(order, -event.quantity_lots)
    position = order.owner.position(order.symbol)
    day = day_of(state.time_ns)
    if position.day != day:
        position.begin_day(day)
    if order.side is _BUY:
        position.fill(event.quantity_lots, notional, fee)
    else:
        position.fill(-event.quantity_lots, -notional, fee)
