"""The kinds of values that a setting can have: how each is read, and how an expectation is put into words.

A value comes as text (from the environment, a secret's file or a flag) or as TOML has it. Text is read as
the kind that is expected and never guessed at, so a password of `1e5` stays one. TOML has types of its own,
and a value of another type than expected is refused.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Literal, TypeVar, Union, get_args, get_origin

from markethall_common.secret import Secret

T = TypeVar("T")

_INTEGER = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)*")
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, slots=True)
class Kind:
    """Reads values of one kind. Both functions raise `ValueError` for what is not as `expected`."""

    expected: str
    from_text: Callable[[str], object]
    from_toml: Callable[[object], object]
    is_secret: bool = False
    is_switch: bool = False


def kind_of(annotation: object, *, minimum: float | None = None, maximum: float | None = None) -> Kind:
    """Return the kind for a field's type; `minimum` and `maximum` are inclusive, for numbers.

    Types are `str`, `int`, `float`, `bool`, `Path`, `Secret`, `Literal` of texts, `tuple[str, ...]`, and any
    of them `| None`. Another type is a mistake in the declaration and raises `TypeError`.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType) and len(arguments) == 2 and NoneType in arguments:
        [inner] = [argument for argument in arguments if argument is not NoneType]
        return _optional(kind_of(inner, minimum=minimum, maximum=maximum))
    if origin is Literal:
        return _choice(arguments)
    if annotation is int:
        return _integer(minimum, maximum)
    if annotation is float:
        return _number(minimum, maximum)
    for simple, kind in _SIMPLE:
        if annotation == simple:
            return kind
    raise TypeError(f"a setting cannot be of type {annotation}")


def _optional(inner: Kind) -> Kind:
    return replace(
        inner,
        expected=f"{inner.expected}, or nothing",
        from_text=lambda text: inner.from_text(text) if text else None,
        from_toml=lambda value: None if value == "" else inner.from_toml(value),
    )


def _choice(choices: tuple[str, ...]) -> Kind:
    def choose(value: object) -> str:
        if value not in choices:
            raise ValueError
        return str(value)

    return Kind(f"one of {', '.join(choices)}", choose, choose)


def _integer(minimum: float | None, maximum: float | None) -> Kind:
    def from_text(text: str) -> int:
        if not _INTEGER.fullmatch(text):
            raise ValueError
        return _within(int(text), minimum, maximum)

    def from_toml(value: object) -> int:
        if isinstance(value, bool):
            raise ValueError
        return _within(_instance(value, int), minimum, maximum)

    return Kind("a whole number" + _range(minimum, maximum), from_text, from_toml)


def _number(minimum: float | None, maximum: float | None) -> Kind:
    def from_toml(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        return _within(float(value), minimum, maximum)

    return Kind(
        "a number" + _range(minimum, maximum), lambda text: _within(float(text), minimum, maximum), from_toml
    )


def _within(number: T, minimum: float | None, maximum: float | None) -> T:
    assert isinstance(number, int | float)
    too_small, too_large = minimum is not None and number < minimum, maximum is not None and number > maximum
    if too_small or too_large or not math.isfinite(number):
        raise ValueError
    return number


def _range(minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and maximum is not None:
        return f" from {minimum} to {maximum}"
    if minimum is not None:
        return f" of at least {minimum}"
    return "" if maximum is None else f" of at most {maximum}"


def _boolean(text: str) -> bool:
    word = text.lower()
    if word not in _TRUE | _FALSE:
        raise ValueError
    return word in _TRUE


def _path(text: str) -> Path:
    if not text:
        raise ValueError
    return Path(text).expanduser()


def _texts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",")) if text.strip() else ()


def _instance(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise ValueError
    return value


_SIMPLE: tuple[tuple[object, Kind], ...] = (
    (str, Kind("text", str, lambda value: _instance(value, str))),
    (bool, Kind("true or false", _boolean, lambda value: _instance(value, bool), is_switch=True)),
    (Path, Kind("a path", _path, lambda value: _path(_instance(value, str)))),
    (Secret, Kind("text", Secret, lambda value: Secret(_instance(value, str)), is_secret=True)),
    (
        tuple[str, ...],
        Kind(
            "texts, as a list or separated by commas",
            _texts,
            lambda value: tuple(_instance(member, str) for member in _instance(value, list)),
        ),
    ),
)
