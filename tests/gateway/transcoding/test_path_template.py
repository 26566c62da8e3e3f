import pytest

from markethall_gateway.transcoding.path_template import PathTemplate, Variable


def test_literals_and_variables_are_segments() -> None:
    template = PathTemplate.parse("/v1/instruments/{symbol}/depth")
    assert template == PathTemplate(("v1", "instruments", "*", "depth"), "", (Variable("symbol", 2, 3),))


def test_a_verb_is_what_follows_the_last_colon() -> None:
    assert PathTemplate.parse("/v1/orders:batch") == PathTemplate(("v1", "orders"), "batch", ())
    assert PathTemplate.parse("/v1/orders/{order_id}:cancel").verb == "cancel"


def test_a_colon_before_the_last_segment_is_no_verb() -> None:
    assert PathTemplate.parse("/v1/a:b/c").verb == ""


def test_a_variable_may_span_several_segments() -> None:
    template = PathTemplate.parse("/v1/{name=shelves/*/books/*}/pages")
    assert template.segments == ("v1", "shelves", "*", "books", "*", "pages")
    assert template.variables == (Variable("name", 1, 5),)


def test_two_stars_take_the_rest() -> None:
    template = PathTemplate.parse("/v1/{path=files/**}")
    assert template.segments == ("v1", "files", "**")
    assert template.variables == (Variable("path", 1, None),)


def test_a_variable_may_name_a_nested_field() -> None:
    assert PathTemplate.parse("/v1/{instrument.symbol}").variables == (Variable("instrument.symbol", 1, 2),)


@pytest.mark.parametrize(
    "text", ["", "v1/orders", "/", "/v1//orders", "/v1/{}", "/v1/{a", "/v1/**/x", "/v1/{a=**}/b", "/v1/a{b}"]
)
def test_what_breaks_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no path template"):
        PathTemplate.parse(text)
