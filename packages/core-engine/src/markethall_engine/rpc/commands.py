"""Every command that the contract can carry: how its request is read and its reply written.

The calls of the services and the messages of `ProcessMessages` go through this one table, so that a command
means the same whichever way it comes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from markethall_common.clock import Clock
from markethall_engine.application.record import Record
from markethall_engine.application.sequencer import Sequencer
from markethall_engine.domain.commands import Command
from markethall_engine.domain.exchange import Exchange
from markethall_engine.rpc.order_batches import OrderBatches
from markethall_engine.rpc.translate.accounts import AccountIds, read_create_account, read_update_account
from markethall_engine.rpc.translate.assets import read_create_asset
from markethall_engine.rpc.translate.definition_replies import DefinitionReplies
from markethall_engine.rpc.translate.funds import Funds
from markethall_engine.rpc.translate.instruments import InstrumentRequests, read_create_instrument
from markethall_engine.rpc.translate.order_replies import OrderReplies, recorded
from markethall_engine.rpc.translate.order_requests import OrderRequests
from markethall_engine.rpc.translate.orders import OrderMessages
from markethall_engine.rpc.translate.quotation import Quotations
from markethall_engine.rpc.translate.risk_limits import RiskLimitMessages
from markethall_engine.rpc.translate.trading_states import TradingStates
from markethall_protos import v1

Request = TypeVar("Request")
Response = TypeVar("Response")


@dataclass(frozen=True, slots=True)
class CommandKind(Generic[Request, Response]):
    """One kind of command. `read` and `reply` raise `CallRefused`."""

    read: Callable[[Request], Command]
    reply: Callable[[Record], Response]
    defines: bool = False
    """Whether requests that come after it are read against what it creates or changes."""
    shows_state: bool = False
    """Whether the reply shows the state as it is by then, which must be durable before it is given."""


class Commands:
    """The table, and the way of a single command through it."""

    def __init__(
        self,
        exchange: Exchange,
        sequencer: Sequencer,
        *,
        quotations: Quotations,
        funds: Funds,
        account_ids: AccountIds,
        clock: Clock,
        risk_limits: RiskLimitMessages,
        trading_states: TradingStates,
    ) -> None:
        self._sequencer = sequencer
        orders = self.order_requests = OrderRequests(exchange, quotations, account_ids, clock)
        order_replies = OrderReplies(exchange, OrderMessages(quotations))
        instruments = InstrumentRequests(exchange)
        replies = DefinitionReplies(exchange, funds)

        self.order_batches = OrderBatches(sequencer, orders, order_replies)
        self.place_order = CommandKind(orders.place_order, order_replies.placed)
        self.cancel_order = CommandKind(orders.cancel_order, order_replies.canceled)
        self.cancel_all_orders = CommandKind(orders.cancel_all_orders, order_replies.all_canceled)
        self.replace_order = CommandKind(orders.replace_order, order_replies.replaced, shows_state=True)
        self.deposit = CommandKind(funds.deposit, replies.deposited)
        self.withdraw = CommandKind(funds.withdraw, replies.withdrawn)
        self.transfer = CommandKind(funds.transfer, replies.transferred)
        self.update_risk_limits = CommandKind(risk_limits.update_risk_limits, risk_limits.updated)
        self.set_trading_state = CommandKind(trading_states.set_trading_state, trading_states.state_set)
        self.create_asset = CommandKind(
            read_create_asset, replies.asset_created, defines=True, shows_state=True
        )
        self.create_instrument = CommandKind(
            read_create_instrument, replies.instrument_created, defines=True, shows_state=True
        )
        self.update_instrument = CommandKind(
            instruments.update_instrument, replies.instrument_updated, defines=True
        )
        self.create_account = CommandKind(read_create_account, replies.account_created, shows_state=True)
        self.update_account = CommandKind(read_update_account, replies.account_updated)

        self.kinds: Mapping[str, CommandKind[Any, Any]] = {
            "place_order": self.place_order,
            "cancel_order": self.cancel_order,
            "cancel_all_orders": self.cancel_all_orders,
            "replace_order": self.replace_order,
            "deposit": self.deposit,
            "withdraw": self.withdraw,
            "transfer": self.transfer,
            "create_asset": self.create_asset,
            "create_instrument": self.create_instrument,
            "update_instrument": self.update_instrument,
            "create_account": self.create_account,
            "update_account": self.update_account,
            "update_risk_limits": self.update_risk_limits,
            "set_trading_state": self.set_trading_state,
        }
        """By the name that messages have for them; `PlaceOrders` is several commands and not among them."""

    async def carry_out(self, kind: CommandKind[Request, Response], request: Request) -> Response:
        """Read a request, have its command decided and made durable, and return the reply."""
        [outcome] = await self._sequencer.submit((kind.read(request),))
        reply = kind.reply(recorded(outcome))
        if kind.shows_state:
            await self._sequencer.settled()
        return reply

    async def place_orders(self, request: v1.PlaceOrdersRequest) -> v1.PlaceOrdersResponse:
        batch = self.order_batches.read(request)
        return self.order_batches.reply(batch, await self.order_batches.submit(batch))
