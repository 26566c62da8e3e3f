"""The checks before a trade, each of one rule, in the order in which they are made.

1. the instrument exists, is open, and its ticks and lots mean what the command thinks (`check_instrument`)
2. the account exists (`check_account`)
3. the order's terms agree with each other (`check_terms`), and in the call of an auction it can rest
   (`check_auction`)
4. venue, instrument and account may trade (`switch_checks.check_switches`)
5. the quantity is within the instrument's bounds (`check_quantity`)
6. the limit price is within the band around the reference price (`check_price_band`)
7. the notional can be held in one amount (`check_notional`)
8. it ends after now, its instructions agree with its terms, and a post-only order would not take
   (`instruction_checks`)
9. a market order meets somebody
10. the limits of the account (`limit_checks`)
11. the account has available what the order would reserve (`check_funds`), or with margin, its equity covers
    what the order adds (`margin_checks`)

The first that fails is the answer. Each gives `None` for passed. Texts are made only for a refusal.
"""

from typing import Final

from markethall_engine.domain.amounts import MAX_AMOUNT, MILLION, is_amount
from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.instrument import Asset, Instrument, InstrumentStatus
from markethall_engine.domain.market import Market
from markethall_engine.domain.names import CLIENT_ORDER_ID_FORM, is_client_order_id
from markethall_engine.domain.order import IMMEDIATE, OrderType
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.refusal import Refusal, invalid
from markethall_engine.domain.state import ExchangeState

# Members looked up once: on the path of every order, reading them from their enum costs more than the check.
_OPEN: Final = InstrumentStatus.OPEN
_LIMIT: Final = OrderType.LIMIT


def check_instrument(instrument: Instrument, revision: int) -> Refusal | None:
    """Whether the instrument trades, and is the one that the command's ticks and lots were made for."""
    status = instrument.status
    if status is not _OPEN and status is not InstrumentStatus.AUCTION:
        return not_open(instrument)
    return check_revision(instrument, revision)


def check_revision(instrument: Instrument, revision: int) -> Refusal | None:
    """Whether ticks and lots still mean what they did when the command was made."""
    if revision != instrument.revision:
        return Refusal(
            RejectReason.INSTRUMENT_CHANGED,
            f"{instrument.symbol} is at revision {instrument.revision}, the command was made for {revision}",
        )
    return None


def check_account(state: ExchangeState, account_id: str) -> Refusal | None:
    if account_id not in state.accounts:
        return Refusal(RejectReason.UNKNOWN_ACCOUNT, f"there is no account {account_id!r}")
    return None


def check_terms(command: PlaceOrder) -> Refusal | None:
    """Whether type, price, time in force and quantity make an order; the edge has seen to it mostly."""
    if command.order_type is _LIMIT:
        if not is_amount(command.price_ticks):
            return invalid(
                f"a limit order needs a price of 1 to {MAX_AMOUNT} ticks, found {command.price_ticks}"
            )
    elif command.price_ticks != 0:
        return invalid(f"a market order has no price, found {command.price_ticks} ticks")
    elif command.time_in_force not in IMMEDIATE:
        return invalid(f"a market order is IOC or FOK, found {command.time_in_force.name}")
    if not is_amount(command.quantity_lots):
        return invalid(f"the quantity must be 1 to {MAX_AMOUNT} lots, found {command.quantity_lots}")
    if command.client_order_id and not is_client_order_id(command.client_order_id):
        return invalid(f"a client order id is {CLIENT_ORDER_ID_FORM}")
    return None


def check_auction(instrument: Instrument, command: PlaceOrder) -> Refusal | None:
    """Whether an order can be collected in the call of an auction: it must be able to rest.

    What waits for a stop price is asked when that is reached.
    """
    order_type, instructions = command.order_type, command.instructions
    found = ""
    if order_type is OrderType.MARKET:
        found = order_type.name
    elif order_type is _LIMIT and command.time_in_force in IMMEDIATE:
        found = command.time_in_force.name
    elif order_type is _LIMIT and instructions is not None and instructions.min_quantity_lots:
        found = "a minimum quantity to fill at once"
    if not found:
        return None
    return Refusal(
        RejectReason.INSTRUMENT_IN_AUCTION,
        f"{instrument.symbol} is in an auction, where an order must be able to rest, found {found}",
    )


def check_quantity(instrument: Instrument, quantity_lots: int) -> Refusal | None:
    if quantity_lots < instrument.min_quantity_lots:
        return Refusal(
            RejectReason.QUANTITY_TOO_LOW,
            f"the minimum quantity is {instrument.format_quantity(instrument.min_quantity_lots)}, "
            f"asked {instrument.format_quantity(quantity_lots)}",
        )
    if quantity_lots > instrument.max_quantity_lots > 0:
        return Refusal(
            RejectReason.QUANTITY_TOO_HIGH,
            f"the maximum quantity is {instrument.format_quantity(instrument.max_quantity_lots)}, "
            f"asked {instrument.format_quantity(quantity_lots)}",
        )
    return None


def check_price_band(market: Market, price_ticks: int) -> Refusal | None:
    """Whether a limit is no further from the reference price than the band, to either side.

    The comparison is exact, `|price - reference| * 1,000,000 <= reference * ppm`. The reference is the last
    trade's price, before the first the instrument's own; without one there is no band. A market order is held
    to none: it trades at prices that were held to it when they were placed.
    """
    instrument = market.instrument
    band_ppm = instrument.price_band_ppm
    if not band_ppm:
        return None
    reference_ticks = market.reference_ticks()
    if reference_ticks and abs(price_ticks - reference_ticks) * MILLION > reference_ticks * band_ppm:
        reach = reference_ticks * band_ppm // MILLION
        kind = "last" if market.last_price_ticks else "reference"
        return Refusal(
            RejectReason.PRICE_OUT_OF_BAND,
            f"the price must be {instrument.format_price(max(reference_ticks - reach, 1))} to "
            f"{instrument.format_price(reference_ticks + reach)}, within {band_ppm} ppm of the {kind} price "
            f"{instrument.format_price(reference_ticks)}, asked {instrument.format_price(price_ticks)}",
        )
    return None


def check_notional(assets: dict[str, Asset], instrument: Instrument, notional: int) -> Refusal | None:
    if notional and not is_amount(notional):
        quote = assets[instrument.quote_asset]
        return invalid(
            f"quantity times price must be at most {quote.format(MAX_AMOUNT)}, asked {quote.format(notional)}"
        )
    return None


def check_funds(asset: Asset, *, available: int, needed: int) -> Refusal | None:
    if needed > available:
        return Refusal(
            RejectReason.INSUFFICIENT_FUNDS,
            f"{asset.format(available)} available, {asset.format(needed)} needed",
        )
    return None


def unknown_instrument(symbol: str) -> Refusal:
    return Refusal(RejectReason.UNKNOWN_INSTRUMENT, f"there is no instrument {symbol!r}")


def not_open(instrument: Instrument) -> Refusal:
    if instrument.status is InstrumentStatus.CLOSED:
        return Refusal(RejectReason.INSTRUMENT_CLOSED, f"{instrument.symbol} is closed")
    return Refusal(RejectReason.INSTRUMENT_HALTED, f"{instrument.symbol} is halted")
