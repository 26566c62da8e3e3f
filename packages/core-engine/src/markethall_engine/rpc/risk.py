"""RiskService: what may trade, and within which limits."""

from markethall_common.clock import Clock
from markethall_engine.rpc.calls import Context
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_protos import v1


class RiskService(v1.RiskServiceServicer):
    def __init__(self, lifecycle: Lifecycle, clock: Clock) -> None:
        self._lifecycle = lifecycle
        self._clock = clock

    async def get_risk_limits(
        self, request: v1.GetRiskLimitsRequest, context: Context
    ) -> v1.GetRiskLimitsResponse:
        venue = self._lifecycle.venue
        time_ns = self._clock.time_ns()
        answer = await venue.queries.read(
            # The journal's clock never falls, and so may be ahead of ours.
            lambda exchange: venue.risk_limits.risk_limits(request, max(time_ns, exchange.time_ns))
        )
        return answer.value

    async def update_risk_limits(
        self, request: v1.UpdateRiskLimitsRequest, context: Context
    ) -> v1.UpdateRiskLimitsResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.update_risk_limits, request)

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
