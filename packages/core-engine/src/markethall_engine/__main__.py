"""`markethall-engine`: run an engine, or print its settings."""

import asyncio
import os
import sys
from collections.abc import Sequence

from markethall_common import logs
from markethall_common.clock import SystemClock
from markethall_common.logs import logger
from markethall_common.settings import command_line
from markethall_common.shutdown import Shutdown
from markethall_engine.settings import SPEC, EngineSettings

EXIT_FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until asked to stop; 0 when it ended in order, 1 when it could not start or failed."""
    settings = command_line(SPEC, arguments)
    logs.configure("core-engine", level=settings.log.level, format=settings.log.format)
    # gRPC's C core reads this when it is first imported, which is below. It would write lines of its own to
    # standard error; what matters of them we say ourselves.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    return asyncio.run(_run(settings))


async def _run(settings: EngineSettings) -> int:
    from markethall_engine.application.ports import JournalError
    from markethall_engine.application.sequencer import EngineStopped
    from markethall_engine.bootstrap import Engine
    from markethall_engine.rpc.server import PortUnavailable

    try:
        with Shutdown(settings.drain_s) as shutdown:
            await Engine(settings, SystemClock()).run(shutdown)
    except (JournalError, PortUnavailable) as error:
        logger.critical("engine_cannot_run", problem=str(error))
        return EXIT_FAILED
    except EngineStopped:
        logger.exception("engine_failed")
        return EXIT_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
