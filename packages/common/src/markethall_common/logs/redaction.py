"""What must not be read in a log: values under names that look secret, and credentials within texts."""

import re
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite

from markethall_common.secret import MASK

_SENSITIVE = (
    r"token|passw(?:or)?d|passphrase|secret|authorization|api[_-]?key|private[_-]?key|credential|cookie"
)
_SECRET_NAME = re.compile(_SENSITIVE, re.IGNORECASE)
_CREDENTIAL = re.compile(
    r"(?P<before>"
    r"authorization[\"']?\s*[:=,]\s*b?[\"']?(?:bearer|basic)\s+"
    r"|\bbearer\s+(?=\S{8})"
    rf"|(?:{_SENSITIVE})[\"']?\s*[:=]\s*b?[\"']?"
    r"|\w://[^\s/:@]+:(?=[^\s/@]+@)"
    r")[^\s\"',;&@]+",
    re.IGNORECASE,
)
_DEEPEST = 6


@lru_cache(maxsize=4096)
def looks_secret(name: str) -> bool:
    """Whether a field of this name, in any case and spelling, is likely to hold a credential."""
    return _SECRET_NAME.search(name) is not None


def masked_text(text: str) -> str:
    """Return `text`, from code that is not ours, with what looks like a credential masked.

    This is a safety net for the messages of libraries and exceptions. It is no licence to log secrets.
    """
    return _CREDENTIAL.sub(rf"\g<before>{MASK}", text)


def masked_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """Return `fields` as JSON-shaped values, those under secret names masked at every depth.

    What JSON does not know becomes its `str`, and what is nested too deep the name of its type.
    """
    return {name: MASK if looks_secret(name) else _plain(value, 0) for name, value in fields.items()}


def _plain(value: object, depth: int) -> object:
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, (Mapping, list, tuple, set, frozenset)):
        if depth == _DEEPEST:
            return f"<{type(value).__name__}>"
        if isinstance(value, Mapping):
            return {
                str(name): MASK if looks_secret(str(name)) else _plain(member, depth + 1)
                for name, member in value.items()
            }
        return [_plain(member, depth + 1) for member in value]
    return str(value)
