import pickle
from dataclasses import dataclass

import pytest

from markethall_common.secret import Secret


@dataclass(frozen=True)
class Holder:
    key: Secret


def test_only_reveal_gives_the_text() -> None:
    secret = Secret("hunter2")
    assert secret.reveal() == "hunter2"
    shown = [
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret!r}",
        str([Holder(secret)]),
        repr(Holder(secret)),
        repr([secret]),
    ]
    assert not any("hunter2" in text for text in shown)
    assert not hasattr(secret, "__dict__")


def test_secrets_are_equal_by_their_text() -> None:
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_an_empty_secret_is_false() -> None:
    assert not Secret("")
    assert Secret("x")


def test_a_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret("hunter2"))
