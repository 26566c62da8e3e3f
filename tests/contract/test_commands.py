"""What an `EngineMessage` may carry, and what each of it asks of a caller."""

import pytest

from markethall_protos import v1
from markethall_protos.commands import COMMANDS, carried, scopes_of
from markethall_protos.v1 import RPCS


def test_every_command_has_the_scope_of_the_call_of_its_name():
    assert {name: (rpc.name, rpc.scope) for name, rpc in COMMANDS.items()} == {
        "place_order": ("PlaceOrder", "orders:write"),
        "place_orders": ("PlaceOrders", "orders:write"),
        "cancel_order": ("CancelOrder", "orders:write"),
        "cancel_all_orders": ("CancelAllOrders", "orders:write"),
        "replace_order": ("ReplaceOrder", "orders:write"),
        "deposit": ("Deposit", "funds:write"),
        "withdraw": ("Withdraw", "funds:write"),
        "create_asset": ("CreateAsset", "admin:write"),
        "create_instrument": ("CreateInstrument", "admin:write"),
        "update_instrument": ("UpdateInstrument", "admin:write"),
        "create_account": ("CreateAccount", "admin:write"),
        "update_risk_limits": ("UpdateRiskLimits", "risk:write"),
        "set_trading_state": ("SetTradingState", "risk:write"),
        "update_account": ("UpdateAccount", "admin:write"),
        "transfer": ("Transfer", "funds:write"),
    }


def test_every_call_that_changes_something_in_the_engine_is_a_command():
    writing = {rpc.name for rpc in RPCS.values() if rpc.scope.endswith(":write")}
    by_message = {"ProcessMessage", "BatchProcessMessages", "ProcessMessages"}
    identity = {rpc.name for rpc in RPCS.values() if rpc.service == "markethall.v1.IdentityService"}
    assert writing - by_message - identity == {rpc.name for rpc in COMMANDS.values()}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_message_tells_what_it_carries(name: str):
    request = COMMANDS[name].request_type()
    assert carried(v1.EngineMessage(message_id="1", **{name: request})) == (name, request)


def test_a_message_without_a_command_carries_nothing_and_asks_for_nothing():
    assert carried(v1.EngineMessage(message_id="1")) is None
    assert scopes_of([v1.EngineMessage()]) == frozenset()


def test_a_batch_asks_for_the_scope_of_each_of_its_commands():
    batch = [
        v1.EngineMessage(cancel_order=v1.CancelOrderRequest("1")),
        v1.EngineMessage(deposit=v1.DepositRequest("maker", "USD", "1")),
        v1.EngineMessage(place_order=v1.PlaceOrderRequest()),
    ]
    assert scopes_of(batch) == {"orders:write", "funds:write"}
