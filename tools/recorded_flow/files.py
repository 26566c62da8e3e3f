"""Which reader a file of recorded order flow needs, and whether what it read makes sense."""

from pathlib import Path

from tools.recorded_flow.flow_csv import is_flow_csv, read_flow_csv
from tools.recorded_flow.lobster import read_lobster
from tools.recorded_flow.recording import IN_THE_BOOK, EventKind, Recording, RecordingError


def read_recording(path: Path) -> Recording:
    """Read a LOBSTER zip or message file, or our own CSV, told apart by content.

    Raises `RecordingError`.
    """
    try:
        recording = read_flow_csv(path) if is_flow_csv(path) else read_lobster(path)
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise RecordingError(f"{path}: expected text, found something else") from None
    _check(recording, path)
    return recording


def _check(recording: Recording, path: Path) -> None:
    """Raise `RecordingError` where the events cannot have happened."""
    if not recording.events:
        raise RecordingError(f"{path}: expected events, found none")
    time_ns = 0
    placed: set[int] = set()
    for number, event in enumerate(recording.events, start=1):
        problem = ""
        if event.time_ns < time_ns:
            problem = "expected no time before the last event's"
        elif event.kind in IN_THE_BOOK and event.quantity <= 0:
            problem = f"expected a positive quantity, found {event.quantity}"
        elif event.kind is EventKind.PLACE and event.order_id in placed:
            problem = f"expected each order to be placed once, found {event.order_id} again"
        if problem:
            raise RecordingError(f"{path}, event {number}: {problem}")
        if event.kind is EventKind.PLACE:
            placed.add(event.order_id)
        time_ns = event.time_ns
