"""Random changes of instruments and accounts."""

from random import Random

from markethall_engine.domain.commands import UpdateAccount, UpdateInstrument
from markethall_engine.domain.instrument import FeeRates, InstrumentStatus, Step
from markethall_engine.domain.margin import Margin

_TIERS = ("", "gold", "none")
_MARGINS = (
    None,
    None,
    None,
    None,
    Margin(200_000, 150_000),
    Margin(500_000, 100_000),
    Margin(0, 0),
    Margin(1, 2),
)
_COARSE = (Step(1, 0),)
_TICK_SIZES = {
    "BTC-USD": (Step(5, 1), Step(50, 2), Step(1, 1), Step(3, 1), Step(1, 0), Step(25, 2)),
    "ETH-USD": (Step(1, 2), Step(2, 2), Step(3, 2), Step(10, 3), Step(1, 3), Step(0, 0)),
    "ETH-BTC": (Step(3, 4), Step(15, 5), Step(1, 4), Step(6, 4), Step(1, 9)),
}
"""Some are the same, some impossible."""
_GROUPS = ("", "desk", "desk")


def update_instrument(chance: Random, symbol: str, auctions: float, *, is_late: bool) -> UpdateInstrument:
    kind = chance.random()
    if kind < 0.12:
        both = InstrumentStatus.OPEN if chance.random() < 0.03 else None
        return UpdateInstrument(
            symbol, status=both, tick_size=chance.choice(_TICK_SIZES.get(symbol, _COARSE))
        )
    if kind < 0.2:
        return UpdateInstrument(
            symbol, maker_fee_ppm=chance.randint(0, 5_000), taker_fee_ppm=chance.randint(0, 5_000)
        )
    if kind < 0.3:
        gold = FeeRates(chance.randint(0, 2_000), chance.randint(0, 2_000))
        return UpdateInstrument(symbol, fee_tiers=chance.choice(({}, {"gold": gold}, {"gold": gold})))
    if kind < 0.4:
        return UpdateInstrument(symbol, price_band_ppm=chance.choice((0, 0, 0, 400_000, 800_000)))
    if kind < 0.5 and chance.random() < auctions:
        return UpdateInstrument(
            symbol,
            volatility_band_ppm=chance.choice((0, 50_000, 150_000, 250_000)),
            volatility_auction_ns=chance.choice((1_000_000, 1_000_000_000, 10_000_000_000)),
        )
    if kind < 0.5:
        return UpdateInstrument(symbol, market_protection_ppm=chance.choice((0, 1, 60_000, 150_000, 400_000)))
    if is_late and chance.random() < 0.2:
        return UpdateInstrument(symbol, status=InstrumentStatus.CLOSED)
    status = InstrumentStatus.OPEN
    if chance.random() < auctions:
        status = InstrumentStatus.AUCTION
    elif chance.random() < 0.1:
        status = InstrumentStatus.HALTED
    return UpdateInstrument(symbol, status=status)


def update_account(chance: Random, account_id: str) -> UpdateAccount:
    return UpdateAccount(
        account_id,
        display_name=chance.choice((None, "name")),
        margin=chance.choice(_MARGINS),
        fee_tier=chance.choice((None, *_TIERS)),
        self_trade_group_id=chance.choice((None, *_GROUPS)),
    )
