"""Query strings as the fields of a request: `?symbol=BTC-USD&statuses=NEW&statuses=FILLED&page_size=10`."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import betterproto2

from markethall_gateway.engine_client import Violation
from markethall_gateway.transcoding.fields import FieldPath, find_field, text_fields

MAX_PARAMETERS: Final = 1000

_BOOLEANS: Final = {"true": True, "false": False}


class QueryReader:
    """Reads the query strings of one call.

    `elsewhere` maps the fields that have another place in the request to that place's name; their names are
    refused here, and so is every unknown one.
    """

    def __init__(self, request_type: type[betterproto2.Message], elsewhere: Mapping[str, str]) -> None:
        self._request_type = request_type
        self._elsewhere = elsewhere
        self._found: dict[str, FieldPath] = {}

    def read(self, query: bytes, values: dict[str, Any]) -> list[Violation]:
        """Put the query's fields into `values`, JSON as `from_json_value` reads it; return what is wrong."""
        try:
            pairs = parse_qsl(
                query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
            )
        except UnicodeError:
            return [Violation("", "expected a query in percent-encoded UTF-8, found other bytes")]
        except ValueError:
            return [Violation("", f"expected at most {MAX_PARAMETERS} query parameters, found more")]
        violations: list[Violation] = []
        for name, text in pairs:
            found = self._found.get(name) or find_field(self._request_type, name)
            problem = self._unknown(name) if found is None else self._refusal(found)
            if found is not None and not problem:
                self._found[name] = found
                problem = _put(values, found, text)
            if problem:
                violations.append(Violation(name, problem))
        return violations

    def _refusal(self, found: FieldPath) -> str:
        for length in range(1, len(found.names) + 1):
            place = self._elsewhere.get(".".join(found.names[:length]))
            if place:
                return f"is given by the {place}, not by the query"
        return ""

    def _unknown(self, name: str) -> str:
        known = sorted(str(path) for path in text_fields(self._request_type) if not self._refusal(path))
        expected = "one of " + ", ".join(known) if known else "no query parameters"
        return f"unknown parameter; expected {expected}"


def json_value(found: FieldPath, text: str) -> Any:
    """The JSON value that `text` stands for. What is wrong with it is for the codec to say."""
    match found.field.kind:
        case "bool":
            return _BOOLEANS.get(text, text)
        case "enum" if text.removeprefix("-").isdigit():
            return int(text)
        case _:
            return text


def _put(values: dict[str, Any], found: FieldPath, text: str) -> str:
    """Put one parameter where it belongs; return what is wrong with that, or nothing."""
    *outer, name = found.names
    for part in outer:
        values = values.setdefault(part, {})
    value = json_value(found, text)
    if found.field.repeated:
        values.setdefault(name, []).append(value)
    elif name in values:
        return "expected once, found twice"
    else:
        values[name] = value
    return ""
