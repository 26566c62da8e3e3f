"""The generator, tried on a small contract with all four kinds of call."""

import importlib
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from markethall_protos.routes import HttpRoute
from tests.tools.echo_contract import PACKAGE, PROTO, SCOPE_OPTION, write_echo_protos
from tools.generate_protos import PROTO_PACKAGE, PROTO_ROOT, list_changes, read_generated, write_generated
from tools.protos.descriptors import ProtoError
from tools.protos.package import Files, generate_package


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return generate_package(
        write_echo_protos(tmp_path_factory.mktemp("protos")), PACKAGE, scope_option=SCOPE_OPTION
    )


@pytest.fixture(scope="module")
def echo(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The generated package, imported as `echo_protos.v1`."""
    folder = tmp_path_factory.mktemp("packages")
    write_generated(folder / "echo_protos", files)
    sys.path.insert(0, str(folder))
    yield importlib.import_module("echo_protos.v1")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "echo_protos"]:
        del sys.modules[name]


@pytest.fixture
async def channel(echo: Any) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a server on a free port that echoes in every kind of call."""

    class Echo(echo.EchoServiceServicer):  # type: ignore[misc]
        async def say(self, request: Any, context: Any) -> Any:
            return echo.SayResponse(text=request.text)

        async def repeat(self, request: Any, context: Any) -> AsyncIterator[Any]:
            for number in range(request.times):
                yield echo.RepeatResponse(text=f"{request.text} {number}")

        async def join(self, requests: AsyncIterator[Any], context: Any) -> Any:
            return echo.JoinResponse(text="+".join([request.text async for request in requests]))

        async def chat(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
            async for request in requests:
                yield echo.ChatResponse(text=f"{request.text}!")

    server = grpc.aio.server()
    echo.add_echo_service_servicer(Echo(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(None)


async def test_a_unary_call_goes_there_and_back(echo: Any, channel: grpc.aio.Channel) -> None:
    assert await echo.EchoServiceStub(channel).say(echo.SayRequest(text="hello")) == echo.SayResponse(
        text="hello"
    )


async def test_a_server_stream_gives_every_response_in_order(echo: Any, channel: grpc.aio.Channel) -> None:
    call = echo.EchoServiceStub(channel).repeat(echo.RepeatRequest(text="again", times=3))
    assert [response.text async for response in call] == ["again 0", "again 1", "again 2"]


async def test_a_client_stream_takes_every_request(echo: Any, channel: grpc.aio.Channel) -> None:
    requests = (echo.JoinRequest(text=text) for text in ("a", "b", "c"))
    assert (await echo.EchoServiceStub(channel).join(requests)).text == "a+b+c"


async def test_a_bidirectional_stream_answers_while_it_is_open(echo: Any, channel: grpc.aio.Channel) -> None:
    call = echo.EchoServiceStub(channel).chat()
    for text in ("one", "two"):
        await call.write(echo.ChatRequest(text=text))
        assert (await call.read()).text == f"{text}!"
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF


@pytest.mark.parametrize("method", ["say", "repeat", "join", "chat"])
async def test_a_call_that_is_not_built_answers_unimplemented(echo: Any, method: str) -> None:
    server = grpc.aio.server()
    echo.add_echo_service_servicer(echo.EchoServiceServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = echo.EchoServiceStub(channel)
        call = {
            "say": lambda: stub.say(echo.SayRequest()),
            "repeat": lambda: stub.repeat(echo.RepeatRequest()),
            "join": lambda: stub.join(iter([echo.JoinRequest()])),
            "chat": lambda: stub.chat(iter([echo.ChatRequest()])),
        }[method]()
        code, details = await call.code(), await call.details()
    await server.stop(None)
    name = method.title()
    assert (code, details) == (
        grpc.StatusCode.UNIMPLEMENTED,
        f"echo.v1.EchoService/{name} is not implemented",
    )


def test_routes_hold_every_binding_with_its_bodies_scope_and_streaming(echo: Any) -> None:
    say, repeat = echo.RPCS["/echo.v1.EchoService/Say"], echo.RPCS["/echo.v1.EchoService/Repeat"]
    routes = echo.ROUTES
    assert routes == (
        HttpRoute("POST", "/v1/sayings", say, body="saying"),
        HttpRoute("GET", "/v1/sayings/{text}", say, response_body="text"),
        HttpRoute("GET", "/v1/repeats", repeat),
    )
    assert (say.request_type, say.response_type, say.scope) == (
        echo.SayRequest,
        echo.SayResponse,
        "echo:write",
    )
    assert (say.service, say.name) == ("echo.v1.EchoService", "Say")
    assert {rpc.name: (rpc.client_streaming, rpc.server_streaming) for rpc in echo.RPCS.values()} == {
        "Say": (False, False),
        "Repeat": (False, True),
        "Join": (True, False),
        "Chat": (True, True),
    }


def test_comments_become_docstrings(echo: Any) -> None:
    assert echo.EchoServiceStub.__doc__ == (
        'Says things back.\n\n    A path like C:\\echo and a word in "quotes"\n    '
    )
    assert echo.EchoServiceServicer.say.__doc__ == "One for one."
    assert "What to say." in echo.SayRequest.__doc__


def test_a_package_exports_all_its_names_and_imports_no_protobuf(echo: ModuleType, files: Files) -> None:
    assert set(echo.__all__) >= {"SayRequest", "EchoServiceStub", "EchoServiceServicer", "ROUTES", "RPCS"}
    assert all(hasattr(echo, name) for name in echo.__all__)
    modules = [content.decode() for path, content in files.items() if path.suffix == ".py"]
    assert not [module for module in modules if "from google" in module or "import google" in module]


def test_messages_keep_the_names_of_their_protos_in_the_pool(echo: Any) -> None:
    pool = importlib.import_module("echo_protos.message_pool").default_message_pool
    google_rpc = importlib.import_module("echo_protos.google.rpc")
    assert pool.type_to_url[echo.SayRequest] == "type.googleapis.com/echo.v1.SayRequest"
    assert pool.type_to_url[google_rpc.BadRequest] == "type.googleapis.com/google.rpc.BadRequest"


def test_the_descriptor_set_has_the_comments_and_all_that_it_imports(files: Files) -> None:
    described = FileDescriptorSet.FromString(files[PurePosixPath("v1/descriptor_set.binpb")])
    names = [file.name for file in described.file]
    assert names[-1] == "echo/v1/echo.proto"
    assert {"google/api/http.proto", "google/protobuf/timestamp.proto"} <= set(names)
    comments = [location.leading_comments for location in described.file[-1].source_code_info.location]
    assert " One for many.\n" in comments


def test_the_same_protos_give_the_same_bytes(files: Files, tmp_path: Path) -> None:
    assert generate_package(write_echo_protos(tmp_path), PACKAGE, scope_option=SCOPE_OPTION) == files


def test_a_proto_that_does_not_compile_is_refused_with_protocs_words(tmp_path: Path) -> None:
    root = write_echo_protos(tmp_path)
    (root / "echo/v1/echo.proto").write_text(PROTO.replace("Saying saying = 2", "Sermon saying = 2"))
    with pytest.raises(ProtoError, match=r'echo\.proto:\d+:\d+: "Sermon" is not defined'):
        generate_package(root, PACKAGE)


def test_a_request_that_belongs_to_another_package_is_refused(tmp_path: Path) -> None:
    root = write_echo_protos(tmp_path)
    borrowed = PROTO.replace("rpc Say(SayRequest)", "rpc Say(google.protobuf.Timestamp)")
    (root / "echo/v1/echo.proto").write_text(borrowed)
    with pytest.raises(
        ProtoError, match=r"google\.protobuf\.Timestamp; each has messages of its own in echo\.v1"
    ):
        generate_package(root, PACKAGE)


def test_changes_name_what_is_missing_what_differs_and_what_is_left_over() -> None:
    here, gone, new = PurePosixPath("v1/a.py"), PurePosixPath("v1/b.py"), PurePosixPath("v1/c.py")
    assert list_changes(found={here: b"1", gone: b"2"}, wanted={here: b"3", new: b"4"}) == [
        "v1/a.py differs",
        "v1/b.py is no longer generated",
        "v1/c.py is missing",
    ]


def test_writing_removes_what_is_no_longer_generated_and_leaves_the_hand_written(
    files: Files, tmp_path: Path
) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / "old_grpc.py").write_text("")
    (tmp_path / "routes.py").write_text("by hand")
    write_generated(tmp_path, files)
    assert read_generated(tmp_path) == files
    assert (tmp_path / "routes.py").read_text() == "by hand"


def test_generating_does_not_depend_on_the_settings_of_the_folder_it_runs_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: Files
) -> None:
    (tmp_path / "ruff.toml").write_text("line-length = 40\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nonexistent")
    root = write_echo_protos(tmp_path / "protos")
    assert generate_package(root, PACKAGE, scope_option=SCOPE_OPTION) == files


def test_a_message_that_is_added_shows_as_a_difference(tmp_path: Path) -> None:
    shutil.copytree(PROTO_ROOT, tmp_path / "proto")
    with (tmp_path / "proto/markethall/v1/types.proto").open("a") as types:
        types.write("\n// New.\nmessage Novelty {}\n")
    before = generate_package(PROTO_ROOT, PROTO_PACKAGE)
    after = generate_package(tmp_path / "proto", PROTO_PACKAGE)
    assert list_changes(found=before, wanted=after) == [
        "v1/__init__.py differs",
        "v1/descriptor_set.binpb differs",
        "v1/messages.py differs",
    ]
