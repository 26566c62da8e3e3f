"""Risk limits through the contract."""

import grpc
import pytest

from markethall_common.clock import ManualClock
from markethall_protos import v1
from markethall_protos.google.protobuf import FieldMask
from tests.core_engine.rpc.client import BUY, SELL, Client, refused
from tests.engine_process import running_engine

SECOND_NS = 1_000_000_000
MIDDAY_NS = 1_700_049_600 * SECOND_NS
ALL = v1.RiskLimits(
    max_order_quantity={"BTC-USD": "5"},
    max_order_notional={"USD": "1000.5"},
    max_position={"BTC-USD": "10.00000001"},
    max_open_orders=4,
    max_orders_per_second=100,
    max_daily_loss={"USD": "50"},
)


async def update(client: Client, limits: v1.RiskLimits, *mask: str) -> v1.RiskLimits | None:
    """Set limits of `maker`; gives all of them as they are then."""
    request = v1.UpdateRiskLimitsRequest("maker", limits, FieldMask(list(mask)) if mask else None)
    return (await client.risk.update_risk_limits(request)).risk_limits


async def get(client: Client, account_id: str = "maker") -> v1.GetRiskLimitsResponse:
    return await client.risk.get_risk_limits(v1.GetRiskLimitsRequest(account_id=account_id))


async def test_an_account_begins_without_limits(client: Client):
    assert await get(client) == v1.GetRiskLimitsResponse(v1.RiskLimits(), v1.RiskLimits())


async def test_without_a_mask_what_is_set_is_replaced_and_the_rest_stays(client: Client):
    assert await update(client, ALL) == ALL
    changed = await update(client, v1.RiskLimits(max_open_orders=9, max_daily_loss={"BTC": "1"}))
    assert changed is not None
    assert (changed.max_open_orders, changed.max_daily_loss) == (9, {"BTC": "1"})
    assert changed.max_position == ALL.max_position
    assert (await get(client)).risk_limits == changed


async def test_a_mask_removes_what_it_names_and_is_not_set(client: Client):
    await update(client, ALL)
    left = await update(client, v1.RiskLimits(), "max_position", "max_open_orders", "max_daily_loss")
    assert left == v1.RiskLimits(
        max_order_quantity=ALL.max_order_quantity,
        max_order_notional=ALL.max_order_notional,
        max_orders_per_second=100,
    )


async def test_an_empty_amount_is_no_limit(client: Client):
    left = await update(client, v1.RiskLimits(max_daily_loss={"USD": "", "BTC": "2"}))
    assert left == v1.RiskLimits(max_daily_loss={"BTC": "2"})


async def test_only_what_the_mask_names_is_changed(client: Client):
    assert await update(client, ALL, "max_open_orders") == v1.RiskLimits(max_open_orders=4)


@pytest.mark.parametrize(
    ("request_", "violations"),
    [
        (
            v1.UpdateRiskLimitsRequest("maker"),
            {
                "risk_limits": "required: at least one of max_order_quantity, max_order_notional, "
                "max_position, max_open_orders, max_orders_per_second, max_daily_loss"
            },
        ),
        (
            v1.UpdateRiskLimitsRequest("@", v1.RiskLimits(), FieldMask(["max"])),
            {
                "account_id": "expected an account id, 1 to 64 of a-z A-Z 0-9 . _ -, found '@'",
                "update_mask": "expected max_order_quantity, max_order_notional, max_position, "
                "max_open_orders, max_orders_per_second, max_daily_loss, found 'max'",
            },
        ),
        (
            v1.UpdateRiskLimitsRequest("maker", v1.RiskLimits()),
            {
                "risk_limits": "required: at least one of max_order_quantity, max_order_notional, "
                "max_position, max_open_orders, max_orders_per_second, max_daily_loss"
            },
        ),
        (
            v1.UpdateRiskLimitsRequest(
                "maker",
                v1.RiskLimits(
                    max_order_quantity={"X": "1"},
                    max_order_notional={"USD": "0"},
                    max_position={"BTC-USD": "0.000000001"},
                    max_open_orders=-1,
                    max_orders_per_second=-2,
                    max_daily_loss={"Y": "1"},
                ),
            ),
            {
                "risk_limits.max_order_quantity[X]": "expected a symbol that exists, found 'X'",
                "risk_limits.max_order_notional[USD]": "expected a positive decimal, found '0'",
                "risk_limits.max_position[BTC-USD]": "expected a decimal with at most 8 places, "
                "found '0.000000001'",
                "risk_limits.max_open_orders": "expected a count, or 0 for no limit, found '-1'",
                "risk_limits.max_orders_per_second": "expected a count, or 0 for no limit, found '-2'",
                "risk_limits.max_daily_loss[Y]": "expected an asset that exists, found 'Y'",
            },
        ),
    ],
)
async def test_every_fault_is_told(client: Client, request_: v1.UpdateRiskLimitsRequest, violations):
    error = await refused(client.risk.update_risk_limits(request_))
    assert (error.code, error.violations) == (grpc.StatusCode.INVALID_ARGUMENT, violations)


async def test_an_unknown_account_is_not_found(client: Client):
    for call in (
        client.risk.get_risk_limits(v1.GetRiskLimitsRequest("nobody")),
        client.risk.update_risk_limits(v1.UpdateRiskLimitsRequest("nobody", ALL)),
    ):
        error = await refused(call)
        assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_ACCOUNT")


async def test_a_refusal_names_the_limit_its_value_and_the_value_asked(client: Client):
    await update(client, ALL)
    rejected = (await client.place("maker", BUY, quantity="5.001")).order
    assert rejected is not None
    assert (rejected.status, rejected.reject_reason, rejected.reject_detail) == (
        v1.OrderStatus.REJECTED,
        v1.RejectReason.RISK_LIMIT,
        "max_order_quantity of BTC-USD is 5 BTC, asked 5.001 BTC",
    )


async def test_the_use_of_limits_is_told_by_the_clock():
    clock = ManualClock(MIDDAY_NS)
    async with running_engine(clock=clock) as engine:
        client = Client(engine.channel)
        await client.open_market()
        await update(client, ALL)
        await client.place("maker", BUY, quantity="2", price="100")
        await client.place("taker", SELL, quantity="2", price="100")
        await client.place("taker", BUY, quantity="1", price="90")
        await client.place("maker", SELL, quantity="1", price="90")
        await client.place("maker", BUY, quantity="3", price="80")
        used = (await get(client)).used
        # A fee of 0.001 of 200 and of 0.002 of 90, and 10 lost on 1 BTC.
        assert used == v1.RiskLimits(
            max_position={"BTC-USD": "4"},
            max_open_orders=1,
            max_orders_per_second=3,
            max_daily_loss={"USD": "10.38"},
        )
        clock.advance(86_400 * SECOND_NS)
        used = (await get(client)).used
        assert used is not None
        assert (used.max_orders_per_second, used.max_daily_loss) == (0, {"USD": "0"})


async def test_the_command_stream_carries_limits(client: Client):
    answer = await client.core_engine.batch_process_messages(
        v1.BatchProcessMessagesRequest(
            messages=[v1.EngineMessage("1", update_risk_limits=v1.UpdateRiskLimitsRequest("maker", ALL))]
        )
    )
    [outcome] = answer.outcomes
    assert outcome.update_risk_limits is not None
    assert outcome.update_risk_limits.risk_limits == ALL
    assert outcome.update_risk_limits.sequence == outcome.sequence
