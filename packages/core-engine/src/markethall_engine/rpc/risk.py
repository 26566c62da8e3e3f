"""RiskService: what may trade, and within which limits."""

from markethall_engine.rpc.calls import Context
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_protos import v1


class RiskService(v1.RiskServiceServicer):
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    async def get_trading_state(
        self, request: v1.GetTradingStateRequest, context: Context
    ) -> v1.GetTradingStateResponse:
        venue = self._lifecycle.venue
        answer = await venue.queries.read(lambda _: venue.trading_states.trading_state(request))
        return answer.value

    async def set_trading_state(
        self, request: v1.SetTradingStateRequest, context: Context
    ) -> v1.SetTradingStateResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.set_trading_state, request)
