import zipfile
from pathlib import Path

import pytest

from tests.tools.lobster_sample import SAMPLES, sample_exchange
from tests.tools.recordings import BUY, SELL, event, recording, row
from tools.recorded_flow.files import read_recording
from tools.recorded_flow.flow_csv import write_flow_csv
from tools.recorded_flow.recording import EventKind, FlowEvent, RecordingError, Row, Scales, Side

SAMPLE = next(SAMPLES.glob("*_message_3.csv"))


def write_lobster(folder: Path, messages: str, book: str | None = None) -> Path:
    path = folder / "ABC_2024-01-02_34200000_57600000_message_2.csv"
    path.write_text(messages)
    if book is not None:
        (folder / "ABC_2024-01-02_34200000_57600000_orderbook_2.csv").write_text(book)
    return path


def test_a_lobster_message_file_is_read_with_the_book_beside_it(tmp_path: Path) -> None:
    path = write_lobster(
        tmp_path,
        "34200.5,1,11,100,2239500,-1\n34201.000000001,4,11,30,2239500,-1\n",
        "2239500,100,2238000,5,9999999999,0,2237000,7\n2239500,70,2238000,5,9999999999,0,2237000,7\n",
    )
    recording = read_recording(path)
    assert (recording.symbol, recording.depth, recording.scales) == ("ABC", 2, Scales(price=4, quantity=0))
    assert recording.events == (
        FlowEvent(34_200_500_000_000, EventKind.PLACE, 11, Side.SELL, 100, 2239500),
        FlowEvent(34_201_000_000_001, EventKind.EXECUTE, 11, Side.SELL, 30, 2239500),
    )
    assert recording.rows == (
        Row(bids=((2238000, 5), (2237000, 7)), asks=((2239500, 100),)),
        Row(bids=((2238000, 5), (2237000, 7)), asks=((2239500, 70),)),
    )


def test_a_lobster_zip_gives_what_its_files_give(tmp_path: Path) -> None:
    archive = tmp_path / "day.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("ReadMe.txt", "about")
        for path in SAMPLES.glob("*.csv"):
            file.write(path, path.name)
    assert read_recording(archive) == read_recording(SAMPLE)


def test_a_lobster_message_file_alone_has_no_rows(tmp_path: Path) -> None:
    recording = read_recording(write_lobster(tmp_path, "34200,1,11,100,2239500,-1\n"))
    assert (recording.rows, recording.depth) == ((), 0)


@pytest.mark.parametrize(
    ("price", "kind"),
    [("-1", EventKind.HALT), ("0", EventKind.RESUME_QUOTES), ("1", EventKind.RESUME_TRADING)],
)
def test_a_halt_message_says_by_its_price_what_begins(tmp_path: Path, price: str, kind: EventKind) -> None:
    recording = read_recording(write_lobster(tmp_path, f"34200,7,0,0,{price},-1\n"))
    assert [event.kind for event in recording.events] == [kind]


def test_an_auction_print_need_not_be_on_a_side(tmp_path: Path) -> None:
    recording = read_recording(write_lobster(tmp_path, "34200,6,-1,0,2239500,0\n"))
    assert [event.kind for event in recording.events] == [EventKind.CROSS]


def test_traces_of_floating_point_in_a_time_are_rounded_to_the_nanosecond(tmp_path: Path) -> None:
    recording = read_recording(write_lobster(tmp_path, "43002.632812672004,3,1,100,2238700,-1\n"))
    assert recording.events[0].time_ns == 43_002_632_812_672


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        ("34200,8,11,100,2239500,-1\n", "line 1: expected time, type 1 to 7"),
        ("34200,1,11,100,2239500,2\n", "line 1: expected time, type 1 to 7"),
        ("34200,1,11,100\n", "line 1: expected time, type 1 to 7"),
        ("34200,1,11,0,2239500,1\n", "event 1: expected a positive quantity"),
        ("34201,1,11,5,2239500,1\n34200,1,12,5,2239500,1\n", "event 2: expected no time before"),
        (
            "34200,1,11,5,2239500,1\n34200,1,11,5,2239500,1\n",
            "event 2: expected each order to be placed once",
        ),
        ("", "expected events, found none"),
    ],
)
def test_what_is_no_message_file_is_refused_with_the_place(
    tmp_path: Path, messages: str, problem: str
) -> None:
    with pytest.raises(RecordingError, match=problem):
        read_recording(write_lobster(tmp_path, messages))


@pytest.mark.parametrize(
    ("book", "problem"),
    [
        ("2239500,100,2238000,5\n", "book line 1: expected 8 fields for 2 levels, found 4"),
        ("", "expected a book line for each of 1 messages, found 0"),
    ],
)
def test_a_book_that_does_not_fit_its_messages_is_refused(tmp_path: Path, book: str, problem: str) -> None:
    with pytest.raises(RecordingError, match=problem):
        read_recording(write_lobster(tmp_path, "34200,1,11,100,2239500,-1\n", book))


def test_the_csv_gives_the_same_recording_again(tmp_path: Path) -> None:
    original = recording(
        [
            event(5, "place", 11, BUY, 10, 101),
            event(6, "execute_hidden", 0, SELL, 3, 105),
            event(7, "take", 0, SELL, 4, 0),
            event(8, "halt", 0, BUY, 0, 0),
        ],
        [row(((101, 10),)), row(((101, 10),)), row(((101, 6),), ((120, 1), (121, 2))), row()],
        depth=2,
    )
    path = tmp_path / "TEST_day.csv"
    write_flow_csv(original, path)
    assert read_recording(path) == original


def test_the_csv_of_a_lobster_day_writes_itself_again(tmp_path: Path) -> None:
    once, twice = tmp_path / "TEST_1.csv", tmp_path / "TEST_2.csv"
    write_flow_csv(read_recording(SAMPLE), once)
    write_flow_csv(read_recording(once), twice)
    assert once.read_text() == twice.read_text()
    assert len(read_recording(once).events) == len(read_recording(SAMPLE).events)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "time_ns,event,order_id,side,quantity\n",
            "expected the columns time_ns,event,order_id,side,quantity,price",
        ),
        ("time_ns,event,order_id,side,quantity,price\n1,place,1,buy\n", "line 2: expected 6 fields, found 4"),
        (
            "time_ns,event,order_id,side,quantity,price\n1,place,1,up,1,1\n",
            "line 2: expected buy or sell as side",
        ),
        (
            "time_ns,event,order_id,side,quantity,price\n1,place,1,buy,one,1\n",
            "line 2: expected a non-negative decimal",
        ),
        ("time_ns,event,order_id,side,quantity,price\n1,jump,1,buy,1,1\n", "line 2: .*jump"),
    ],
)
def test_what_is_no_flow_csv_is_refused_with_the_place(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "TEST.csv"
    path.write_text(text)
    with pytest.raises(RecordingError, match=problem):
        read_recording(path)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(RecordingError, match=r"nowhere\.zip: No such file"):
        read_recording(Path("nowhere.zip"))


def test_tick_and_lot_are_powers_of_ten_and_no_coarser_than_a_cent_and_a_share() -> None:
    prices_in_dimes = recording([event(1, "place", 1, BUY, 200, 1010), event(2, "place", 2, BUY, 300, 1020)])
    assert (prices_in_dimes.tick, prices_in_dimes.lot) == (1, 1)


def test_the_committed_sample_is_what_its_generator_writes(tmp_path: Path) -> None:
    written = sample_exchange().save(tmp_path)
    assert written.read_text() == (SAMPLES / written.name).read_text()
    book = written.name.replace("_message_", "_orderbook_")
    assert (tmp_path / book).read_text() == (SAMPLES / book).read_text()


def test_the_example_of_the_documentation_is_a_recording(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "recorded-flow.md").read_text()
    path = tmp_path / "BTC-USD_example.csv"
    path.write_text(text.split("```csv\n")[1].split("```")[0])
    recording = read_recording(path)
    assert (recording.symbol, recording.scales) == ("BTC-USD", Scales(price=2, quantity=1))
    assert [event.kind.value for event in recording.events] == ["place", "place", "cancel"]


def test_the_documentation_names_every_event_of_the_csv() -> None:
    text = (Path(__file__).parents[2] / "docs" / "recorded-flow.md").read_text()
    assert [kind.value for kind in EventKind if f"`{kind.value}`" not in text] == []
