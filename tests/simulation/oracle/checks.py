"""Why an order is not let in, before it is asked what it would trade; the first rule that fails answers."""

from fractions import Fraction

from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import Instrument, InstrumentStatus
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import RejectReason
from tests.simulation.oracle import risk
from tests.simulation.oracle.matching import opposite, reaches
from tests.simulation.oracle.state import State


def of_new_order(state: State, command: PlaceOrder) -> RejectReason | None:
    instrument = state.instruments.get(command.symbol)
    if instrument is None:
        return RejectReason.UNKNOWN_INSTRUMENT
    if instrument.status is InstrumentStatus.HALTED:
        return RejectReason.INSTRUMENT_HALTED
    if instrument.status is InstrumentStatus.CLOSED:
        return RejectReason.INSTRUMENT_CLOSED
    if command.instrument_revision != instrument.revision:
        return RejectReason.INSTRUMENT_CHANGED
    if command.account_id not in state.accounts:
        return RejectReason.UNKNOWN_ACCOUNT
    is_limit = command.order_type is OrderType.LIMIT
    if is_limit != (command.price_ticks > 0) or command.quantity_lots <= 0:
        return RejectReason.INVALID_PARAMETERS
    if not is_limit and command.time_in_force is TimeInForce.GTC:
        return RejectReason.INVALID_PARAMETERS
    if risk.is_stopped(
        state, command.account_id, command.symbol, command.side, command.quantity_lots, state.live
    ):
        return RejectReason.KILL_SWITCH
    reason = out_of_bounds(instrument, command.quantity_lots)
    if reason is None and is_limit:
        reason = out_of_band(state, instrument, command.price_ticks)
    return reason or _of_instructions(state, command)


def _of_instructions(state: State, command: PlaceOrder) -> RejectReason | None:
    wish = command.instructions or Instructions()
    rests = command.order_type is OrderType.LIMIT and command.time_in_force is TimeInForce.GTC
    if not 0 <= wish.min_quantity_lots <= command.quantity_lots:
        return RejectReason.INVALID_PARAMETERS
    if wish.post_only and (not rests or wish.min_quantity_lots):
        return RejectReason.INVALID_PARAMETERS
    if wish.display_lots < 0 or (wish.display_lots and not rests):
        return RejectReason.INVALID_PARAMETERS
    if wish.display_lots and not wish.display_lots <= command.quantity_lots <= 100 * wish.display_lots:
        return RejectReason.INVALID_PARAMETERS
    if wish.post_only and would_take(state, command.symbol, command.side, command.price_ticks):
        return RejectReason.POST_ONLY_WOULD_TAKE
    return None


def would_take(state: State, symbol: str, side: Side, price_ticks: int) -> bool:
    others = state.resting(symbol, opposite(side))
    return any(reaches(side, price_ticks, other.price_ticks) for other in others)


def out_of_bounds(instrument: Instrument, quantity_lots: int) -> RejectReason | None:
    if quantity_lots < instrument.min_quantity_lots:
        return RejectReason.QUANTITY_TOO_LOW
    if instrument.max_quantity_lots and quantity_lots > instrument.max_quantity_lots:
        return RejectReason.QUANTITY_TOO_HIGH
    return None


def out_of_band(state: State, instrument: Instrument, price_ticks: int) -> RejectReason | None:
    last = state.last_price.get(instrument.symbol)
    if last is None or instrument.price_band_ppm == 0:
        return None
    distance = Fraction(abs(price_ticks - last), last)
    too_far = distance > Fraction(instrument.price_band_ppm, 1_000_000)
    return RejectReason.PRICE_OUT_OF_BAND if too_far else None
