"""The services of the contract that this engine has."""

from dataclasses import dataclass
from typing import ClassVar

import grpc.aio

from markethall_engine.rpc.administration import AdministrationService
from markethall_engine.rpc.core_engine import CoreEngineService
from markethall_engine.rpc.market_data import MarketDataService
from markethall_engine.rpc.orders import OrderService
from markethall_engine.rpc.portfolio import PortfolioService
from markethall_engine.rpc.risk import RiskService
from markethall_protos import v1


@dataclass(frozen=True, slots=True)
class Services:
    """Their servicers; that of identity is not among them: it is the gateway's."""

    core_engine: CoreEngineService
    orders: OrderService
    market_data: MarketDataService
    portfolio: PortfolioService
    risk: RiskService
    administration: AdministrationService

    names: ClassVar[tuple[str, ...]] = (
        "markethall.v1.CoreEngineService",
        "markethall.v1.OrderService",
        "markethall.v1.MarketDataService",
        "markethall.v1.PortfolioService",
        "markethall.v1.RiskService",
        "markethall.v1.AdministrationService",
    )

    def add_to(self, server: grpc.aio.Server) -> None:
        v1.add_core_engine_service_servicer(self.core_engine, server)
        v1.add_order_service_servicer(self.orders, server)
        v1.add_market_data_service_servicer(self.market_data, server)
        v1.add_portfolio_service_servicer(self.portfolio, server)
        v1.add_risk_service_servicer(self.risk, server)
        v1.add_administration_service_servicer(self.administration, server)
