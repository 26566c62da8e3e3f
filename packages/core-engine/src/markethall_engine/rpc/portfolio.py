"""PortfolioService: what an account holds and how it came by it, deposits and withdrawals."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import islice

from markethall_common.clock import Clock
from markethall_engine.application.equity_history import MINUTE_NS, first_kept
from markethall_engine.application.record import Record
from markethall_engine.rpc.account_past import NEWEST, Place
from markethall_engine.rpc.calls import Context
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_engine.rpc.pages import PageTokens, read_page_size
from markethall_engine.rpc.postings import AccountPosting, postings_of
from markethall_engine.rpc.streaming import opened
from markethall_engine.rpc.translate.accounts import account_message, read_account_id, unknown_account
from markethall_engine.rpc.translate.assets import read_asset_code
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.instruments import read_symbol
from markethall_engine.rpc.translate.times import nanoseconds
from markethall_protos import v1

_MINUTE, _HOUR = 60, 3_600


class PortfolioService(v1.PortfolioServiceServicer):
    def __init__(self, lifecycle: Lifecycle, clock: Clock) -> None:
        self._lifecycle = lifecycle
        self._clock = clock

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
        time_ns = self._clock.time_ns()
        answer = await venue.queries.read(lambda _: venue.portfolios.portfolio(account_id))
        return v1.GetPortfolioResponse(portfolio=venue.portfolios.with_equities(answer.value, time_ns))

    async def list_equity_history(
        self, request: v1.ListEquityHistoryRequest, context: Context
    ) -> v1.ListEquityHistoryResponse:
        venue = self._lifecycle.venue
        faults = Faults()
        account_id = read_account_id(request.account_id, faults)
        interval_ns = _read_interval(request.interval_seconds, faults)
        start_time_ns = 0 if request.start_time is None else nanoseconds(request.start_time)
        tokens = PageTokens("equity", account_id, interval_ns, request.start_time, request.end_time)
        page_size = read_page_size(request.page_size, faults)
        place = tokens.read(request.page_token, faults)
        faults.check()
        # What is stamped from now on belongs to no time that is asked for, and what was before is durable
        # once the account was read.
        now_ns = self._clock.time_ns()
        account = (await venue.queries.read(lambda exchange: exchange.account(account_id))).value
        if account is None:
            raise unknown_account(account_id)
        if place is not None:
            start_time_ns = int(place[0])
        else:
            start_time_ns = max(start_time_ns, account.create_time_ns, first_kept(now_ns, interval_ns))
        end_time_ns = now_ns + 1
        if request.end_time is not None:
            end_time_ns = min(end_time_ns, nanoseconds(request.end_time))
        points = list(
            islice(
                venue.equity_history.points(account_id, interval_ns, start_time_ns, end_time_ns),
                page_size + 1,
            )
        )
        return v1.ListEquityHistoryResponse(
            points=[venue.portfolios.equity_point(point) for point in points[:page_size]],
            next_page_token=tokens.write((points[-1].time_ns,)) if len(points) > page_size else "",
        )

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

    async def transfer(self, request: v1.TransferRequest, context: Context) -> v1.TransferResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.transfer, request)

    async def stream_portfolio(
        self, request: v1.StreamPortfolioRequest, context: Context
    ) -> AsyncIterator[v1.StreamPortfolioResponse]:
        account_id = _read_account_id(request.account_id)
        changes = self._lifecycle.venue.portfolio_streams.changes(account_id)
        async with aclosing(opened(changes, context)) as messages:
            async for message in messages:
                yield message


def _read_interval(seconds: int, faults: Faults) -> int:
    """Read the distance of points in nanoseconds; an hour where nothing is said."""
    if seconds < 0 or seconds % _MINUTE:
        faults.expected("interval_seconds", f"a multiple of {_MINUTE}, or 0 for {_HOUR}", str(seconds))
        return MINUTE_NS
    return (seconds or _HOUR) // _MINUTE * MINUTE_NS


def _read_account_id(account_id: str) -> str:
    faults = Faults()
    read_account_id(account_id, faults)
    faults.check()
    return account_id
