"""Nothing is sent to whoever shows another certificate than the one that is trusted."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from bridge.demo.broker import free_port
from bridge.errors import CertificateError, UnreachableError
from bridge.http import Http
from bridge.simulators.webasto import WebastoSimulator
from bridge.simulators.webasto.certificate import FILES
from bridge.vendors.webasto.settings import WebastoSettings
from tests.vendors.webasto.conftest import Connect

OTHER = "ab" * 32


async def test_the_first_certificate_is_pinned(sim: WebastoSimulator, connect: Connect, state_file: Path) -> None:
    """In the state directory, for its own user alone; said once."""
    with capture_logs() as logs:
        await connect(sim).fetch()
        await connect(sim).fetch()
    assert json.loads(state_file.read_text())["certificate"] == {"sha256": sim.fingerprint}
    assert stat.S_IMODE(state_file.stat().st_mode) == 0o600
    pinned = [entry for entry in logs if entry["event"] == "certificate pinned on first use"]
    assert [entry["sha256"] for entry in pinned] == [sim.fingerprint]


@pytest.mark.parametrize("afresh", [False, True])
async def test_a_change_is_refused(
    sim: WebastoSimulator, connect: Connect, state_file: Path, http: Http, *, afresh: bool
) -> None:
    """By the same process and by the next one, with a sentence that says what to do; nothing was sent."""
    async with Http() as earlier:
        charger = connect(sim, http=earlier if afresh else http)
        await charger.fetch()
    sim.change_certificate()
    before = len(sim.requests)
    other = connect(sim) if afresh else charger
    for _ in range(2):
        with pytest.raises(CertificateError) as caught:
            await other.fetch()
    assert sim.fingerprint in caught.value.message
    assert "state directory" in caught.value.message
    assert len(sim.requests) == before
    sim.change_certificate()
    await other.fetch()
    assert json.loads(state_file.read_text())["certificate"] == {"sha256": sim.fingerprint}


@pytest.mark.parametrize("form", ["{}", "SHA256:{}", "colons", "upper"])
async def test_a_fingerprint_of_the_configuration(sim: WebastoSimulator, connect: Connect, form: str) -> None:
    """In any of the forms in which programs show it; nothing is pinned beside it."""
    digits = sim.fingerprint
    pairs = ":".join(digits[at : at + 2] for at in range(0, 64, 2))
    written = {"colons": pairs, "upper": pairs.upper()}.get(form, form.format(digits))
    document = await connect(sim, tls_fingerprint=written).fetch()
    assert document["model"] == "next"


async def test_another_fingerprint(sim: WebastoSimulator, connect: Connect) -> None:
    """Not even the login is sent."""
    with pytest.raises(CertificateError, match="tls_fingerprint"):
        await connect(sim, tls_fingerprint=OTHER).fetch()
    assert list(sim.requests) == []


async def test_a_ca_file(sim: WebastoSimulator, connect: Connect) -> None:
    """The certificate signs itself, so it is its own authority; the other one is not."""
    await connect(sim, tls_ca_file=str(sim.certificate_file)).fetch()
    before = len(sim.requests)
    with pytest.raises(CertificateError, match="tls_ca_file"):
        await connect(sim, tls_ca_file=str(FILES[1])).fetch()
    assert len(sim.requests) == before


async def test_a_ca_file_without_a_certificate(sim: WebastoSimulator, connect: Connect, tmp_path: Path) -> None:
    """Is said to be that, not taken for no demand at all."""
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(UnreachableError, match="tls_ca_file cannot be used"):
        await connect(sim, tls_ca_file=str(tmp_path / "ca.pem")).fetch()
    assert list(sim.requests) == []


async def test_unverified_is_said_once(sim: WebastoSimulator, connect: Connect, state_file: Path) -> None:
    """And it is what it says: any certificate does, and none is remembered."""
    charger = connect(sim, verify=False)
    with capture_logs() as logs:
        await charger.fetch()
        sim.change_certificate()
        await charger.fetch()
    said = [entry for entry in logs if entry["event"].startswith("certificate not verified")]
    assert [entry["log_level"] for entry in said] == ["warning"]
    assert "certificate" not in json.loads(state_file.read_text())


@pytest.mark.parametrize("kept", ['{"certificate": {"sha256": "zz"}}', '{"certificate": 5}', "[]", "nonsense"])
async def test_a_pin_that_cannot_be_read_is_made_anew(
    sim: WebastoSimulator, connect: Connect, state_file: Path, kept: str
) -> None:
    """As for a file that was lost."""
    state_file.write_text(kept)
    await connect(sim).fetch()
    assert json.loads(state_file.read_text())["certificate"] == {"sha256": sim.fingerprint}


async def test_nobody_there(connect: Connect, state_file: Path) -> None:
    """Is unreachable, nothing is pinned, and as nothing was sent nobody waits before the next login."""
    async with WebastoSimulator(slow_s=0) as sim:
        charger = connect(sim)
        await sim.set_fault("unreachable")
        for _ in range(3):
            with pytest.raises(UnreachableError, match="connection refused"):
                await charger.fetch()
        assert "certificate" not in json.loads(state_file.read_text())
        await sim.clear_fault()
        await charger.fetch()


# The client beneath


async def test_looking_at_a_certificate_sends_nothing(sim: WebastoSimulator, http: Http) -> None:
    """It is there for the first use."""
    assert (await http.certificate_of(sim.url, timeout_s=20)).hex() == sim.fingerprint
    assert list(sim.requests) == []


async def test_looking_where_there_is_no_tls(http: Http) -> None:
    """Says so, and where nobody listens, too."""

    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(UnreachableError, match="it does not speak TLS"):
        await http.certificate_of(f"https://127.0.0.1:{port}", timeout_s=20)
    server.close()
    await server.wait_closed()
    with pytest.raises(UnreachableError, match="connection refused"):
        await http.certificate_of(f"https://127.0.0.1:{free_port()}", timeout_s=20)
    with pytest.raises(UnreachableError, match="the name is not known"):
        await http.certificate_of("https://no-such-host.invalid", timeout_s=20)


async def test_looking_has_a_limit(http: Http) -> None:
    """One that accepts and says nothing is not waited for."""
    over = asyncio.Event()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(UnreachableError, match="does not answer"):
        await http.certificate_of(f"https://127.0.0.1:{port}", timeout_s=0.2)
    over.set()
    server.close()
    await server.wait_closed()


# Settings


@pytest.mark.parametrize(
    "extra",
    [
        {"tls_fingerprint": "abc"},
        {"tls_fingerprint": "zz" * 32},
        {"tls_ca_file": "/no/such/file.pem"},
        {"verify": False, "tls_fingerprint": OTHER},
        {"host": "https://192.168.1.41"},
        {"host": ""},
        {"model": "nexxt"},
        {"serial": "a b"},
        {"system_interval": 1},
        {"account": "home"},
    ],
)
def test_what_the_configuration_may_not_say(extra: dict[str, object]) -> None:
    """Nonsense, and two ways of trust at once; the password is in no complaint."""
    settings = {"vendor": "webasto", "host": "192.168.1.41", "password": "hush-hush", **extra}
    with pytest.raises(ValidationError) as caught:
        WebastoSettings.model_validate(settings)
    assert "hush-hush" not in str(caught.value)
