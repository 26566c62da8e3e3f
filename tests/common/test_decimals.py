from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from markethall_common.decimals import (
    MAX_DIGITS,
    DecimalError,
    format_decimal,
    format_multiple,
    parse_decimal,
    parse_multiple,
    parse_unscaled,
)

scales = st.integers(0, 18)
values = st.integers(0, 10**20 - 1)
steps = st.integers(1, 10**6)


@pytest.mark.parametrize(
    ("text", "scale", "value"),
    [
        ("0", 0, 0),
        ("65000.25", 2, 6500025),
        ("65000.25", 8, 6500025000000),
        ("65000", 2, 6500000),
        ("0.00000001", 8, 1),
        ("1.2300", 2, 123),
        ("1.000", 0, 1),
        ("007.5", 1, 75),
        ("9" * MAX_DIGITS, 0, 10**MAX_DIGITS - 1),
    ],
)
def test_a_decimal_is_read_exactly(text: str, scale: int, value: int) -> None:
    assert parse_decimal(text, scale) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "1.", ".5", "1.2.3", "1e3", "1E3", "+1", "-1", "--1", " 1", "1 ", "1\n", "1\x00"),
        *("1,000", "1_000", "0x10", "NaN", "inf", "½", "²", "١", "1.٢", "１２"),
    ],
)
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(DecimalError) as refusal:
        parse_decimal(text, 8)
    assert str(refusal.value) == f"expected a non-negative decimal such as '12.5', found {text!r}"


@pytest.mark.parametrize(("text", "value"), [("-1.5", -150), ("1.5", 150), ("-0", 0), ("-0.00", 0)])
def test_a_sign_is_read_only_where_it_is_allowed(text: str, value: int) -> None:
    assert parse_decimal(text, 2, signed=True) == value


@pytest.mark.parametrize("text", ["-", "--1", "+1", "- 1", "-.5"])
def test_a_malformed_signed_decimal_is_refused(text: str) -> None:
    with pytest.raises(DecimalError, match=r"expected a decimal such as '-12\.5', found"):
        parse_decimal(text, 2, signed=True)


@pytest.mark.parametrize(
    ("text", "scale", "message"),
    [
        ("1.234", 2, "expected a decimal with at most 2 places, found '1.234'"),
        ("1.25", 1, "expected a decimal with at most 1 place, found '1.25'"),
        ("1.5", 0, "expected a whole number, found '1.5'"),
    ],
)
def test_a_decimal_too_fine_is_refused_rather_than_rounded(text: str, scale: int, message: str) -> None:
    with pytest.raises(DecimalError) as refusal:
        parse_decimal(text, scale)
    assert str(refusal.value) == message


def test_a_decimal_too_long_is_refused_and_shown_in_part() -> None:
    with pytest.raises(DecimalError) as refusal:
        parse_decimal("1" * 10_000, 0)
    assert refusal.value.expected == "a decimal of at most 38 digits"
    assert refusal.value.found == "1" * 48 + "…"


@pytest.mark.parametrize(
    ("text", "coefficient", "scale"),
    [("0.050", 5, 2), ("100", 100, 0), ("100.0", 100, 0), ("0", 0, 0), ("0.00", 0, 0), ("12.5", 125, 1)],
)
def test_an_unscaled_decimal_takes_the_smallest_scale_that_holds_it(
    text: str, coefficient: int, scale: int
) -> None:
    assert parse_unscaled(text) == (coefficient, scale)


def test_a_price_is_read_as_ticks() -> None:
    assert parse_multiple("65000.25", 5, 2) == 1300005
    assert parse_multiple("65000.250", 5, 2) == 1300005
    assert format_multiple(1300005, 5, 2) == "65000.25"


@pytest.mark.parametrize("text", ["1.03", "1.051", "0.01"])
def test_a_price_between_two_ticks_is_refused(text: str) -> None:
    with pytest.raises(DecimalError) as refusal:
        parse_multiple(text, 5, 2)
    assert str(refusal.value) == f"expected a multiple of 0.05, found '{text}'"


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        (0, 0, "0"),
        (0, 8, "0"),
        (6500025, 2, "65000.25"),
        (6500000, 2, "65000"),
        (1, 8, "0.00000001"),
        (-150, 2, "-1.5"),
        (-5, 3, "-0.005"),
        (100, 0, "100"),
    ],
)
def test_a_decimal_is_written_in_its_one_canonical_form(value: int, scale: int, text: str) -> None:
    assert format_decimal(value, scale) == text


@given(values, scales)
def test_what_is_written_reads_back_as_the_same_value(value: int, scale: int) -> None:
    text = format_decimal(value, scale)
    assert parse_decimal(text, scale) == value
    assert parse_decimal("-" + text, scale, signed=True) == -value


@given(values, steps, scales)
def test_steps_written_read_back_as_the_same_steps(count: int, step: int, scale: int) -> None:
    assert parse_multiple(format_multiple(count, step, scale), step, scale) == count


@given(st.decimals(min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=6))
def test_reading_agrees_with_the_decimal_module(value: Decimal) -> None:
    text = f"{value:f}"
    coefficient, scale = parse_unscaled(text)
    assert Decimal(coefficient).scaleb(-scale) == value
    assert parse_decimal(text, 6) == value.scaleb(6)


@given(st.text(alphabet="0123456789.-+eE _,١", max_size=12), scales)
@example("-0.0", 0)
def test_any_text_is_read_as_its_exact_value_or_refused(text: str, scale: int) -> None:
    try:
        value = parse_decimal(text, scale, signed=True)
    except DecimalError:
        return
    assert Decimal(value).scaleb(-scale) == Decimal(text)
    assert text.isascii()


@given(st.integers(0, 10**9), st.integers(0, 6), steps, scales)
def test_a_multiple_is_accepted_exactly_when_the_step_divides_it(
    coefficient: int, places: int, step: int, scale: int
) -> None:
    text = format_decimal(coefficient, places)
    divides = Decimal(text) % Decimal(step).scaleb(-scale) == 0
    if divides:
        assert format_multiple(parse_multiple(text, step, scale), step, scale) == text
    else:
        with pytest.raises(DecimalError):
            parse_multiple(text, step, scale)
