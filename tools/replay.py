"""Feed recorded order flow through a running venue and compare: `hatch run replay FILE`.

Reads LOBSTER message files, zipped or with the book file beside them, and our own CSV; docs/recorded-flow.md
describes both and what is compared. Ends with 0 when every difference lies in the recording itself, with 1
when the venue refused a command or did something else than price-time priority demands, and with 2 when the
replay could not be done.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import grpc.aio
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tools.local_venue.engine_channel import NoEngine, connect, open_channel
from tools.recorded_flow.domain_replay import DomainReplay
from tools.recorded_flow.files import read_recording
from tools.recorded_flow.flow_csv import write_flow_csv
from tools.recorded_flow.market import MarketError, open_market
from tools.recorded_flow.recording import Recording, RecordingError
from tools.recorded_flow.replay import Outcome, Pace, Replay, ReplayFailed
from tools.recorded_flow.report import as_json, print_report

EXIT_FAULTS = 1
EXIT_IMPOSSIBLE = 2
EXIT_INTERRUPTED = 130
CONNECT_TIMEOUT_S = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    console = Console(stderr=True)
    try:
        with console.status(f"reading {options.file.name}"):
            recording = read_recording(options.file)
        if options.events is not None:
            recording = recording.first(options.events)
        if options.export is not None:
            write_flow_csv(recording, options.export)
            console.print(f"wrote {len(recording.events):,} events to {options.export}")
            return 0
        if options.domain:
            outcome = _replay_into_domain(options, recording, console)
        else:
            outcome = asyncio.run(_replay(options, recording, console))
    except (NoEngine, RecordingError, MarketError, ReplayFailed, OSError) as error:
        console.print(f"[red]{escape(str(error))}[/]")
        return EXIT_IMPOSSIBLE
    except grpc.aio.AioRpcError as error:
        console.print(
            f"[red]the venue cannot be set up:[/] {error.code().name}: {escape(str(error.details()))}"
        )
        return EXIT_IMPOSSIBLE
    except KeyboardInterrupt:
        console.print("interrupted")
        return EXIT_INTERRUPTED
    if options.json:
        print(json.dumps(as_json(recording, outcome), indent=2))
    else:
        print_report(Console(), recording, outcome)
    return EXIT_FAULTS if outcome.has_faults else 0


async def _replay(options: argparse.Namespace, recording: Recording, console: Console) -> Outcome:
    async with open_channel(options.address) as channel:
        await connect(channel, options.address, timeout_s=CONNECT_TIMEOUT_S)
        market = await open_market(
            channel,
            recording,
            symbol=options.symbol or recording.symbol,
            quote_asset=options.quote_asset,
        )
        replay = Replay(
            channel,
            market,
            recording,
            Pace(batch_size=options.batch_size, in_flight=options.in_flight, speed=options.speed),
            verify=not options.no_verify,
        )
        with _progress(recording, console) as on_progress:
            return await replay.run(on_progress)


def _replay_into_domain(options: argparse.Namespace, recording: Recording, console: Console) -> Outcome:
    if options.symbol is not None:
        recording = replace(recording, symbol=options.symbol)
    replay = DomainReplay(recording, quote_asset=options.quote_asset, verify=not options.no_verify)
    with _progress(recording, console) as on_progress:
        return replay.run(on_progress)


@contextmanager
def _progress(recording: Recording, console: Console) -> Iterator[Callable[[int], None]]:
    """A bar, and what moves it: called with how many events are behind us."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(recording.symbol, total=len(recording.events))
        yield lambda done: progress.update(task, completed=done)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hatch run replay", description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="LOBSTER zip or message csv, or a csv of our own")
    parser.add_argument("--address", default="127.0.0.1:50052", help="the engine's (default: %(default)s)")
    parser.add_argument("--symbol", help="instrument to use (default: the recording's)")
    parser.add_argument("--quote-asset", default="USD", help="what prices are in (default: %(default)s)")
    parser.add_argument("--events", type=_positive, help="replay only so many events")
    parser.add_argument("--speed", type=float, help="multiple of the recorded pace (default: no pause)")
    parser.add_argument(
        "--batch-size", type=_positive, default=256, help="commands in a message (default: %(default)s)"
    )
    parser.add_argument(
        "--in-flight", type=_positive, default=4, help="messages under way at a time (default: %(default)s)"
    )
    parser.add_argument(
        "--domain", action="store_true", help="straight into the domain, in this process and without a venue"
    )
    parser.add_argument("--no-verify", action="store_true", help="only send, compare nothing")
    parser.add_argument("--export", type=Path, metavar="CSV", help="write the recording as our csv and stop")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a positive whole number, found {text}")
    return value


if __name__ == "__main__":
    sys.exit(main())
