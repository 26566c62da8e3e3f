"""Whom a record concerns."""

from typing import Any

from markethall_engine.application.record import Record
from markethall_engine.domain.events import (
    FundsTransferred,
    OrderAccepted,
    OrderCanceled,
    OrderReduced,
    OrderRejected,
    OrderTriggered,
    TradeExecuted,
    TradePrevented,
)


def accounts_of(record: Record) -> list[str]:
    """The accounts that a record concerns, each once: who asked, and whose orders traded, met or ended."""
    account_id: str = getattr(record.command, "account_id", "")
    accounts = [account_id] if account_id else []
    event: Any
    for event in record.events:
        # By exact type: isinstance takes several times as long where it says no, and this is on every path.
        kind = type(event)
        if kind is TradeExecuted:
            _add(accounts, event.maker_account_id)
            _add(accounts, event.taker_account_id)
        elif (
            kind is OrderCanceled
            or kind is OrderReduced
            or kind is OrderTriggered
            or (not account_id and (kind is OrderAccepted or kind is OrderRejected))
        ):
            _add(accounts, event.account_id)
        elif kind is TradePrevented and event.resting_account_id:
            _add(accounts, event.resting_account_id)
        elif kind is FundsTransferred:
            _add(accounts, event.to_account_id)
    return accounts


def _add(accounts: list[str], account_id: str) -> None:
    if account_id not in accounts:
        accounts.append(account_id)
