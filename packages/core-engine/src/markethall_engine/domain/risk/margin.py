"""What an account with margin is worth and how much it has at stake, in one quote asset; exact integers.

A holding of a base asset, long or short, is valued at its mark: the last price of the instrument of that
pair that was created first, its reference price before the first trade. In minor units, with `lot_units` base
units in a lot and `tick_value` quote units a tick and lot,

    value = total * price_ticks * tick_value / lot_units

    equity   = total of the quote asset + sum of values, each rounded down (towards minus infinity)
    exposure = sum of absolute values, each rounded up

over all base assets that trade against the quote asset. So rounding is never to the account's good, by less
than one minor unit a holding. A total is what is available and what is reserved; a negative total of the
quote asset is debt, which lowers equity and is no exposure. What has no mark counts nothing.

With orders, each base counts at the worse of two ends: every live order to buy it filled, or every one to
sell it; pending stops are not counted, they are checked when they are released. The exposure is at the mark,
whatever the orders' prices.

These are ratios of equity to exposure, as in Regulation T of the Federal Reserve (12 CFR 220: initially 50 %)
and FINRA Rule 4210 (maintenance 25 % long, 30 % short), without their loan values by kind of security.
"""

from collections.abc import Container, Iterator
from typing import Final, NamedTuple

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.amounts import MILLION
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.margin import Margin, MarginStatus
from markethall_engine.domain.market import Market
from markethall_engine.domain.order import Side
from markethall_engine.domain.state import ExchangeState

_BUY: Final = Side.BUY


class Standing(NamedTuple):
    """Equity and exposure in minor units of one quote asset."""

    equity: int
    exposure: int

    def covers(self, ppm: int) -> bool:
        """Whether equity is at least so many millionths of exposure."""
        return self.equity * MILLION >= self.exposure * ppm


def standing(
    state: ExchangeState, account_id: str, quote: str, *, less: int = 0, less_asset: str = ""
) -> Standing:
    """How the account stands, were it to have `less` of one asset."""
    ledger = state.ledger
    equity = ledger.total(account_id, quote) - (less if less_asset == quote else 0)
    exposure = 0
    for base, market in state.marking(quote).items():
        units = ledger.total(account_id, base) - (less if less_asset == base else 0)
        if units:
            value = _value(market, units)
            equity += value
            exposure += -value if units < 0 else -_value(market, -units)
    return Standing(equity, exposure)


def exposure_with_orders(
    state: ExchangeState,
    account: AccountState,
    quote: str,
    *,
    ended: Container[int] = (),
    buys: dict[str, int] | None = None,
    sells: dict[str, int] | None = None,
) -> int:
    """Exposure with every live order filled but those `ended`, and more units to buy or sell by base."""
    bought, sold = dict(buys or {}), dict(sells or {})
    for order in account.live_orders.values():
        instrument = state.markets[order.symbol].instrument
        if order.is_resting and order.order_id not in ended and instrument.quote_asset == quote:
            side = bought if order.side is _BUY else sold
            base = instrument.base_asset
            side[base] = side.get(base, 0) + order.leaves_lots * instrument.lot_units
    exposure = 0
    for base, market in state.marking(quote).items():
        units = state.ledger.total(account.account.account_id, base)
        worse = max(abs(units + bought.get(base, 0)), abs(units - sold.get(base, 0)))
        exposure -= _value(market, -worse)
    return exposure


def is_short_of_maintenance(state: ExchangeState, account: AccountState, quote: str, margin: Margin) -> bool:
    """Whether something is at stake and equity does not cover its maintenance."""
    found = standing(state, account.account.account_id, quote)
    return found.exposure > 0 and not found.covers(margin.maintenance_ppm)


def largest_exposure(state: ExchangeState, account_id: str, quote: str) -> Market | None:
    """What is liquidated first: of what trades and comes to a lot, the holding of the greatest value."""
    largest, most = None, 0
    for base, market in state.marking(quote).items():
        units = abs(state.ledger.total(account_id, base))
        instrument = market.instrument
        if units < instrument.lot_units or instrument.status is not InstrumentStatus.OPEN:
            continue
        exposure = -_value(market, -units)
        if exposure > most:
            largest, most = market, exposure
    return largest


def margin_statuses(state: ExchangeState, account: AccountState) -> Iterator[MarginStatus]:
    """Of an account with margin in every quote asset, by asset; of any other none."""
    margin = account.account.margin
    if margin is None:
        return
    for quote in sorted({market.instrument.quote_asset for market in state.markets.values()}):
        found = standing(state, account.account.account_id, quote)
        with_orders = exposure_with_orders(state, account, quote)
        yield MarginStatus(
            quote,
            found.equity,
            found.exposure,
            with_orders,
            -(-with_orders * margin.initial_ppm // MILLION),
            -(-found.exposure * margin.maintenance_ppm // MILLION),
        )


def mark_ticks(market: Market) -> int:
    """The price that a holding is valued at; 0 is none."""
    return market.last_price_ticks or market.instrument.reference_price_ticks


def _value(market: Market, units: int) -> int:
    """What so many base units come to in quote units, rounded down; a negative of the negative rounds up."""
    instrument = market.instrument
    return units * mark_ticks(market) * instrument.tick_value // instrument.lot_units
