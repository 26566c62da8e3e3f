"""Why an order is not let in, before it is asked what it would trade; the first rule that fails answers."""

from fractions import Fraction

from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.instrument import Instrument, InstrumentStatus
from markethall_engine.domain.reasons import RejectReason
from tests.simulation.oracle import reduce_only, risk, terms
from tests.simulation.oracle.matching import opposite, reaches
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State


def of_new_order(state: State, command: PlaceOrder, order: Order) -> RejectReason | None:
    """Whether a new order makes sense, and may come here."""
    if order.instrument.status is InstrumentStatus.HALTED:
        return RejectReason.INSTRUMENT_HALTED
    if order.instrument.status is InstrumentStatus.CLOSED:
        return RejectReason.INSTRUMENT_CLOSED
    if command.instrument_revision != order.instrument.revision:
        return RejectReason.INSTRUMENT_CHANGED
    if order.account_id not in state.accounts:
        return RejectReason.UNKNOWN_ACCOUNT
    if not terms.make_sense(order):
        return RejectReason.INVALID_PARAMETERS
    if state.is_in_auction(order.symbol) and terms.need_matching(order):
        return RejectReason.INSTRUMENT_IN_AUCTION
    if risk.is_stopped(state, order):
        return RejectReason.KILL_SWITCH
    reason = out_of_bounds(order.instrument, order.quantity_lots) or out_of_band(state, order)
    if reason is not None:
        return reason
    if not terms.instructions_make_sense(state, order):
        return RejectReason.INVALID_PARAMETERS
    if order.instructions.post_only and not order.is_pending and would_take(state, order):
        return RejectReason.POST_ONLY_WOULD_TAKE
    if not order.is_pending and reduce_only.would_increase(state, order):
        return RejectReason.REDUCE_ONLY_WOULD_INCREASE
    return None


def at_release(state: State, order: Order) -> RejectReason | None:
    """Whether a stop order that is released may come here now."""
    if order.instrument.status is InstrumentStatus.HALTED:
        return RejectReason.INSTRUMENT_HALTED
    if state.is_in_auction(order.symbol) and terms.need_matching(order):
        return RejectReason.INSTRUMENT_IN_AUCTION
    if risk.is_stopped(state, order):
        return RejectReason.KILL_SWITCH
    reason = out_of_band(state, order)
    if reason is not None:
        return reason
    if order.instructions.post_only and would_take(state, order):
        return RejectReason.POST_ONLY_WOULD_TAKE
    if reduce_only.would_increase(state, order):
        return RejectReason.REDUCE_ONLY_WOULD_INCREASE
    return None


def would_take(state: State, order: Order) -> bool:
    if state.is_in_auction(order.symbol):
        return False
    others = state.resting(order.symbol, opposite(order.side))
    return any(reaches(order.side, order.price_ticks, other.price_ticks) for other in others)


def out_of_bounds(instrument: Instrument, quantity_lots: int) -> RejectReason | None:
    if quantity_lots < instrument.min_quantity_lots:
        return RejectReason.QUANTITY_TOO_LOW
    if instrument.max_quantity_lots and quantity_lots > instrument.max_quantity_lots:
        return RejectReason.QUANTITY_TOO_HIGH
    return None


def out_of_band(state: State, order: Order) -> RejectReason | None:
    """Whether a limit price is too far from the market."""
    instrument = order.instrument
    reference = state.reference_price(order.symbol)
    if order.is_market or reference == 0 or instrument.price_band_ppm == 0:
        return None
    distance = Fraction(abs(order.price_ticks - reference), reference)
    too_far = distance > Fraction(instrument.price_band_ppm, 1_000_000)
    return RejectReason.PRICE_OUT_OF_BAND if too_far else None
