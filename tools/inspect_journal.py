"""What is in a journal, and is it sound? Shows, filters, exports and re-decides; changes nothing.

    hatch run inspect-journal summary JOURNAL
    hatch run inspect-journal show JOURNAL --account alice --kind TradeExecuted --last 20
    hatch run inspect-journal export JOURNAL --form trades --output trades.csv
    hatch run inspect-journal verify JOURNAL --snapshots DIRECTORY

It reads beside a running engine. Exit status: 0 when all is well, 1 when `verify` found a difference or a
record is not as it was written, 2 when the arguments make no sense or there is no journal to read.
"""

import argparse
import csv
import json
import os
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TextIO, get_args

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from markethall_engine.application.ports import JournalCorrupt, JournalError, JournalReader
from markethall_engine.domain.commands import Command
from markethall_engine.domain.events import Event, TradeExecuted
from markethall_engine.journal.snapshots import SnapshotDirectory
from markethall_engine.journal.sqlite import SqliteJournalReader
from tools.journal.readable import Fields, Translator, kind, readable_time
from tools.journal.redecision import Difference, Redecision
from tools.journal.selection import Selection

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN_DIFFERENCES = 20
_WIDTH_OF_A_PIPE = 240
_TRADE_COLUMNS = (
    *("trade_id", "sequence", "time", "symbol", "price", "quantity", "notional", "taker_side"),
    *("maker_order_id", "maker_account_id", "maker_fee", "taker_order_id", "taker_account_id", "taker_fee"),
)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE, highlight=False)
    run: Callable[[JournalReader, argparse.Namespace, Console], int] = options.run
    try:
        with closing(SqliteJournalReader(options.journal)) as journal:
            return run(journal, options, console)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except JournalCorrupt as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except (JournalError, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2


def summarize(journal: JournalReader, options: argparse.Namespace, console: Console) -> int:
    """Count what there is."""
    kinds: Counter[str] = Counter()
    first = last = None
    for record in journal.read(0):
        first, last = first or record, record
        kinds.update(kind(what) for what in (record.command, *record.events))
    console.print(f"{options.journal}: {0 if last is None else last.sequence:,} records")
    if first is not None and last is not None:
        console.print(f"from {readable_time(first.time_ns)} to {readable_time(last.time_ns)}")
        console.print(f"checksum {journal.checksum(last.sequence)}")
    table = Table("command or event", "count")
    table.columns[1].justify = "right"
    for name, count in kinds.most_common():
        table.add_row(name, f"{count:,}")
    console.print(table)
    return 0


def show(journal: JournalReader, options: argparse.Namespace, console: Console) -> int:
    """Print the chosen records as a table, their events below them."""
    chosen = _selected(journal, options)
    shown = deque(chosen, options.last) if options.last else islice(chosen, options.limit or None)
    table = Table("sequence", "time", "what", "fields")
    table.columns[0].justify = "right"
    for record in shown:
        command = record["command"]
        table.add_row(str(record["sequence"]), record["time"], f"[bold]{command['kind']}[/]", _line(command))
        for event in record["events"]:
            table.add_row("", "", f"  {event['kind']}", _line(event))
    console.print(table)
    return 0


def export(journal: JournalReader, options: argparse.Namespace, console: Console) -> int:
    """Write the chosen records, or the trades in them, for other programs."""
    write = _FORMS[options.form]
    records = _selected(journal, options)
    if options.output is None:
        write(records, sys.stdout)
        return 0
    with options.output.open("w", encoding="utf-8", newline="") as output:
        count = write(records, output)
    console.print(f"{count:,} {options.form} written to {options.output}")
    return 0


def verify(journal: JournalReader, options: argparse.Namespace, console: Console) -> int:
    """Check every checksum, decide every command again, and compare."""
    directory = options.snapshots or options.journal.with_name("snapshots")
    redecision = Redecision(journal, SnapshotDirectory(directory))
    count = 0
    for count, difference in enumerate(redecision.differences(), 1):
        if count > _SHOWN_DIFFERENCES:
            continue
        if isinstance(difference, Difference):
            console.print(f"[red]{difference.record.sequence}[/] {escape(str(difference.record.command))}")
            console.print(f"  recorded {escape(str(difference.record.events))}")
            console.print(f"  now      {escape(str(difference.decision))}")
        else:
            console.print(f"[red]{difference.sequence}[/] snapshot with digest {difference.snapshot_digest}")
            console.print(f"  the records give {difference.digest}")
    console.print(
        f"{redecision.records:,} records with {redecision.events:,} events decided again; "
        f"compared with {redecision.compared_snapshots} snapshots of {directory}"
    )
    console.print(f"digest {redecision.exchange.digest()}")
    console.print(f"[red]{count:,} differences[/]" if count else "[green]no difference[/]")
    return 1 if count else 0


def write_records(records: Iterator[Fields], output: TextIO) -> int:
    """One JSON object a line, as `Translator.record` has it."""
    count = 0
    for count, record in enumerate(records, 1):  # noqa: B007, the last one is told
        output.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    return count


def write_trades(records: Iterator[Fields], output: TextIO) -> int:
    """CSV with a header; times in RFC 3339, prices, quantities and amounts as decimals."""
    writer = csv.DictWriter(output, _TRADE_COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    count = 0
    for record in records:
        for event in record["events"]:
            if event["kind"] == TradeExecuted.__name__:
                writer.writerow({**record, **event})
                count += 1
    return count


_FORMS = {"records": write_records, "trades": write_trades}
_KINDS = sorted(kind.__name__ for kind in (*get_args(Command), *get_args(Event)))


def _selected(journal: JournalReader, options: argparse.Namespace) -> Iterator[Fields]:
    selection = Selection(
        account_id=options.account,
        symbol=options.symbol,
        order_id=options.order_id,
        kinds=frozenset(options.kind),
        first=options.first,
        last=options.until,
        since_ns=options.since_time,
        until_ns=options.until_time,
    )
    translator = Translator()
    for record in journal.read(0):
        if selection.is_past(record):
            return
        translator.learn(record)
        if selection.includes(record):
            yield translator.record(record)


def _line(fields: Fields) -> str:
    """What is not empty, on one line, without the kind."""
    words = (
        _line(value) if isinstance(value, dict) else escape(f"{name}={value}")
        for name, value in fields.items()
        if name != "kind" and value != ""
    )
    return " ".join(words)


def _time_ns(text: str) -> int:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(
            f"expected a time such as 2026-11-23T13:30:00Z, found {text!r}"
        ) from problem
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return (time - _EPOCH) // timedelta(microseconds=1) * 1_000


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="inspect-journal", description=__doc__.partition("\n")[0])
    tasks = parser.add_subparsers(required=True, metavar="summary | show | export | verify")

    def task(name: str, run: Callable[..., int]) -> argparse.ArgumentParser:
        added = tasks.add_parser(name, help=run.__doc__, description=run.__doc__)
        added.add_argument("journal", type=Path, help="the journal's file; its engine may be running")
        added.set_defaults(run=run)
        return added

    task("summary", summarize)
    _add_selection(shown := task("show", show))
    shown.add_argument("--limit", type=int, default=100, help="at most this many records; 0 for all (100)")
    shown.add_argument("--last", type=int, default=0, help="the last so many records instead of the first")
    _add_selection(exported := task("export", export))
    exported.add_argument(
        "--form",
        choices=_FORMS,
        default="records",
        help="records as JSON lines, or their trades as CSV (records)",
    )
    exported.add_argument("--output", type=Path, help="the file to write instead of standard output")
    verified = task("verify", verify)
    verified.add_argument(
        "--snapshots", type=Path, help="compare with these ('snapshots' beside the journal)"
    )
    return parser


def _add_selection(parser: argparse.ArgumentParser) -> None:
    chosen = parser.add_argument_group("which records", "all that is given must hold")
    chosen.add_argument("--account", default="", help="concern this account")
    chosen.add_argument("--symbol", default="", help="concern this instrument")
    chosen.add_argument("--order-id", type=int, default=0, help="concern this order")
    chosen.add_argument(
        "--kind",
        action="append",
        default=[],
        choices=_KINDS,
        metavar="KIND",
        help="hold this command or event, such as PlaceOrder or TradeExecuted; may be repeated",
    )
    chosen.add_argument(
        "--first", type=int, default=1, metavar="SEQUENCE", help="have this sequence or a higher"
    )
    chosen.add_argument("--until", type=int, metavar="SEQUENCE", help="have this sequence or a lower")
    chosen.add_argument(
        "--since-time", type=_time_ns, default=0, metavar="TIME", help="came at this time or later"
    )
    chosen.add_argument("--until-time", type=_time_ns, metavar="TIME", help="came before this time")


if __name__ == "__main__":
    sys.exit(main())
