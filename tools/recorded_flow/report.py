"""A replay's outcome, as tables to read and as JSON."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from markethall_common.decimals import format_decimal
from tools.recorded_flow.queue_book import Execution
from tools.recorded_flow.recording import EventKind, Recording, Row, Scales
from tools.recorded_flow.replay import Outcome
from tools.recorded_flow.steps import Cause
from tools.recorded_flow.verification import Evidence, OrderDifference, RowDifference, Tally

_SHOWN_DIFFERENCES = 20
_NOT_SENT = {
    EventKind.EXECUTE_HIDDEN: "executions of hidden orders: their makers were in nobody's sight",
    EventKind.CROSS: "auction prints",
    EventKind.HALT: "halts",
    EventKind.RESUME_QUOTES: "resumptions of quoting",
    EventKind.RESUME_TRADING: "resumptions of trading",
}
_VENUE_FAULT = "the venue did something else than price-time priority demands"


def as_json(recording: Recording, outcome: Outcome) -> dict[str, Any]:
    """Everything that the tables show."""
    latencies = _percentiles_ms(outcome.latencies_ns)
    result: dict[str, Any] = {
        "symbol": recording.symbol,
        "events": len(recording.events),
        "events_not_sent": {kind.value: count for kind, count in _not_sent(recording).items()},
        "commands": dict(outcome.commands),
        "refused": outcome.refusal_count,
        "trades": outcome.trade_count,
        "duration_s": round(outcome.duration_s, 3),
        "commands_per_s": round(_rate(outcome)),
        "batch_latency_ms": latencies,
    }
    if (evidence := outcome.evidence) is not None:
        result["aggressive_orders"] = _tally(evidence.orders)
        result["aggressive_orders_of_seeded_makers"] = _tally(evidence.orders_of_seeded_makers)
        result["rows"] = _tally(evidence.rows) | {"with_seeded_levels": evidence.rows_with_seeds}
        result["rows_inside_aggressive_orders"] = _tally(evidence.rows_inside)
        result["differences"] = {
            "aggressive_orders": _by_cause(evidence.order_differences),
            "rows": _by_cause(evidence.row_differences),
        }
    return result


def print_report(console: Console, recording: Recording, outcome: Outcome) -> None:
    console.print(_flow_table(recording, outcome))
    if outcome.final_book is not None:
        console.print(_book_table(recording, outcome))
    if outcome.evidence is not None:
        console.print(_evidence_table(outcome.evidence))
        _print_differences(console, recording, outcome.evidence)
    if outcome.refusal_count:
        console.print(f"[red]{outcome.refusal_count:,} commands were refused[/], the first of them:")
        for refusal in outcome.refusals[:_SHOWN_DIFFERENCES]:
            console.print(f"  {refusal.command}: {refusal.reason}", markup=False)


def _flow_table(recording: Recording, outcome: Outcome) -> Table:
    table = Table(
        title=f"{recording.symbol}: {len(recording.events):,} recorded events", title_justify="left"
    )
    table.add_column("sent and acknowledged")
    table.add_column(justify="right")
    names = {
        "Place": "resting orders",
        "Cancel": "cancels",
        "Reduce": "replaces to a lower quantity",
        "Take": "aggressive orders",
        "Fund": "deposits",
    }
    for kind, name in names.items():
        table.add_row(name, f"{outcome.commands[kind]:,}")
    table.add_row("trades", f"{outcome.trade_count:,}", end_section=True)
    table.add_row("seconds", f"{outcome.duration_s:,.1f}")
    table.add_row("commands a second", f"{_rate(outcome):,.0f}")
    for name, value in _percentiles_ms(outcome.latencies_ns).items():
        table.add_row(f"batch to acknowledgment, {name}, ms", f"{value:,.2f}")
    for event_kind, count in _not_sent(recording).items():
        table.add_row(f"not sent: {_NOT_SENT[event_kind]}", f"{count:,}")
    return table


def _book_table(recording: Recording, outcome: Outcome) -> Table:
    assert outcome.final_book is not None
    last = recording.rows[-1] if recording.rows else None
    table = Table(title="book at the end", title_justify="left")
    for side in ("bid", "ask"):
        table.add_column(f"{side} quantity" if side == "bid" else side, justify="right")
        table.add_column(side if side == "bid" else f"{side} quantity", justify="right")
    bids, asks = outcome.final_book.bids, outcome.final_book.asks
    for level in range(max(len(bids), len(asks))):
        bid = (bids[level].quantity, bids[level].price) if level < len(bids) else ("", "")
        ask = (asks[level].price, asks[level].quantity) if level < len(asks) else ("", "")
        table.add_row(*bid, *ask)
    if last is not None:
        table.caption = f"recorded: {_row_text(last, recording.scales)}"
        table.caption_justify = "left"
    return table


def _evidence_table(evidence: Evidence) -> Table:
    table = Table(title="the venue against the recording", title_justify="left")
    for column in ("", "compared", "equal", ""):
        table.add_column(column, justify="right" if column else "left")
    rows = (
        ("aggressive orders: makers, their order, sizes, prices", evidence.orders),
        ("  of these, met an order whose place was inferred", evidence.orders_of_seeded_makers),
        ("visible book after an event", evidence.rows),
        ("visible book between two fills of one order", evidence.rows_inside),
    )
    for name, tally in rows:
        table.add_row(name, f"{tally.compared:,}", f"{tally.equal:,}", _percentage(tally))
    table.caption = (
        f"In {evidence.rows_with_seeds:,} of these books a level had just come into sight and was seeded "
        "from the recording; such levels are no evidence and were not compared."
    )
    table.caption_justify = "left"
    return table


def _print_differences(console: Console, recording: Recording, evidence: Evidence) -> None:
    for name, differences in (
        ("aggressive orders", evidence.order_differences),
        ("books", evidence.row_differences),
    ):
        for cause, count in _by_cause(differences).items():
            console.print(f"{count:,} {name} differ: {cause}", style="red" if cause == _VENUE_FAULT else "")
        for difference in differences[:_SHOWN_DIFFERENCES]:
            if isinstance(difference, OrderDifference):
                wanted = _fills_text(difference.expected, recording.scales)
                found = _fills_text(difference.found, recording.scales)
            else:
                wanted = _row_text(difference.expected, recording.scales)
                found = _row_text(difference.found, recording.scales)
            console.print(f"  event {difference.event + 1}: recorded {wanted}; venue {found}", markup=False)


def _by_cause(differences: Sequence[OrderDifference | RowDifference]) -> dict[str, int]:
    causes: Counter[Cause | None] = Counter(difference.cause for difference in differences)
    return {cause.value if cause is not None else _VENUE_FAULT: count for cause, count in causes.items()}


def _fills_text(fills: Iterable[Execution], scales: Scales) -> str:
    return ", ".join(
        f"{format_decimal(fill.quantity, scales.quantity)} at {format_decimal(fill.price, scales.price)} "
        f"from {fill.order_id if fill.order_id > 0 else 'an order without a name'}"
        for fill in fills
    )


def _row_text(row: Row, scales: Scales) -> str:
    sides = (
        " ".join(
            f"{format_decimal(quantity, scales.quantity)}@{format_decimal(price, scales.price)}"
            for price, quantity in levels
        )
        for levels in (row.bids[::-1], row.asks)
    )
    return " | ".join(sides)


def _not_sent(recording: Recording) -> dict[EventKind, int]:
    counts = Counter(event.kind for event in recording.events)
    return {kind: counts[kind] for kind in _NOT_SENT if counts[kind]}


def _rate(outcome: Outcome) -> float:
    return sum(outcome.commands.values()) / outcome.duration_s if outcome.duration_s else 0.0


def _percentiles_ms(latencies_ns: Sequence[int]) -> dict[str, float]:
    if not latencies_ns:
        return {}
    if len(latencies_ns) < 2:
        return {"max": round(latencies_ns[0] / 1e6, 3)}
    cuts = quantiles(latencies_ns, n=100, method="inclusive")
    return {
        "p50": round(cuts[49] / 1e6, 3),
        "p90": round(cuts[89] / 1e6, 3),
        "p99": round(cuts[98] / 1e6, 3),
        "max": round(max(latencies_ns) / 1e6, 3),
    }


def _tally(tally: Tally) -> dict[str, int]:
    return {"compared": tally.compared, "equal": tally.equal}


def _percentage(tally: Tally) -> str:
    """Rounded down, so that 100 % means all."""
    if not tally.compared:
        return ""
    return f"{tally.equal * 10_000 // tally.compared / 100:.2f} %"
