"""What waits for a price or for a time survives `kill -9`, and acts after the restart."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client
from tests.engine_process import engine_process


async def test_a_pending_stop_and_an_order_with_an_end_act_after_a_crash(tmp_path: Path) -> None:
    with engine_process(tmp_path) as engine:
        async with engine.channel() as channel:
            client = Client(channel)
            await client.open_market()
            await client.trade("1", "100")
            await client.place("maker", BUY, quantity="5", price="90")
            stop = (
                await client.place("taker", SELL, type=v1.OrderType.STOP, price="", stop_price="95")
            ).order
            ends = datetime.now(UTC) + timedelta(seconds=2)
            timed = (
                await client.place(
                    "taker", BUY, price="50", time_in_force=v1.TimeInForce.GTD, expire_time=ends
                )
            ).order
        engine.kill()
    assert stop is not None and timed is not None
    with engine_process(tmp_path) as engine:
        async with engine.channel() as channel:
            client = Client(channel)
            stream = client.orders.stream_execution_reports(
                v1.StreamExecutionReportsRequest("taker", after_sequence=timed.sequence)
            )
            expired = (await stream.read()).report
            assert expired is not None and expired.order is not None
            assert (expired.type, expired.order.order_id) == (v1.ExecutionType.EXPIRED, timed.order_id)
            assert expired.order.update_time is not None and expired.order.update_time >= ends
            await client.place("maker", BUY, quantity="1", price="95")
            await client.place("maker", SELL, quantity="1", price="95")
            for told in (v1.ExecutionType.TRIGGERED, v1.ExecutionType.TRADE):
                report = (await stream.read()).report
                assert report is not None and report.order is not None
                assert (report.type, report.order.order_id) == (told, stop.order_id)
