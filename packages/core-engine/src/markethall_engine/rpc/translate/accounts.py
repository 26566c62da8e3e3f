"""Accounts: who a request is for, requests to create and change one, and accounts as they are."""

from functools import lru_cache

from markethall_engine.domain.account import Account
from markethall_engine.domain.commands import CreateAccount, UpdateAccount
from markethall_engine.domain.names import ACCOUNT_ID_FORM, MAX_NOTE_LENGTH, is_account_id
from markethall_engine.rpc.errors import NotFound
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.times import timestamp
from markethall_engine.rpc.translate.update_masks import read_changes
from markethall_protos import v1

_CHANGEABLE = ("display_name",)

_is_account_id = lru_cache(maxsize=4_096)(is_account_id)


class AccountIds:
    """Reads the account of a request, which may be left to the default."""

    __slots__ = ("_default",)

    def __init__(self, default_account_id: str) -> None:
        """An empty `default_account_id` is none: requests must name their account."""
        self._default = default_account_id

    def read(self, account_id: str, faults: Faults, field: str = "account_id") -> str:
        return read_account_id(account_id or self._default, faults, field)


def unknown_account(account_id: str) -> NotFound:
    return NotFound("UNKNOWN_ACCOUNT", f"there is no account {account_id!r}")


def read_account_id(account_id: str, faults: Faults, field: str = "account_id") -> str:
    if not _is_account_id(account_id):
        faults.expected(field, f"an account id, {ACCOUNT_ID_FORM}", account_id)
    return account_id


def read_create_account(request: v1.CreateAccountRequest) -> CreateAccount:
    faults = Faults()
    account_id = read_account_id(request.account_id, faults)
    _check_display_name(request.display_name, faults, "display_name")
    if request.parent_account_id:
        faults.unsupported("parent_account_id")
    faults.check()
    return CreateAccount(account_id, request.display_name)


def read_update_account(request: v1.UpdateAccountRequest) -> UpdateAccount:
    """Read the fields that the mask names, or where it names none, each changeable field that is set."""
    faults = Faults()
    account_id = read_account_id(request.account_id, faults)
    changed, named = read_changes("account", request.account, request.update_mask, _CHANGEABLE, faults)
    _check_display_name(changed.display_name, faults, "account.display_name")
    faults.check()
    return UpdateAccount(
        account_id,
        display_name=changed.display_name if "display_name" in named else None,
    )


def _check_display_name(display_name: str, faults: Faults, field: str) -> None:
    if len(display_name) > MAX_NOTE_LENGTH:
        faults.expected(field, f"at most {MAX_NOTE_LENGTH} characters", display_name)


def account_message(account: Account) -> v1.Account:
    return v1.Account(
        account_id=account.account_id,
        display_name=account.display_name,
        create_time=timestamp(account.create_time_ns),
    )
