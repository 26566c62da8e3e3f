"""AdministrationService: assets, instruments, accounts, and the journal to read."""

import asyncio
from itertools import islice

from markethall_engine.application.record import Record
from markethall_engine.rpc.calls import Context
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_engine.rpc.pages import PageTokens, page_by_name, read_page_size
from markethall_engine.rpc.translate.accounts import account_message, read_account_id
from markethall_engine.rpc.translate.assets import asset_message
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.journal_records import journal_record_message
from markethall_protos import v1


class AdministrationService(v1.AdministrationServiceServicer):
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    async def create_asset(self, request: v1.CreateAssetRequest, context: Context) -> v1.CreateAssetResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.create_asset, request)

    async def list_assets(self, request: v1.ListAssetsRequest, context: Context) -> v1.ListAssetsResponse:
        answer = await self._lifecycle.venue.queries.read(lambda exchange: exchange.assets())
        page, next_page_token = page_by_name(answer.value, lambda asset: asset.asset, request)
        return v1.ListAssetsResponse(
            assets=[asset_message(asset) for asset in page], next_page_token=next_page_token
        )

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

    async def update_account(
        self, request: v1.UpdateAccountRequest, context: Context
    ) -> v1.UpdateAccountResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.update_account, request)

    async def list_accounts(
        self, request: v1.ListAccountsRequest, context: Context
    ) -> v1.ListAccountsResponse:
        answer = await self._lifecycle.venue.queries.read(lambda exchange: exchange.accounts())
        page, next_page_token = page_by_name(answer.value, lambda account: account.account_id, request)
        return v1.ListAccountsResponse(
            accounts=[account_message(account) for account in page], next_page_token=next_page_token
        )

    async def list_venue_fees(
        self, request: v1.ListVenueFeesRequest, context: Context
    ) -> v1.ListVenueFeesResponse:
        venue = self._lifecycle.venue
        answer = await venue.queries.read(lambda exchange: exchange.venue_fees())
        return v1.ListVenueFeesResponse(fees=[venue.funds.venue_fees(fees) for fees in answer.value])

    async def list_journal_records(
        self, request: v1.ListJournalRecordsRequest, context: Context
    ) -> v1.ListJournalRecordsResponse:
        faults = Faults()
        account_id = read_account_id(request.account_id, faults) if request.account_id else ""
        if request.after_sequence < 0:
            faults.expected("after_sequence", "a sequence, or 0", str(request.after_sequence))
        tokens = PageTokens("journal", account_id, request.after_sequence)
        page_size = read_page_size(request.page_size, faults)
        place = tokens.read(request.page_token, faults)
        faults.check()
        after = request.after_sequence if place is None else int(place[0])
        records = await self._records(account_id, after, page_size + 1)
        page = records[:page_size]
        return v1.ListJournalRecordsResponse(
            records=[journal_record_message(record) for record in page],
            next_page_token=tokens.write((page[-1].sequence,)) if len(records) > page_size else "",
        )

    async def _records(self, account_id: str, after: int, limit: int) -> list[Record]:
        """Read the next `limit` durable records, of an account if one is given."""
        venue = self._lifecycle.venue
        if account_id:
            sequences = venue.history.after(account_id, after, limit)
            return await asyncio.to_thread(venue.journal.read_each, sequences)
        return await asyncio.to_thread(lambda: list(islice(venue.journal.read(after), limit)))
