"""The pretend Wallbox cloud as a whole: who may see what, without any input or output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bridge.simulators.wallbox.account import Account, Counters, Kind
from bridge.simulators.wallbox.charger import Charger
from bridge.simulators.wallbox.limits import NO_LIMITS, Limits
from bridge.simulators.wallbox.names import group_uid
from bridge.simulators.wallbox.specs import AccountSpec, GroupSpec, Profile
from bridge.simulators.wallbox.times import Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What differed between years, accounts and clients' stories.

    Attributes:
        token_life_s: How long access tokens live.
        refresh_life_s: How long refresh tokens live.
        ttl_unit: Of the times at which tokens end: ms since October 2022, s before.
        legacy_sign_in: Whether the older way to sign in is there.
        wrong_password_status: How a wrong password is answered.
        refused_refresh_status: How a refresh token that is not good is answered.
        discharge_power: The sign of the power that comes out of a car; nobody has recorded one.
    """

    token_life_s: float = 900.0
    refresh_life_s: float = 7 * 86_400.0
    ttl_unit: Literal["ms", "s"] = "ms"
    legacy_sign_in: bool = True
    wrong_password_status: Literal[401, 403] = 403
    refused_refresh_status: Literal[401, 403] = 401
    discharge_power: Literal[-1, 1] = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """A location.

    Attributes:
        spec: What it was made from.
        uid: Its other identifier.
        members: Who may do what, by e-mail address.
        owner: The first super-admin.
        chargers: What stands there.
    """

    spec: GroupSpec
    uid: str
    members: Mapping[str, Profile]
    owner: Account
    chargers: Sequence[Charger]


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """A charger as one account sees it."""

    charger: Charger
    group: Group
    profile: Profile


class Cloud:
    """All accounts, groups and chargers.

    Attributes:
        accounts: By e-mail address.
        groups: In their order.
        chargers: By number.
        times: The clocks.
        manners: What can be so or so.
        limits: How often an account may ask; set it to change it.
        counters: What all accounts together have done, and what belongs to none.
    """

    def __init__(
        self, accounts: Sequence[AccountSpec], groups: Sequence[GroupSpec], times: Times, manners: Manners
    ) -> None:
        """Make everything.

        Raises:
            ValueError: There is no account, a group has no super-admin, or a number occurs twice.
        """
        self.times = times
        self.manners = manners
        self.limits: Limits = NO_LIMITS
        self.counters = Counters()
        lives = {"token_life_s": manners.token_life_s, "refresh_life_s": manners.refresh_life_s}
        self.accounts = {spec.email: Account(spec=spec, **lives) for spec in accounts}
        self.groups = [self._group(spec) for spec in groups]
        self.chargers = {charger.spec.id: charger for group in self.groups for charger in group.chargers}
        if len(self.chargers) != sum(len(group.chargers) for group in self.groups):
            raise ValueError("two chargers have one number")

    def groups_of(self, account: Account) -> list[Group]:
        """Those that an account may see."""
        return [group for group in self.groups if account.spec.email in group.members]

    def place(self, account: Account, charger_id: int) -> Place | None:
        """A charger as an account sees it, None when it may not."""
        for group in self.groups_of(account):
            for charger in group.chargers:
                if charger.spec.id == charger_id:
                    charger.advance()
                    return Place(charger=charger, group=group, profile=group.members[account.spec.email])
        return None

    def account_with(self, kind: Kind, token: str) -> Account | None:
        """Whose token this is, None when it is not good."""
        now = self.times.since_1970()
        return next((each for each in self.accounts.values() if each.accepts(kind, token, now)), None)

    def counted(self, account: Account | None) -> tuple[Counters, ...]:
        """Where to count what an account does."""
        return (self.counters,) if account is None else (self.counters, account.counters)

    def _group(self, spec: GroupSpec) -> Group:
        members: Mapping[str, Profile] = spec.members or dict.fromkeys(self.accounts, "super-admin")
        unknown = set(members) - set(self.accounts)
        owner = next((email for email, profile in members.items() if profile == "super-admin"), None)
        if unknown or owner is None:
            raise ValueError(f"group {spec.id} needs a super-admin, and accounts for all its members")
        account = self.accounts[owner]
        chargers = [Charger(each, self.times, account.uid) for each in spec.chargers]
        return Group(spec=spec, uid=group_uid(spec.id), members=members, owner=account, chargers=chargers)
