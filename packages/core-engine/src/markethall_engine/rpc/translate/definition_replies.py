"""What commands about assets, instruments, accounts and funds came to becomes replies.

Creating again what is there already, with the same content, gives it back as it stands.
"""

from markethall_engine.application.record import Record
from markethall_engine.domain.account import Account
from markethall_engine.domain.commands import CreateAccount, CreateAsset, CreateInstrument
from markethall_engine.domain.events import (
    AccountCreated,
    AccountUpdated,
    AssetCreated,
    FundsDeposited,
    FundsTransferred,
    FundsWithdrawn,
    InstrumentCreated,
    InstrumentUpdated,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import Instrument
from markethall_engine.rpc.translate.accounts import account_message
from markethall_engine.rpc.translate.assets import asset_message
from markethall_engine.rpc.translate.funds import Funds
from markethall_engine.rpc.translate.instruments import instrument_message
from markethall_engine.rpc.translate.refusals import refusal_of
from markethall_protos import v1


class DefinitionReplies:
    """Writes the reply from a record, or raises `CallRefused` where the venue's rules refused."""

    def __init__(self, exchange: Exchange, funds: Funds) -> None:
        self._exchange = exchange
        self._funds = funds

    def asset_created(self, record: Record) -> v1.CreateAssetResponse:
        event, command = record.events[0], record.command
        if isinstance(event, AssetCreated):
            return v1.CreateAssetResponse(asset=asset_message(event.asset))
        assert isinstance(command, CreateAsset)
        asset = self._exchange.asset(command.asset)
        if asset is None or asset.scale != command.scale:
            raise refusal_of(record)
        return v1.CreateAssetResponse(asset=asset_message(asset))

    def instrument_created(self, record: Record) -> v1.CreateInstrumentResponse:
        event, command = record.events[0], record.command
        if isinstance(event, InstrumentCreated):
            return v1.CreateInstrumentResponse(instrument=instrument_message(event.instrument))
        assert isinstance(command, CreateInstrument)
        instrument = self._exchange.instrument(command.symbol)
        if instrument is None or not _is_as_asked(instrument, command):
            raise refusal_of(record)
        return v1.CreateInstrumentResponse(instrument=instrument_message(instrument))

    def instrument_updated(self, record: Record) -> v1.UpdateInstrumentResponse:
        for event in record.events:
            if isinstance(event, InstrumentUpdated):
                return v1.UpdateInstrumentResponse(instrument=instrument_message(event.instrument))
        raise refusal_of(record)

    def account_created(self, record: Record) -> v1.CreateAccountResponse:
        event, command = record.events[0], record.command
        if isinstance(event, AccountCreated):
            return v1.CreateAccountResponse(account=account_message(event.account))
        assert isinstance(command, CreateAccount)
        account = self._exchange.account(command.account_id)
        if account is None or not _is_as_asked(account, command):
            raise refusal_of(record)
        return v1.CreateAccountResponse(account=account_message(account))

    def account_updated(self, record: Record) -> v1.UpdateAccountResponse:
        event = record.events[0]
        if not isinstance(event, AccountUpdated):
            raise refusal_of(record)
        return v1.UpdateAccountResponse(account=account_message(event.account))

    def deposited(self, record: Record) -> v1.DepositResponse:
        event = record.events[0]
        if not isinstance(event, FundsDeposited):
            raise refusal_of(record)
        return v1.DepositResponse(balance=self._funds.balance_after(event), sequence=record.sequence)

    def withdrawn(self, record: Record) -> v1.WithdrawResponse:
        event = record.events[0]
        if not isinstance(event, FundsWithdrawn):
            raise refusal_of(record)
        return v1.WithdrawResponse(balance=self._funds.balance_after(event), sequence=record.sequence)

    def transferred(self, record: Record) -> v1.TransferResponse:
        event = record.events[0]
        if not isinstance(event, FundsTransferred):
            raise refusal_of(record)
        return self._funds.transferred(event, record.sequence)


def _is_as_asked(found: Instrument | Account, command: CreateInstrument | CreateAccount) -> bool:
    """Whether it is the one asked for; an instrument, whatever its status has become since."""
    fields = (field for field in command.__struct_fields__ if field != "status")
    return all(getattr(found, field) == getattr(command, field) for field in fields)
