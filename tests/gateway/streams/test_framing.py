import pytest

from markethall_gateway.streams.framing import JsonLines, ServerSentEvents, choose_framing
from markethall_gateway.transcoding.problems import ProblemError


@pytest.mark.parametrize(
    ("accept", "framing"),
    [
        ("", ServerSentEvents),
        ("*/*", ServerSentEvents),
        ("text/*", ServerSentEvents),
        ("text/event-stream", ServerSentEvents),
        ("application/x-ndjson", JsonLines),
        ("application/*", JsonLines),
        ("Application/X-NDJSON; charset=utf-8", JsonLines),
        ("text/event-stream;q=0.5, application/x-ndjson", JsonLines),
        ("text/event-stream;q=0.5, */*;q=0.1", ServerSentEvents),
        ("text/event-stream;q=0, */*", JsonLines),
        ("application/json, application/x-ndjson;q=0.1", JsonLines),
    ],
)
def test_accept_chooses(accept: str, framing: type) -> None:
    headers = [(b"accept", accept.encode())] if accept else []
    assert isinstance(choose_framing(headers), framing)


@pytest.mark.parametrize(
    "accept", ["application/json", "image/*", "text/event-stream;q=0", "application/x-ndjson;q=no"]
)
def test_what_nobody_can_serve_is_not_acceptable(accept: str) -> None:
    with pytest.raises(ProblemError) as refused:
        choose_framing([(b"accept", accept.encode())])
    assert refused.value.problem.kind.status == 406
    assert "text/event-stream or application/x-ndjson" in refused.value.problem.detail


def test_accept_may_come_in_several_headers() -> None:
    headers = [(b"accept", b"application/json"), (b"host", b"x"), (b"accept", b"application/x-ndjson")]
    assert isinstance(choose_framing(headers), JsonLines)


def test_an_event_has_its_id_where_it_has_a_position() -> None:
    events = ServerSentEvents()
    assert events.message(b'{"a":1}', "7.1") == b'id: 7.1\ndata: {"a":1}\n\n'
    assert events.message(b'{"a":1}', "") == b'data: {"a":1}\n\n'


def test_a_problem_is_told_from_a_message() -> None:
    assert ServerSentEvents().problem(b"{}") == b"event: problem\ndata: {}\n\n"
    assert JsonLines().problem(b"{}") == b'{"problem":{}}\n'


def test_a_message_is_a_line_of_json() -> None:
    assert JsonLines().message(b'{"a":1}', "7.1") == b'{"a":1}\n'
