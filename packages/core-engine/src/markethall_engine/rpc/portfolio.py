"""PortfolioService: what an account holds and how it came by it, deposits and withdrawals."""

from markethall_engine.application.record import Record
from markethall_engine.rpc.account_past import NEWEST, Place
from markethall_engine.rpc.calls import Context
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_engine.rpc.pages import PageTokens, read_page_size
from markethall_engine.rpc.postings import AccountPosting, postings_of
from markethall_engine.rpc.translate.accounts import account_message, read_account_id, unknown_account
from markethall_engine.rpc.translate.assets import read_asset_code
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.instruments import read_symbol
from markethall_protos import v1


class PortfolioService(v1.PortfolioServiceServicer):
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    async def get_account(self, request: v1.GetAccountRequest, context: Context) -> v1.GetAccountResponse:
        account_id = _read_account_id(request.account_id)
        answer = await self._lifecycle.venue.queries.read(lambda exchange: exchange.account(account_id))
        if answer.value is None:
            raise unknown_account(account_id)
        return v1.GetAccountResponse(account=account_message(answer.value))

    async def list_balances(
        self, request: v1.ListBalancesRequest, context: Context
    ) -> v1.ListBalancesResponse:
        account_id = _read_account_id(request.account_id)
        venue = self._lifecycle.venue
        answer = await venue.queries.read(lambda _: venue.portfolios.balances(account_id))
        return v1.ListBalancesResponse(balances=answer.value, sequence=answer.sequence)

    async def list_positions(
        self, request: v1.ListPositionsRequest, context: Context
    ) -> v1.ListPositionsResponse:
        faults = Faults()
        account_id = read_account_id(request.account_id, faults)
        symbol = read_symbol(request.symbol, faults) if request.symbol else ""
        faults.check()
        venue = self._lifecycle.venue
        answer = await venue.queries.read(lambda _: venue.portfolios.positions(account_id, symbol))
        return v1.ListPositionsResponse(positions=answer.value, sequence=answer.sequence)

    async def get_portfolio(
        self, request: v1.GetPortfolioRequest, context: Context
    ) -> v1.GetPortfolioResponse:
        account_id = _read_account_id(request.account_id)
        venue = self._lifecycle.venue
        answer = await venue.queries.read(lambda _: venue.portfolios.portfolio(account_id))
        return v1.GetPortfolioResponse(portfolio=answer.value)

    async def list_postings(
        self, request: v1.ListPostingsRequest, context: Context
    ) -> v1.ListPostingsResponse:
        venue = self._lifecycle.venue
        faults = Faults()
        account_id = read_account_id(request.account_id, faults)
        asset = read_asset_code(request.asset, faults) if request.asset else ""
        tokens = PageTokens("postings", account_id, asset)
        page_size = read_page_size(request.page_size, faults)
        place = tokens.read(request.page_token, faults)
        faults.check()
        before = NEWEST if place is None else Place(*map(int, place))

        def wanted(record: Record) -> list[AccountPosting]:
            return [
                posting
                for posting in postings_of(record, account_id, venue.instrument)
                if asset in ("", posting.asset)
            ]

        if (await venue.queries.read(lambda exchange: exchange.account(account_id))).value is None:
            raise unknown_account(account_id)
        page = await venue.past.page(account_id, before, page_size, wanted)
        return v1.ListPostingsResponse(
            postings=[venue.funds.posting(posting) for posting in page.items],
            next_page_token="" if page.end is None else tokens.write(page.end),
        )

    async def deposit(self, request: v1.DepositRequest, context: Context) -> v1.DepositResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.deposit, request)

    async def withdraw(self, request: v1.WithdrawRequest, context: Context) -> v1.WithdrawResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.withdraw, request)


def _read_account_id(account_id: str) -> str:
    faults = Faults()
    read_account_id(account_id, faults)
    faults.check()
    return account_id
