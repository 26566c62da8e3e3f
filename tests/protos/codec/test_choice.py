"""Which implementation is in use, and how one asks for the other."""

import os
import subprocess
import sys

import pytest

from markethall_protos.codec import decode, decoder, encode, encoder, implementation
from markethall_protos.v1 import Order, Side

REPORT = "from markethall_protos.codec import implementation; print(implementation())"


def run(choice: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", REPORT],
        env=os.environ | {"MARKETHALL_CODEC": choice},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_environment_forces_pure_python() -> None:
    assert run("python").stdout == "python\n"


def test_the_compiled_codec_is_preferred_where_it_is() -> None:
    pytest.importorskip("markethall_protos.codec.compiled", reason="the codec was not compiled")
    assert run("auto").stdout == run("compiled").stdout == "compiled\n"


def test_a_choice_that_does_not_exist_is_refused_with_those_that_do() -> None:
    refused = run("fast")
    assert refused.returncode != 0
    assert "MARKETHALL_CODEC: expected one of auto, compiled, python, found 'fast'" in refused.stderr


def test_the_functions_for_any_message_are_those_for_its_class() -> None:
    order = Order(symbol="BTC-USD", side=Side.BUY)
    assert encode(order) == encoder(Order)(order)
    assert decode(Order, encode(order)) == decoder(Order)(encode(order)) == order
    assert implementation() in ("compiled", "python")


def test_only_message_classes_have_encoders() -> None:
    with pytest.raises(TypeError, match="expected a betterproto2 message class, found <class 'int'>"):
        encoder(int)  # type: ignore[type-var]
