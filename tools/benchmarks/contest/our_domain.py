"""Our whole domain: decide and apply, with checks, ledger, fees, positions and events."""

from collections.abc import Sequence

from markethall_engine.domain.commands import (
    CancelOrder,
    Command,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    Deposit,
    PlaceOrder,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import Step as TickOrLot
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from tools.benchmarks.contest.contestant import Call, Prepared
from tools.benchmarks.contest.mixed_flow import ACCOUNTS, Step

SYMBOL = "BENCH-USD"
START_NS = 1_700_000_000_000_000_000


def set_up() -> list[Command]:
    """What the flow needs: an instrument with fees, and accounts with money."""
    commands: list[Command] = [
        CreateAsset("USD", 2),
        CreateAsset("BENCH", 8),
        CreateInstrument(SYMBOL, "BENCH", "USD", TickOrLot(1, 2), TickOrLot(1, 0), 1, 0, 0, 100, 500),
    ]
    for account in range(ACCOUNTS):
        account_id = f"account-{account}"
        commands.append(CreateAccount(account_id))
        commands += [Deposit(account_id, asset, 10**15) for asset in ("USD", "BENCH")]
    return commands


def flow_commands(steps: Sequence[Step], first_sequence: int) -> list[Command]:
    """The flow as commands, the first of which will have `first_sequence`."""
    before_first = first_sequence - 1
    kind = (OrderType.LIMIT, TimeInForce.GTC)
    accounts = [f"account-{account}" for account in range(ACCOUNTS)]
    commands: list[Command] = []
    for step in steps:
        if step.is_cancel:
            commands.append(CancelOrder(accounts[step.account], before_first + step.number))
        else:
            side = Side.BUY if step.is_buy else Side.SELL
            terms = (*kind, step.quantity_lots, step.price_ticks)
            commands.append(PlaceOrder(accounts[step.account], "", SYMBOL, 1, side, *terms))
    return commands


def prepare(steps: Sequence[Step]) -> Prepared:
    exchange = Exchange()
    sequence = 0
    for command in set_up():
        sequence += 1
        exchange.execute(command, sequence, START_NS)
    calls: list[Call] = [
        (exchange.execute, (command, number, START_NS + number))
        for number, command in enumerate(flow_commands(steps, sequence + 1), start=sequence + 1)
    ]

    def resting_lots() -> int:
        levels = [*exchange.levels(SYMBOL, Side.BUY), *exchange.levels(SYMBOL, Side.SELL)]
        return sum(level.quantity_lots for level in levels)

    return Prepared(calls, resting_lots)
