"""A client of the contract, with the market that most tests of the calls begin with."""

import grpc
import pytest

from markethall_protos import v1
from markethall_protos.codec import decode
from markethall_protos.google.rpc import BadRequest, ErrorInfo, RetryInfo, Status

BUY, SELL = v1.Side.BUY, v1.Side.SELL


class Client:
    """The stubs of every service of the engine."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.core_engine = v1.CoreEngineServiceStub(channel)
        self.orders = v1.OrderServiceStub(channel)
        self.market_data = v1.MarketDataServiceStub(channel)
        self.portfolio = v1.PortfolioServiceStub(channel)
        self.administration = v1.AdministrationServiceStub(channel)
        self.risk = v1.RiskServiceStub(channel)

    async def open_market(self) -> None:
        """Create BTC-USD with ticks of a cent, lots of 0.001 and fees, and fund `maker` and `taker`."""
        for asset, scale in (("BTC", 8), ("USD", 5)):
            await self.administration.create_asset(v1.CreateAssetRequest(asset=asset, scale=scale))
        await self.administration.create_instrument(btc_usd())
        for account_id in ("maker", "taker"):
            await self.administration.create_account(v1.CreateAccountRequest(account_id=account_id))
            await self.portfolio.deposit(v1.DepositRequest(account_id, "USD", "1000000"))
            await self.portfolio.deposit(v1.DepositRequest(account_id, "BTC", "100"))

    async def place(
        self, account_id: str = "maker", side: v1.Side = BUY, **fields: object
    ) -> v1.PlaceOrderResponse:
        return await self.orders.place_order(order(account_id, side, **fields))

    async def trade(self, quantity: str = "1", price: str = "100") -> v1.PlaceOrderResponse:
        """Have `maker` sell to `taker`; gives the taker's reply."""
        await self.place("maker", SELL, quantity=quantity, price=price)
        return await self.place("taker", BUY, quantity=quantity, price=price)


def btc_usd(**fields: object) -> v1.CreateInstrumentRequest:
    terms: dict[str, object] = {
        "symbol": "BTC-USD",
        "base_asset": "BTC",
        "quote_asset": "USD",
        "tick_size": "0.01",
        "lot_size": "0.001",
        "maker_fee": "0.001",
        "taker_fee": "0.002",
    }
    return v1.CreateInstrumentRequest(**(terms | fields))


def order(account_id: str = "maker", side: v1.Side = BUY, **fields: object) -> v1.PlaceOrderRequest:
    """An order for 1 BTC at 100 unless said otherwise."""
    terms: dict[str, object] = {"symbol": "BTC-USD", "quantity": "1", "price": "100"}
    return v1.PlaceOrderRequest(account_id=account_id, side=side, **(terms | fields))


class Refused:
    """What the contract says of a failed call: its code, reason, message and violations."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        self.code = error.code()
        self.message = error.details()
        self.trailers = dict(error.trailing_metadata() or ())
        self.reason = ""
        self.violations: dict[str, str] = {}
        self.retry_after_s: float | None = None
        status = decode(Status, self.trailers.get("grpc-status-details-bin", b""))
        for detail in status.details:
            kind = detail.type_url.removeprefix("type.googleapis.com/google.rpc.")
            if kind == "ErrorInfo":
                info = decode(ErrorInfo, detail.value)
                assert info.domain == "markethall"
                self.reason = info.reason
            elif kind == "BadRequest":
                for violation in decode(BadRequest, detail.value).field_violations:
                    self.violations[violation.field] = violation.description
            else:
                assert kind == "RetryInfo"
                delay = decode(RetryInfo, detail.value).retry_delay
                self.retry_after_s = delay.total_seconds() if delay is not None else None


async def refused(call: grpc.aio.UnaryUnaryCall) -> Refused:
    """Await a call that must fail, and give what it was told."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return Refused(caught.value)
