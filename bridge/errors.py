"""The error family: one class for each thing a caller does differently.

```
BridgeError
├── ConfigError              say what and where, exit 2
├── CommandRejectedError     a command that failed a check; nothing was sent
└── ChargerError             one call to a charger or its cloud went wrong
    ├── UnreachableError     it never got there: certain that nothing changed
    │   └── CertificateError     whoever is there is not who we trust: nothing was sent
    ├── NoAnswerError        sent, but no complete answer: it may have been carried out
    ├── BadAnswerError       answered with something that is no valid answer
    └── RefusedError         answered no
        ├── LoginRefusedError    the credentials are wrong: stop asking
        └── ThrottledError       we ask too often: wait
```

Every `ChargerError` has a `code` out of contract section 4 and a message that a person can act on. A bug is not in the
family: it ends the process with a traceback, and the service manager starts it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Code(StrEnum):
    """Result codes of commands, also used in `last_error` of the health document."""

    OK = "ok"
    INVALID_VALUE = "invalid_value"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_PROPERTY = "unknown_property"
    NOT_SUPPORTED = "not_supported"
    READ_ONLY = "read_only"
    WRONG_STATE = "wrong_state"
    NOT_PERMITTED = "not_permitted"
    VENDOR_REFUSED = "vendor_refused"
    VENDOR_UNREACHABLE = "vendor_unreachable"
    RATE_LIMITED = "rate_limited"
    NOT_CONFIRMED = "not_confirmed"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    RETAINED = "retained"
    TOO_LARGE = "too_large"
    QUEUE_FULL = "queue_full"
    SHUTTING_DOWN = "shutting_down"


class BridgeError(Exception):
    """Anything this project raises on purpose."""


class ConfigError(BridgeError):
    """The configuration cannot be used; `faults` holds one `place: message` line each, without any secret."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Keep the faults, in the order in which they should be shown."""
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class CommandRejectedError(BridgeError):
    """A command did not pass a check; nothing was sent to the charger."""

    def __init__(self, code: Code, message: str) -> None:
        """Name the code for programs and the sentence for people."""
        super().__init__(message)
        self.code = code
        self.message = message


class ChargerError(BridgeError):
    """A call to a charger failed; `message` is a sentence without addresses of people, tokens or passwords."""

    code = Code.VENDOR_UNREACHABLE

    def __init__(self, message: str) -> None:
        """Keep the sentence that results and logs show."""
        super().__init__(message)
        self.message = message


class UnreachableError(ChargerError):
    """The request never reached the charger: no address, no route, connection refused."""


class CertificateError(UnreachableError):
    """Whoever answered showed another certificate than the one that is trusted; not a byte of the request was sent."""


class NoAnswerError(ChargerError):
    """The request was sent, but the answer did not come, not in time, or not whole."""


class BadAnswerError(ChargerError):
    """The answer is not what the vendor documents: no JSON, the wrong shape, too large."""


class RefusedError(ChargerError):
    """The charger or its cloud said no.

    `code` tells the kind: `not_permitted` (403), `wrong_state` (409), `rate_limited` (429), else `vendor_refused`.
    """

    code = Code.VENDOR_REFUSED

    def __init__(self, message: str, code: Code = Code.VENDOR_REFUSED) -> None:
        """Keep the vendor's own words and the kind of the refusal."""
        super().__init__(message)
        self.code = code


class LoginRefusedError(RefusedError):
    """The account's credentials are wrong; asking again does not help and may lock the account."""

    def __init__(self, message: str) -> None:
        """Keep the sentence, which names the account but not its user."""
        super().__init__(message, Code.NOT_PERMITTED)


class ThrottledError(RefusedError):
    """We ask too often; `retry_after_s` is how long the cloud wants us to wait, None if it does not say."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        """Keep the sentence and the wait."""
        super().__init__(message, Code.RATE_LIMITED)
        self.retry_after_s = retry_after_s
