"""`markethall-gateway`: run a gateway, or print its settings or its OpenAPI document."""

import asyncio
import json
import sys
from collections.abc import Sequence
from importlib.metadata import version

from markethall_common import logs
from markethall_common.logs import logger
from markethall_common.settings import command_line
from markethall_gateway.bootstrap import DISTRIBUTION, run
from markethall_gateway.endpoints.openapi.document import openapi_document
from markethall_gateway.servers.listener import PortUnavailable
from markethall_gateway.settings import SPEC
from markethall_protos.v1 import ROUTES

EXIT_FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until asked to stop; 0 when it ended in order, 1 when it could not start."""
    if list(sys.argv[1:] if arguments is None else arguments) == ["openapi"]:
        document = openapi_document(ROUTES, version(DISTRIBUTION))
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return 0
    settings = command_line(SPEC, arguments)
    logs.configure("gateway", level=settings.log.level, format=settings.log.format)
    try:
        asyncio.run(run(settings))
    except PortUnavailable as error:
        logger.critical("gateway_cannot_run", problem=str(error))
        return EXIT_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
