import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import markethall_protos.v1
from markethall_protos.codec.json import text
from tests.protos.codec.generation import Generated, generate, load_pool

HERE = Path(__file__).parent


@pytest.fixture(scope="session", params=["compiled", "python"])
def codec(request: pytest.FixtureRequest) -> ModuleType:
    """Each implementation of the codec, with `encoder(cls)` and `decoder(cls)`."""
    if request.param == "python":
        return import_module("markethall_protos.codec.generated")
    return pytest.importorskip("markethall_protos.codec.compiled", reason="the codec was not compiled")


@pytest.fixture(scope="session")
def to_json(codec: ModuleType) -> Callable[[Any], bytes]:
    """`to_json` of each implementation."""
    encoders = codec if _is_compiled(codec) else import_module("markethall_protos.codec.json.writer")
    return lambda message: encoders.json_encoder(type(message))(message)


@pytest.fixture(scope="session")
def to_json_value(to_json: Callable[[Any], bytes]) -> Callable[[Any], Any]:
    """The Python value of the JSON that each implementation writes."""
    return lambda message: json.loads(to_json(message))


@pytest.fixture(scope="session")
def from_json_value(codec: ModuleType) -> Callable[[type[Any], Any], Any]:
    """`from_json_value` of each implementation."""
    decoders = codec if _is_compiled(codec) else import_module("markethall_protos.codec.json.reader")
    return lambda cls, value: decoders.json_value_decoder(cls)(value)


@pytest.fixture(scope="session")
def from_json(from_json_value: Callable[[type[Any], Any], Any]) -> Callable[[type[Any], bytes | str], Any]:
    """`from_json` of each implementation."""
    return lambda cls, data: from_json_value(cls, text.parse(data))


def _is_compiled(codec: ModuleType) -> bool:
    return codec.__name__.endswith(".compiled")


@pytest.fixture(scope="session")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """The messages of kitchen_sink.proto."""
    out = tmp_path_factory.mktemp("kitchen")
    return generate(HERE, ["kitchen_sink.proto"], out, "generated_kitchen")


@pytest.fixture(scope="session")
def contract() -> Generated:
    """The messages of the contract."""
    descriptors = Path(markethall_protos.v1.__file__).with_name("descriptor_set.binpb")
    return Generated(import_module("markethall_protos"), load_pool(descriptors.read_bytes()))


@pytest.fixture(scope="session")
def sink(kitchen: Generated) -> Callable[[str], type[Any]]:
    """Our classes of kitchen_sink.proto by their short names."""
    return lambda name: kitchen.ours(f"kitchen.v1.{name}")
