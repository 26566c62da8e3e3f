"""The orders that the benchmarks place: seeded, near the touch, about half of them trade.

Limit orders of two accounts on one instrument, within 20 ticks around one price, buys and sells in
turn by chance. The book stays small because each side meets the other, so that the flow can go on
for ever and every run does the same work.
"""

import random
from collections.abc import Iterator

from markethall_protos.v1 import (
    CoreEngineServiceStub,
    CreateAccountRequest,
    CreateAssetRequest,
    CreateInstrumentRequest,
    DepositRequest,
    EngineMessage,
    PlaceOrderRequest,
    ProcessMessageRequest,
    Side,
)

SYMBOL = "BENCH-USD"
ACCOUNTS = ("bench-1", "bench-2")
MIDDLE_CENTS = 65_000_00
REACH_TICKS = 20


def price_text(offset_ticks: int) -> str:
    """Return a price `offset_ticks` cents from the middle, as the wire has it."""
    cents = MIDDLE_CENTS + offset_ticks
    return f"{cents // 100}.{cents % 100:02d}"


def orders(seed: int) -> Iterator[PlaceOrderRequest]:
    """Yield orders for ever; equal seeds give equal orders."""
    chance = random.Random(seed)  # noqa: S311 - a workload, not a secret
    while True:
        side = chance.choice((Side.BUY, Side.SELL))
        yield PlaceOrderRequest(
            account_id=chance.choice(ACCOUNTS),
            symbol=SYMBOL,
            side=side,
            quantity=str(chance.randrange(1, 100)),
            price=price_text(chance.randrange(-REACH_TICKS, REACH_TICKS + 1)),
        )


async def prepare(stub: CoreEngineServiceStub) -> None:
    """Make the instrument and the accounts, funded for any number of orders. Safe to repeat."""
    messages = [
        EngineMessage(create_asset=CreateAssetRequest(asset="USD", scale=2)),
        EngineMessage(create_asset=CreateAssetRequest(asset="BENCH", scale=8)),
    ]
    for message in messages:
        await stub.process_message(ProcessMessageRequest(message=message))
    instrument = CreateInstrumentRequest(
        symbol=SYMBOL,
        base_asset="BENCH",
        quote_asset="USD",
        tick_size="0.01",
        lot_size="1",
        maker_fee="0.0001",
        taker_fee="0.0005",
    )
    messages = [EngineMessage(create_instrument=instrument)]
    for account_id in ACCOUNTS:
        messages.append(EngineMessage(create_account=CreateAccountRequest(account_id=account_id)))
        for asset, amount in (("USD", "1000000000000"), ("BENCH", "100000000")):
            deposit = DepositRequest(account_id=account_id, asset=asset, amount=amount)
            messages.append(EngineMessage(deposit=deposit))
    for message in messages:
        reply = await stub.process_message(ProcessMessageRequest(message=message))
        assert reply.outcome is not None and reply.outcome.error is None, reply
