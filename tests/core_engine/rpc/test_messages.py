"""Commands as messages: one, in batches, and on a stream."""

import asyncio

import betterproto2
import grpc
import pytest

from markethall_engine.settings import EngineSettings, LimitSettings
from markethall_protos import v1
from markethall_protos.codec import encode
from tests.core_engine.rpc.client import BUY, SELL, Client, btc_usd, order, refused
from tests.core_engine.rpc.slow_disk import SlowDisk
from tests.engine_process import running_engine

INVALID_ARGUMENT = grpc.StatusCode.INVALID_ARGUMENT.value[0]


def message(message_id: str, **command: object) -> v1.EngineMessage:
    return v1.EngineMessage(message_id=message_id, correlation_id=f"request-{message_id}", **command)


def outcome_name(outcome: v1.MessageOutcome) -> str:
    """Which member of the outcome is set."""
    name, _ = betterproto2.which_one_of(outcome, "outcome")
    return name


async def test_a_message_is_answered_as_the_call_of_its_command_is(client: Client):
    response = await client.core_engine.process_message(
        v1.ProcessMessageRequest(message("1", place_order=order(client_order_id="mine")))
    )
    placed = await client.place(client_order_id="mine")
    assert placed.order is not None
    assert response.outcome == v1.MessageOutcome(
        message_id="1", correlation_id="request-1", sequence=placed.order.sequence, place_order=placed
    )


async def test_what_a_message_meets_is_in_its_outcome(client: Client):
    response = await client.core_engine.process_message(
        v1.ProcessMessageRequest(message("1", place_order=order(quantity="x", price="0.001")))
    )
    assert response.outcome is not None and response.outcome.error is not None
    error = response.outcome.error
    assert (response.outcome.sequence, error.code, error.reason) == (0, INVALID_ARGUMENT, "INVALID_REQUEST")
    assert [violation.field for violation in error.field_violations] == ["quantity", "price"]


async def test_without_a_message_there_is_an_error_and_without_a_command_an_outcome_with_one(client: Client):
    error = await refused(client.core_engine.process_message(v1.ProcessMessageRequest()))
    assert error.violations == {"message": "required: the message to process"}
    response = await client.core_engine.process_message(v1.ProcessMessageRequest(message("1")))
    assert response.outcome is not None and response.outcome.error is not None
    assert response.outcome.error.field_violations[0].field == "command"


@pytest.mark.parametrize("count", [0, 10_001])
async def test_a_batch_has_1_to_10000_messages(client: Client, count: int):
    error = await refused(
        client.core_engine.batch_process_messages(
            v1.BatchProcessMessagesRequest(messages=[v1.EngineMessage()] * count)
        )
    )
    assert error.violations == {"messages": f"expected 1 to 10000 messages, found {count}"}


async def test_a_batch_can_carry_every_command_each_read_after_what_those_before_it_defined():
    async with running_engine() as engine:
        core = v1.CoreEngineServiceStub(engine.channel)
        orders = v1.PlaceOrdersRequest([order(), order(quantity="x"), order()])
        smaller = v1.UpdateInstrumentRequest("BTC-USD", v1.Instrument(max_quantity="1"))
        first = await core.batch_process_messages(
            v1.BatchProcessMessagesRequest(
                messages=[
                    message("1", create_asset=v1.CreateAssetRequest("BTC", 8)),
                    message("2", create_asset=v1.CreateAssetRequest("USD", 5)),
                    message("3", create_account=v1.CreateAccountRequest("maker")),
                    message("4", create_instrument=btc_usd()),
                    message("5", deposit=v1.DepositRequest("maker", "USD", "1000")),
                    message("6", withdraw=v1.WithdrawRequest("maker", "USD", "1")),
                    message("7", place_order=order(client_order_id="a")),
                    message("8", place_orders=orders),
                ]
            )
        )
        second = await core.batch_process_messages(
            v1.BatchProcessMessagesRequest(
                messages=[
                    message("9", replace_order=v1.ReplaceOrderRequest("8", "maker", price="99")),
                    message("10", update_instrument=smaller),
                    message("11", place_order=order(quantity="2")),
                    message("12", cancel_order=v1.CancelOrderRequest("7", account_id="maker")),
                    message("13", cancel_all_orders=v1.CancelAllOrdersRequest("maker")),
                    message("14", update_account=v1.UpdateAccountRequest("maker", v1.Account("", "M"))),
                    message("15", deposit=v1.DepositRequest("nobody", "USD", "1")),
                    message("16", create_account=v1.CreateAccountRequest("desk", "", "maker")),
                    message("17", transfer=v1.TransferRequest("maker", "desk", "USD", "1")),
                ]
            )
        )
    outcomes = {outcome.message_id: outcome for outcome in first.outcomes + second.outcomes}
    assert [(name, outcome_name(outcome), outcome.sequence) for name, outcome in outcomes.items()] == [
        ("1", "create_asset", 1),
        ("2", "create_asset", 2),
        ("3", "create_account", 3),
        ("4", "create_instrument", 4),
        ("5", "deposit", 5),
        ("6", "withdraw", 6),
        ("7", "place_order", 7),
        ("8", "place_orders", 9),
        ("9", "replace_order", 10),
        ("10", "update_instrument", 11),
        ("11", "place_order", 12),
        ("12", "cancel_order", 13),
        ("13", "cancel_all_orders", 14),
        ("14", "update_account", 15),
        ("15", "error", 0),
        ("16", "create_account", 17),
        ("17", "transfer", 18),
    ]
    batch, replaced, canceled = (
        outcomes["8"].place_orders,
        outcomes["9"].replace_order,
        outcomes["13"].cancel_all_orders,
    )
    assert batch is not None and replaced is not None and canceled is not None
    assert [result.error is None for result in batch.results] == [True, False, True]
    assert replaced.replaced
    assert canceled.order_ids == ["8", "9"]
    too_large = outcomes["11"].place_order
    assert too_large is not None and too_large.order is not None
    assert too_large.order.reject_reason == v1.RejectReason.QUANTITY_TOO_HIGH
    errors = [outcome.error.reason for outcome in second.outcomes if outcome.error]
    assert errors == ["UNKNOWN_ACCOUNT"]


async def test_a_batch_can_replace_an_order_that_it_places_by_its_client_order_id(client: Client):
    mine = {"client_order_id": "mine", "account_id": "maker"}
    response = await client.core_engine.batch_process_messages(
        v1.BatchProcessMessagesRequest(
            [
                message("1", place_order=order(client_order_id="mine", quantity="2")),
                message("2", replace_order=v1.ReplaceOrderRequest(**mine, quantity="1")),
                message("3", replace_order=v1.ReplaceOrderRequest(**mine, quantity="0.0001")),
                message("4", cancel_order=v1.CancelOrderRequest(**mine)),
            ]
        )
    )
    assert [outcome_name(outcome) for outcome in response.outcomes] == [
        "place_order",
        "replace_order",
        "error",
        "cancel_order",
    ]
    replaced = response.outcomes[1].replace_order
    assert replaced is not None and replaced.replaced and replaced.priority_kept


async def test_a_stream_answers_each_request_in_order_without_waiting_for_one_another(client: Client):
    stream = client.core_engine.process_messages()
    for batch in range(20):
        await stream.write(
            v1.ProcessMessagesRequest(
                messages=[
                    message(f"{batch}.{place}", place_order=order("maker", SELL if batch % 2 else BUY))
                    for place in range(5)
                ]
            )
        )
    await stream.done_writing()
    answers = [answer async for answer in stream]
    assert [outcome.message_id for answer in answers for outcome in answer.outcomes] == [
        f"{batch}.{place}" for batch in range(20) for place in range(5)
    ]
    sequences = [outcome.sequence for answer in answers for outcome in answer.outcomes]
    assert sequences == list(range(sequences[0], sequences[0] + 100))


async def test_the_outcomes_of_a_stream_are_those_that_a_retry_by_a_call_gets(client: Client):
    stream = client.core_engine.process_messages()
    await stream.write(
        v1.ProcessMessagesRequest([message("1", place_order=order("maker", SELL, client_order_id="m"))])
    )
    await stream.write(
        v1.ProcessMessagesRequest([message("2", place_order=order("taker", BUY, client_order_id="t"))])
    )
    await stream.done_writing()
    outcomes = [outcome async for answer in stream for outcome in answer.outcomes]
    retries = [
        await client.place("maker", SELL, client_order_id="m"),
        await client.place("taker", BUY, client_order_id="t"),
    ]
    for outcome, retry in zip(outcomes, retries, strict=True):
        assert outcome.place_order is not None
        assert encode(outcome.place_order) == encode(retry)


async def test_a_client_that_sends_more_than_the_window_is_slowed_down_and_not_refused():
    settings = EngineSettings(journal="memory", queue_limit=40, limits=LimitSettings(stream_window=20))
    async with running_engine(settings) as engine:
        client = Client(engine.channel)
        await client.open_market()
        stream = client.core_engine.process_messages()

        async def send() -> None:
            for _ in range(50):
                await stream.write(v1.ProcessMessagesRequest([message("", place_order=order())] * 10))
            await stream.done_writing()

        sending = asyncio.create_task(send())
        outcomes = [outcome async for answer in stream for outcome in answer.outcomes]
        await sending
    assert [outcome_name(outcome) for outcome in outcomes] == ["place_order"] * 500


async def test_a_full_queue_refuses_calls_at_once_and_says_when_to_try_again():
    settings = EngineSettings(journal="memory", queue_limit=3)
    async with running_engine(settings) as engine:
        client = Client(engine.channel)
        await client.open_market()
        orders = v1.PlaceOrdersRequest([order()] * 4)
        error = await refused(client.orders.place_orders(orders))
        assert (error.code, error.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL")
        assert error.retry_after_s is not None and 0 < error.retry_after_s < 1
        batch = await client.core_engine.batch_process_messages(
            v1.BatchProcessMessagesRequest([message(str(n), place_order=order()) for n in range(4)])
        )
        assert [outcome.error.reason for outcome in batch.outcomes if outcome.error] == ["QUEUE_FULL"] * 4
        assert (await client.place()).order is not None


async def test_a_message_of_high_priority_overtakes_what_other_streams_have_waiting_and_not_its_own():
    async with running_engine(EngineSettings(journal="memory", group_limit=1)) as engine:
        client = Client(engine.channel)
        await client.open_market()
        busy, other = client.core_engine.process_messages(), client.core_engine.process_messages()
        await busy.write(
            v1.ProcessMessagesRequest([message(str(n), place_order=order("maker")) for n in range(5_000)])
        )
        while (await client.core_engine.get_status(v1.GetStatusRequest())).queued_commands == 0:
            pass
        high, cancel_all = v1.MessagePriority.HIGH, v1.CancelAllOrdersRequest("taker")
        halt = v1.SetTradingStateRequest(state=v1.TradingState.HALTED, reason="high")
        urgent = [
            message("switch", priority=high, set_trading_state=halt),
            message("nonsense", priority=high),
            message("cancel", priority=high, cancel_all_orders=cancel_all),
            message("order", priority=high, place_order=order("taker")),
            message("behind", priority=high, cancel_all_orders=cancel_all),
        ]
        await other.write(v1.ProcessMessagesRequest(urgent))
        answers = await asyncio.gather(busy.read(), other.read())
        busy.cancel()
        other.cancel()
    last = answers[0].outcomes[-1].sequence
    switch, nonsense, cancel, placed, behind = answers[1].outcomes
    assert nonsense.error is not None and nonsense.error.reason == "INVALID_REQUEST"
    assert switch.sequence < cancel.sequence < last < placed.sequence < behind.sequence


async def test_a_full_queue_takes_cancels_and_switches_by_call_and_out_of_a_batch(
    monkeypatch: pytest.MonkeyPatch,
):
    disk = SlowDisk(monkeypatch)
    async with running_engine(EngineSettings(journal="memory", queue_limit=64, group_limit=64)) as engine:
        client = Client(engine.channel)
        await client.open_market()
        with disk.stuck():
            orders = asyncio.ensure_future(client.orders.place_orders(v1.PlaceOrdersRequest([order()] * 60)))
            while (await client.core_engine.get_status(v1.GetStatusRequest())).queued_commands < 60:
                pass
            assert (await refused(client.place())).reason == "QUEUE_FULL"
            cancel = v1.CancelAllOrdersRequest("maker")
            call = asyncio.ensure_future(client.orders.cancel_all_orders(cancel))
            messages = [
                message("1", place_order=order()),
                message("2", cancel_all_orders=cancel),
                message("3"),
                message("4", set_trading_state=v1.SetTradingStateRequest(state=v1.TradingState.HALTED)),
            ]
            batch = asyncio.ensure_future(
                client.core_engine.batch_process_messages(v1.BatchProcessMessagesRequest(messages))
            )
            while (await client.core_engine.get_status(v1.GetStatusRequest())).queued_commands < 63:
                pass
        await asyncio.gather(orders, call)
        outcomes = (await batch).outcomes
    assert [outcome_name(outcome) for outcome in outcomes] == [
        "error",
        "cancel_all_orders",
        "error",
        "set_trading_state",
    ]
    assert [outcome.error.reason for outcome in outcomes if outcome.error] == [
        "QUEUE_FULL",
        "INVALID_REQUEST",
    ]


async def test_a_batch_that_makes_no_sense_ends_its_stream_after_what_came_before_is_answered(client: Client):
    stream = client.core_engine.process_messages()
    await stream.write(v1.ProcessMessagesRequest([message("1", place_order=order())]))
    await stream.write(v1.ProcessMessagesRequest([]))
    answer = await stream.read()
    assert [outcome.message_id for outcome in answer.outcomes] == ["1"]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stream.read()
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_a_stream_that_its_client_breaks_off_leaves_the_engine_well(client: Client):
    stream = client.core_engine.process_messages()
    await stream.write(v1.ProcessMessagesRequest([message("1", place_order=order())] * 100))
    stream.cancel()
    health = await client.core_engine.health_check(v1.HealthCheckRequest())
    assert health.healthy
    assert (await client.place()).order is not None
