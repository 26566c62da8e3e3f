"""Kill switches through the contract."""

import json

import grpc

from markethall_common.clock import ManualClock
from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client, refused
from tests.engine_process import running_engine

ACTIVE, REDUCING, HALTED = v1.TradingState.ACTIVE, v1.TradingState.REDUCING, v1.TradingState.HALTED


async def test_what_was_never_set_is_active(client: Client):
    for scope in ({}, {"account_id": "maker"}, {"symbol": "BTC-USD"}):
        answer = await client.risk.get_trading_state(v1.GetTradingStateRequest(**scope))
        assert answer == v1.GetTradingStateResponse(state=ACTIVE)


async def test_halting_cancels_refuses_and_is_told_afterwards(client: Client):
    resting = (await client.place("maker", BUY)).order
    other = (await client.place("taker", BUY)).order
    assert resting is not None and other is not None
    answer = await client.risk.set_trading_state(
        v1.SetTradingStateRequest(account_id="maker", state=HALTED, reason="runaway")
    )
    assert (answer.state, answer.canceled_order_ids) == (HALTED, [resting.order_id])
    assert answer.sequence > int(other.order_id)

    ended = await client.orders.get_order(v1.GetOrderRequest(account_id="maker", order_id=resting.order_id))
    assert ended.order is not None
    assert ended.order.cancel_reason == v1.CancelReason.KILL_SWITCH

    refused_order = (await client.place("maker", BUY)).order
    assert refused_order is not None
    assert (refused_order.reject_reason, refused_order.reject_detail) == (
        v1.RejectReason.KILL_SWITCH,
        "account maker is HALTED",
    )
    told = await client.risk.get_trading_state(v1.GetTradingStateRequest(account_id="maker"))
    assert (told.state, told.reason) == (HALTED, "runaway")
    assert told.update_time is not None


async def test_the_time_of_a_switch_is_the_journal_s():
    clock = ManualClock(1_700_000_000_000_000_000)
    async with running_engine(clock=clock) as engine:
        risk = v1.RiskServiceStub(engine.channel)
        await risk.set_trading_state(v1.SetTradingStateRequest(state=REDUCING))
        told = await risk.get_trading_state(v1.GetTradingStateRequest())
    assert told.update_time is not None
    assert told.update_time.timestamp() == 1_700_000_000


async def test_a_switch_of_the_venue_is_in_the_history_of_those_whose_orders_it_ended(client: Client):
    await client.place("maker", BUY)
    await client.risk.set_trading_state(v1.SetTradingStateRequest(state=HALTED, reason="drill"))
    for account_id, last in (("maker", "SetTradingState"), ("taker", "Deposit")):
        page = await client.administration.list_journal_records(
            v1.ListJournalRecordsRequest(account_id=account_id)
        )
        assert page.records[-1].command == last
        if account_id == "maker":
            assert json.loads(page.records[-1].command_json) == {
                "state": "HALTED",
                "account_id": "",
                "symbol": "",
                "reason": "drill",
            }


async def test_reducing_lets_the_position_be_closed(client: Client):
    await client.trade()
    await client.risk.set_trading_state(v1.SetTradingStateRequest(symbol="BTC-USD", state=REDUCING))
    opening, closing = await client.place("taker", BUY), await client.place("taker", SELL)
    assert opening.order is not None and closing.order is not None
    assert opening.order.reject_detail == (
        "instrument BTC-USD is REDUCING: a BUY of at most 0 lowers exposure, asked 1"
    )
    assert closing.order.status == v1.OrderStatus.NEW


async def test_what_makes_no_sense_is_said_of_every_field(client: Client):
    error = await refused(
        client.risk.set_trading_state(
            v1.SetTradingStateRequest(account_id="@", symbol="btc", reason="x" * 129)
        )
    )
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(error.violations) == {"account_id", "symbol", "state", "reason"}
    error = await refused(
        client.risk.get_trading_state(v1.GetTradingStateRequest(account_id="maker", symbol="BTC-USD"))
    )
    assert error.violations == {"symbol": "expected an account_id, a symbol or neither, found both"}


async def test_what_does_not_exist_is_not_found(client: Client):
    for scope, reason in (
        ({"account_id": "nobody"}, "UNKNOWN_ACCOUNT"),
        ({"symbol": "NONE"}, "UNKNOWN_INSTRUMENT"),
    ):
        for call in (
            client.risk.set_trading_state(v1.SetTradingStateRequest(state=HALTED, **scope)),
            client.risk.get_trading_state(v1.GetTradingStateRequest(**scope)),
        ):
            error = await refused(call)
            assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, reason)


async def test_the_command_stream_carries_the_switch(client: Client):
    answer = await client.core_engine.batch_process_messages(
        v1.BatchProcessMessagesRequest(
            messages=[
                v1.EngineMessage("1", set_trading_state=v1.SetTradingStateRequest(state=HALTED)),
                v1.EngineMessage("2", set_trading_state=v1.SetTradingStateRequest(state=ACTIVE)),
            ]
        )
    )
    states = [outcome.set_trading_state.state for outcome in answer.outcomes if outcome.set_trading_state]
    assert states == [HALTED, ACTIVE]
