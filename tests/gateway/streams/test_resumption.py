"""Positions of streams, and requests that go on from them."""

from typing import Any

import pytest

from markethall_gateway.streams.resumption import Resumption
from markethall_gateway.transcoding.problems import ProblemError
from markethall_protos.v1 import (
    RPCS,
    Depth,
    ExecutionReport,
    StreamDepthRequest,
    StreamDepthResponse,
    StreamExecutionReportsRequest,
    StreamExecutionReportsResponse,
    StreamTickersRequest,
    StreamTickersResponse,
    StreamTradesRequest,
    StreamTradesResponse,
    Ticker,
    Trade,
)

REPORTS = Resumption(RPCS["/markethall.v1.OrderService/StreamExecutionReports"])
TRADES = Resumption(RPCS["/markethall.v1.MarketDataService/StreamTrades"])
DEPTH = Resumption(RPCS["/markethall.v1.MarketDataService/StreamDepth"])
TICKERS = Resumption(RPCS["/markethall.v1.MarketDataService/StreamTickers"])


def last_event(last: str) -> list[tuple[bytes, bytes]]:
    return [(b"last-event-id", last.encode())] if last else []


def reports(*sequences: int) -> list[Any]:
    return [
        StreamExecutionReportsResponse(report=ExecutionReport(sequence=sequence)) for sequence in sequences
    ]


def test_reports_are_counted_within_their_sequence() -> None:
    position = REPORTS.begin(StreamExecutionReportsRequest(), [])
    assert [position.of(report) for report in reports(7, 7, 8, 10, 10)] == [
        "7.1",
        "7.2",
        "8.1",
        "10.1",
        "10.2",
    ]


def test_reports_go_on_within_their_sequence() -> None:
    request = StreamExecutionReportsRequest(account_id="a")
    position = REPORTS.begin(request, last_event("7.2"))
    assert request == StreamExecutionReportsRequest(account_id="a", after_sequence=6)
    assert [position.of(report) for report in reports(7, 7, 7, 8)] == [None, None, "7.3", "8.1"]


def test_reports_go_on_after_a_sequence_that_comes_alone() -> None:
    request = StreamExecutionReportsRequest()
    position = REPORTS.begin(request, last_event("7"))
    assert request.after_sequence == 7
    assert [position.of(report) for report in reports(8)] == ["8.1"]


def test_the_last_event_goes_before_what_the_query_says() -> None:
    request = StreamExecutionReportsRequest(after_sequence=3)
    REPORTS.begin(request, last_event("7"))
    assert request.after_sequence == 7


def test_without_a_last_event_the_query_holds() -> None:
    request = StreamExecutionReportsRequest(after_sequence=3)
    REPORTS.begin(request, [])
    assert request.after_sequence == 3


@pytest.mark.parametrize("last", ["x", "-1", "7.", "7.1.2", "1" * 30, "٧"])
def test_an_id_that_was_never_given_is_refused(last: str) -> None:
    with pytest.raises(ProblemError) as refused:
        REPORTS.begin(StreamExecutionReportsRequest(), [(b"last-event-id", last.encode("utf-8"))])
    assert refused.value.problem.errors[0].field == "last-event-id"


def test_trades_go_on_after_the_last_trade_of_a_message() -> None:
    request = StreamTradesRequest(symbol="X")
    position = TRADES.begin(request, last_event("17"))
    assert request == StreamTradesRequest(symbol="X", after_trade_id="17")
    message = StreamTradesResponse(trades=[Trade(trade_id="18"), Trade(trade_id="19")])
    assert position.of(message) == "19"


def test_a_snapshot_stream_gives_its_sequence_and_starts_anew() -> None:
    request = StreamDepthRequest(symbol="X")
    position = DEPTH.begin(request, last_event("whatever it was"))
    assert request == StreamDepthRequest(symbol="X")
    assert position.of(StreamDepthResponse(snapshot=Depth(sequence=41))) == "41"
    assert position.of(StreamDepthResponse(delta=Depth(sequence=42))) == "42"


def test_a_stream_without_sequences_has_no_positions() -> None:
    position = TICKERS.begin(StreamTickersRequest(), [])
    assert position.of(StreamTickersResponse(ticker=Ticker(symbol="X"))) == ""


def test_a_message_without_what_it_should_have_has_no_position() -> None:
    assert REPORTS.begin(StreamExecutionReportsRequest(), []).of(StreamExecutionReportsResponse()) == ""
    assert TRADES.begin(StreamTradesRequest(), []).of(StreamTradesResponse()) == ""
