"""Money that comes onto the venue's books, or leaves them."""

from markethall_engine.domain.commands import Deposit, Withdraw
from markethall_engine.domain.events import CommandRejected, Event, FundsDeposited, FundsWithdrawn
from markethall_engine.domain.reasons import RejectReason
from tests.simulation.oracle.state import State


def deposit(state: State, command: Deposit) -> list[Event]:
    return _why_not(state, command) or [FundsDeposited(*_move(state, command, command.amount))]


def withdraw(state: State, command: Withdraw) -> list[Event]:
    refusal = _why_not(state, command)
    if not refusal and command.amount > state.available(command.account_id, command.asset):
        refusal = [CommandRejected(RejectReason.INSUFFICIENT_FUNDS, "")]
    return refusal or [FundsWithdrawn(*_move(state, command, -command.amount))]


def _why_not(state: State, command: Deposit | Withdraw) -> list[Event]:
    if command.account_id not in state.accounts:
        return [CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "")]
    if command.asset not in state.assets:
        return [CommandRejected(RejectReason.UNKNOWN_ASSET, "")]
    if command.amount <= 0:
        return [CommandRejected(RejectReason.INVALID_PARAMETERS, "")]
    return []


def _move(state: State, command: Deposit | Withdraw, amount: int) -> tuple[str, str, int, str, int, int]:
    key = (command.account_id, command.asset)
    state.holdings[key] += amount
    available = state.available(*key)
    return *key, command.amount, command.reference, available, state.holdings[key] - available
