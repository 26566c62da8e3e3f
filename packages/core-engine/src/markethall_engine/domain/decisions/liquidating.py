"""Deciding `Liquidate`: the venue closes what an account with margin can no longer hold.

All the account's live orders against the quote asset are canceled, then a market order takes its largest
holding there towards nothing. It goes through the book as any other: it pays fees, it is filled by price and
time. But it is neither stopped by switches or limits nor protected from bad prices. What it cannot fill waits
for the next trade, which looks again.
"""

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.commands import Liquidate, PlaceOrder
from markethall_engine.domain.decisions.canceling import live_order_canceled
from markethall_engine.domain.decisions.entry import accepted, fee_rates, reservation
from markethall_engine.domain.events import Event, FollowUpTaken, Liquidated, TradeExecuted
from markethall_engine.domain.market import Market
from markethall_engine.domain.matching import plan_past
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import CancelReason
from markethall_engine.domain.risk.margin import is_short_of_maintenance, largest_exposure
from markethall_engine.domain.risk.margin_checks import lendable
from markethall_engine.domain.state import ExchangeState


def liquidate(state: ExchangeState, command: Liquidate, sequence: int, time_ns: int) -> list[Event]:
    """Nothing but that it was taken up, if equity covers the maintenance margin again."""
    events: list[Event] = [FollowUpTaken()]
    account = state.accounts[command.account_id]
    quote = state.markets[command.symbol].instrument.quote_asset
    margin = account.account.margin
    if margin is None or not is_short_of_maintenance(state, account, quote, margin):
        return events
    canceled = [
        order
        for order in account.live_orders.values()
        if state.markets[order.symbol].instrument.quote_asset == quote
    ]
    events += [live_order_canceled(order, CancelReason.LIQUIDATION) for order in canceled]
    market = largest_exposure(state, command.account_id, quote)
    placed: list[Event] = []
    if market is not None:
        placed = _close(state, account, market, sequence, ended={order.order_id for order in canceled})
    events += placed
    events.append(
        Liquidated(
            account_id=command.account_id,
            symbol="" if market is None else market.instrument.symbol,
            asset=quote,
            order_id=sequence if placed else 0,
            filled_lots=sum([event.quantity_lots for event in placed if isinstance(event, TradeExecuted)]),
            canceled_orders=len(canceled),
        )
    )
    return events


def _close(
    state: ExchangeState, account: AccountState, market: Market, sequence: int, ended: set[int]
) -> list[Event]:
    """Take the whole holding of the base asset towards nothing; no events where nobody would trade.

    `ended` are the account's own orders, which are in the book until the cancels are applied.
    """
    instrument = market.instrument
    account_id = account.account.account_id
    total = state.ledger.total(account_id, instrument.base_asset)
    command = PlaceOrder(
        account_id,
        "",
        instrument.symbol,
        instrument.revision,
        Side.BUY if total < 0 else Side.SELL,
        OrderType.MARKET,
        TimeInForce.IOC,
        abs(total) // instrument.lot_units,
    )
    matches = plan_past(market.met_by(command.side), command.quantity_lots, account, ended)
    if not matches:
        return []
    rates = fee_rates(instrument, account)
    reserved = reservation(market, command, matches, rates)
    balance = state.ledger.find(account_id, instrument.quote_asset)
    available = 0 if balance is None else max(0, balance.available)
    if command.side is Side.BUY and reserved - available > lendable(state, instrument.quote_asset):
        return []
    return accepted(state, market, command, sequence, reserved, rates, matches, CancelReason.NO_LIQUIDITY)
