"""Finds what a request's method and path lead to, in a time that does not grow with the number of routes.

Paths without variables are looked up whole. The others are followed segment by segment, literals before
variables. Both work on the path as it came, still percent-encoded, so that an escaped slash stays within its
segment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Generic, NamedTuple, TypeVar
from urllib.parse import unquote

from markethall_gateway.transcoding.path_template import ONE, REST, PathTemplate, Variable

T = TypeVar("T")

_ESCAPED_SLASH: Final = re.compile("(%2[Ff])")


class Found(NamedTuple, Generic[T]):
    """A path that is known.

    `endpoint` is what the method leads to, and None where the path takes only the methods in `allowed`.
    `values` has the path's variables, decoded, by field.
    """

    endpoint: T | None
    values: dict[str, str]
    allowed: tuple[str, ...] = ()


class RouteTable(Generic[T]):
    """Methods and path templates, each with its endpoint."""

    def __init__(self) -> None:
        self._whole: dict[str, _ByMethod[T]] = {}
        self._root: _Node[T] = _Node()

    def add(self, method: str, template: str, endpoint: T) -> None:
        """Let `method` on `template` lead to `endpoint`. Raises `ValueError` where something else does."""
        parsed = PathTemplate.parse(template)
        by_method = self._place(template, parsed)
        if method in by_method:
            raise ValueError(f"{method} {template} leads to two endpoints")
        by_method[method] = _Route(endpoint, parsed.variables)

    def find(self, method: str, path: str) -> Found[T] | None:
        """Look `path` up as it came, without its query; None where no route has it.

        Raises `UnicodeDecodeError` where an escaped variable is no UTF-8.
        """
        by_method = self._whole.get(path)
        if by_method is not None and method in by_method:
            return Found(by_method[method].endpoint, {})
        allowed = set(by_method or ())
        segments = path[1:].split("/")
        for by_method, last in _follow(self._root, segments, 0):
            if (route := by_method.get(method)) is not None:
                segments[-1] = last
                return Found(
                    route.endpoint, {taken.field: _value(taken, segments) for taken in route.variables}
                )
            allowed |= by_method.keys()
        return Found(None, {}, tuple(sorted(allowed))) if allowed else None

    def _place(self, template: str, parsed: PathTemplate) -> "_ByMethod[T]":
        """Make room for a template, and return where its methods stand."""
        *inner, last = parsed.segments
        if ONE not in parsed.segments and last != REST:
            return self._whole.setdefault(template, {})
        verb = parsed.verb
        if verb and last not in (ONE, REST):
            last, verb = f"{last}:{verb}", ""
        node = self._root
        for segment in inner if last == REST else (*inner, last):
            if segment == ONE:
                node.one = node.one or _Node()
                node = node.one
            else:
                node = node.literals.setdefault(segment, _Node())
        return (node.rest if last == REST else node.ends).setdefault(verb, {})


class _Route(NamedTuple, Generic[T]):
    endpoint: T
    variables: tuple[Variable, ...]


_ByMethod = dict[str, _Route[T]]
_ByVerb = dict[str, _ByMethod[T]]


@dataclass(slots=True)
class _Node(Generic[T]):
    """What may follow a prefix of the path. Ends are by verb, and `""` is none."""

    literals: "dict[str, _Node[T]]" = field(default_factory=dict)
    one: "_Node[T] | None" = None
    ends: _ByVerb[T] = field(default_factory=dict)
    rest: _ByVerb[T] = field(default_factory=dict)


def _follow(node: _Node[T], segments: list[str], at: int) -> Iterator[tuple[_ByMethod[T], str]]:
    """Give the ends that `segments` lead to, best first, each with the last segment less the end's verb."""
    last = segments[-1]
    if at == len(segments):
        if "" in node.ends:
            yield node.ends[""], last
        return
    segment = segments[at]
    if literal := node.literals.get(segment):
        yield from _follow(literal, segments, at + 1)
    if node.one is not None and segment:
        if at == len(segments) - 1:
            yield from _verb_ends(node.one.ends, last)
        else:
            yield from _follow(node.one, segments, at + 1)
    yield from _verb_ends(node.rest, last)


def _verb_ends(ends: _ByVerb[T], last: str) -> Iterator[tuple[_ByMethod[T], str]]:
    """Give the end whose verb the last segment has, then the one without a verb."""
    name, _, verb = last.rpartition(":")
    if name and verb and verb in ends:
        yield ends[verb], name
    if "" in ends:
        yield ends[""], last


def _value(variable: Variable, segments: list[str]) -> str:
    text = "/".join(segments[variable.start : variable.stop])
    if "%" not in text:
        return text
    if variable.is_single:
        return unquote(text, errors="strict")
    # http.proto: of a variable over several segments, escaped slashes stay as they are.
    parts = _ESCAPED_SLASH.split(text)
    return "".join(
        part if _ESCAPED_SLASH.fullmatch(part) else unquote(part, errors="strict") for part in parts
    )
