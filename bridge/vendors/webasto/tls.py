"""Whether whoever answers is the charger: its certificate is its own, so that no authority vouches for it.

It is compared before anything is sent, since the login sends the password as it is.
"""

from __future__ import annotations

import ssl

import structlog

from bridge.account.login import Store
from bridge.errors import CertificateError, UnreachableError
from bridge.http import Http, Pinned, Trust, anyone, signed_by
from bridge.vendors.webasto.settings import WebastoSettings

log = structlog.get_logger()


class Certificate:
    """Decides once whom to trust."""

    def __init__(self, settings: WebastoSettings, http: Http, store: Store, url: str, timeout_s: float) -> None:
        """Remember the rules; nothing is opened yet. `store` keeps the certificate that is seen first."""
        self._settings = settings
        self._http = http
        self._store = store
        self._url = url
        self._timeout_s = timeout_s
        self._trust: Trust | None = None

    async def trust(self) -> Trust:
        """Return whom to trust; without a word in the configuration that is who answered first.

        Raises:
            UnreachableError: nobody answers, or the CA file cannot be used.

        """
        if self._trust is None:
            self._trust = await self._decide()
        return self._trust

    async def _decide(self) -> Trust:
        settings = self._settings
        if not settings.verify:
            log.warning("certificate not verified: anyone in the network could pose as it", host=settings.host)
            return anyone()
        if settings.tls_ca_file is not None:
            try:
                return signed_by(str(settings.tls_ca_file))
            except (OSError, ssl.SSLError) as error:
                raise UnreachableError("tls_ca_file cannot be used: it must hold certificates in PEM form") from error
        if settings.tls_fingerprint is not None:
            return Pinned(bytes.fromhex(settings.tls_fingerprint))
        return Pinned(_kept(self._store) or await self._pin())

    async def _pin(self) -> bytes:
        digest = await self._http.certificate_of(self._url, timeout_s=self._timeout_s)
        self._store.write({"sha256": digest.hex()})
        log.info("certificate pinned on first use", host=self._settings.host, sha256=digest.hex())
        return digest

    def explained(self, error: CertificateError) -> CertificateError:
        """Return the refusal with what a person can do about it."""
        if self._settings.tls_ca_file is not None:
            advice = (
                "tls_ca_file must hold who signed it, and it must name this address; tls_fingerprint asks for neither"
            )
        elif self._settings.tls_fingerprint is not None:
            advice = "if that is right, correct tls_fingerprint; if not, somebody else may be posing as the charger"
        else:
            advice = (
                "if the charger was reset or exchanged, set tls_fingerprint to it, or remove the charger's file in the "
                "state directory (chargers/<id>.json) and restart; if not, somebody else may be posing as it"
            )
        return CertificateError(f"{error.message}: {advice}")


def _kept(store: Store) -> bytes | None:
    found = store.read()
    text = found.get("sha256") if isinstance(found, dict) else None
    try:
        digest = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        return None
    return digest if len(digest) == 32 else None  # noqa: PLR2004 - of SHA-256
