"""Whom the venue must liquidate after a trade."""

from collections.abc import Iterator

from markethall_engine.domain.commands import Liquidate
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.risk.margin import is_short_of_maintenance, largest_exposure
from markethall_engine.domain.state import ExchangeState


def liquidations_due(state: ExchangeState, instrument: Instrument) -> Iterator[Liquidate]:
    """Of the accounts with margin that the instrument's trade concerns, by id, those that are short.

    One that is to be liquidated already, or has nothing that trades, is passed over until the next trade.
    """
    queued = {command.account_id for command in state.follow_ups if isinstance(command, Liquidate)}
    quote, ledger = instrument.quote_asset, state.ledger
    for account_id, account in state.margin_accounts.items():
        margin = account.account.margin
        assert margin is not None, "that is what the account is among these for"
        concerned = ledger.total(account_id, instrument.base_asset) or ledger.total(account_id, quote)
        if concerned and account_id not in queued and is_short_of_maintenance(state, account, quote, margin):
            largest = largest_exposure(state, account_id, quote)
            if largest is not None:
                yield Liquidate(account_id, largest.instrument.symbol)
