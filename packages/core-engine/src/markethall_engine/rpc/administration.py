"""AdministrationService: assets, instruments, accounts, and the journal to read."""

from markethall_engine.rpc.calls import Context
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_protos import v1


class AdministrationService(v1.AdministrationServiceServicer):
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    async def create_asset(self, request: v1.CreateAssetRequest, context: Context) -> v1.CreateAssetResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.create_asset, request)

    async def create_instrument(
        self, request: v1.CreateInstrumentRequest, context: Context
    ) -> v1.CreateInstrumentResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.create_instrument, request)

    async def update_instrument(
        self, request: v1.UpdateInstrumentRequest, context: Context
    ) -> v1.UpdateInstrumentResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.update_instrument, request)

    async def create_account(
        self, request: v1.CreateAccountRequest, context: Context
    ) -> v1.CreateAccountResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.create_account, request)
