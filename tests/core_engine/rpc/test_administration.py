"""Assets, instruments, accounts and the journal through the contract."""

import dataclasses
import json

import grpc
import pytest

from markethall_protos import v1
from markethall_protos.google.protobuf import FieldMask
from tests.core_engine.rpc.client import BUY, SELL, Client, btc_usd, refused

CHANGEABLE = (
    "status, maker_fee, taker_fee, min_quantity, max_quantity, price_band, tick_size, market_protection, "
    "reference_price, volatility_band, volatility_auction_seconds, fee_tiers"
)


async def test_creating_again_with_the_same_content_gives_it_back(client: Client):
    administration = client.administration
    for create, request in (
        (administration.create_asset, v1.CreateAssetRequest("EUR", 2)),
        (administration.create_instrument, btc_usd(symbol="BTC-2")),
        (administration.create_account, v1.CreateAccountRequest("alice", "Alice")),
    ):
        assert await create(request) == await create(request)


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("create_asset", v1.CreateAssetRequest("BTC", 3)),
        ("create_instrument", btc_usd(tick_size="0.1")),
        ("create_account", v1.CreateAccountRequest("maker", "another name")),
    ],
)
async def test_creating_again_with_another_content_is_an_error(client: Client, call: str, request_: object):
    error = await refused(getattr(client.administration, call)(request_))
    assert (error.code, error.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS")


@pytest.mark.parametrize(
    ("call", "request_", "violations"),
    [
        (
            "create_asset",
            v1.CreateAssetRequest("btc", 19),
            {
                "asset": "expected an asset's code, 1 to 16 of A-Z 0-9 . _, found 'btc'",
                "scale": "expected 0 to 18 decimal places, found '19'",
            },
        ),
        (
            "create_account",
            v1.CreateAccountRequest(
                "@fees", "x" * 129, parent_account_id="@external", margin=v1.Margin("1.5", "0")
            ),
            {
                "account_id": "expected an account id, 1 to 64 of a-z A-Z 0-9 . _ -, found '@fees'",
                "display_name": f"expected at most 128 characters, found '{'x' * 48}…'",
                "parent_account_id": (
                    "expected an account id, 1 to 64 of a-z A-Z 0-9 . _ -, found '@external'"
                ),
                "margin.initial_ratio": "expected a fraction above 0, at most 1, found '1.5'",
                "margin.maintenance_ratio": "expected a positive decimal, found '0'",
            },
        ),
        (
            "create_instrument",
            v1.CreateInstrumentRequest(
                "B",
                tick_size="0",
                lot_size="x",
                min_quantity="0",
                max_quantity="-1",
                price_band="0.0000001",
                maker_fee="2",
                taker_fee="1",
                market_protection="1",
                reference_price="-3",
                volatility_auction_seconds=86_401,
                fee_tiers={"no spaces": v1.FeeRates("0", "0"), "vip": v1.FeeRates(taker_fee="1.5")},
            ),
            {
                "market_protection": "expected a fraction below 1, found '1'",
                "reference_price": "expected a non-negative decimal such as '12.5', found '-3'",
                "volatility_auction_seconds": "expected 1 to 86400 seconds, found '86401'",
                "fee_tiers": "expected names of tiers, 1 to 32 of a-z A-Z 0-9 . _ -, found 'no spaces'",
                "fee_tiers.vip.taker_fee": "expected a fraction from 0 to 1, found '1.5'",
                "tick_size": "expected a positive decimal with at most 18 places, found '0'",
                "lot_size": "expected a non-negative decimal such as '12.5', found 'x'",
                "base_asset": "required: an asset's code, 1 to 16 of A-Z 0-9 . _",
                "quote_asset": "required: an asset's code, 1 to 16 of A-Z 0-9 . _",
                "min_quantity": "expected a positive decimal, found '0'",
                "max_quantity": "expected a non-negative decimal such as '12.5', found '-1'",
                "price_band": "expected a decimal with at most 6 places, found '0.0000001'",
                "maker_fee": "expected a fraction from 0 to 1, found '2'",
            },
        ),
    ],
)
async def test_what_cannot_be_created_says_why_field_by_field(
    client: Client, call: str, request_: object, violations: dict[str, str]
):
    error = await refused(getattr(client.administration, call)(request_))
    assert error.code == grpc.StatusCode.INVALID_ARGUMENT
    assert error.violations == violations


async def test_an_instrument_whose_notional_would_not_be_exact_is_an_invalid_argument(client: Client):
    error = await refused(
        client.administration.create_instrument(btc_usd(symbol="B", tick_size="0.0001", lot_size="0.001"))
    )
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PARAMETERS")
    assert "minor units of USD" in error.message


async def test_an_instrument_of_an_unknown_asset_is_not_found(client: Client):
    error = await refused(client.administration.create_instrument(btc_usd(symbol="B", base_asset="XAU")))
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_ASSET")


async def update(client: Client, mask: list[str] | None = None, **fields: object) -> v1.Instrument:
    response = await client.administration.update_instrument(
        v1.UpdateInstrumentRequest(
            "BTC-USD",
            instrument=v1.Instrument(**fields),
            update_mask=None if mask is None else FieldMask(paths=mask),
        )
    )
    assert response.instrument is not None
    return response.instrument


async def test_an_update_changes_the_fields_that_the_mask_names_and_no_other(client: Client):
    updated = await update(client, ["maker_fee"], maker_fee="0.5", taker_fee="0.9")
    assert (updated.maker_fee, updated.taker_fee) == ("0.5", "0.002")


async def test_a_field_that_the_mask_names_and_that_is_empty_goes_back_to_none(client: Client):
    await update(client, None, max_quantity="5", min_quantity="0.5", price_band="0.1")
    updated = await update(client, ["max_quantity", "min_quantity", "price_band", "taker_fee"])
    assert (updated.max_quantity, updated.min_quantity, updated.price_band, updated.taker_fee) == (
        "0",
        "0.001",
        "0",
        "0",
    )


BANDS: dict[str, object] = {
    "reference_price": "100.5",
    "market_protection": "0.05",
    "volatility_band": "0.1",
    "volatility_auction_seconds": 120,
    "fee_tiers": {"vip": v1.FeeRates(maker_fee="0", taker_fee="0.0005")},
}


async def test_an_instrument_is_created_with_its_bands_and_fee_tiers(client: Client):
    request = btc_usd(symbol="BTC-2", **BANDS)
    created = (await client.administration.create_instrument(request)).instrument
    assert created is not None
    assert {name: getattr(created, name) for name in BANDS} == BANDS
    assert (await client.administration.create_instrument(request)).instrument == created


async def test_bands_and_fee_tiers_are_changed_and_taken_back(client: Client):
    updated = await update(client, None, **BANDS)
    assert {name: getattr(updated, name) for name in BANDS} == BANDS
    reset = await update(client, list(BANDS))
    assert {name: getattr(reset, name) for name in BANDS} == {
        "reference_price": "",
        "market_protection": "0",
        "volatility_band": "0",
        "volatility_auction_seconds": 300,
        "fee_tiers": {},
    }


async def test_the_price_band_is_around_the_reference_price_before_the_first_trade(client: Client):
    await update(client, None, price_band="0.1", reference_price="100")
    placed = (await client.place(price="110.01")).order
    assert placed is not None
    assert placed.reject_reason == v1.RejectReason.PRICE_OUT_OF_BAND
    assert placed.reject_detail == (
        "the price must be 90 to 110, within 100000 ppm of the reference price 100, asked 110.01"
    )


async def test_without_a_mask_every_changeable_field_that_is_set_changes(client: Client):
    updated = await update(
        client, None, symbol="IGNORED", status=v1.InstrumentStatus.HALTED, price_band="0.1"
    )
    assert (updated.symbol, updated.status, updated.price_band, updated.maker_fee) == (
        "BTC-USD",
        v1.InstrumentStatus.HALTED,
        "0.1",
        "0.001",
    )
    placed = (await client.place()).order
    assert placed is not None
    assert placed.reject_reason == v1.RejectReason.INSTRUMENT_HALTED


@pytest.mark.parametrize(
    ("request_", "violations"),
    [
        (
            v1.UpdateInstrumentRequest("BTC-USD", v1.Instrument(), FieldMask(paths=["lot_size"])),
            {"update_mask": f"expected {CHANGEABLE}, found 'lot_size'"},
        ),
        (
            v1.UpdateInstrumentRequest("BTC-USD"),
            {"instrument": f"required: at least one of {CHANGEABLE}"},
        ),
        (
            v1.UpdateInstrumentRequest("BTC-USD", v1.Instrument(lot_size="1")),
            {"instrument": f"required: at least one of {CHANGEABLE}"},
        ),
        (
            v1.UpdateInstrumentRequest(
                "BTC-USD",
                v1.Instrument(maker_fee="x", min_quantity="0.0001"),
                FieldMask(paths=["maker_fee", "min_quantity", "status"]),
            ),
            {
                "instrument.status": "required: OPEN, AUCTION, HALTED or CLOSED",
                "instrument.min_quantity": "expected a multiple of 0.001, found '0.0001'",
                "instrument.maker_fee": "expected a non-negative decimal such as '12.5', found 'x'",
            },
        ),
    ],
)
async def test_an_update_reports_its_faults(
    client: Client, request_: v1.UpdateInstrumentRequest, violations: dict[str, str]
):
    error = await refused(client.administration.update_instrument(request_))
    assert error.violations == violations


async def test_an_unknown_instrument_cannot_be_updated(client: Client):
    error = await refused(
        client.administration.update_instrument(
            v1.UpdateInstrumentRequest("NO", v1.Instrument(min_quantity="1"))
        )
    )
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_INSTRUMENT")


async def test_closing_cancels_what_rests_and_is_for_good(client: Client):
    placed = (await client.place()).order
    assert placed is not None
    await update(client, None, status=v1.InstrumentStatus.CLOSED)
    ended = (await client.orders.get_order(v1.GetOrderRequest(placed.order_id))).order
    assert ended is not None
    assert ended.cancel_reason == v1.CancelReason.INSTRUMENT_CLOSED
    error = await refused(
        client.administration.update_instrument(
            v1.UpdateInstrumentRequest("BTC-USD", v1.Instrument(status=v1.InstrumentStatus.OPEN))
        )
    )
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "INSTRUMENT_CLOSED")


ACCOUNT_FIELDS = "display_name, fee_tier, self_trade_group_id, margin"


async def updated_account(client: Client, request: v1.UpdateAccountRequest) -> v1.Account:
    account = (await client.administration.update_account(request)).account
    assert account is not None
    found = await client.portfolio.get_account(v1.GetAccountRequest(request.account_id))
    assert found.account == account
    return account


async def test_an_account_takes_the_name_that_an_update_gives_and_loses_it_where_a_mask_says_so(
    client: Client,
):
    named = await updated_account(
        client, v1.UpdateAccountRequest("maker", v1.Account("ignored", display_name="Market maker"))
    )
    assert (named.account_id, named.display_name) == ("maker", "Market maker")
    bare = await updated_account(
        client, v1.UpdateAccountRequest("maker", v1.Account(), FieldMask(["display_name"]))
    )
    assert bare == dataclasses.replace(named, display_name="")


async def test_an_account_of_a_fee_tier_pays_what_the_instrument_says_of_the_tier(client: Client):
    updated = await update(client, ["fee_tiers"], fee_tiers={"vip": v1.FeeRates("0.0001", "0.0005")})
    assert updated.fee_tiers == {"vip": v1.FeeRates("0.0001", "0.0005")}
    await updated_account(client, v1.UpdateAccountRequest("taker", v1.Account(fee_tier="vip")))
    trade = await client.trade()
    assert [fill.fee for fill in trade.fills] == ["0.05"]
    assert (await update(client, ["fee_tiers"])).fee_tiers == {}


async def test_margin_is_given_changed_and_taken_away(client: Client):
    half = v1.Margin("0.5", "0.25")
    request = v1.CreateAccountRequest("trader", margin=half)
    created = (await client.administration.create_account(request)).account
    assert created is not None and created.margin == half
    assert (await client.administration.create_account(request)).account == created
    tight = v1.Account(margin=v1.Margin("1", "0.000001"))
    changed = await updated_account(client, v1.UpdateAccountRequest("trader", tight))
    assert changed.margin == tight.margin
    bare = await updated_account(
        client, v1.UpdateAccountRequest("trader", v1.Account(), FieldMask(["margin"]))
    )
    assert bare.margin is None


async def test_the_venues_fees_are_listed_with_what_rounding_them_up_came_to(client: Client):
    await client.trade(quantity="0.001", price="0.01")
    listed = await client.administration.list_venue_fees(v1.ListVenueFeesRequest())
    # A notional of 0.00001 is one minor unit; each side's fee is rounded up to one.
    assert listed.fees == [v1.VenueFees(asset="USD", collected="0.00002", rounding="0.00001997")]


async def test_an_instrument_is_created_with_fee_tiers_and_reports_the_faults_in_them(client: Client):
    tiers = {"vip": v1.FeeRates("0.0001", "0")}
    created = await client.administration.create_instrument(btc_usd(symbol="BTC-2", fee_tiers=tiers))
    assert created.instrument is not None
    assert created.instrument.fee_tiers == tiers
    error = await refused(
        client.administration.create_instrument(
            btc_usd(symbol="BTC-3", fee_tiers={"a tier": v1.FeeRates("2", "")})
        )
    )
    assert error.violations == {
        "fee_tiers": "expected names of tiers, 1 to 32 of a-z A-Z 0-9 . _ -, found 'a tier'",
        "fee_tiers.a tier.maker_fee": "expected a fraction from 0 to 1, found '2'",
    }


async def test_accounts_of_one_self_trade_group_do_not_trade_and_both_are_shown_why(client: Client):
    for account_id in ("maker", "taker"):
        changed = v1.Account(self_trade_group_id="desk")
        await updated_account(client, v1.UpdateAccountRequest(account_id, changed))
    resting = (await client.place("maker", SELL)).order
    assert resting is not None
    incoming = await client.place("taker", BUY, self_trade_prevention=v1.SelfTradePrevention.CANCEL_OLDEST)
    assert incoming.fills == []
    for account_id in ("maker", "taker"):
        listed = await client.orders.list_prevented_trades(v1.ListPreventedTradesRequest(account_id))
        [prevented] = listed.prevented_trades
        assert (prevented.account_id, prevented.resting_order_id) == ("taker", resting.order_id)


@pytest.mark.parametrize(
    ("request_", "violations"),
    [
        (
            v1.UpdateAccountRequest("maker"),
            {"account": f"required: at least one of {ACCOUNT_FIELDS}"},
        ),
        (
            v1.UpdateAccountRequest("maker", v1.Account(display_name="x"), FieldMask(["account_id"])),
            {"update_mask": f"expected {ACCOUNT_FIELDS}, found 'account_id'"},
        ),
        (
            v1.UpdateAccountRequest(
                "@",
                v1.Account(
                    display_name="x" * 129,
                    fee_tier="a tier",
                    self_trade_group_id="@",
                    margin=v1.Margin("0.2", "0.3"),
                ),
            ),
            {
                "account_id": "expected an account id, 1 to 64 of a-z A-Z 0-9 . _ -, found '@'",
                "account.display_name": f"expected at most 128 characters, found '{'x' * 48}…'",
                "account.fee_tier": "expected a tier's name, 1 to 32 of a-z A-Z 0-9 . _ -, found 'a tier'",
                "account.self_trade_group_id": (
                    "expected a group's id, 1 to 64 of a-z A-Z 0-9 . _ -, found '@'"
                ),
                "account.margin.maintenance_ratio": "expected at most the initial ratio, found '0.3'",
            },
        ),
    ],
)
async def test_an_update_of_an_account_reports_its_faults(
    client: Client, request_: v1.UpdateAccountRequest, violations: dict[str, str]
):
    error = await refused(client.administration.update_account(request_))
    assert error.violations == violations


async def test_an_unknown_account_cannot_be_updated(client: Client):
    error = await refused(
        client.administration.update_account(v1.UpdateAccountRequest("nobody", v1.Account("", "Nobody")))
    )
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_ACCOUNT")


async def test_assets_and_accounts_are_listed_by_name(client: Client):
    assets = await client.administration.list_assets(v1.ListAssetsRequest())
    assert [(asset.asset, asset.scale, asset.sequence) for asset in assets.assets] == [
        ("BTC", 8, 1),
        ("USD", 5, 2),
    ]
    first = await client.administration.list_accounts(v1.ListAccountsRequest(page_size=1))
    second = await client.administration.list_accounts(
        v1.ListAccountsRequest(page_size=1, page_token=first.next_page_token)
    )
    assert [account.account_id for account in first.accounts + second.accounts] == ["maker", "taker"]
    assert second.next_page_token == ""


async def test_the_journal_is_listed_in_order_page_by_page(client: Client):
    first = await client.administration.list_journal_records(v1.ListJournalRecordsRequest(page_size=3))
    rest = await client.administration.list_journal_records(
        v1.ListJournalRecordsRequest(page_size=1000, page_token=first.next_page_token)
    )
    records = first.records + rest.records
    assert [record.sequence for record in records] == list(range(1, 10))
    assert [record.command for record in first.records] == ["CreateAsset", "CreateAsset", "CreateInstrument"]
    assert json.loads(records[0].command_json) == {"asset": "BTC", "scale": 8}


async def test_a_journal_record_tells_the_command_and_its_events_in_the_journals_units(client: Client):
    placed = (await client.place("maker", SELL, client_order_id="m", quantity="1", price="100")).order
    assert placed is not None
    page = await client.administration.list_journal_records(
        v1.ListJournalRecordsRequest(account_id="maker", after_sequence=placed.sequence - 1)
    )
    [record] = page.records
    assert record.command == "PlaceOrder"
    assert json.loads(record.command_json) == {
        "account_id": "maker",
        "client_order_id": "m",
        "symbol": "BTC-USD",
        "instrument_revision": 1,
        "side": "SELL",
        "order_type": "LIMIT",
        "time_in_force": "GTC",
        "quantity_lots": 1000,
        "price_ticks": 10000,
        "refused_because": "",
    }
    accepted, rested = map(json.loads, record.events_json)
    assert (accepted["event"], rested["event"]) == ("OrderAccepted", "OrderRested")
    assert rested["leaves_lots"] == 1000


async def test_an_accounts_journal_has_the_records_that_touch_its_orders(client: Client):
    await client.place("maker", SELL)
    await client.place("taker", BUY)
    page = await client.administration.list_journal_records(v1.ListJournalRecordsRequest(account_id="maker"))
    assert [record.command for record in page.records] == [
        "CreateAccount",
        "Deposit",
        "Deposit",
        "PlaceOrder",
        "PlaceOrder",
    ]
