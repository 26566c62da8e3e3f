"""Page tokens: where a page begins, and what they are refused for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_engine.rpc.errors import InvalidRequest
from markethall_engine.rpc.pages import PageTokens, page_by_name
from markethall_engine.rpc.translate.faults import Faults
from markethall_protos import v1

places = st.lists(st.integers(0, 2**63 - 1) | st.text(), min_size=1, max_size=3).map(tuple)


@given(places)
def test_a_token_reads_back_as_the_place_it_was_written_for(place: tuple[int | str, ...]):
    tokens = PageTokens("fills", "alice")
    faults = Faults()
    assert tokens.read(tokens.write(place), faults) == place
    assert not faults


@given(st.text())
def test_what_is_no_token_is_a_fault_and_nothing_worse(text: str):
    faults = Faults()
    place = PageTokens("fills", "alice").read(text, faults)
    assert place is None
    assert bool(faults) == (text != "")


@given(places, st.data())
def test_a_token_that_was_tampered_with_is_a_fault(place: tuple[int | str, ...], data: st.DataObject):
    tokens = PageTokens("fills", "alice")
    token = tokens.write(place)
    index = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCxyz019-_").filter(lambda letter: letter != token[index]))
    faults = Faults()
    read = tokens.read(token[:index] + other + token[index + 1 :], faults)
    # The last letter of base64 has bits to spare, which change nothing.
    assert faults or read == place


def test_a_token_of_another_list_is_a_fault():
    faults = Faults()
    PageTokens("fills", "alice").read(PageTokens("fills", "bob").write((1,)), faults)
    assert faults


@given(st.sets(st.text(min_size=1)), st.integers(1, 7))
def test_pages_by_name_have_every_name_once_in_order(names: set[str], page_size: int):
    request = v1.ListAssetsRequest(page_size=page_size)
    seen: list[str] = []
    while True:
        page, request.page_token = page_by_name(names, str, request)
        assert len(page) <= page_size
        seen += page
        if not request.page_token:
            break
    assert seen == sorted(names)


def test_size_and_token_are_both_reported():
    with pytest.raises(InvalidRequest) as caught:
        page_by_name([], str, v1.ListAssetsRequest(page_size=-1, page_token="x"))
    assert [violation.field for violation in caught.value.violations] == ["page_size", "page_token"]
