"""Trading states: requests to set and to get one, and what they are answered with."""

from markethall_engine.application.record import Record
from markethall_engine.domain.commands import SetTradingState
from markethall_engine.domain.events import OrderCanceled, TradingStateSet
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.names import MAX_NOTE_LENGTH
from markethall_engine.domain.risk.trading_switch import TradingState
from markethall_engine.rpc.translate.accounts import read_account_id, unknown_account
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.instruments import read_symbol, unknown_instrument
from markethall_engine.rpc.translate.refusals import refusal_of
from markethall_engine.rpc.translate.times import timestamp
from markethall_engine.rpc.translate.vocabulary import TRADING_STATE, TRADING_STATE_READ
from markethall_protos import v1


class TradingStates:
    """Reads and writes the state of an account, of an instrument, or of the venue where neither is named."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def set_trading_state(self, request: v1.SetTradingStateRequest) -> SetTradingState:
        faults = Faults()
        account_id, symbol = _read_scope(request, faults)
        state = TRADING_STATE_READ.get(request.state)
        if state is None:
            faults.not_a_member("state", request.state, v1.TradingState, "ACTIVE, REDUCING or HALTED")
        if len(request.reason) > MAX_NOTE_LENGTH:
            faults.expected("reason", f"at most {MAX_NOTE_LENGTH} characters", request.reason)
        if faults or state is None:
            raise faults.refusal()
        return SetTradingState(state, account_id, symbol, request.reason)

    def state_set(self, record: Record) -> v1.SetTradingStateResponse:
        first, *others = record.events
        if not isinstance(first, TradingStateSet):
            raise refusal_of(record)
        return v1.SetTradingStateResponse(
            state=TRADING_STATE[first.switch.state],
            canceled_order_ids=[str(event.order_id) for event in others if isinstance(event, OrderCanceled)],
            sequence=record.sequence,
        )

    def trading_state(self, request: v1.GetTradingStateRequest) -> v1.GetTradingStateResponse:
        """Answer with the state as it is now; raises `NotFound` for an unknown account or symbol."""
        faults = Faults()
        account_id, symbol = _read_scope(request, faults)
        faults.check()
        if account_id and self._exchange.account(account_id) is None:
            raise unknown_account(account_id)
        if symbol and self._exchange.instrument(symbol) is None:
            raise unknown_instrument(symbol)
        switch = self._exchange.trading_switch(account_id, symbol)
        if switch is None:
            return v1.GetTradingStateResponse(state=TRADING_STATE[TradingState.ACTIVE])
        return v1.GetTradingStateResponse(
            state=TRADING_STATE[switch.state],
            update_time=timestamp(switch.update_time_ns),
            reason=switch.reason,
        )


def _read_scope(
    request: v1.GetTradingStateRequest | v1.SetTradingStateRequest, faults: Faults
) -> tuple[str, str]:
    """Read account id and symbol, of which one or both are empty."""
    if request.account_id:
        read_account_id(request.account_id, faults)
        if request.symbol:
            faults.add("symbol", "expected an account_id, a symbol or neither, found both")
    if request.symbol:
        read_symbol(request.symbol, faults)
    return request.account_id, request.symbol
