"""The fee rule.

Both sides of a trade pay in the quote asset, at a rate in parts per million of the notional that was fixed
when their order was accepted. An order's fee is its fills' exact fees summed and then rounded **up** to a
whole minor unit, once over its life: each fill is charged what brings the total there. So the venue gains
the rounding, less than one minor unit an order however many fills it took, and how an order was filled
changes nothing but the rates that apply.

Between fills an order carries its `fee_credit`: what rounding up has charged ahead, in millionths of a
minor unit, at least 0 and below a million. It makes the rule exact without an ever growing sum.

What credit an order has left when it ends is the venue's gain by rounding. The ledger adds it up by asset, so
that the fees collected, less that and less the credits of live orders, are the exact sum of notional times
rate over all fills.
"""

from markethall_engine.domain.amounts import MILLION


def fee_due(notional: int, rate_ppm: int, fee_credit: int) -> int:
    """What to charge for a fill of `notional`, in minor units; not negative."""
    return -((fee_credit - notional * rate_ppm) // MILLION)


def fee_credit_after(notional: int, rate_ppm: int, fee_credit: int, fee: int) -> int:
    """The credit that is left when `fee`, as `fee_due` gave it, has been charged."""
    return fee_credit + fee * MILLION - notional * rate_ppm
