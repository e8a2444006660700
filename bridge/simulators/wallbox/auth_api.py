"""The cloud's other server, the one that knows people: signing in, new tokens, who one is."""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import unquote

from bridge.simulators.wallbox.account import Account
from bridge.simulators.wallbox.call import RefusedError
from bridge.simulators.wallbox.cloud import Cloud
from bridge.simulators.wire import Json, ReceivedRequest


def sign_in(cloud: Cloud, request: ReceivedRequest) -> Json:
    """`users/signin`: tokens for e-mail address and password."""
    return _tokens(cloud, _signed_in(cloud, request))


def legacy_sign_in(cloud: Cloud, request: ReceivedRequest) -> Json:
    """`auth/token/user`, the older way: another form, and no refresh token."""
    account = _signed_in(cloud, request)
    issued = account.issue(cloud.times.since_1970())
    return {
        "jwt": issued.access,
        "user_id": account.spec.id,
        "ttl": _ttl(cloud, issued.access_until),
        "error": False,
        "status": 200,
    }


def refresh(cloud: Cloud, request: ReceivedRequest) -> Json:
    """`users/refresh-token`: new tokens of both kinds for a refresh token, which is used up by it."""
    token = bearer(request)
    account = cloud.account_with("refresh", token)
    if account is None:
        known = next((each for each in cloud.accounts.values() if each.knows("refresh", token)), None)
        for counters in cloud.counted(known):
            counters.refused_refreshes += 1
        raise RefusedError(cloud.manners.refused_refresh_status, "Invalid refresh token")
    for counters in cloud.counted(account):
        counters.refreshes += 1
    _limit(cloud, account)
    account.use_up(token)
    return _tokens(cloud, account)


def me(cloud: Cloud, request: ReceivedRequest) -> Json:
    """`users/me`: whose token it is."""
    account = cloud.account_with("access", bearer(request))
    if account is None:
        for counters in cloud.counted(None):
            counters.unauthorized += 1
        raise RefusedError(401, "Unauthorized")
    return {"data": {"id": account.uid, "attributes": {"name": account.spec.name, "surname": account.spec.surname}}}


def email(cloud: Cloud, request: ReceivedRequest) -> Json:
    """`users/emails/…`: whether there is such an account; needs no token."""
    address = unquote(request.path.rpartition("/")[2])
    if address not in cloud.accounts:
        raise RefusedError(404, "Not found")
    return {"data": {"attributes": {"status": "confirmed"}}}


def bearer(request: ReceivedRequest) -> str:
    """The token of a request, empty without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _signed_in(cloud: Cloud, request: ReceivedRequest) -> Account:
    address, password = _basic(request)
    account = cloud.accounts.get(address)
    right = account is not None and password == account.password
    for counters in cloud.counted(account):
        counters.sign_ins += right
        counters.refused_sign_ins += not right
    if account is None or not right:
        raise RefusedError(cloud.manners.wrong_password_status, "Invalid credentials")
    _limit(cloud, account)
    return account


def _limit(cloud: Cloud, account: Account) -> None:
    if not cloud.limits.sign_in_counts:
        return
    if account.reads.admit(cloud.times.clock(), cloud.limits.reads_per_minute) is not None:
        for counters in cloud.counted(account):
            counters.too_many += 1
        raise RefusedError(cloud.limits.status, "Too Many Requests")


def _tokens(cloud: Cloud, account: Account) -> Json:
    issued = account.issue(cloud.times.since_1970())
    return {
        "data": {
            "attributes": {
                "token": issued.access,
                "refresh_token": issued.refresh,
                "ttl": _ttl(cloud, issued.access_until),
                "refresh_token_ttl": _ttl(cloud, issued.refresh_until),
                "user_id": account.uid,
                "error": "false",
                "status": 200,
            }
        }
    }


def _ttl(cloud: Cloud, until: float) -> int:
    return int(until * 1_000) if cloud.manners.ttl_unit == "ms" else int(until)


def _basic(request: ReceivedRequest) -> tuple[str, str]:
    """E-mail address and password of a request, both empty without them."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        address, _, password = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return address, password
