"""The stream of a portfolio: the whole, and then what of it changed."""

import asyncio

import grpc
import pytest

from markethall_engine.application.change_signal import ChangeSignal
from markethall_engine.application.subscription import StreamEnded
from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client, btc_usd
from tests.engine_process import running_engine

Stream = grpc.aio.UnaryStreamCall[v1.StreamPortfolioRequest, v1.StreamPortfolioResponse]


async def opened(client: Client, account_id: str = "taker") -> tuple[Stream, v1.Portfolio]:
    """A stream, and the snapshot that it began with."""
    stream = client.portfolio.stream_portfolio(v1.StreamPortfolioRequest(account_id))
    response = await stream.read()
    assert response.is_snapshot and response.portfolio is not None
    return stream, response.portfolio


async def changed(stream: Stream) -> v1.Portfolio:
    response = await stream.read()
    assert not response.is_snapshot and response.portfolio is not None
    return response.portfolio


async def portfolio(client: Client, account_id: str = "taker") -> v1.Portfolio:
    found = (await client.portfolio.get_portfolio(v1.GetPortfolioRequest(account_id))).portfolio
    assert found is not None
    return found


async def test_a_stream_begins_with_the_whole_portfolio(client: Client):
    await client.trade(quantity="2")
    stream, snapshot = await opened(client)
    assert snapshot == await portfolio(client)
    stream.cancel()


async def test_only_what_changed_is_told(client: Client):
    await client.trade(quantity="2")
    stream, _ = await opened(client)
    placed = (await client.place("taker", BUY, quantity="1", price="90")).order
    assert placed is not None
    # An order sets money aside, and changes nothing else.
    assert await changed(stream) == v1.Portfolio(
        account_id="taker",
        balances=[v1.Balance("USD", "999709.42", "90.18", "999799.6")],
        sequence=placed.sequence,
    )
    stream.cancel()


async def test_what_others_do_is_told_where_it_changes_what_a_holding_is_worth(client: Client):
    await client.administration.create_account(v1.CreateAccountRequest("third"))
    for asset, amount in (("USD", "1000"), ("BTC", "5")):
        await client.portfolio.deposit(v1.DepositRequest("third", asset, amount))
    await client.trade(quantity="2", price="100")
    stream, _ = await opened(client)
    await client.place("maker", SELL, quantity="1", price="110")
    trade = (await client.place("third", BUY, quantity="1", price="110")).order
    assert trade is not None
    told = await changed(stream)
    assert (told.balances, told.sequence) == ([], trade.sequence)
    assert [(position.symbol, position.unrealized_pnl) for position in told.positions] == [("BTC-USD", "20")]
    # 102 BTC at ten more
    assert [equity.equity for equity in told.equities] == ["1011019.6"]
    stream.cancel()


async def test_what_is_gone_is_told_as_nothing(client: Client):
    await client.administration.create_account(v1.CreateAccountRequest("third"))
    await client.portfolio.deposit(v1.DepositRequest("third", "USD", "5"))
    stream, snapshot = await opened(client, "third")
    assert [equity.equity for equity in snapshot.equities] == ["5"]
    await client.portfolio.withdraw(v1.WithdrawRequest("third", "USD", "5"))
    told = await changed(stream)
    assert (told.balances, told.equities) == ([v1.Balance("USD", "0", "0", "0")], [v1.Equity("USD", "0")])
    stream.cancel()


async def test_what_changes_nothing_is_not_told(client: Client):
    await client.administration.create_instrument(btc_usd(symbol="B-1"))
    stream, _ = await opened(client)
    await client.place("taker", BUY, quantity="1000000", price="100")  # refused
    await client.place("maker", BUY, quantity="1", price="100")  # another's, and no trade
    deposit = await client.portfolio.deposit(v1.DepositRequest("taker", "USD", "1"))
    assert (await changed(stream)).sequence == deposit.sequence
    stream.cancel()


async def test_what_was_told_adds_up_to_the_portfolio(client: Client):
    stream, snapshot = await opened(client)
    balances = {balance.asset: balance for balance in snapshot.balances}
    positions = {position.symbol: position for position in snapshot.positions}
    sequence = snapshot.sequence
    for price in ("100", "101", "99"):
        await client.trade(quantity="1.5", price=price)
        await client.place("taker", SELL, quantity="1", price="120")
    newest = await portfolio(client)
    while sequence < newest.sequence:
        told = await changed(stream)
        assert told.sequence > sequence
        sequence = told.sequence
        balances |= {balance.asset: balance for balance in told.balances}
        positions |= {position.symbol: position for position in told.positions}
    assert [balances[asset] for asset in sorted(balances)] == newest.balances
    assert [positions[symbol] for symbol in sorted(positions)] == newest.positions
    stream.cancel()


async def test_a_stream_ends_with_the_engine():
    async with running_engine() as engine:
        client = Client(engine.channel)
        await client.open_market()
        stream, _ = await opened(client)
        stopping = asyncio.create_task(engine.stop())
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stream.read()
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
        await stopping


async def test_a_signal_wakes_its_reader_once_however_often_it_was_set():
    signal = ChangeSignal()
    signal.set()
    signal.set()
    await signal.wait()
    again = asyncio.create_task(signal.wait())
    await asyncio.sleep(0)
    assert not again.done()
    signal.set_soon()
    signal.set_soon()
    await again
    signal.end(StreamEnded("the end"))
    with pytest.raises(StreamEnded):
        await signal.wait()
