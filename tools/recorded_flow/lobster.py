"""LOBSTER's files: NASDAQ's order messages of a day and the book after each (lobsterdata.com).

A message line is `time,type,order id,size,price,direction`: seconds after midnight,
shares, dollars times 10,000, and 1 for a buy or -1 for a sell; for an execution it is the direction of the
resting order. A book line is `ask price,ask size,bid price,bid size` for each level, best first; a level
that nothing fills has size 0. Symbol and depth are in the name:
`AMZN_2012-06-21_34200000_57600000_message_5.csv`, and `_orderbook_5.csv` beside it or in the same zip.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TextIO

from tools.recorded_flow.recording import (
    EventKind,
    FlowEvent,
    Levels,
    Recording,
    RecordingError,
    Row,
    Scales,
    Side,
)

SCALES = Scales(price=4, quantity=0)

_NAME = re.compile(r"(?P<symbol>[^_]+)_.*message_(?P<depth>\d+)\.csv")
_KINDS = {
    "1": EventKind.PLACE,
    "2": EventKind.REDUCE,
    "3": EventKind.CANCEL,
    "4": EventKind.EXECUTE,
    "5": EventKind.EXECUTE_HIDDEN,
    "6": EventKind.CROSS,
}
_UNSEEN = {EventKind.EXECUTE_HIDDEN, EventKind.CROSS}
_MARKERS_BY_PRICE = {"-1": EventKind.HALT, "0": EventKind.RESUME_QUOTES, "1": EventKind.RESUME_TRADING}
_SIDES = {"1": Side.BUY, "-1": Side.SELL}
_MESSAGE_FIELDS = 6
_FIELDS_PER_LEVEL = 4


def is_message_name(name: str) -> bool:
    return _NAME.fullmatch(PurePath(name).name) is not None


def read_lobster(path: Path) -> Recording:
    """Read a zip, or a message file with its book file beside it if there is one.

    Raises `RecordingError`.
    """
    with _open_files(path) as (name, messages, book):
        match = _NAME.fullmatch(PurePath(name).name)
        if match is None:
            raise RecordingError(f"expected a name such as AMZN_2012-06-21_…_message_5.csv, found {name}")
        depth = int(match["depth"])
        events = tuple(_read_messages(name, messages))
        rows = tuple(_read_book(depth, book)) if book is not None else ()
    if book is not None and len(rows) != len(events):
        raise RecordingError(
            f"{name}: expected a book line for each of {len(events)} messages, found {len(rows)}"
        )
    return Recording(match["symbol"], SCALES, depth if rows else 0, events, rows)


@contextmanager
def _open_files(path: Path) -> Iterator[tuple[str, TextIO, TextIO | None]]:
    """Open message and book file of `path`; the name is the message file's."""
    if not zipfile.is_zipfile(path):
        book_path = path.with_name(_book_name(path.name))
        with path.open(encoding="ascii") as messages:
            if book_path == path or not book_path.exists():
                yield path.name, messages, None
                return
            with book_path.open(encoding="ascii") as book:
                yield path.name, messages, book
        return
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if is_message_name(name)]
        if len(names) != 1:
            raise RecordingError(f"{path}: expected one …_message_….csv in it, found {len(names)}")
        with archive.open(names[0]) as messages_bytes:
            messages = io.TextIOWrapper(messages_bytes, encoding="ascii")
            if _book_name(names[0]) not in archive.namelist():
                yield names[0], messages, None
                return
            with archive.open(_book_name(names[0])) as book_bytes:
                yield names[0], messages, io.TextIOWrapper(book_bytes, encoding="ascii")


def _book_name(message_name: str) -> str:
    return message_name.replace("_message_", "_orderbook_")


def _read_messages(name: str, lines: Iterable[str]) -> Iterator[FlowEvent]:
    for number, line in enumerate(lines, start=1):
        fields = line.rstrip().split(",")
        try:
            time, kind, order_id, size, price, direction = fields[:_MESSAGE_FIELDS]
            if kind == "7":
                yield FlowEvent(_time_ns(time), _MARKERS_BY_PRICE[price], 0, Side.BUY, 0, 0)
                continue
            event_kind = _KINDS[kind]
            # What is in nobody's sight need not be on a side.
            side = Side.BUY if event_kind in _UNSEEN and direction == "0" else _SIDES[direction]
            yield FlowEvent(_time_ns(time), event_kind, int(order_id), side, int(size), int(price))
        except (KeyError, ValueError):
            raise RecordingError(
                f"{name}, line {number}: expected time, type 1 to 7, order id, size, price, direction"
                f" 1 or -1; found {line.rstrip()!r}"
            ) from None


def _read_book(depth: int, lines: Iterable[str]) -> Iterator[Row]:
    count = depth * _FIELDS_PER_LEVEL
    known: dict[tuple[int, int], tuple[int, int]] = {}
    row = Row((), ())
    for number, line in enumerate(lines, start=1):
        fields = line.rstrip().split(",")
        if len(fields) != count:
            raise RecordingError(
                f"book line {number}: expected {count} fields for {depth} levels, found {len(fields)}"
            )
        try:
            numbers = [int(field) for field in fields]
        except ValueError:
            raise RecordingError(
                f"book line {number}: expected whole numbers, found {line.rstrip()!r}"
            ) from None
        asks = zip(numbers[0::4], numbers[1::4], strict=True)
        bids = zip(numbers[2::4], numbers[3::4], strict=True)
        row = _sharing(
            row,
            bids=tuple(known.setdefault(level, level) for level in bids if level[1]),
            asks=tuple(known.setdefault(level, level) for level in asks if level[1]),
        )
        yield row


def _sharing(before: Row, bids: Levels, asks: Levels) -> Row:
    """The row of these levels, made of the row before where they are equal: a day has a million rows."""
    return Row(before.bids if bids == before.bids else bids, before.asks if asks == before.asks else asks)


def _time_ns(seconds: str) -> int:
    """Nearest nanosecond; longer fractions, which do occur, are traces of binary floating point."""
    whole, _, fraction = seconds.partition(".")
    nanoseconds = int(whole) * 1_000_000_000 + int(fraction[:9].ljust(9, "0"))
    return nanoseconds + (fraction[9:10] >= "5")
