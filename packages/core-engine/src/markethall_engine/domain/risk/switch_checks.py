"""The check of the kill switches: venue, then instrument, then parent, then account.

The first that is HALTED refuses every order. If there is none, the first that is REDUCING refuses what does
not lower exposure.
"""

from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.exposure import reducible_lots
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.risk.trading_switch import TradingState
from markethall_engine.domain.state import ExchangeState


def check_switches(
    state: ExchangeState,
    instrument: Instrument,
    account_id: str,
    side: Side,
    quantity_lots: int,
    *,
    freed_lots: int = 0,
) -> Refusal | None:
    """Whether an order may come in; `freed_lots` are those of the account's live order that it replaces."""
    stopping = state.switches.stopping(state.accounts[account_id].account, instrument.symbol)
    if not stopping:
        return None
    for switch in stopping:
        if switch.state is TradingState.HALTED:
            return Refusal(RejectReason.KILL_SWITCH, f"{switch.name} is HALTED")
    reducible = reducible_lots(state.accounts[account_id], instrument.symbol, side, freed_lots)
    if quantity_lots <= reducible:
        return None
    return Refusal(
        RejectReason.KILL_SWITCH,
        f"{stopping[0].name} is REDUCING: a {side.name} of at most {instrument.format_quantity(reducible)} "
        f"lowers exposure, asked {instrument.format_quantity(quantity_lots)}",
    )
