"""Market data as the contract shows it: best prices, depth, trades, candles, tickers."""

from markethall_engine.domain.book.book_order import BookOrder
from markethall_engine.domain.exchange import Level
from markethall_engine.domain.instrument import Step
from markethall_engine.market_data.candles import Candle, CandleInterval
from markethall_engine.market_data.depth import BestBidOffer, Depth
from markethall_engine.market_data.ticker import Ticker
from markethall_engine.market_data.trades import Trade
from markethall_engine.rpc.translate.quotation import Quotation
from markethall_engine.rpc.translate.times import timestamp
from markethall_engine.rpc.translate.vocabulary import CANDLE_INTERVAL, SIDE
from markethall_protos import v1


def level_message(level: Level, quotation: Quotation, tick_revision: int) -> v1.Level:
    write_price = quotation.price_writer(tick_revision)
    return v1.Level(
        write_price(level.price_ticks), quotation.quantity(level.quantity_lots), level.order_count
    )


def depth_message(depth: Depth, quotation: Quotation) -> v1.Depth:
    return v1.Depth(
        symbol=depth.symbol,
        bids=[level_message(level, quotation, depth.tick_revision) for level in depth.bids],
        asks=[level_message(level, quotation, depth.tick_revision) for level in depth.asks],
        sequence=depth.sequence,
        update_time=timestamp(depth.update_time_ns) if depth.update_time_ns else None,
    )


def book_order_message(order: BookOrder, quotation: Quotation, tick_revision: int) -> v1.BookOrder:
    return v1.BookOrder(
        order_id=str(order.order_id),
        side=SIDE[order.side],
        price=quotation.price_writer(tick_revision)(order.price_ticks),
        quantity=quotation.quantity(order.quantity_lots),
    )


def best_bid_offer_message(best: BestBidOffer, quotation: Quotation) -> v1.BestBidOffer:
    return v1.BestBidOffer(
        symbol=best.symbol,
        bid=None if best.bid is None else level_message(best.bid, quotation, best.tick_revision),
        ask=None if best.ask is None else level_message(best.ask, quotation, best.tick_revision),
        sequence=best.sequence,
        update_time=timestamp(best.update_time_ns) if best.update_time_ns else None,
    )


def trade_message(trade: Trade, quotation: Quotation) -> v1.Trade:
    return v1.Trade(
        trade_id=str(trade.trade_id),
        symbol=trade.symbol,
        price=quotation.price_at(trade.sequence, trade.price_ticks),
        quantity=quotation.quantity(trade.quantity_lots),
        taker_side=SIDE[trade.taker_side],
        sequence=trade.sequence,
        trade_time=timestamp(trade.time_ns),
        in_auction=trade.in_auction,
    )


def candle_message(
    candle: Candle, interval: CandleInterval, quotation: Quotation, price_step: Step
) -> v1.Candle:
    return v1.Candle(
        symbol=quotation.instrument.symbol,
        interval=CANDLE_INTERVAL[interval],
        open_time=timestamp(candle.open_time_ns),
        open=price_step.format(candle.open_ticks),
        high=price_step.format(candle.high_ticks),
        low=price_step.format(candle.low_ticks),
        close=price_step.format(candle.close_ticks),
        volume=quotation.quantity(candle.volume_lots),
        notional=quotation.money(candle.notional),
        trade_count=candle.trade_count,
    )


def ticker_message(ticker: Ticker, quotation: Quotation) -> v1.Ticker:
    write_price = quotation.price_writer(ticker.best.tick_revision)
    message = v1.Ticker(
        symbol=ticker.symbol,
        bid_price="" if ticker.best.bid is None else write_price(ticker.best.bid.price_ticks),
        ask_price="" if ticker.best.ask is None else write_price(ticker.best.ask.price_ticks),
        volume="0",
        notional="0",
        update_time=timestamp(ticker.update_time_ns) if ticker.update_time_ns else None,
    )
    if ticker.last is not None:
        message.last_price = quotation.price_at(ticker.last.sequence, ticker.last.price_ticks)
        message.last_quantity = quotation.quantity(ticker.last.quantity_lots)
    if ticker.day is not None:
        step = ticker.price_step
        message.open_price = step.format(ticker.day.open_ticks)
        message.high_price = step.format(ticker.day.high_ticks)
        message.low_price = step.format(ticker.day.low_ticks)
        message.volume = quotation.quantity(ticker.day.volume_lots)
        message.notional = quotation.money(ticker.day.notional)
        message.trade_count = ticker.day.trade_count
    if ticker.in_auction:
        auction = ticker.auction
        if auction is not None:
            message.indicative_price = write_price(auction.price_ticks)
        message.indicative_quantity = quotation.quantity(0 if auction is None else auction.quantity_lots)
        message.indicative_imbalance = quotation.quantity(0 if auction is None else auction.surplus_lots)
    return message
