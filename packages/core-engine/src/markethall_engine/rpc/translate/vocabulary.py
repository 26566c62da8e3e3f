"""The enums of the contract and those of the engine, which have the same members by name."""

from enum import IntEnum
from typing import Final, TypeVar

from markethall_engine.domain.instructions import SelfTradePrevention
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.order import OrderStatus, OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.trading_switch import TradingState
from markethall_engine.market_data.candles import CandleInterval
from markethall_protos import v1

Ours = TypeVar("Ours", bound=IntEnum)
Theirs = TypeVar("Theirs", bound=IntEnum)


def _written(ours: type[Ours], theirs: type[Theirs]) -> dict[Ours, Theirs]:
    return {member: theirs[member.name] for member in ours}


def _read(ours: type[Ours], theirs: type[Theirs]) -> dict[int, Ours]:
    return {int(theirs[member.name]): member for member in ours}


SIDE: Final = _written(Side, v1.Side)
ORDER_TYPE: Final = _written(OrderType, v1.OrderType)
TIME_IN_FORCE: Final = _written(TimeInForce, v1.TimeInForce)
ORDER_STATUS: Final = _written(OrderStatus, v1.OrderStatus)
INSTRUMENT_STATUS: Final = _written(InstrumentStatus, v1.InstrumentStatus)
REJECT_REASON: Final = _written(RejectReason, v1.RejectReason)
CANCEL_REASON: Final = _written(CancelReason, v1.CancelReason)
SELF_TRADE_PREVENTION: Final = _written(SelfTradePrevention, v1.SelfTradePrevention)
TRADING_STATE: Final = _written(TradingState, v1.TradingState)
CANDLE_INTERVAL: Final = _written(CandleInterval, v1.CandleInterval)

SIDE_READ: Final = _read(Side, v1.Side)
ORDER_TYPE_READ: Final = _read(OrderType, v1.OrderType)
TIME_IN_FORCE_READ: Final = _read(TimeInForce, v1.TimeInForce)
ORDER_STATUS_READ: Final = _read(OrderStatus, v1.OrderStatus)
INSTRUMENT_STATUS_READ: Final = _read(InstrumentStatus, v1.InstrumentStatus)
SELF_TRADE_PREVENTION_READ: Final = _read(SelfTradePrevention, v1.SelfTradePrevention)
TRADING_STATE_READ: Final = _read(TradingState, v1.TradingState)
CANDLE_INTERVAL_READ: Final = _read(CandleInterval, v1.CandleInterval)
