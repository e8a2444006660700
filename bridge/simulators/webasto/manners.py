"""What is not known of the real ones, or differs between them, so that a client can be tried with either."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class TripleForm(StrEnum):
    """How three phases stand in one field; these five forms are what another client has been written for."""

    LABELLED = "L1: 230.5V, L2: 231.0V, L3: 229.8V"
    EQUALS = "L1 = 230.5 V, L2 = 231.0 V, L3 = 229.8 V"
    DECIMAL_COMMA = "L1: 230,5V, L2: 231,0V, L3: 229,8V"
    PLAIN = "228 V, 227 V, 229 V"
    OBJECT = "an object with l1, l2, l3"


@dataclass(slots=True, kw_only=True)
class Manners:
    """Set an attribute at any time.

    Attributes:
        token_life_s: How long tokens live.
        token_times: Whether a token says when it was made and when it ends.
        login_status: Of a login that succeeds. The document says 200, the tests of one client 201.
        wrong_password_status: Of one that does not.
        unauthorized: How a request without a good token is answered: a problem document, or a page of the web server.
        refresh: Whether `refresh-token` gives a new token, is not there, or refuses; a Unite may not have it.
        most_wrong: After how many wrong passwords in a row nobody is let in for a while; None for never. The document
            knows of lock-outs without numbers.
        lockout_s: How long that is.
        lockout_status: How everybody is answered then.
        restart_answers: Whether an order to restart is answered before the connection drops.
        strict_types: Whether an update of a field must name exactly the type that goes with it.
        triples: How three phases are written.
        decimal_comma: Whether the dashboard has it; None as the language does.
        flags_as_text: Whether `free-charging` is "true" in place of true.
        tag_key: How the field of the tag for free charging is spelled.
        limit_bounds: The bounds of `operator-current-limit` in A; None when the charger does not say any.
        language: Of labels, for those who do not ask for one.
        upload_limit: The largest file, in bytes; that of the real ones is not known.
    """

    token_life_s: float = 3600.0
    token_times: bool = True
    login_status: Literal[200, 201] = 200
    wrong_password_status: Literal[401, 403] = 401
    unauthorized: Literal["problem", "page"] = "problem"
    refresh: Literal["works", "missing", "refused"] = "works"
    most_wrong: int | None = 5
    lockout_s: float = 60.0
    lockout_status: int = 403
    restart_answers: bool = False
    strict_types: bool = False
    triples: TripleForm = TripleForm.LABELLED
    decimal_comma: bool | None = None
    flags_as_text: bool = False
    tag_key: Literal["free-charging-alais", "free-charging-alias"] = "free-charging-alais"
    limit_bounds: tuple[float, float] | None = (6, 32)
    language: Literal["en", "de"] = "en"
    upload_limit: int = 8 * 1_024 * 1_024
