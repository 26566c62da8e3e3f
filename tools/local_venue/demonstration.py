"""What a newcomer finds at a fresh venue: two instruments, two funded accounts, and somebody to trade with.

Made through the contract, and safe to make again: what is there already stays as it is.
"""

from collections.abc import Awaitable
from dataclasses import dataclass

import grpc
import grpc.aio

from markethall_protos.v1 import (
    AdministrationServiceStub,
    CreateAccountRequest,
    CreateAssetRequest,
    CreateInstrumentRequest,
    DepositRequest,
    GetDepthRequest,
    ListBalancesRequest,
    MarketDataServiceStub,
    OrderServiceStub,
    PlaceOrderRequest,
    PortfolioServiceStub,
    Side,
)

ACCOUNT = "demo"
"""Whose orders are those that name no account."""
MARKET_MAKER = "demo-2"

USD_SCALE = 6
"""Places of a dollar: tick times lot must be whole, and 0.01 times 0.0001 is a millionth."""

_ASSETS = (("USD", USD_SCALE), ("BTC", 8), ("ETH", 8))
_FUNDS = (("USD", "10000000"), ("BTC", "100"), ("ETH", "1000"))
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class _Market:
    instrument: CreateInstrumentRequest
    bids: tuple[tuple[str, str], ...]
    """Price and quantity of the market maker's orders."""
    asks: tuple[tuple[str, str], ...]


_MARKETS = (
    _Market(
        CreateInstrumentRequest(
            symbol="BTC-USD",
            base_asset="BTC",
            quote_asset="USD",
            tick_size="0.01",
            lot_size="0.0001",
            max_quantity="1000",
            maker_fee="0.0002",
            taker_fee="0.0005",
        ),
        bids=(("64999.75", "0.8"), ("64998.5", "1.5"), ("64990", "4")),
        asks=(("65000.25", "1.2"), ("65001.5", "1.5"), ("65010", "4")),
    ),
    _Market(
        CreateInstrumentRequest(
            symbol="ETH-USD",
            base_asset="ETH",
            quote_asset="USD",
            tick_size="0.01",
            lot_size="0.0001",
            max_quantity="10000",
            maker_fee="0.0002",
            taker_fee="0.0005",
        ),
        bids=(("3499.5", "12"), ("3499", "20"), ("3495", "60")),
        asks=(("3500.5", "12"), ("3501", "20"), ("3505", "60")),
    ),
)


async def provide_demonstration(channel: grpc.aio.Channel) -> None:
    """Raises `grpc.aio.AioRpcError`."""
    administration = AdministrationServiceStub(channel)
    for asset, scale in _ASSETS:
        await _unless_there(administration.create_asset(CreateAssetRequest(asset=asset, scale=scale)))
    for market in _MARKETS:
        await _unless_there(administration.create_instrument(market.instrument))
    for account_id, name in ((ACCOUNT, "Demonstration"), (MARKET_MAKER, "Demonstration, market maker")):
        request = CreateAccountRequest(account_id=account_id, display_name=name)
        await _unless_there(administration.create_account(request))
        await _fund(channel, account_id)
    for market in _MARKETS:
        await _fill_book(channel, market)


async def _unless_there(call: Awaitable[object]) -> None:
    """Make something; one that is there with another content stays."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.ALREADY_EXISTS:
            raise


async def _fund(channel: grpc.aio.Channel, account_id: str) -> None:
    """Deposit what the account has nothing of."""
    portfolio = PortfolioServiceStub(channel)
    response = await portfolio.list_balances(ListBalancesRequest(account_id=account_id), timeout=_TIMEOUT_S)
    held = {balance.asset for balance in response.balances}
    for asset, amount in _FUNDS:
        if asset not in held:
            await portfolio.deposit(
                DepositRequest(account_id=account_id, asset=asset, amount=amount, reference="demonstration"),
                timeout=_TIMEOUT_S,
            )


async def _fill_book(channel: grpc.aio.Channel, market: _Market) -> None:
    """Let the market maker quote the sides of the book that are empty."""
    symbol = market.instrument.symbol
    response = await MarketDataServiceStub(channel).get_depth(
        GetDepthRequest(symbol=symbol, levels=1), timeout=_TIMEOUT_S
    )
    assert response.depth is not None
    for side, orders, levels in (
        (Side.BUY, market.bids, response.depth.bids),
        (Side.SELL, market.asks, response.depth.asks),
    ):
        for price, quantity in () if levels else orders:
            await OrderServiceStub(channel).place_order(
                PlaceOrderRequest(
                    account_id=MARKET_MAKER, symbol=symbol, side=side, quantity=quantity, price=price
                ),
                timeout=_TIMEOUT_S,
            )
