"""Whether the rules that an instrument is to have make sense."""

from collections.abc import Iterator

from markethall_engine.domain.amounts import MAX_AMOUNT, MILLION
from markethall_engine.domain.instrument import SECOND_NS, FeeRates, Instrument
from markethall_engine.domain.names import FEE_TIER_FORM, is_fee_tier
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.refusal import Refusal

_MAX_AUCTION_NS = 86_400 * SECOND_NS


def check_rules(instrument: Instrument) -> Refusal | None:
    """Whether bounds, prices, bands and fees are ones that can be; the first that is not is the answer."""
    for problem in _problems(instrument):
        return Refusal(RejectReason.INVALID_PARAMETERS, problem)
    return None


def in_order(fee_tiers: dict[str, FeeRates]) -> dict[str, FeeRates]:
    """Tiers by name, so that equal ones have one encoding."""
    return {tier: fee_tiers[tier] for tier in sorted(fee_tiers)}


def _problems(instrument: Instrument) -> Iterator[str]:
    smallest, largest = instrument.min_quantity_lots, instrument.max_quantity_lots
    if not 1 <= smallest <= MAX_AMOUNT:
        yield f"the minimum quantity must be 1 lot or more, found {smallest}"
    if largest != 0 and not smallest <= largest <= MAX_AMOUNT:
        yield (
            f"the maximum quantity must be 0 (none) or at least the minimum, {smallest} lots, found {largest}"
        )
    if not 0 <= instrument.price_band_ppm <= MAX_AMOUNT:
        yield f"the price band must be 0 (none) or more ppm, found {instrument.price_band_ppm}"
    if not 0 <= instrument.reference_price_ticks <= MAX_AMOUNT:
        yield (
            f"the reference price must be 0 (none) to {MAX_AMOUNT} ticks, "
            f"found {instrument.reference_price_ticks}"
        )
    for name, ppm in (
        ("market protection", instrument.market_protection_ppm),
        ("volatility band", instrument.volatility_band_ppm),
    ):
        if not 0 <= ppm < MILLION:
            yield f"the {name} must be 0 (none) or more and less than {MILLION} ppm, found {ppm}"
    if not 0 < instrument.volatility_auction_ns <= _MAX_AUCTION_NS:
        yield (
            f"a volatility auction must take at most {_MAX_AUCTION_NS} ns, "
            f"found {instrument.volatility_auction_ns}"
        )
    yield from _fee_problems(instrument)


def _fee_problems(instrument: Instrument) -> Iterator[str]:
    for name in instrument.fee_tiers:
        if not is_fee_tier(name):
            yield f"a fee tier's name is {FEE_TIER_FORM}, found {name!r}"
    standard = FeeRates(instrument.maker_fee_ppm, instrument.taker_fee_ppm)
    for rates in (standard, *instrument.fee_tiers.values()):
        if not (0 <= rates.maker_fee_ppm <= MILLION and 0 <= rates.taker_fee_ppm <= MILLION):
            yield (
                f"fees must be 0 to {MILLION} ppm, found {rates.maker_fee_ppm} (maker) "
                f"and {rates.taker_fee_ppm} (taker)"
            )
