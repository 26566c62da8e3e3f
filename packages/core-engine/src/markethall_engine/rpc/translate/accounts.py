"""Accounts: who a request is for, requests to create and change one, and accounts as they are."""

from collections.abc import Collection
from functools import lru_cache

from markethall_engine.domain.account import Account
from markethall_engine.domain.amounts import MILLION
from markethall_engine.domain.commands import CreateAccount, UpdateAccount
from markethall_engine.domain.margin import NO_MARGIN, Margin
from markethall_engine.domain.names import (
    ACCOUNT_ID_FORM,
    FEE_TIER_FORM,
    GROUP_ID_FORM,
    MAX_NOTE_LENGTH,
    is_account_id,
    is_fee_tier,
    is_group_id,
)
from markethall_engine.rpc.errors import NotFound
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.parts_per_million import read_ppm, write_ppm
from markethall_engine.rpc.translate.times import timestamp
from markethall_engine.rpc.translate.update_masks import read_changes
from markethall_protos import v1

_CHANGEABLE = ("display_name", "fee_tier", "self_trade_group_id", "margin")

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
    _check_properties(request, faults, "")
    if request.parent_account_id:
        read_account_id(request.parent_account_id, faults, "parent_account_id")
    margin = None if request.margin is None else _read_margin(request.margin, "margin", faults)
    faults.check()
    return CreateAccount(
        account_id,
        request.display_name,
        fee_tier=request.fee_tier,
        self_trade_group_id=request.self_trade_group_id,
        parent_account_id=request.parent_account_id,
        margin=margin,
    )


def read_update_account(request: v1.UpdateAccountRequest) -> UpdateAccount:
    """Read the fields that the mask names, or where it names none, each changeable field that is set."""
    faults = Faults()
    account_id = read_account_id(request.account_id, faults)
    changed, named = read_changes("account", request.account, request.update_mask, _CHANGEABLE, faults)
    _check_properties(changed, faults, "account.")
    margin = None
    if "margin" in named:
        asked = changed.margin
        margin = NO_MARGIN if asked is None else _read_margin(asked, "account.margin", faults)
    faults.check()
    return UpdateAccount(
        account_id,
        display_name=_if_named("display_name", changed.display_name, named),
        fee_tier=_if_named("fee_tier", changed.fee_tier, named),
        self_trade_group_id=_if_named("self_trade_group_id", changed.self_trade_group_id, named),
        margin=margin,
    )


def _if_named(name: str, text: str, named: Collection[str]) -> str | None:
    return text if name in named else None


def _check_properties(account: v1.Account | v1.CreateAccountRequest, faults: Faults, path: str) -> None:
    """Check what both a creation and a change may say of an account; `path` leads to its fields."""
    if len(account.display_name) > MAX_NOTE_LENGTH:
        faults.expected(path + "display_name", f"at most {MAX_NOTE_LENGTH} characters", account.display_name)
    if account.fee_tier and not is_fee_tier(account.fee_tier):
        faults.expected(path + "fee_tier", f"a tier's name, {FEE_TIER_FORM}", account.fee_tier)
    if account.self_trade_group_id and not is_group_id(account.self_trade_group_id):
        faults.expected(
            path + "self_trade_group_id", f"a group's id, {GROUP_ID_FORM}", account.self_trade_group_id
        )


def _read_margin(margin: v1.Margin, path: str, faults: Faults) -> Margin:
    """Read two ratios, of which maintenance is not above initial."""
    initial_ppm = faults.number(f"{path}.initial_ratio", margin.initial_ratio, read_ppm)
    maintenance_ppm = faults.number(f"{path}.maintenance_ratio", margin.maintenance_ratio, read_ppm)
    if initial_ppm > MILLION:
        faults.expected(f"{path}.initial_ratio", "a fraction above 0, at most 1", margin.initial_ratio)
    if initial_ppm and maintenance_ppm > initial_ppm:
        faults.expected(f"{path}.maintenance_ratio", "at most the initial ratio", margin.maintenance_ratio)
    return Margin(initial_ppm, maintenance_ppm)


def _margin_message(margin: Margin) -> v1.Margin:
    return v1.Margin(
        initial_ratio=write_ppm(margin.initial_ppm),
        maintenance_ratio=write_ppm(margin.maintenance_ppm),
    )


def account_message(account: Account) -> v1.Account:
    return v1.Account(
        account_id=account.account_id,
        display_name=account.display_name,
        create_time=timestamp(account.create_time_ns),
        fee_tier=account.fee_tier,
        self_trade_group_id=account.self_trade_group_id,
        parent_account_id=account.parent_account_id,
        margin=None if account.margin is None else _margin_message(account.margin),
    )
