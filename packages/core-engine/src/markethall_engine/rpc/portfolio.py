"""PortfolioService: what an account holds, deposits and withdrawals."""

from markethall_engine.rpc.calls import Context
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_protos import v1


class PortfolioService(v1.PortfolioServiceServicer):
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    async def deposit(self, request: v1.DepositRequest, context: Context) -> v1.DepositResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.deposit, request)

    async def withdraw(self, request: v1.WithdrawRequest, context: Context) -> v1.WithdrawResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.withdraw, request)
