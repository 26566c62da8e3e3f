"""Our own file of recorded order flow: one CSV with a header, described in docs/recorded-flow.md."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from markethall_common.decimals import DecimalError, format_decimal, parse_decimal, parse_unscaled
from tools.recorded_flow.recording import (
    MARKERS,
    EventKind,
    FlowEvent,
    Levels,
    Recording,
    RecordingError,
    Row,
    Scales,
    Side,
)

EVENT_COLUMNS = ("time_ns", "event", "order_id", "side", "quantity", "price")

_FIRST_LEVEL = len(EVENT_COLUMNS)
_FIELDS_PER_LEVEL = 4
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}


def is_flow_csv(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(EVENT_COLUMNS[0]) + 1) == f"{EVENT_COLUMNS[0]},".encode()


def level_columns(depth: int) -> list[str]:
    return [
        f"{column}_{level}"
        for level in range(1, depth + 1)
        for column in ("bid_price", "bid_quantity", "ask_price", "ask_quantity")
    ]


def read_flow_csv(path: Path) -> Recording:
    """Read `path`; the symbol is its name up to the first `_` or the extension. Raises `RecordingError`."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        depth = max(0, len(header) - _FIRST_LEVEL) // _FIELDS_PER_LEVEL
        expected = [*EVENT_COLUMNS, *level_columns(depth)]
        if header != expected:
            raise RecordingError(
                f"{path.name}: expected the columns {','.join(expected)}; found {','.join(header)}"
            )
        table = list(lines)
    for number, line in enumerate(table, start=2):
        if len(line) != len(header):
            raise RecordingError(
                f"{path.name}, line {number}: expected {len(header)} fields, found {len(line)}"
            )
    prices = _Column(table, [5, *range(_FIRST_LEVEL, len(header), 2)])
    quantities = _Column(table, [4, *range(_FIRST_LEVEL + 1, len(header), 2)])
    try:
        events = tuple(_read_events(table, prices, quantities))
        rows = tuple(_read_row(line, prices, quantities) for line in table) if depth else ()
    except _CellError as error:
        raise RecordingError(f"{path.name}, {error}") from None
    return Recording(path.stem.split("_")[0], Scales(prices.scale, quantities.scale), depth, events, rows)


def write_flow_csv(recording: Recording, path: Path) -> None:
    """Write `recording`, book included, so that `read_flow_csv` gives the same events and rows again."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*EVENT_COLUMNS, *level_columns(recording.depth)])
        for index, event in enumerate(recording.events):
            cells = _event_cells(event, recording.scales)
            if recording.rows:
                cells += _row_cells(recording.rows[index], recording.scales, recording.depth)
            writer.writerow(cells)


class _CellError(Exception):
    """A cell holds something else than its column should."""


class _Column:
    """The decimals of some columns as integers of one scale, the smallest that holds them all."""

    def __init__(self, table: Sequence[Sequence[str]], columns: Sequence[int]) -> None:
        texts = {line[column] for line in table for column in columns} - {""}
        unscaled: dict[str, tuple[int, int]] = {}
        self._problems: dict[str, DecimalError] = {}
        for text in texts:
            try:
                unscaled[text] = parse_unscaled(text)
            except DecimalError as error:
                self._problems[text] = error
        self.scale = max((scale for _, scale in unscaled.values()), default=0)
        self._values = {text: parse_decimal(text, self.scale) for text in unscaled}
        self._values[""] = 0

    def read(self, text: str) -> int:
        if text in self._problems:
            raise _CellError(str(self._problems[text]))
        return self._values[text]


def _read_events(table: Sequence[Sequence[str]], prices: _Column, quantities: _Column) -> Iterator[FlowEvent]:
    for number, line in enumerate(table, start=2):
        time_ns, kind_name, order_id, side, quantity, price = line[:_FIRST_LEVEL]
        try:
            kind = EventKind(kind_name)
            if kind in MARKERS:
                yield FlowEvent(int(time_ns), kind, 0, Side.BUY, 0, 0)
                continue
            yield FlowEvent(
                int(time_ns),
                kind,
                int(order_id or 0),
                _SIDES[side],
                quantities.read(quantity),
                prices.read(price),
            )
        except KeyError:
            raise _CellError(f"line {number}: expected buy or sell as side, found {side!r}") from None
        except (ValueError, _CellError) as error:
            raise _CellError(f"line {number}: {error}") from None


def _read_row(line: Sequence[str], prices: _Column, quantities: _Column) -> Row:
    sides: list[Levels] = []
    for first in (_FIRST_LEVEL, _FIRST_LEVEL + 2):
        cells = zip(line[first::_FIELDS_PER_LEVEL], line[first + 1 :: _FIELDS_PER_LEVEL], strict=True)
        sides.append(
            tuple((prices.read(price), quantities.read(quantity)) for price, quantity in cells if quantity)
        )
    return Row(*sides)


def _event_cells(event: FlowEvent, scales: Scales) -> list[str]:
    if event.kind in MARKERS:
        return [str(event.time_ns), event.kind.value, "", "", "", ""]
    return [
        str(event.time_ns),
        event.kind.value,
        str(event.order_id) if event.order_id else "",
        event.side.name.lower(),
        format_decimal(event.quantity, scales.quantity),
        format_decimal(event.price, scales.price),
    ]


def _row_cells(row: Row, scales: Scales, depth: int) -> list[str]:
    cells = []
    for level in range(depth):
        for levels in row:
            if level < len(levels):
                price, quantity = levels[level]
                cells += [format_decimal(price, scales.price), format_decimal(quantity, scales.quantity)]
            else:
                cells += ["", ""]
    return cells
