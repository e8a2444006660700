"""The two certificates of a pretend charger; their keys are public, so nobody may trust them anywhere else."""

from __future__ import annotations

import ssl
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent
FILES = (FOLDER / "certificate_1.pem", FOLDER / "certificate_2.pem")
"""The one it is delivered with, and the one after a change. Each signs itself, for `127.0.0.1`, `::1`, `localhost`."""


class Certificate:
    """What a charger shows to those who connect.

    Attributes:
        tls: For the server.
        file: Where the present one is, also as a CA file for clients.
    """

    def __init__(self) -> None:
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Who resumes a session would not be shown a new certificate.
        self.tls.options |= ssl.OP_NO_TICKET
        self.tls.num_tickets = 0
        self.file = FILES[0]
        self.tls.load_cert_chain(self.file)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the whole certificate, 64 hexadecimal digits in lower case."""
        text = self.file.read_text(encoding="ascii")
        pem = text[text.index(ssl.PEM_HEADER) : text.index(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)]
        return sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()

    def change(self) -> None:
        """Show the other one to those who connect from now on."""
        self.file = FILES[1 - FILES.index(self.file)]
        self.tls.load_cert_chain(self.file)
