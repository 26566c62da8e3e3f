"""Random traffic from a seed: a small venue and commands that make much happen in few steps.

Prices are close together, so that orders meet; funds are short for one account; instruments are halted,
resumed, repriced and at last closed; ids are reused, unknown, foreign and ended.
"""

import random
from collections.abc import Iterator

from markethall_engine.domain.commands import (
    CancelAllOrders,
    CancelOrder,
    Command,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    Deposit,
    PlaceOrder,
    ReplaceOrder,
    UpdateInstrument,
    Withdraw,
)
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.instrument import InstrumentStatus, Step
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from tests.simulation.risk_traffic import risk_command

ACCOUNTS = ("ann", "bob", "cid", "poor")
SYMBOLS = ("BTC-USD", "ETH-USD", "ETH-BTC")

SETUP: tuple[CreateAsset | CreateAccount | CreateInstrument, ...] = (
    CreateAsset("BTC", 8),
    CreateAsset("ETH", 6),
    CreateAsset("USD", 2),
    CreateInstrument("BTC-USD", "BTC", "USD", Step(5, 1), Step(1, 1), 1, 0, 0, 1_000, 2_500),
    CreateInstrument("ETH-USD", "ETH", "USD", Step(1, 2), Step(1, 0), 2, 30, 200_000, 0, 333_333),
    CreateInstrument("ETH-BTC", "ETH", "BTC", Step(3, 4), Step(2, 3), 1, 0, 0, 777, 10),
    *(CreateAccount(account_id) for account_id in ACCOUNTS),
)


def traffic(seed: int, commands: int, first_sequence: int) -> Iterator[Command]:
    """`commands` commands for a venue that was set up with `SETUP`; the same for the same arguments.

    The first one's sequence is `first_sequence`, and the others' follow: so it knows the orders' ids.
    """
    chance = random.Random(seed)
    funding = [
        Deposit(account_id, asset, 2_000_000 if account_id == "poor" else 10**11)
        for account_id in ACCOUNTS
        for asset in ("BTC", "ETH", "USD")
    ]
    yield from funding
    placed: list[tuple[int, str]] = []
    for step in range(commands):
        command = _command(chance, placed, is_late=step > commands * 0.9)
        if isinstance(command, PlaceOrder) and command.time_in_force is TimeInForce.GTC:
            placed.append((first_sequence + len(funding) + step, command.account_id))
        yield command


def _command(chance: random.Random, placed: list[tuple[int, str]], *, is_late: bool) -> Command:
    account_id = chance.choice(ACCOUNTS) if chance.random() < 0.99 else "nobody"
    symbol = chance.choice(SYMBOLS) if chance.random() < 0.99 else "NONE"
    kind = chance.random()
    if kind < 0.65:
        return _place(chance, account_id, symbol)
    if kind < 0.80:
        owner, order_id, client_order_id = _which(chance, placed, account_id)
        return ReplaceOrder(
            owner,
            1 if chance.random() < 0.98 else 2,
            order_id,
            client_order_id,
            quantity_lots=chance.choice((None, chance.randint(-1, 8), chance.randint(1, 30))),
            price_ticks=chance.choice((None, _price(chance, 20))),
            display_lots=chance.choice((*(None,) * 8, 0, chance.randint(-1, 5))),
        )
    if kind < 0.90:
        return CancelOrder(*_which(chance, placed, account_id))
    if kind < 0.91:
        return CancelAllOrders(
            account_id, chance.choice(("", symbol)), chance.choice((None, Side.BUY, Side.SELL))
        )
    if kind < 0.95:
        return risk_command(chance, account_id, symbol)
    if kind < 0.97:
        asset = chance.choice(("BTC", "ETH", "USD", "XXX"))
        transfer = chance.choice((Deposit, Withdraw))
        return transfer(account_id, asset, chance.randint(-1, 5_000_000), chance.choice(("", "note")))
    return _update(chance, symbol, is_late=is_late)


def _place(chance: random.Random, account_id: str, symbol: str) -> PlaceOrder:
    order_type = OrderType.LIMIT if chance.random() < 0.85 else OrderType.MARKET
    makes_sense = chance.random() < 0.98
    is_limit = (order_type is OrderType.LIMIT) is makes_sense
    side = chance.choice((Side.BUY, Side.SELL))
    time_in_force = chance.choice(
        (*(TimeInForce.GTC,) * 8, TimeInForce.IOC, TimeInForce.FOK)
        if is_limit
        else (TimeInForce.IOC, TimeInForce.FOK)
    )
    may_rest = time_in_force is TimeInForce.GTC
    return PlaceOrder(
        account_id=account_id,
        client_order_id=str(chance.randint(1, 200)) if chance.random() < 0.5 else "",
        symbol=symbol,
        instrument_revision=1 if chance.random() < 0.99 else 2,
        side=side,
        order_type=order_type,
        time_in_force=time_in_force,
        quantity_lots=chance.randint(1, 30) if chance.random() < 0.98 else 0,
        price_ticks=_price(chance, 17 if side is Side.BUY else 23) if is_limit else 0,
        instructions=_instructions(chance, may_rest=may_rest) if chance.random() < 0.7 else None,
    )


def _instructions(chance: random.Random, *, may_rest: bool) -> Instructions:
    rules = (None, *SelfTradePrevention, SelfTradePrevention.DECREMENT)
    is_post_only = may_rest and chance.random() < 0.3
    asks_for_minimum = not is_post_only and chance.random() < 0.3
    is_iceberg = chance.random() < 0.4
    return Instructions(
        self_trade_prevention=chance.choice(rules),
        post_only=is_post_only or chance.random() < 0.01,
        min_quantity_lots=chance.randint(1, 10) if asks_for_minimum or chance.random() < 0.01 else 0,
        display_lots=chance.randint(1, 8) if (may_rest or chance.random() < 0.01) and is_iceberg else 0,
    )


def _price(chance: random.Random, center: int) -> int:
    return max(0, round(chance.gauss(center, 4)))


def _which(chance: random.Random, placed: list[tuple[int, str]], account_id: str) -> tuple[str, int, str]:
    """An account and its order's id or client order id, mostly of a recent order and mostly right."""
    if not placed or chance.random() < 0.1:
        return account_id, chance.randint(1, 200), ""
    if chance.random() < 0.2:
        return account_id, 0, str(chance.randint(1, 200))
    order_id, owner = placed[-min(len(placed), chance.randint(1, 8))]
    return owner if chance.random() < 0.97 else account_id, order_id, ""


def _update(chance: random.Random, symbol: str, *, is_late: bool) -> UpdateInstrument:
    if chance.random() < 0.3:
        return UpdateInstrument(
            symbol, maker_fee_ppm=chance.randint(0, 5_000), taker_fee_ppm=chance.randint(0, 5_000)
        )
    if chance.random() < 0.2:
        return UpdateInstrument(symbol, price_band_ppm=chance.choice((0, 0, 0, 400_000, 800_000)))
    if is_late and chance.random() < 0.1:
        return UpdateInstrument(symbol, status=InstrumentStatus.CLOSED)
    weights = (InstrumentStatus.HALTED, *(InstrumentStatus.OPEN,) * 12)
    return UpdateInstrument(symbol, status=chance.choice(weights))
