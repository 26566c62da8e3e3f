"""The path templates of google.api.http: `/v1/orders/{order_id}`, `/v1/orders:batch`, `/v1/{name=files/**}`.

    Template = "/" Segments [ ":" Verb ]
    Segments = Segment { "/" Segment }
    Segment  = "*" | "**" | literal | "{" field path [ "=" Segments ] "}"

`*` stands for one segment that is not empty, `**` for one or more and only at the end. `{field}` is short for
`{field=*}`.
https://github.com/googleapis/googleapis/blob/master/google/api/http.proto
"""

import re
from dataclasses import dataclass
from typing import Final

ONE: Final = "*"
REST: Final = "**"

_PART: Final = re.compile(
    r"\{(?P<field>[A-Za-z_][\w.]*)(?:=(?P<pattern>[^{}]+))?\}|(?P<segment>\*\*|\*|[^/{}*]+)"
)


@dataclass(frozen=True, slots=True)
class Variable:
    """A field of the request that the path gives: the segments from `start` up to `stop`, or all the rest."""

    field: str
    start: int
    stop: int | None

    @property
    def is_single(self) -> bool:
        """Whether it takes exactly one segment, in which an escaped slash is an ordinary character."""
        return self.stop == self.start + 1


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """A parsed template: literal segments, `*` and `**`, and the variables over them."""

    segments: tuple[str, ...]
    verb: str
    variables: tuple[Variable, ...]

    @classmethod
    def parse(cls, text: str) -> "PathTemplate":
        """Read a template. Raises `ValueError` for one that breaks the grammar above."""
        body, verb = text, ""
        colon = text.rfind(":")
        if colon > max(text.rfind("/"), text.rfind("}")):
            body, verb = text[:colon], text[colon + 1 :]
        segments: list[str] = []
        variables: list[Variable] = []
        position = 0
        while position < len(body):
            match = _PART.match(body, position + 1) if body[position] == "/" else None
            if match is None:
                raise ValueError(f"{text!r} is no path template: unexpected text at {position}")
            if field := match["field"]:
                pattern = (match["pattern"] or ONE).split("/")
                stop = None if pattern[-1] == REST else len(segments) + len(pattern)
                variables.append(Variable(field, len(segments), stop))
                segments += pattern
            else:
                segments.append(match["segment"])
            position = match.end()
        if not segments or REST in segments[:-1]:
            raise ValueError(f"{text!r} is no path template: it is empty, or goes on after **")
        return cls(tuple(segments), verb, tuple(variables))
