"""What an event moves in the ledger, of what each account has in total.

Every movement takes one amount of one asset from one account and gives it to another (decision 0025), so the
two postings that it is sum to zero, and so do those of a command. What is set aside for an order and released
again is moved within an account, and not among these.

This is the one place that reads movements from events: an event that moves money and is new belongs into
`_MOVED`. The movements of an event never change, nor does their order: postings are numbered by it.
"""

from collections.abc import Callable
from typing import Any, Final

from markethall_engine.domain.events import (
    Event,
    FundsDeposited,
    FundsTransferred,
    FundsWithdrawn,
    TradeExecuted,
)
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.ledger.ledger import EXTERNAL, FEES
from markethall_engine.domain.ledger.records import Movement, MovementKind
from markethall_engine.domain.order import Side

InstrumentOf = Callable[[str], Instrument]
"""Gives the instrument of a symbol; only base, quote and lot size are looked at, which never change."""

_BUY: Final = Side.BUY
_TRADE: Final = MovementKind.TRADE
_FEE: Final = MovementKind.FEE


def movements_of(event: Event, instrument_of: InstrumentOf) -> list[Movement]:
    """In one order, always; none of nothing."""
    moved = _MOVED.get(type(event))
    return [] if moved is None else moved(event, instrument_of)


def _deposited(event: FundsDeposited, instrument_of: InstrumentOf) -> list[Movement]:
    kind = MovementKind.DEPOSIT
    return [Movement(EXTERNAL, event.account_id, event.asset, event.amount, kind, event.reference)]


def _withdrawn(event: FundsWithdrawn, instrument_of: InstrumentOf) -> list[Movement]:
    kind = MovementKind.WITHDRAWAL
    return [Movement(event.account_id, EXTERNAL, event.asset, event.amount, kind, event.reference)]


def _transferred(event: FundsTransferred, instrument_of: InstrumentOf) -> list[Movement]:
    kind = MovementKind.TRANSFER
    return [Movement(event.account_id, event.to_account_id, event.asset, event.amount, kind, event.reference)]


def _traded(event: TradeExecuted, instrument_of: InstrumentOf) -> list[Movement]:
    """Base, notional, the buyer's fee and the seller's, for the trade's id."""
    instrument = instrument_of(event.symbol)
    if event.taker_side is _BUY:
        buyer, seller = event.taker_account_id, event.maker_account_id
        buyer_fee, seller_fee = event.taker_fee, event.maker_fee
    else:
        buyer, seller = event.maker_account_id, event.taker_account_id
        buyer_fee, seller_fee = event.maker_fee, event.taker_fee
    base_units = instrument.lot_units * event.quantity_lots
    quote, trade_id = instrument.quote_asset, str(event.trade_id)
    moved = [
        Movement(seller, buyer, instrument.base_asset, base_units, _TRADE, trade_id),
        Movement(buyer, seller, quote, event.notional, _TRADE, trade_id),
    ]
    if buyer_fee:
        moved.append(Movement(buyer, FEES, quote, buyer_fee, _FEE, trade_id))
    if seller_fee:
        moved.append(Movement(seller, FEES, quote, seller_fee, _FEE, trade_id))
    return moved


_MOVED: Final[dict[type, Callable[[Any, InstrumentOf], list[Movement]]]] = {
    FundsDeposited: _deposited,
    FundsWithdrawn: _withdrawn,
    FundsTransferred: _transferred,
    TradeExecuted: _traded,
}

MOVING: Final = frozenset(_MOVED)
"""The types of the events that move something."""
