"""Accounts, balances, positions, equity, deposits and withdrawals through the contract."""

from decimal import Decimal

import grpc
import pytest

from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client, refused


def balance(asset: str, available: str, reserved: str, total: str) -> v1.Balance:
    return v1.Balance(asset=asset, available=available, reserved=reserved, total=total)


async def test_an_account_is_got_as_it_was_created(client: Client):
    created = await client.administration.create_account(
        v1.CreateAccountRequest("alice", display_name="Alice")
    )
    account = (await client.portfolio.get_account(v1.GetAccountRequest("alice"))).account
    assert account == created.account
    assert account is not None and account.display_name == "Alice"


async def test_an_unknown_account_is_not_found(client: Client):
    portfolio = client.portfolio
    for call in (
        portfolio.get_account(v1.GetAccountRequest("nobody")),
        portfolio.list_balances(v1.ListBalancesRequest("nobody")),
        portfolio.list_positions(v1.ListPositionsRequest("nobody")),
        portfolio.get_portfolio(v1.GetPortfolioRequest("nobody")),
        portfolio.list_postings(v1.ListPostingsRequest("nobody")),
        portfolio.list_equity_history(v1.ListEquityHistoryRequest("nobody")),
        portfolio.stream_portfolio(v1.StreamPortfolioRequest("nobody")).read(),
        portfolio.deposit(v1.DepositRequest("nobody", "USD", "1")),
        portfolio.withdraw(v1.WithdrawRequest("nobody", "USD", "1")),
    ):
        error = await refused(call)
        assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_ACCOUNT")


async def test_balances_are_listed_by_asset_with_what_orders_hold_back(client: Client):
    await client.place("maker", BUY, quantity="1", price="100")
    response = await client.portfolio.list_balances(v1.ListBalancesRequest("maker"))
    assert response.balances == [
        balance("BTC", "100", "0", "100"),
        balance("USD", "999899.8", "100.2", "1000000"),
    ]
    assert response.sequence == 10


async def test_deposits_and_withdrawals_give_the_balance_after_them(client: Client):
    deposited = await client.portfolio.deposit(v1.DepositRequest("maker", "USD", "0.00001", "bonus"))
    assert deposited.balance == balance("USD", "1000000.00001", "0", "1000000.00001")
    withdrawn = await client.portfolio.withdraw(v1.WithdrawRequest("maker", "USD", "1000000.00001"))
    assert withdrawn.balance == balance("USD", "0", "0", "0")
    assert withdrawn.sequence == deposited.sequence + 1


async def test_a_family_moves_what_is_available_between_its_accounts(client: Client):
    sub_account = v1.CreateAccountRequest("desk", parent_account_id="maker")
    created = (await client.administration.create_account(sub_account)).account
    assert created is not None and created.parent_account_id == "maker"
    moved = await client.portfolio.transfer(
        v1.TransferRequest("maker", "desk", "USD", "10.5", "for the desk")
    )
    assert moved.balance == balance("USD", "999989.5", "0", "999989.5")
    assert moved.to_balance == balance("USD", "10.5", "0", "10.5")
    for account_id, amount in (("maker", "-10.5"), ("desk", "10.5")):
        postings = (await client.portfolio.list_postings(v1.ListPostingsRequest(account_id))).postings
        found = [(one.amount, one.kind, one.reference, one.sequence) for one in postings]
        assert found[0] == (amount, "transfer", "for the desk", moved.sequence)
    error = await refused(client.portfolio.transfer(v1.TransferRequest("desk", "taker", "USD", "1")))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NOT_RELATED")
    error = await refused(client.portfolio.transfer(v1.TransferRequest("desk", "", "USD", "x")))
    assert set(error.violations) == {"to_account_id", "amount"}


async def test_only_what_is_available_can_be_withdrawn(client: Client):
    await client.place("maker", BUY, quantity="1", price="100")
    error = await refused(client.portfolio.withdraw(v1.WithdrawRequest("maker", "USD", "1000000")))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "INSUFFICIENT_FUNDS")


@pytest.mark.parametrize(
    ("fields", "violations"),
    [
        ({"amount": "0"}, {"amount": "expected a positive decimal, found '0'"}),
        ({"amount": "-1"}, {"amount": "expected a non-negative decimal such as '12.5', found '-1'"}),
        (
            {"amount": "0.000001"},
            {"amount": "expected a decimal with at most 5 places, found '0.000001'"},
        ),
        (
            {"asset": "usd", "reference": "x" * 129, "account_id": ""},
            {
                "account_id": "required: an account id, 1 to 64 of a-z A-Z 0-9 . _ -",
                "asset": "expected an asset's code, 1 to 16 of A-Z 0-9 . _, found 'usd'",
                "reference": f"expected at most 128 characters, found '{'x' * 48}…'",
            },
        ),
    ],
)
async def test_a_deposit_reports_its_faults(
    client: Client, fields: dict[str, str], violations: dict[str, str]
):
    terms = {"account_id": "maker", "asset": "USD", "amount": "1"} | fields
    error = await refused(client.portfolio.deposit(v1.DepositRequest(**terms)))
    assert error.code == grpc.StatusCode.INVALID_ARGUMENT
    assert error.violations == violations


async def test_an_unknown_asset_is_not_found(client: Client):
    error = await refused(client.portfolio.deposit(v1.DepositRequest("maker", "EUR", "1")))
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_ASSET")


async def test_more_than_the_venue_can_hold_is_an_invalid_argument(client: Client):
    error = await refused(client.portfolio.deposit(v1.DepositRequest("maker", "USD", "92233720368547")))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PARAMETERS")


async def test_positions_carry_cost_and_profit_by_average_cost(client: Client):
    await client.trade(quantity="2", price="100")
    await client.trade(quantity="1", price="103")
    await client.place("maker", BUY, quantity="1", price="110")
    await client.place("taker", SELL, quantity="1", price="110")
    positions = await client.portfolio.list_positions(v1.ListPositionsRequest("taker"))
    assert positions.positions == [
        v1.Position(
            symbol="BTC-USD",
            quantity="2",
            cost="202",
            average_price="101",
            realized_pnl="9",
            unrealized_pnl="18",
            fees="0.826",
        )
    ]
    none = await client.portfolio.list_positions(v1.ListPositionsRequest("taker", symbol="ETH-USD"))
    assert none.positions == []


async def test_a_short_position_has_a_negative_quantity_and_cost(client: Client):
    await client.trade(quantity="0.001", price="100.01")
    [position] = (await client.portfolio.list_positions(v1.ListPositionsRequest("maker"))).positions
    assert (position.quantity, position.cost, position.average_price) == ("-0.001", "-0.10001", "100.01")


async def test_a_portfolio_is_balances_positions_and_equity_at_one_moment(client: Client):
    await client.trade(quantity="2", price="100")
    portfolio = (await client.portfolio.get_portfolio(v1.GetPortfolioRequest("taker"))).portfolio
    assert portfolio is not None
    balances = await client.portfolio.list_balances(v1.ListBalancesRequest("taker"))
    positions = await client.portfolio.list_positions(v1.ListPositionsRequest("taker"))
    assert portfolio == v1.Portfolio(
        account_id="taker",
        balances=balances.balances,
        positions=positions.positions,
        # 999,799.6 in cash after 200 and a fee of 0.4, and 102 BTC at 100.
        equities=[v1.Equity(asset="USD", equity="1009999.6", day_change="1009999.6")],
        sequence=balances.sequence,
    )


async def test_a_holding_counts_once_where_two_instruments_trade_it(client: Client):
    await client.administration.create_instrument(
        v1.CreateInstrumentRequest("BTC-USD.X", "BTC", "USD", tick_size="0.01", lot_size="0.001")
    )
    await client.trade(quantity="1", price="100")
    await client.place("maker", SELL, symbol="BTC-USD.X", price="900")
    await client.place("taker", BUY, symbol="BTC-USD.X", price="900")
    portfolio = (await client.portfolio.get_portfolio(v1.GetPortfolioRequest("taker"))).portfolio
    assert portfolio is not None
    # 1,000,000 less 100, 0.2 and 900, and 102 BTC at the first instrument's 100.
    assert portfolio.equities == [v1.Equity("USD", equity="1009199.8", day_change="1009199.8")]


async def postings(client: Client, account_id: str, asset: str = "") -> list[v1.Posting]:
    return (await client.portfolio.list_postings(v1.ListPostingsRequest(account_id, asset))).postings


async def test_postings_say_newest_first_what_an_account_was_credited_and_debited_and_why(client: Client):
    await client.trade(quantity="2", price="100")
    sequence = (await client.portfolio.withdraw(v1.WithdrawRequest("taker", "USD", "5", "rent"))).sequence
    found = [
        (posting.posting_id, posting.asset, posting.amount, posting.kind, posting.reference)
        for posting in await postings(client, "taker")
    ]
    assert found == [
        (f"{sequence}-1", "USD", "-5", "withdrawal", "rent"),
        (f"{sequence - 1}-5", "USD", "-0.4", "fee", "1"),
        (f"{sequence - 1}-3", "USD", "-200", "trade", "1"),
        (f"{sequence - 1}-2", "BTC", "2", "trade", "1"),
        ("9-2", "BTC", "100", "deposit", ""),
        ("8-2", "USD", "1000000", "deposit", ""),
    ]
    [rent, *_] = await postings(client, "taker")
    assert rent.sequence == sequence and rent.post_time is not None


async def test_the_postings_of_an_account_sum_to_its_balances(client: Client):
    for price in ("100", "101.5", "99.99"):
        await client.trade(quantity="1.5", price=price)
    await client.place("maker", BUY, quantity="1", price="90")
    for account_id in ("maker", "taker"):
        balances = await client.portfolio.list_balances(v1.ListBalancesRequest(account_id))
        for held in balances.balances:
            amounts = [Decimal(posting.amount) for posting in await postings(client, account_id, held.asset)]
            assert sum(amounts) == Decimal(held.total)


async def test_the_postings_of_a_command_sum_to_zero_by_asset_with_the_fees_that_the_venue_earned(
    client: Client,
):
    placed = (await client.trade(quantity="1.5", price="101.5")).order
    assert placed is not None
    both = [
        posting
        for account_id in ("maker", "taker")
        for posting in await postings(client, account_id)
        if posting.sequence == placed.sequence
    ]
    assert len({posting.posting_id for posting in both}) == len(both) == 6
    assert sum(Decimal(posting.amount) for posting in both if posting.asset == "BTC") == 0
    traded = [Decimal(posting.amount) for posting in both if posting.kind == "trade"]
    assert sum(traded) == 0
    paid = sum(Decimal(posting.amount) for posting in both if posting.kind == "fee")
    assert paid == -Decimal("152.25") * Decimal("0.003")


async def test_postings_are_listed_page_by_page_while_others_are_added(client: Client):
    await client.trade(quantity="2", price="100")
    everything = await postings(client, "taker")
    pages, token = [], ""
    while not pages or token:
        page = await client.portfolio.list_postings(
            v1.ListPostingsRequest("taker", page_size=2, page_token=token)
        )
        pages.append(page.postings)
        token = page.next_page_token
        await client.portfolio.deposit(v1.DepositRequest("taker", "USD", "1"))
    assert [posting for page in pages for posting in page] == everything
    assert [len(page) for page in pages] == [2, 2, 1]


async def test_postings_of_one_asset_only_are_listed_if_asked_for(client: Client):
    await client.trade(quantity="2", price="100")
    assert [posting.amount for posting in await postings(client, "maker", "BTC")] == ["-2", "100"]
    error = await refused(client.portfolio.list_postings(v1.ListPostingsRequest("maker", "btc")))
    assert error.violations == {"asset": "expected an asset's code, 1 to 16 of A-Z 0-9 . _, found 'btc'"}


async def test_an_account_with_margin_sells_short_and_is_shown_where_it_stands_until_it_is_liquidated(
    client: Client,
):
    await client.trade(quantity="1", price="100")
    await client.administration.create_account(
        v1.CreateAccountRequest("trader", margin=v1.Margin("0.5", "0.25"))
    )
    await client.portfolio.deposit(v1.DepositRequest("trader", "USD", "1000"))
    await client.place("maker", BUY, quantity="10", price="100")
    sold = (await client.place("trader", SELL, quantity="10", price="100")).order
    assert sold is not None and sold.status == v1.OrderStatus.FILLED
    refusal = (await client.place("trader", SELL, quantity="10.001", price="100")).order
    assert refusal is not None and refusal.reject_reason == v1.RejectReason.INSUFFICIENT_MARGIN
    portfolio = (await client.portfolio.get_portfolio(v1.GetPortfolioRequest("trader"))).portfolio
    assert portfolio is not None
    assert portfolio.balances == [balance("BTC", "-10", "0", "-10"), balance("USD", "1998", "0", "1998")]
    assert portfolio.margins == [
        v1.MarginStatus(
            asset="USD",
            equity="998",
            exposure="1000",
            exposure_with_orders="1000",
            initial_requirement="500",
            maintenance_requirement="250",
        )
    ]
    await client.place("maker", SELL, quantity="20", price="161")
    await client.place("taker", BUY, quantity="1", price="161")
    orders = (await client.orders.list_orders(v1.ListOrdersRequest("trader"))).orders
    assert [(one.side, one.filled_quantity, one.status) for one in orders if one.order_id > sold.order_id][
        :1
    ] == [(BUY, "10", v1.OrderStatus.FILLED)]
    [standing] = await _margins(client, "trader")
    assert (standing.exposure, standing.maintenance_requirement) == ("0", "0")
    assert await _margins(client, "maker") == []


async def _margins(client: Client, account_id: str) -> list[v1.MarginStatus]:
    portfolio = (await client.portfolio.get_portfolio(v1.GetPortfolioRequest(account_id))).portfolio
    assert portfolio is not None
    return portfolio.margins
