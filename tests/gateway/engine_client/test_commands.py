from markethall_gateway.engine_client.commands import command_fields
from markethall_protos.v1 import RPCS


def test_every_command_of_the_contract_is_found_by_its_request() -> None:
    fields = command_fields(RPCS.values())
    assert {path.rpartition("/")[2]: field for path, field in fields.items()} == {
        "PlaceOrder": "place_order",
        "PlaceOrders": "place_orders",
        "CancelOrder": "cancel_order",
        "CancelAllOrders": "cancel_all_orders",
        "ReplaceOrder": "replace_order",
        "Deposit": "deposit",
        "Withdraw": "withdraw",
        "CreateAsset": "create_asset",
        "CreateInstrument": "create_instrument",
        "UpdateInstrument": "update_instrument",
        "CreateAccount": "create_account",
        "UpdateRiskLimits": "update_risk_limits",
        "SetTradingState": "set_trading_state",
        "UpdateAccount": "update_account",
        "Transfer": "transfer",
    }


def test_queries_and_streams_are_no_commands() -> None:
    fields = command_fields(RPCS.values())
    assert not [path for path in fields if "/Get" in path or "/List" in path or "/Stream" in path]
