"""The stubs package alone, built as a wheel and installed where nothing else of the repository is."""

import asyncio
import importlib.util
import os
import re
import sys
import venv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import grpc.aio
import pytest

import markethall_protos.v1 as v1
from tools.check_packages import run
from tools.loopback import free_port

PACKAGE = Path(__file__).parents[2] / "packages" / "protos"
README_ADDRESS = "127.0.0.1:50052"
READY_TIMEOUT_S = 30.0

pytestmark = pytest.mark.timeout(600)  # builds, and installs from the package index


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("stubs")
    venv.create(folder / "environment", with_pip=True)
    programs = folder / "environment" / "bin"
    run([programs / "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, PACKAGE], cwd=folder)
    run([programs / "pip", "install", "--quiet", *folder.glob("*.whl")], cwd=folder)
    return programs / "python"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The README's first program, as a file that takes the venue's address as its argument."""
    first = re.search(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text(), flags=re.DOTALL)
    assert first is not None
    source = first.group(1)
    assert source.count(f'"{README_ADDRESS}"') == 1
    assert len([line for line in source.splitlines() if line]) <= 10
    file = tmp_path_factory.mktemp("program") / "place_order.py"
    file.write_text(source.replace(f'"{README_ADDRESS}"', "__import__('sys').argv[1]"))
    return file


async def run_program(python: Path, program: Path, address: str) -> str:
    process = await asyncio.create_subprocess_exec(
        python,
        program,
        address,
        cwd=program.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode()


def test_the_package_installs_alone_and_needs_no_protobuf(python: Path) -> None:
    code = """
import importlib.metadata, sys
from markethall_protos.v1 import Order, OrderServiceStub, ROUTES
from markethall_protos.codec import decode, encode
from markethall_protos.error_details import error_detail
assert decode(Order, encode(Order(order_id="17"))) == Order(order_id="17")
assert "google.protobuf" not in sys.modules
names = [distribution.name for distribution in importlib.metadata.distributions()]
print(*[name for name in names if name.startswith(("markethall", "protobuf"))])
"""
    assert run([python, "-c", code], cwd=python.parent) == "markethall-protos\n"


def test_the_package_carries_types_and_the_contract(python: Path) -> None:
    code = """
from importlib.resources import files
package = files("markethall_protos")
print((package / "py.typed").is_file(), len((package / "v1" / "descriptor_set.binpb").read_bytes()))
"""
    size = (PACKAGE / "src/markethall_protos/v1/descriptor_set.binpb").stat().st_size
    assert run([python, "-c", code], cwd=python.parent) == f"True {size}\n"


async def test_the_readmes_program_reaches_a_server_of_the_contract(python: Path, program: Path) -> None:
    received: list[v1.PlaceOrderRequest] = []

    class Orders(v1.OrderServiceServicer):
        async def place_order(
            self,
            request: v1.PlaceOrderRequest,
            context: grpc.aio.ServicerContext[v1.PlaceOrderRequest, v1.PlaceOrderResponse],
        ) -> v1.PlaceOrderResponse:
            received.append(request)
            return v1.PlaceOrderResponse(order=v1.Order(order_id="17", status=v1.OrderStatus.NEW))

    server = grpc.aio.server()
    v1.add_order_service_servicer(Orders(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    printed = await run_program(python, program, f"127.0.0.1:{port}")
    await server.stop(None)
    assert printed == "17 NEW UNSPECIFIED\n"
    assert received == [
        v1.PlaceOrderRequest(symbol="BTC-USD", side=v1.Side.BUY, quantity="0.5", price="65000.25")
    ]


@asynccontextmanager
async def engine(folder: Path) -> AsyncIterator[str]:
    """A real engine with its files in `folder`; gives its address, and ends it by SIGTERM."""
    port = free_port()
    settings = {"MARKETHALL_ENGINE__PORT": str(port), "MARKETHALL_ENGINE__DEFAULT_ACCOUNT": "student"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "markethall_engine", cwd=folder, env={**os.environ, **settings}
    )
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        assert await process.wait() == 0


async def open_market(address: str) -> None:
    """List BTC-USD and fund the default account."""
    async with grpc.aio.insecure_channel(address) as channel:
        administration = v1.AdministrationServiceStub(channel)
        portfolio = v1.PortfolioServiceStub(channel)
        for asset, scale in (("BTC", 8), ("USD", 6)):
            await administration.create_asset(
                v1.CreateAssetRequest(asset=asset, scale=scale), timeout=READY_TIMEOUT_S, wait_for_ready=True
            )
        await administration.create_instrument(
            v1.CreateInstrumentRequest(
                symbol="BTC-USD", base_asset="BTC", quote_asset="USD", tick_size="0.01", lot_size="0.0001"
            )
        )
        await administration.create_account(v1.CreateAccountRequest(account_id="student"))
        await portfolio.deposit(v1.DepositRequest(account_id="student", asset="USD", amount="100000"))


@pytest.mark.skipif(
    importlib.util.find_spec("markethall_engine.__main__") is None, reason="the engine does not start yet"
)
async def test_the_readmes_program_places_an_order_with_a_real_engine(
    python: Path, program: Path, tmp_path: Path
) -> None:
    async with engine(tmp_path) as address:
        await open_market(address)
        printed = await run_program(python, program, address)
        order_id, status, reject_reason = printed.split()
        async with grpc.aio.insecure_channel(address) as channel:
            found = await v1.OrderServiceStub(channel).get_order(v1.GetOrderRequest(order_id=order_id))
    assert (status, reject_reason) == ("NEW", "UNSPECIFIED")
    assert found.order is not None
    assert (found.order.symbol, found.order.quantity, found.order.price) == ("BTC-USD", "0.5", "65000.25")
