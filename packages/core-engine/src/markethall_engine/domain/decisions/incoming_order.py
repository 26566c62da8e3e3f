"""An order on its way through the book: what each of its fills does to it and to the orders that it meets."""

from markethall_engine.domain.events import TradeExecuted
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.ledger.fees import fee_credit_after, fee_due
from markethall_engine.domain.ledger.reservation import limit_reservation
from markethall_engine.domain.matching import Fill
from markethall_engine.domain.order import Side

_BUY = Side.BUY


class IncomingOrder:
    """The taker's side of a plan of fills; it counts down as they are worked off."""

    __slots__ = (
        "account_id",
        "fee_credit",
        "leaves_lots",
        "maker_fee_ppm",
        "order_id",
        "price_ticks",
        "reserved",
        "side",
        "taker_fee_ppm",
    )

    def __init__(
        self,
        *,
        order_id: int,
        account_id: str,
        side: Side,
        price_ticks: int,
        leaves_lots: int,
        reserved: int,
        fee_credit: int,
        maker_fee_ppm: int,
        taker_fee_ppm: int,
    ) -> None:
        self.order_id = order_id
        self.account_id = account_id
        self.side = side
        self.price_ticks = price_ticks  # the limit; 0 for a market order
        self.leaves_lots = leaves_lots
        self.reserved = reserved
        self.fee_credit = fee_credit
        self.maker_fee_ppm = maker_fee_ppm
        self.taker_fee_ppm = taker_fee_ppm

    def trades(self, fills: list[Fill], instrument: Instrument, first_trade_id: int) -> list[TradeExecuted]:
        """Work off a plan of fills, in its order."""
        return [
            self._trade(fill, instrument, trade_id) for trade_id, fill in enumerate(fills, first_trade_id)
        ]

    def _trade(self, fill: Fill, instrument: Instrument, trade_id: int) -> TradeExecuted:
        """What one fill does to both sides."""
        maker, quantity_lots = fill
        price_ticks = maker.price_ticks
        notional = price_ticks * quantity_lots * instrument.tick_value

        maker_leaves_lots = maker.leaves_lots - quantity_lots
        maker_fee_ppm = maker.terms.maker_fee_ppm
        maker_fee = fee_due(notional, maker_fee_ppm, maker.fee_credit)
        maker_reserved = 0
        if maker_leaves_lots:
            maker_reserved = limit_reservation(
                instrument,
                side=maker.side,
                price_ticks=price_ticks,
                leaves_lots=maker_leaves_lots,
                highest_fee_ppm=maker.highest_fee_ppm(),
                fee_credit=fee_credit_after(notional, maker_fee_ppm, maker.fee_credit, maker_fee),
            )
        taker_fee = self._fill(instrument, quantity_lots, notional)

        # By position: names cost four times as much, and this is on the path of every trade.
        return TradeExecuted(
            trade_id,
            instrument.symbol,
            price_ticks,
            quantity_lots,
            notional,
            self.side,
            maker.order_id,
            maker.account_id,
            maker_fee,
            maker_leaves_lots,
            maker_reserved,
            self.order_id,
            self.account_id,
            taker_fee,
            self.leaves_lots,
            self.reserved,
        )

    def _fill(self, instrument: Instrument, quantity_lots: int, notional: int) -> int:
        """Count the fill down; gives its fee."""
        fee = fee_due(notional, self.taker_fee_ppm, self.fee_credit)
        self.fee_credit = fee_credit_after(notional, self.taker_fee_ppm, self.fee_credit, fee)
        self.leaves_lots -= quantity_lots
        if self.side is not _BUY:
            self.reserved -= quantity_lots * instrument.lot_units
        elif self.price_ticks == 0:
            self.reserved -= notional + fee
        elif self.leaves_lots == 0:
            self.reserved = 0
        else:
            self.reserved = limit_reservation(
                instrument,
                side=_BUY,
                price_ticks=self.price_ticks,
                leaves_lots=self.leaves_lots,
                highest_fee_ppm=max(self.maker_fee_ppm, self.taker_fee_ppm),
                fee_credit=self.fee_credit,
            )
        return fee
