"""How much an order must hold back so that it can always be settled.

A limit buy holds back its leaves at its limit price and the fee on that at the higher of its two rates. It
can fill at better prices and the lower rate, never worse, so the reservation always suffices; what it turns
out not to need becomes available with each fill. A market buy holds back the cost of the fills that it is
about to make, to the unit. A sell holds back its leaves in the base asset; its fee comes out of what it
receives, which the fee never exceeds.
"""

from typing import Final

from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.ledger.fees import fee_due
from markethall_engine.domain.order import Side

_SELL: Final = Side.SELL


def limit_reservation(
    instrument: Instrument,
    *,
    side: Side,
    price_ticks: int,
    leaves_lots: int,
    highest_fee_ppm: int,
    fee_credit: int,
) -> int:
    """What a limit order holds back for its leaves: quote units for a buy, base units for a sell."""
    if side is _SELL:
        return leaves_lots * instrument.lot_units
    notional = price_ticks * leaves_lots * instrument.tick_value
    return notional + fee_due(notional, highest_fee_ppm, fee_credit)
