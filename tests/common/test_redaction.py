import pytest

from markethall_common.logs.redaction import looks_secret, masked_text


@pytest.mark.parametrize(
    "name",
    [
        *("token", "access_token", "PASSWORD", "passwd", "passphrase", "client_secret", "credentials"),
        *("Authorization", "api_key", "apiKey", "X-Api-Key", "private_key", "Cookie"),
    ],
)
def test_names_of_credentials_look_secret(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name", ["account_id", "key", "path", "author", "client_order_id", "symbol", "pass_through"]
)
def test_ordinary_names_do_not_look_secret(name: str) -> None:
    assert not looks_secret(name)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ***"),
        ("authorization=Basic YWxhZGRpbg==", "authorization=Basic ***"),
        ("(b'authorization', b'Bearer abc')", "(b'authorization', b'Bearer ***')"),
        ("got bearer abcdefgh12 from x", "got bearer *** from x"),
        ('{"password": "x y", "n": 1}', '{"password": "*** y", "n": 1}'),
        ("api_key=abc&x=1", "api_key=***&x=1"),
        ("token: abc", "token: ***"),
        ("redis://:abc@host", "redis://:abc@host"),
        ("postgresql://user:abc@host/db", "postgresql://user:***@host/db"),
    ],
)
def test_credentials_within_a_text_are_masked(text: str, masked: str) -> None:
    assert masked_text(text) == masked


@pytest.mark.parametrize(
    "text", ["a basic understanding", "the bearer of news", "http://localhost:80/x@y", "no token"]
)
def test_ordinary_texts_are_left_as_they_are(text: str) -> None:
    assert masked_text(text) == text
