"""The checks of accounts with margin; they take the place of the check of available funds.

1. what only lowers exposure passes the second check: with every live order of its side filled it would not
   carry the total of the base asset through zero
2. exposure with all orders filled, times the initial ratio, is at most equity; an instrument whose base has
   no mark yet takes no such order
3. the venue can lend what the order would overdraw: all of an asset that is owned by anybody fits in one
   amount (decision 0029)

What may be withdrawn or transferred is what is available, as long as equity covers the initial margin of what
is held afterwards, in every quote asset that it counts in.
"""

from collections.abc import Container
from typing import Final

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.amounts import MAX_AMOUNT, MILLION
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.margin import Margin
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.margin import exposure_with_orders, mark_ticks, standing
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.state import ExchangeState

_BUY: Final = Side.BUY


def check_margin(
    state: ExchangeState,
    account: AccountState,
    margin: Margin,
    instrument: Instrument,
    side: Side,
    lots: int,
    *,
    needed: int,
    ended: Container[int] = (),
) -> Refusal | None:
    """Whether an order that may trade `lots` and needs so much more reserved may come in.

    Live orders that end as it comes in, or that it takes the place of, have `ended`: they do not count.
    """
    base, quote = instrument.base_asset, instrument.quote_asset
    account_id = account.account.account_id
    units = lots * instrument.lot_units
    if not _only_reduces(state, account, base, side, units, ended):
        marking = state.marking(quote)[base]
        if not mark_ticks(marking):
            return _refusal(f"{marking.instrument.symbol} has no price yet at which {base} could be valued")
        more = {base: units}
        exposure = exposure_with_orders(
            state,
            account,
            quote,
            ended=ended,
            buys=more if side is _BUY else None,
            sells=None if side is _BUY else more,
        )
        equity = standing(state, account_id, quote).equity
        if exposure * margin.initial_ppm > equity * MILLION:
            asset = state.assets[quote]
            required = -(-exposure * margin.initial_ppm // MILLION)
            return _refusal(
                f"with it and all live orders filled the exposure is {asset.format(exposure)}, which needs "
                f"{asset.format(required)} of initial margin, equity is {asset.format(equity)}"
            )
    pays = quote if side is _BUY else base
    overdrawn = needed - max(0, state.ledger.available(account_id, pays))
    if overdrawn > lendable(state, pays):
        return _refusal(
            f"it borrows {state.assets[pays].format(overdrawn)}, the venue has "
            f"{state.assets[pays].format(lendable(state, pays))} to lend"
        )
    return None


def lendable(state: ExchangeState, asset: str) -> int:
    """How much more of the asset accounts may come to owe or to deposit."""
    ledger = state.ledger
    owed = sum([max(0, -ledger.available(account_id, asset)) for account_id in state.margin_accounts])
    return MAX_AMOUNT - ledger.supply(asset) - owed


def check_outflow(state: ExchangeState, account_id: str, asset: str, amount: int) -> Refusal | None:
    """Whether what an account has available may leave it, as far as its margin goes."""
    margin = state.accounts[account_id].account.margin
    if margin is None:
        return None
    instruments = [market.instrument for market in state.markets.values()]
    quotes = [asset] if any(instrument.quote_asset == asset for instrument in instruments) else []
    quotes += [instrument.quote_asset for instrument in instruments if instrument.base_asset == asset]
    for quote in dict.fromkeys(quotes):
        left = standing(state, account_id, quote, less=amount, less_asset=asset)
        if not left.covers(margin.initial_ppm):
            unit = state.assets[quote]
            required = -(-left.exposure * margin.initial_ppm // MILLION)
            return _refusal(
                f"it would leave an equity of {unit.format(left.equity)}, an exposure of "
                f"{unit.format(left.exposure)} needs {unit.format(required)} of initial margin"
            )
    return None


def _only_reduces(
    state: ExchangeState,
    account: AccountState,
    base: str,
    side: Side,
    units: int,
    ended: Container[int],
) -> bool:
    total = state.ledger.total(account.account.account_id, base)
    against = -total if side is _BUY else total
    if against <= 0:
        return False
    for order in account.live_orders.values():
        if order.is_resting and order.side is side and order.order_id not in ended:
            instrument = state.markets[order.symbol].instrument
            if instrument.base_asset == base:
                units += order.leaves_lots * instrument.lot_units
    return units <= against


def _refusal(detail: str) -> Refusal:
    return Refusal(RejectReason.INSUFFICIENT_MARGIN, detail)
