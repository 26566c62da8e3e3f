"""A small venue by its commands: two assets, one instrument, two funded accounts, and orders."""

from markethall_engine.domain.commands import (
    CancelOrder,
    Command,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    Deposit,
    PlaceOrder,
)
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import Step
from markethall_engine.domain.order import OrderType, Side, TimeInForce

ALICE, BOB = "alice", "bob"
SYMBOL = "BTC-USD"

OPENING: list[Command] = [
    CreateAsset("BTC", 8),
    CreateAsset("USD", 4),
    CreateInstrument(
        symbol=SYMBOL,
        base_asset="BTC",
        quote_asset="USD",
        tick_size=Step(1, 2),
        lot_size=Step(1, 2),
        min_quantity_lots=1,
        max_quantity_lots=0,
        price_band_ppm=0,
        maker_fee_ppm=100,
        taker_fee_ppm=250,
    ),
    *(CreateAccount(account_id) for account_id in (ALICE, BOB)),
    *(Deposit(account_id, asset, 10**15) for account_id in (ALICE, BOB) for asset in ("BTC", "USD")),
]
"""Sequences 1 to 9, without a refusal."""


def order(
    account_id: str,
    side: Side,
    price_ticks: int,
    quantity_lots: int = 10,
    *,
    client_order_id: str = "",
    time_in_force: TimeInForce = TimeInForce.GTC,
    instructions: Instructions | None = None,
) -> PlaceOrder:
    return PlaceOrder(
        account_id=account_id,
        client_order_id=client_order_id,
        symbol=SYMBOL,
        instrument_revision=1,
        side=side,
        order_type=OrderType.LIMIT,
        time_in_force=time_in_force,
        quantity_lots=quantity_lots,
        price_ticks=price_ticks,
        instructions=instructions,
    )


def buy(account_id: str, price_ticks: int, quantity_lots: int = 10, client_order_id: str = "") -> PlaceOrder:
    return order(account_id, Side.BUY, price_ticks, quantity_lots, client_order_id=client_order_id)


def sell(account_id: str, price_ticks: int, quantity_lots: int = 10, client_order_id: str = "") -> PlaceOrder:
    return order(account_id, Side.SELL, price_ticks, quantity_lots, client_order_id=client_order_id)


def cancel(account_id: str, order_id: int) -> CancelOrder:
    return CancelOrder(account_id, order_id)
