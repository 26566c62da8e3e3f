"""Random traffic from a seed: a small venue and commands that make much happen in few steps.

Prices are close together, so that orders meet; funds are short for one account; instruments are halted,
resumed, repriced and at last closed; ids are reused, unknown, foreign and ended.
"""

from collections.abc import Iterator, Sequence
from random import Random

from markethall_engine.domain.commands import (
    Command,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    Deposit,
    Transfer,
    Withdraw,
)
from markethall_engine.domain.events import Event
from markethall_engine.domain.instrument import FeeRates, Step
from markethall_engine.domain.margin import Margin
from tests.simulation.order_traffic import OrderTraffic
from tests.simulation.profiles import profile_of
from tests.simulation.risk_traffic import risk_command
from tests.simulation.venue_traffic import update_account, update_instrument

ACCOUNTS = ("ann", "bob", "cid", "poor", "poor.1", "lev")
SYMBOLS = ("BTC-USD", "ETH-USD", "ETH-BTC")

SETUP: tuple[CreateAsset | CreateAccount | CreateInstrument | Deposit, ...] = (
    CreateAsset("BTC", 8),
    CreateAsset("ETH", 6),
    CreateAsset("USD", 2),
    CreateInstrument(
        "BTC-USD",
        "BTC",
        "USD",
        Step(5, 1),
        Step(1, 1),
        1,
        0,
        0,
        1_000,
        2_500,
        fee_tiers={"gold": FeeRates(100, 700)},
    ),
    CreateInstrument("ETH-USD", "ETH", "USD", Step(1, 2), Step(1, 0), 2, 30, 200_000, 0, 333_333),
    CreateInstrument("ETH-BTC", "ETH", "BTC", Step(3, 4), Step(2, 3), 1, 0, 0, 777, 10, 20, 200_000),
    CreateAccount("ann", fee_tier="gold", self_trade_group_id="desk"),
    CreateAccount("bob", self_trade_group_id="desk"),
    CreateAccount("cid", fee_tier="none"),
    CreateAccount("poor"),
    CreateAccount("poor.1", parent_account_id="poor"),
    CreateAccount("lev", parent_account_id="poor", margin=Margin(200_000, 150_000)),
    *(
        Deposit(account_id, asset, 2_000_000 if account_id == "poor" else 10**11)
        for account_id in ACCOUNTS[:-1]
        for asset in ("BTC", "ETH", "USD")
    ),
    Deposit("lev", "USD", 2_000),
    Deposit("lev", "BTC", 20_000),
)

_STEPS_NS = (0, 1_000_000, 150_000_000, 400_000_000, 1_000_000_000)
_HOUR_NS = 3_600 * 1_000_000_000


class Traffic:
    """What the clients of one run ask; the same for the same seed, if it hears the same."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self._profile = profile_of(seed)
        self._orders = OrderTraffic(self._chance, self._profile)
        self._time_ns = 0

    def asked(self, count: int) -> Iterator[tuple[int, tuple[Command, ...]]]:
        """Times and what is asked then, one command or a batch: what sets the venue up, and `count` more."""
        for command in SETUP:
            yield self._time_ns, (command,)
        for step in range(count):
            jumps = self._orders.rarely(0.02)
            self._time_ns += (
                self._chance.randint(1, 20) * _HOUR_NS if jumps else self._chance.choice(_STEPS_NS)
            )
            if self._orders.rarely(0.02):
                yield self._time_ns, self._batch()
            else:
                yield self._time_ns, (self._command(is_late=step > count * 0.9),)

    def hear(self, entries: Sequence[tuple[int, int, Command, list[Event]]]) -> None:
        """Learn from what the venue did."""
        for _, _, _, events in entries:
            for event in events:
                self._orders.memory.hear(event)

    def _batch(self) -> tuple[Command, ...]:
        """Orders that shall all rest, or none, mostly of one account."""
        chance = self._chance
        account_id = chance.choice(ACCOUNTS)
        orders = []
        for _ in range(chance.randint(2, 4)):
            place = self._orders.place_in_batch if chance.random() < 0.97 else self._orders.place
            owner = account_id if chance.random() < 0.9 else chance.choice(ACCOUNTS)
            orders.append(place(self._time_ns, owner, chance.choice(SYMBOLS)))
        return tuple(orders)

    def _command(self, *, is_late: bool) -> Command:
        chance, orders = self._chance, self._orders
        account_id = chance.choice(ACCOUNTS) if chance.random() < 0.99 else "nobody"
        if orders.rarely(self._profile.margin):
            account_id = "lev"
        symbol = chance.choice(SYMBOLS) if chance.random() < 0.99 else "NONE"
        if orders.rarely(self._profile.updates):
            return update_instrument(chance, symbol, self._profile.auctions, is_late=is_late)
        kind = chance.random()
        if kind < 0.65:
            return orders.place(self._time_ns, account_id, symbol)
        if kind < 0.80:
            return orders.replace(account_id)
        if kind < 0.90:
            return orders.cancel(account_id)
        if kind < 0.91:
            return orders.cancel_all(account_id, symbol)
        if kind < 0.92:
            return orders.end_session()
        if kind < 0.925:
            return update_account(chance, account_id)
        if kind < 0.95:
            return risk_command(chance, account_id, symbol)
        return self._movement(account_id)

    def _movement(self, account_id: str) -> Deposit | Withdraw | Transfer:
        chance = self._chance
        asset = chance.choice(("BTC", "ETH", "USD", "XXX"))
        amount, note = chance.randint(-1, 5_000_000), chance.choice(("", "note"))
        if chance.random() < 0.4:
            payer, payee = chance.sample(("poor", "poor.1", "lev", account_id), 2)
            return Transfer(payer, payee, asset, amount, note)
        return chance.choice((Deposit, Withdraw))(account_id, asset, amount, note)
