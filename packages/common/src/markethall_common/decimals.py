"""Exact decimals: text on the outside, integers on the inside, never a float between.

A decimal is written `digits` or `digits.digits` in ASCII digits, with a leading `-` only where a caller
asks for signed values. There is no exponent, no `+`, no space, no grouping, and at most `MAX_DIGITS`
digits. An integer of a `scale` counts units of `10 ** -scale`: `12345` of scale 2 is `123.45`.

What cannot be held exactly is refused, never rounded. Zeros that add nothing are no loss, so `1.50` and
`01.5` are the same value as `1.5` and read at a scale of 1.
"""

MAX_DIGITS = 38
"""The most digits read, before and after the point together; as a SQL `DECIMAL(38)` holds."""

_SHOWN_CHARACTERS = 48
_POWERS_OF_TEN: tuple[int, ...] = tuple(10**exponent for exponent in range(MAX_DIGITS + 1))


class DecimalError(ValueError):
    """A text is not the decimal that was asked for.

    `expected` completes "expected …" and `found` is the text, shortened when very long; together they are
    the message, fit to be shown to whoever sent the text.
    """

    def __init__(self, expected: str, text: str) -> None:
        self.expected = expected
        self.found: str = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
        super().__init__(f"expected {expected}, found {self.found!r}")


def parse_decimal(text: str, scale: int, *, signed: bool = False) -> int:
    """Read `text` as an integer count of `10 ** -scale`; `scale` is 0 to `MAX_DIGITS`.

    Raises `DecimalError` for a text that is no decimal or has a non-zero digit beyond `scale` places, and
    for a negative one unless `signed`.
    """
    digits, places, negative = _digits(text, signed)
    if places > scale:
        kept = len(digits) - (places - scale)
        if digits[kept:].strip("0"):
            raise DecimalError(_at_most(scale), text)
        value = int(digits[:kept])
    else:
        value = int(digits) * _POWERS_OF_TEN[scale - places]
    return -value if negative else value


def parse_unscaled(text: str) -> tuple[int, int]:
    """Read a non-negative `text` as `(coefficient, scale)`, with the smallest scale that holds it.

    `"0.050"` is `(5, 2)`, `"100"` is `(100, 0)`. Raises `DecimalError` for a text that is no decimal.
    """
    digits, places, _ = _digits(text, signed=False)
    significant = digits if places == 0 else digits[: len(digits) - places] + digits[-places:].rstrip("0")
    return int(significant), places - (len(digits) - len(significant))


def parse_multiple(text: str, step: int, scale: int) -> int:
    """Read `text` as a whole number of steps, such as ticks or lots.

    One step is `step * 10 ** -scale` and positive: a tick size of 0.05 is `step=5, scale=2`. Raises
    `DecimalError` for a text that is no non-negative decimal, or falls between two steps.
    """
    digits, places, _ = _digits(text, signed=False)
    if places <= scale:
        steps, rest = divmod(int(digits) * _POWERS_OF_TEN[scale - places], step)
    else:
        steps, rest = divmod(int(digits), step * _POWERS_OF_TEN[places - scale])
    if rest:
        raise DecimalError(f"a multiple of {format_decimal(step, scale)}", text)
    return steps


def format_decimal(value: int, scale: int) -> str:
    """Write `value * 10 ** -scale` in its one canonical form: no exponent, no needless zero, no `-0`."""
    if scale == 0:
        return str(value)
    if value < 0:
        return "-" + format_decimal(-value, scale)
    digits = str(value).zfill(scale + 1)
    fraction = digits[-scale:].rstrip("0")
    return f"{digits[:-scale]}.{fraction}" if fraction else digits[:-scale]


def format_multiple(steps: int, step: int, scale: int) -> str:
    """Write `steps` steps of `step * 10 ** -scale` each; the inverse of `parse_multiple`."""
    return format_decimal(steps * step, scale)


def _digits(text: str, signed: bool) -> tuple[str, int, bool]:
    """Return all digits of `text`, how many of them are decimal places, and whether it is negative."""
    negative = signed and text[:1] == "-"
    whole, point, fraction = (text[1:] if negative else text).partition(".")
    digits = whole + fraction
    # str.isdigit() is also true of digits outside ASCII, which int() would read.
    if not (digits.isdigit() and digits.isascii() and whole) or (point and not fraction):
        raise DecimalError(_form(signed), text)
    if len(digits) > MAX_DIGITS:
        raise DecimalError(f"a decimal of at most {MAX_DIGITS} digits", text)
    return digits, len(fraction), negative


def _form(signed: bool) -> str:
    return "a decimal such as '-12.5'" if signed else "a non-negative decimal such as '12.5'"


def _at_most(scale: int) -> str:
    if scale == 0:
        return "a whole number"
    return f"a decimal with at most {scale} {'place' if scale == 1 else 'places'}"
