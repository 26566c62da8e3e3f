"""`kill -9` at any moment under load loses no acknowledged command and repeats none.

Real processes: an engine is killed at random moments of its start and of its work, again and again on one
journal, while clients trade over a stream and by unary calls. What they were told is compared with what the
recovered engine says. `MARKETHALL_CRASHES` sets how often, `MARKETHALL_SEED` repeats a run.
"""

import asyncio
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from random import Random

import grpc.aio
import pytest

from markethall_protos import v1
from markethall_protos.codec import encode
from tests.core_engine.rpc.client import Client, btc_usd
from tests.end_to_end.load import ACCOUNTS, Load, Told
from tests.engine_process import EngineProcess, engine_process

CRASHES = int(os.environ.get("MARKETHALL_CRASHES", "15"))
SEED = int(os.environ.get("MARKETHALL_SEED", "0"))
DEPOSITS = {"BTC": Decimal(1_000), "USD": Decimal(10_000_000)}


@pytest.mark.timeout(60 + 20 * CRASHES)
async def test_a_killed_engine_has_every_acknowledged_command_exactly_once(tmp_path: Path):
    random = Random(SEED)
    sent: set[str] = set()
    told = Told()
    for iteration in range(CRASHES):
        with engine_process(tmp_path, snapshot_every=2_000) as engine:
            if random.random() < 0.15:
                await asyncio.sleep(random.uniform(0, 1))  # a moment of start or recovery
                engine.kill()
                continue
            async with engine.channel() as channel:
                if not sent:
                    await open_market(channel)
                await check_what_was_told(channel, told)
                told = await trade_until_killed(engine, channel, random, f"i{iteration}")
                sent |= told.sent.keys()
                assert told.answers and any(told.reports.values())
    with engine_process(tmp_path) as engine:
        async with engine.channel() as channel:
            await check_what_was_told(channel, told)
            await check_each_order_is_there_once(channel, sent)
            await check_no_money_came_or_went(channel)
        assert await asyncio.to_thread(engine.terminate) == 0


async def open_market(channel: grpc.aio.Channel) -> None:
    """List BTC-USD without fees, so that all that was deposited stays with the two accounts."""
    client = Client(channel)
    for asset, scale in (("BTC", 8), ("USD", 5)):
        await client.administration.create_asset(v1.CreateAssetRequest(asset=asset, scale=scale))
    await client.administration.create_instrument(btc_usd(maker_fee="", taker_fee=""))
    for account_id in ACCOUNTS:
        await client.administration.create_account(v1.CreateAccountRequest(account_id=account_id))
        for asset, amount in DEPOSITS.items():
            await client.portfolio.deposit(v1.DepositRequest(account_id, asset, str(amount)))


async def trade_until_killed(
    engine: EngineProcess, channel: grpc.aio.Channel, random: Random, name: str
) -> Told:
    load = Load(channel, random, name)
    await load.run(random.randint(1, 4_000), engine.kill)
    return load.told


async def check_what_was_told(channel: grpc.aio.Channel, told: Told) -> None:
    """Whether all that clients were told before the crash is so after it, and not a second time."""
    client = Client(channel)
    before = await sequence(client)
    acknowledged = [told.sent[client_order_id] for client_order_id in told.answers]
    assert await answers(client, acknowledged) == told.answers
    assert await sequence(client) == before, "a retry of what was acknowledged did something"

    for client_order_id in told.canceled:
        request = v1.GetOrderRequest(
            client_order_id=client_order_id, account_id=told.sent[client_order_id].account_id
        )
        order = (await client.orders.get_order(request)).order
        assert order is not None and order.status == v1.OrderStatus.CANCELED
    for account_id, reports in told.reports.items():
        assert await reports_again(client, account_id, reports) == reports

    # What was not acknowledged may have been carried out or not; now it is, and for once.
    others = [order for client_order_id, order in told.sent.items() if client_order_id not in told.answers]
    assert (await answers(client, others)).keys() == told.sent.keys() - told.answers.keys()


async def answers(client: Client, orders: list[v1.PlaceOrderRequest]) -> dict[str, bytes]:
    """Place the orders, for the first time or again, and give the encoded answers by client order id."""
    given = {}
    for start in range(0, len(orders), 1_000):
        batch = await client.orders.place_orders(v1.PlaceOrdersRequest(orders[start : start + 1_000]))
        for result in batch.results:
            assert result.response is not None and result.response.order is not None, result.error
            given[result.response.order.client_order_id] = encode(result.response)
    return given


async def reports_again(
    client: Client, account_id: str, told: list[v1.ExecutionReport]
) -> list[v1.ExecutionReport]:
    """Read as many reports as were told, from the first of them on, resumed from the journal."""
    if not told:
        return []
    stream = client.orders.stream_execution_reports(
        v1.StreamExecutionReportsRequest(account_id=account_id, after_sequence=told[0].sequence - 1)
    )
    reports = [(await stream.read()).report for _ in told]
    stream.cancel()
    return [report for report in reports if report is not None]


async def check_each_order_is_there_once(channel: grpc.aio.Channel, sent: set[str]) -> None:
    client = Client(channel)
    found: Counter[str] = Counter()
    for account_id in ACCOUNTS:
        request = v1.ListOrdersRequest(account_id=account_id, page_size=1_000)
        while True:
            page = await client.orders.list_orders(request)
            found.update(order.client_order_id for order in page.orders)
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    assert found == Counter(sent)


async def check_no_money_came_or_went(channel: grpc.aio.Channel) -> None:
    client = Client(channel)
    totals = dict.fromkeys(DEPOSITS, Decimal(0))
    for account_id in ACCOUNTS:
        for balance in (await client.portfolio.list_balances(v1.ListBalancesRequest(account_id))).balances:
            totals[balance.asset] += Decimal(balance.total)
    assert totals == {asset: amount * len(ACCOUNTS) for asset, amount in DEPOSITS.items()}


async def sequence(client: Client) -> int:
    return (await client.core_engine.get_status(v1.GetStatusRequest())).sequence
