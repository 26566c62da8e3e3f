"""Snapshots: the whole state, one encoding, and nothing else is taken for one."""

import msgspec
import pytest

from markethall_engine.domain.commands import Deposit, Withdraw
from markethall_engine.domain.exchange import Exchange, SnapshotError
from markethall_engine.domain.order import OrderStatus
from markethall_engine.domain.snapshot import VERSION
from tests.core_engine.domain.builders import BUY, SELL, SYMBOL, Venue, cancel, fills, order, replace, venue


def busy_venue() -> Venue:
    """Orders that rest, have filled, were replaced, canceled and rejected, on both sides."""
    at = venue(maker_fee_ppm=1_111, taker_fee_ppm=2_222)
    first, second = at.place("maker", SELL, 5, 100), at.place("maker", SELL, 5, 100, client_order_id="mine")
    at.place("taker", SELL, 5, 100)
    at.submit(replace("maker", first, quantity_lots=7))  # now behind the others
    at.place("taker", BUY, 3, 100)
    at.place("taker", BUY, 9, 98)
    at.submit(cancel("taker", at.place("taker", BUY, 1, 97)))
    at.place("taker", BUY, 1, 97, symbol="NONE")
    at.place("nobody", BUY, 1, 97)
    assert at.exchange.order(second).leaves_lots == 2
    return at


def test_a_restored_exchange_is_the_same_to_every_reader():
    at = busy_venue()
    restored = Exchange.restore(at.exchange.snapshot())
    assert restored.digest() == at.exchange.digest()
    assert restored.violations() == []
    for account_id in ("maker", "taker"):
        assert list(restored.orders(account_id)) == list(at.exchange.orders(account_id))
        assert restored.live_orders(account_id) == at.exchange.live_orders(account_id)
        assert restored.balances(account_id) == at.exchange.balances(account_id)
        assert restored.positions(account_id) == at.exchange.positions(account_id)
    assert restored.sequence == at.exchange.sequence
    assert restored.time_ns == at.exchange.time_ns
    assert restored.trade_count == at.exchange.trade_count


def test_time_priority_survives_a_snapshot():
    at = busy_venue()
    everything = order("taker", BUY, 100, 100)
    expected = fills(at.exchange.decide(everything, at.sequence + 1, at.time_ns))  # type: ignore[arg-type]
    later = Venue(Exchange.restore(at.exchange.snapshot()))
    assert fills(later.submit(everything)) == expected
    assert len(expected) == 3


def test_an_order_goes_on_where_the_snapshot_left_it():
    at = busy_venue()
    later = Venue(Exchange.restore(at.exchange.snapshot()))
    order_id = later.exchange.order_id_of("maker", "mine")
    for venue_ in (at, later):
        venue_.place("taker", BUY, 2, 100)
    assert later.exchange.order(order_id) == at.exchange.order(order_id)
    assert later.exchange.order(order_id).status is OrderStatus.FILLED


def test_an_empty_exchange_has_a_snapshot_too():
    assert Exchange.restore(Exchange().snapshot()).digest() == Exchange().digest()


def test_different_states_have_different_digests():
    at = venue()
    seen = {at.exchange.digest()}
    for price in (100, 99):
        at.place("maker", BUY, 1, price)
        assert at.exchange.digest() not in seen
        seen.add(at.exchange.digest())
    assert all(len(digest) == 64 for digest in seen)


def test_sums_that_pass_64_bits_survive():
    at = venue("ann", "bob", funds=2**61)
    for _ in range(20):  # the same money goes round outside the venue, and bob's profit grows
        at.place("ann", SELL, 1, 1)
        at.place("bob", BUY, 1, 1)
        at.place("bob", SELL, 1, 2**60)
        at.place("ann", BUY, 1, 2**60)
        at.submit(Withdraw("bob", "USD", 2**60))
        at.submit(Deposit("ann", "USD", 2**60))
    assert at.exchange.position("bob", SYMBOL).realized_pnl == 20 * (2**60 - 1)
    assert Exchange.restore(at.exchange.snapshot()).digest() == at.exchange.digest()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", f"expected markethall-exchange version {VERSION}, found other bytes"),
        (b"\x00\x01\x02", f"expected markethall-exchange version {VERSION}, found other bytes"),
        (
            msgspec.msgpack.encode(["markethall-exchange", 99]),
            f"expected markethall-exchange version {VERSION}, found 'markethall-exchange' version 99",
        ),
        (
            msgspec.msgpack.encode(["something-else", 1]),
            f"expected markethall-exchange version {VERSION}, found 'something-else' version 1",
        ),
    ],
)
def test_foreign_bytes_are_refused(data, message):
    with pytest.raises(SnapshotError, match=message):
        Exchange.restore(data)


def test_a_snapshot_cut_short_is_refused():
    data = busy_venue().exchange.snapshot()
    for length in range(len(data)):
        with pytest.raises(SnapshotError):
            Exchange.restore(data[:length])
