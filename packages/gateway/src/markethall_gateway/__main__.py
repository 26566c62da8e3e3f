"""The command `markethall-gateway`."""

import asyncio
import sys

from markethall_common.settings import command_line
from markethall_gateway.bootstrap import run
from markethall_gateway.servers.listener import PortUnavailable
from markethall_gateway.settings import SPEC


def main() -> None:
    """Run the gateway, or print its settings or its OpenAPI document."""
    settings = command_line(SPEC)
    try:
        asyncio.run(run(settings))
    except PortUnavailable as error:
        sys.exit(f"markethall-gateway: {error}")


if __name__ == "__main__":
    main()
