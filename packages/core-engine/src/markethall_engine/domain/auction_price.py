"""The one price at which an auction trades: the maximum-volume rule.

Of all prices that are a limit of some order, those are taken at which most can trade, and of these those that
leave the smallest surplus of one side. If they all leave bids over, the highest of them is the price, and if
they all leave asks over, the lowest. Otherwise it is the one nearest to the reference price, and of two that
are equally near the higher; without a reference the lowest one stands for it.

Source: Deutsche Börse, Xetra Release 17.0, "Market Model Equities", on price determination in auctions.
"""

from collections.abc import Iterable
from typing import NamedTuple


class AuctionPrice(NamedTuple):
    """What an auction would come to."""

    price_ticks: int
    quantity_lots: int
    """That trades."""
    surplus_lots: int
    """Bids less asks at the price, so what is left over of bids; below zero of asks."""


PricedLots = tuple[int, int]
"""A limit in ticks, and all that is bid or asked at it, hidden quantity included."""


def auction_price(
    bids: Iterable[PricedLots], asks: Iterable[PricedLots], reference_ticks: int
) -> AuctionPrice | None:
    """The outcome, or `None` where nothing can trade.

    A limit may come in several parts, in any order. Limits that no order of the other side reaches may be
    left out: they change nothing.
    """
    bid_lots = _summed(bids)
    ask_lots = _summed(asks)
    candidates: list[AuctionPrice] = []
    bids_left, asks_so_far = sum(bid_lots.values()), 0
    for price_ticks in sorted(bid_lots.keys() | ask_lots.keys()):
        asks_so_far += ask_lots.get(price_ticks, 0)
        candidates.append(AuctionPrice(price_ticks, min(bids_left, asks_so_far), bids_left - asks_so_far))
        bids_left -= bid_lots.get(price_ticks, 0)
    most_lots = max([candidate.quantity_lots for candidate in candidates], default=0)
    if most_lots == 0:
        return None
    candidates = [candidate for candidate in candidates if candidate.quantity_lots == most_lots]
    least_lots = min([abs(candidate.surplus_lots) for candidate in candidates])
    candidates = [candidate for candidate in candidates if abs(candidate.surplus_lots) == least_lots]
    return _choose(candidates, reference_ticks)


def _choose(candidates: list[AuctionPrice], reference_ticks: int) -> AuctionPrice:
    """One of those that are equally good, by rising price."""
    if candidates[-1].surplus_lots > 0:  # the surplus never rises with the price, so all of them have it
        return candidates[-1]
    if candidates[0].surplus_lots < 0:
        return candidates[0]
    reference_ticks = reference_ticks or candidates[0].price_ticks
    nearest = candidates[0]
    for candidate in candidates:
        if abs(candidate.price_ticks - reference_ticks) <= abs(nearest.price_ticks - reference_ticks):
            nearest = candidate
    return nearest


def _summed(parts: Iterable[PricedLots]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for price_ticks, quantity_lots in parts:
        sums[price_ticks] = sums.get(price_ticks, 0) + quantity_lots
    return sums
