"""A small venue for tests, and events and commands in few words.

The instrument `GOLD-USD` trades in lots of 1 GOLD (no decimal places) and ticks of 0.01 USD (cents), so a
price of 100 ticks is 1 USD and one lot at one tick costs one cent. Fees are nothing unless said.
"""

from typing import Any

import msgspec

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
)
from markethall_engine.domain.events import (
    Event,
    OrderAccepted,
    OrderCanceled,
    OrderRejected,
    OrderRested,
    TradeExecuted,
)
from markethall_engine.domain.exchange import Duplicate, Exchange
from markethall_engine.domain.instrument import Step
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import CancelReason

BUY, SELL = Side.BUY, Side.SELL
LIMIT, MARKET = OrderType.LIMIT, OrderType.MARKET
GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK
SYMBOL = "GOLD-USD"
FIRST_TIME_NS = 1_700_000_000_000_000_000
SECOND_NS = 1_000_000_000


class Record(msgspec.Struct, frozen=True):
    """What a journal keeps of one command."""

    sequence: int
    time_ns: int
    command: Command
    events: list[Event]


class Venue:
    """An exchange, driven as the sequencer drives it: decide, keep, apply, one client's command a second.

    What the venue owes itself follows at once; `followed` is what it did after the last client's command.
    """

    def __init__(self, exchange: Exchange | None = None) -> None:
        self.exchange = exchange or Exchange()
        self.sequence = self.exchange.sequence
        self.time_ns = self.exchange.time_ns or FIRST_TIME_NS
        self.records: list[Record] = []
        self.followed: list[Record] = []

    def submit(self, command: Command) -> list[Event]:
        """The events of a command that is no repetition."""
        decision = self.decide(command)
        assert not isinstance(decision, Duplicate), "a repetition, where a new command was meant"
        return decision

    def decide(self, command: Command) -> list[Event] | Duplicate:
        self.pass_time(SECOND_NS)
        decision = self._carry_out(command)
        self.followed = self.settle()
        return decision

    def pass_time(self, nanoseconds: int) -> list[Record]:
        """Let time go by, and the venue do what it then owes itself."""
        self.time_ns += nanoseconds
        return self.settle()

    def settle(self) -> list[Record]:
        """Have the venue do what it owes itself."""
        done = len(self.records)
        while (owed := self.exchange.next_command(self.time_ns)) is not None:
            self._carry_out(owed)
        return self.records[done:]

    def _carry_out(self, command: Command) -> list[Event] | Duplicate:
        sequence, time_ns = self.sequence + 1, self.time_ns
        decision = self.exchange.decide(command, sequence, time_ns)
        if isinstance(decision, Duplicate):
            return decision
        self.sequence = sequence
        self.records.append(Record(sequence, time_ns, command, decision))
        for event in decision:
            self.exchange.apply(event, sequence, time_ns)
        problems = self.exchange.violations()
        assert not problems, problems
        return decision

    def place(
        self, account_id: str, side: Side, quantity_lots: int, price_ticks: int = 0, **terms: Any
    ) -> int:
        """Place an order and return its id, whatever became of it."""
        self.submit(order(account_id, side, quantity_lots, price_ticks, **terms))
        return self.sequence - len(self.followed)

    def available(self, account_id: str, asset: str) -> int:
        return self.exchange.balance(account_id, asset).available

    def reserved(self, account_id: str, asset: str) -> int:
        return self.exchange.balance(account_id, asset).reserved

    def bids(self) -> list[tuple[int, int, int]]:
        """Price, quantity and order count of each level, best first."""
        return [msgspec.structs.astuple(level) for level in self.exchange.levels(SYMBOL, BUY)]  # type: ignore[misc]

    def asks(self) -> list[tuple[int, int, int]]:
        return [msgspec.structs.astuple(level) for level in self.exchange.levels(SYMBOL, SELL)]  # type: ignore[misc]


def venue(*accounts: str, funds: int = 1_000_000, **instrument_terms: Any) -> Venue:
    """GOLD-USD open, and accounts (`maker` and `taker` unless named) with `funds` of both assets."""
    built = Venue()
    built.submit(CreateAsset("GOLD", 0))
    built.submit(CreateAsset("USD", 2))
    built.submit(create_instrument(**instrument_terms))
    for account_id in accounts or ("maker", "taker"):
        built.submit(CreateAccount(account_id))
        if funds:
            for asset in ("GOLD", "USD"):
                assert kinds(built.submit(Deposit(account_id, asset, funds))) == ["FundsDeposited"]
    return built


def create_instrument(**terms: Any) -> CreateInstrument:
    standard: dict[str, Any] = {
        "symbol": SYMBOL,
        "base_asset": "GOLD",
        "quote_asset": "USD",
        "tick_size": Step(1, 2),
        "lot_size": Step(1, 0),
        "min_quantity_lots": 1,
        "max_quantity_lots": 0,
        "price_band_ppm": 0,
        "maker_fee_ppm": 0,
        "taker_fee_ppm": 0,
    }
    return CreateInstrument(**{**standard, **terms})


def order(account_id: str, side: Side, quantity_lots: int, price_ticks: int = 0, **terms: Any) -> PlaceOrder:
    """A limit GTC order, or without a price a market IOC order."""
    standard: dict[str, Any] = {
        "client_order_id": "",
        "symbol": SYMBOL,
        "instrument_revision": 1,
        "order_type": LIMIT if price_ticks else MARKET,
        "time_in_force": GTC if price_ticks else IOC,
    }
    return PlaceOrder(
        account_id=account_id,
        side=side,
        quantity_lots=quantity_lots,
        price_ticks=price_ticks,
        **{**standard, **terms},
    )


def replace(account_id: str, order_id: int, **terms: Any) -> ReplaceOrder:
    return ReplaceOrder(account_id=account_id, order_id=order_id, **{"instrument_revision": 1, **terms})


def cancel(account_id: str, order_id: int) -> CancelOrder:
    return CancelOrder(account_id, order_id)


def cancel_all(account_id: str, symbol: str = "", side: Side | None = None) -> CancelAllOrders:
    return CancelAllOrders(account_id, symbol, side)


def accepted(command: PlaceOrder, order_id: int, *, reserved: int, fees: tuple[int, int] = (0, 0)) -> Event:
    return OrderAccepted(
        order_id=order_id,
        account_id=command.account_id,
        client_order_id=command.client_order_id,
        symbol=command.symbol,
        side=command.side,
        order_type=command.order_type,
        time_in_force=command.time_in_force,
        quantity_lots=command.quantity_lots,
        price_ticks=command.price_ticks,
        reserved=reserved,
        maker_fee_ppm=fees[0],
        taker_fee_ppm=fees[1],
        instructions=command.instructions,
    )


def rested(command: PlaceOrder, order_id: int, leaves_lots: int) -> Event:
    return OrderRested(
        order_id, command.account_id, command.symbol, command.side, command.price_ticks, leaves_lots
    )


def canceled_at_once(command: PlaceOrder, order_id: int, canceled_lots: int, reason: CancelReason) -> Event:
    return OrderCanceled(
        order_id,
        command.account_id,
        command.symbol,
        command.side,
        command.price_ticks,
        canceled_lots,
        was_resting=False,
        reason=reason,
    )


def fills(events: list[Event]) -> list[tuple[int, int, int]]:
    """Maker's order id, quantity and price of each trade."""
    return [
        (event.maker_order_id, event.quantity_lots, event.price_ticks)
        for event in events
        if isinstance(event, TradeExecuted)
    ]


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def rejection(events: list[Event]) -> OrderRejected:
    """The one event of a refused order."""
    assert len(events) == 1, events
    assert isinstance(events[0], OrderRejected), events
    return events[0]
