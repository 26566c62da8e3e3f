"""The running engine as the services see it."""

from markethall_engine.application.account_history import AccountHistory
from markethall_engine.application.ports import JournalReader
from markethall_engine.application.queries import Queries
from markethall_engine.application.sequencer import Sequencer
from markethall_engine.application.streams import Streams
from markethall_engine.domain.exchange import Exchange
from markethall_engine.rpc.commands import Commands
from markethall_engine.rpc.messages import Messages
from markethall_engine.rpc.translate.accounts import AccountIds
from markethall_engine.rpc.translate.funds import Funds
from markethall_engine.rpc.translate.orders import OrderMessages
from markethall_engine.rpc.translate.quotation import Quotations


class Venue:
    """What recovery has brought back to life, with the words to speak of it."""

    def __init__(
        self,
        exchange: Exchange,
        sequencer: Sequencer,
        journal: JournalReader,
        history: AccountHistory,
        streams: Streams,
        *,
        default_account_id: str,
    ) -> None:
        self.sequencer = sequencer
        self.journal = journal
        self.history = history
        self.streams = streams
        self.queries = Queries(exchange, sequencer)
        self.account_ids = AccountIds(default_account_id)
        self.quotations = Quotations(exchange)
        self.order_messages = OrderMessages(self.quotations)
        self.funds = Funds(exchange)
        self.commands = Commands(
            exchange,
            sequencer,
            quotations=self.quotations,
            funds=self.funds,
            account_ids=self.account_ids,
        )
        self.messages = Messages(self.commands, sequencer)
