"""The command `markethall-gateway`: `[run | settings | openapi] [flags]`."""

import asyncio
import json
import sys
from importlib.metadata import version

from markethall_common.settings import command_line
from markethall_gateway.bootstrap import DISTRIBUTION, run
from markethall_gateway.endpoints.openapi.document import openapi_document
from markethall_gateway.servers.listener import PortUnavailable
from markethall_gateway.settings import SPEC
from markethall_protos.v1 import ROUTES


def main() -> None:
    """Run the gateway, or print its settings or its OpenAPI document."""
    if sys.argv[1:] == ["openapi"]:
        document = openapi_document(ROUTES, version(DISTRIBUTION))
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    settings = command_line(SPEC)
    try:
        asyncio.run(run(settings))
    except PortUnavailable as error:
        sys.exit(f"markethall-gateway: {error}")


if __name__ == "__main__":
    main()
