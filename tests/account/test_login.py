"""One login per account: renewed in time, shared, kept over restarts, never fought for."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import pytest

from bridge.account.login import Login, Token
from bridge.charger.values import Json
from bridge.errors import ChargerError, LoginRefusedError, NoAnswerError


@dataclass
class Memory:
    """A store that keeps what it is given for the next login."""

    kept: Json = None

    def read(self) -> Json:
        """Return what was kept."""
        return self.kept

    def write(self, data: Json) -> None:
        """Keep it."""
        self.kept = data


@dataclass
class Cloud:
    """A cloud that counts what it is asked."""

    life_s: float = 900.0
    sign_ins: int = 0
    refreshes: int = 0
    fails_with: ChargerError | None = None
    refuses_refresh: bool = False
    store: Memory = field(default_factory=Memory)

    async def sign_in(self) -> Token:
        """Give a new token."""
        self.sign_ins += 1
        await asyncio.sleep(0)
        if self.fails_with is not None:
            raise self.fails_with
        return self._token()

    async def refresh(self, _: str) -> Token:
        """Give a new token for an old one."""
        self.refreshes += 1
        if self.refuses_refresh:
            raise LoginRefusedError("no")
        return self._token()

    def _token(self) -> Token:
        number = self.sign_ins + self.refreshes
        return Token(access=f"access{number}", refresh=f"refresh{number}", expires_at=time.time() + self.life_s)

    def login(self, credentials: str = "me:secret") -> Login:
        """Return a login as a new process would have it."""
        return Login("home", credentials, self.sign_in, self.refresh, self.store)


async def test_one_sign_in_for_all_who_ask_at_once() -> None:
    """Ten chargers that need a token at the same time cause one sign-in, and a token is used again."""
    cloud = Cloud()
    login = cloud.login()
    tokens = await asyncio.gather(*(login.token() for _ in range(10)))
    assert (set(tokens), await login.token(), cloud.sign_ins) == ({"access1"}, "access1", 1)


async def test_restarts_use_the_kept_token() -> None:
    """Ten new processes within a minute cause one sign-in between them."""
    cloud = Cloud()
    for _ in range(10):
        await cloud.login().token()
    assert (cloud.sign_ins, cloud.refreshes) == (1, 0)


async def test_ended_token_is_renewed_not_signed_in() -> None:
    """Before the end of its life a token is renewed with the refresh token."""
    cloud = Cloud(life_s=0.0)
    login = cloud.login()
    await login.token()
    assert await login.token() == "access2"
    assert (cloud.sign_ins, cloud.refreshes) == (1, 1)


async def test_refused_refresh_signs_in_once() -> None:
    """A refresh token that ended early is replaced by one sign-in, and no refusal of the credentials."""
    cloud = Cloud(refuses_refresh=True)
    login = cloud.login()
    login.worked()
    first = await login.token()
    login.worked()
    login.reject(first)
    assert await login.token() == "access3"
    assert (cloud.sign_ins, login.refused, login.state) == (2, False, "valid")


async def test_wrong_credentials_are_tried_once() -> None:
    """A refusal ends the trying, in this process and in the next, until the credentials change."""
    cloud = Cloud(fails_with=LoginRefusedError("wrong"))
    for _ in range(2):
        login = cloud.login()
        for _ in range(5):
            with pytest.raises(LoginRefusedError):
                await login.token()
    assert (cloud.sign_ins, login.refused, login.state) == (1, True, "refused")
    cloud.fails_with = None
    assert await cloud.login("me:other").token() == "access2"


async def test_a_cloud_in_trouble_is_not_stormed() -> None:
    """After a sign-in that failed the next one waits, also in the next process."""
    cloud = Cloud(fails_with=NoAnswerError("no answer"))
    for _ in range(2):
        login = cloud.login()
        for _ in range(5):
            with pytest.raises(ChargerError):
                await login.token()
    assert cloud.sign_ins == 1


async def test_tokens_that_are_never_taken_do_not_cause_a_storm() -> None:
    """A cloud that gives tokens and refuses every one is signed in at twice at most within a minute."""
    cloud = Cloud(refuses_refresh=True)
    login = cloud.login()
    for _ in range(10):
        try:
            login.reject(await login.token())
        except ChargerError:
            continue
    assert cloud.sign_ins == 1


@pytest.mark.parametrize(
    "kept", [None, 7, [], {}, {"format": 1}, {"format": 1, "salt": "zz"}, {"format": 99, "salt": ""}]
)
async def test_damaged_store_counts_as_none(kept: Json) -> None:
    """A store of another format is no reason to fail."""
    cloud = Cloud(store=Memory(kept))
    assert await cloud.login().token() == "access1"


def test_secrets_do_not_show_in_a_representation() -> None:
    """A token that gets into a log by accident shows nothing."""
    assert "access" not in repr(Token(access="access1", refresh="refresh1", expires_at=1.0)).replace("expires", "")


async def test_store_holds_no_password() -> None:
    """The store remembers that the credentials are the same, not what they are."""
    cloud = Cloud()
    await cloud.login("me@example.com:very-secret").token()
    assert "very-secret" not in str(cloud.store.kept)
    assert "me@example.com" not in str(cloud.store.kept)
