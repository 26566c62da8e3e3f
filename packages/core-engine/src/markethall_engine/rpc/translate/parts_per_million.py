"""Fractions of the contract, decimals of at most six places, as the millionths that the engine counts in."""

from markethall_common.decimals import format_decimal, parse_decimal

_PLACES = 6


def read_ppm(text: str) -> int:
    """The fraction in millionths; raises `DecimalError`."""
    return parse_decimal(text, _PLACES)


def write_ppm(ppm: int) -> str:
    return format_decimal(ppm, _PLACES)
