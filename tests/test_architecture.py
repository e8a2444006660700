"""Imports point one way, libraries have one importer each, and nobody outside a vendor's folder knows its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.vendors import VENDORS

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "bridge").rglob("*.py"))

MAY_IMPORT = {
    "bridge": "",
    "errors": "",
    "private_names": "",
    "redaction": "private_names",
    "notify": "",
    "waiting": "",
    "log": "redaction",
    "charger": "errors",
    "state_files": "errors charger",
    "http": "errors charger",
    "watched_http": "errors http",
    "mdns": "errors",
    "disguise": "charger private_names redaction",
    "complaint": "",
    "setting_types": "",
    "broker_settings": "complaint setting_types",
    "account": "errors log charger http state_files",
    "vendors": "errors log charger http mdns account state_files complaint setting_types broker_settings waiting",
    "settings": "errors charger vendors complaint setting_types broker_settings",
    "engine": "errors log charger waiting",
    "mqtt": "errors log charger engine waiting broker_settings",
    "fleet": "errors log charger http account state_files vendors settings engine mqtt broker_settings",
    "homeassistant": "errors log charger mqtt.topics",
    "web": "errors log charger engine waiting",
    "leftovers": "charger fleet homeassistant mqtt settings state_files",
    "reload": "errors log charger settings engine fleet mqtt waiting",
    "systemd": "log notify engine mqtt.broker waiting",
    "app": "bridge errors log charger http account state_files vendors settings engine fleet mqtt homeassistant web"
    " systemd reload leftovers",
    "recording": "bridge charger settings engine fleet waiting watched_http disguise",
    "report": "bridge errors log charger http state_files settings engine fleet mqtt watched_http disguise",
    "simulators": "",
    "demo": "errors log charger simulators mqtt",
    "cli": "bridge errors log redaction charger http account state_files vendors settings engine fleet mqtt app demo"
    " simulators recording report leftovers",
    "__main__": "cli",
}
"""By room: the rooms it may import from, and single modules of others where only these are meant."""

LONGEST_FILE = 300


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name, in full; `at_start` when it is imported while the module is."""

    name: str
    line: int
    at_start: bool


def place(path: Path) -> str:
    """Return the path below `bridge/`."""
    return path.relative_to(ROOT / "bridge").as_posix()


def module_of(path: Path) -> str:
    """Return the full name of a module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """Return the first name below `bridge`, or `bridge` itself."""
    return module.split(".")[1] if "." in module else module


MODULES = {module_of(path) for path in FILES}
TREES = {path: ast.parse(path.read_text(encoding="utf-8"), filename=str(path)) for path in FILES}


def imports_of(tree: ast.AST, *, at_start: bool = True) -> Iterator[Import]:
    """Yield every import in a module, also those within functions and for types alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, at_start)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            for alias in node.names:
                yield Import(f"{node.module}.{alias.name}", node.lineno, at_start)
        else:
            later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
            yield from imports_of(node, at_start=at_start and not later and not for_types)


def own_module(name: str) -> str | None:
    """Return which module of ours an imported name is or is in; None for libraries."""
    while name not in MODULES:
        name, _, last = name.rpartition(".")
        if not last or not name:
            return None
    return name


IMPORTS = {path: list(imports_of(tree)) for path, tree in TREES.items()}


def every_import() -> Iterator[tuple[Path, Import]]:
    """Yield all imports of all files."""
    for path, found in IMPORTS.items():
        for one in found:
            yield path, one


def shown(path: Path, line: int, what: str) -> str:
    """Return a line that an editor can jump to."""
    return f"bridge/{place(path)}:{line}: {what}"


# Rooms


def test_every_room_has_its_place() -> None:
    """A new room is a decision: which may it import from, and who imports from it?"""
    assert {room_of(module) for module in MODULES} == set(MAY_IMPORT)


def test_imports_point_one_way() -> None:
    """errors, log <- charger <- http <- vendors <- engine <- mqtt, homeassistant, web <- app <- cli."""
    wrong = []
    for path, one in every_import():
        module = own_module(one.name)
        if module is None:
            continue
        here, there = room_of(module_of(path)), room_of(module)
        allowed = MAY_IMPORT[here].split()
        if there not in {here, *allowed} and module.removeprefix("bridge.") not in allowed:
            wrong.append(shown(path, one.line, f"{here} imports {module}"))
    assert wrong == []


def test_the_rooms_are_in_an_order() -> None:
    """What the table allows has no circle: each room can be understood from those before it."""
    order: list[str] = []
    waiting = {room: {name.split(".")[0] for name in MAY_IMPORT[room].split()} for room in MAY_IMPORT}
    while ready := sorted(room for room, needs in waiting.items() if needs <= set(order)):
        order += ready
        for room in ready:
            del waiting[room]
    assert waiting == {}


def test_no_module_needs_itself() -> None:
    """Nor by way of others: which of them is imported first must not matter."""
    needs = {
        module_of(path): {own_module(one.name) for one in found if one.at_start} - {None, module_of(path)}
        for path, found in IMPORTS.items()
    }
    left = dict(needs)
    while ready := [module for module, others in left.items() if not others & set(left)]:
        for module in ready:
            del left[module]
    assert left == {}, "these import each other"


@pytest.mark.parametrize("module", ["asyncio", "time", "random", "socket", "os", "pathlib", "logging", "structlog"])
def test_the_charger_core_is_pure(module: str) -> None:
    """No clock, no network, no files, no log: everything comes in as an argument."""
    wrong = [
        shown(path, one.line, f"imports {one.name}")
        for path, one in every_import()
        if room_of(module_of(path)) == "charger" and one.name.split(".")[0] == module
    ]
    assert wrong == []


def test_the_charger_core_does_not_ask_what_time_it_is() -> None:
    """`datetime.now` is a clock, too."""
    wrong = [
        shown(path, node.lineno, node.attr)
        for path, tree in TREES.items()
        if room_of(module_of(path)) == "charger"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
    ]
    assert wrong == []


# Libraries

IMPORTERS = {
    "aiomqtt": (
        *("mqtt/connection.py", "mqtt/broker.py", "mqtt/feed.py", "mqtt/listener.py"),
        *("simulators/goe_mqtt.py", "simulators/replay_mqtt.py"),
    ),
    "paho": ("mqtt/broker.py", "mqtt/connection.py"),
    "amqtt": ("demo/embedded_broker.py",),
    "yarl": ("http.py",),
    "zeroconf": ("mdns.py",),
    "prometheus_client": ("web/",),
    "jinja2": ("web/",),
    "typer": ("cli/",),
    "yaml": ("settings/", "cli/pasting.py"),
    "http.client": ("cli/health.py",),
    "urllib.request": (),
    "httpx": (),
    "requests": (),
    "urllib3": (),
    "websockets": (),
}
"""By library: the files and folders that may import it."""


@pytest.mark.parametrize("library", IMPORTERS)
def test_a_library_has_one_importer(library: str) -> None:
    """So that it can be exchanged, and its errors are translated in one place."""
    wrong = [
        shown(path, one.line, f"imports {one.name}")
        for path, one in every_import()
        if f"{one.name}.".startswith(f"{library}.") and not place(path).startswith(IMPORTERS[library] or ("nobody",))
    ]
    assert wrong == []


def test_the_http_client_has_one_importer() -> None:
    """The server side of the same library is for the pages and the simulators, and nothing else of it."""
    server = ("aiohttp.web.", "aiohttp.http_exceptions.")
    wrong = [
        shown(path, one.line, f"imports {one.name}")
        for path, one in every_import()
        if one.name.split(".")[0] == "aiohttp"
        and place(path) != "http.py"
        and not (f"{one.name}.".startswith(server) and room_of(module_of(path)) in {"web", "simulators"})
    ]
    assert wrong == []


# Vendors


def vendor_folder(module: str) -> str | None:
    """Return a vendor's folder for a module in it."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["bridge", "vendors"] and len(parts) > 2 else None


def test_a_vendor_is_known_by_the_list_of_vendors_alone() -> None:
    """No vendor imports another, and nobody reaches past the list."""
    wrong = []
    for path, one in every_import():
        module = own_module(one.name)
        there, here = vendor_folder(module or ""), vendor_folder(module_of(path))
        if there is not None and there != here and module_of(path) != "bridge.vendors":
            wrong.append(shown(path, one.line, f"imports {module}"))
    assert wrong == []


def identifiers(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every name that the code itself uses, which strings and comments are not."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for field in ("id", "attr", "arg", "name", "asname", "module"):
            found = getattr(node, field, None)
            if isinstance(found, str):
                yield found, line


def test_vendors_know_nothing_of_what_becomes_of_their_values() -> None:
    """Neither MQTT nor Home Assistant occurs among their names."""
    wrong = [
        shown(path, line, name)
        for path, tree in TREES.items()
        if room_of(module_of(path)) in {"vendors", "charger", "account"}
        for name, line in identifiers(tree)
        if re.search("mqtt|home_?assistant", name, re.IGNORECASE)
    ]
    assert wrong == []


def is_vendor(node: ast.expr) -> bool:
    """Whether an expression is somebody's vendor: `vendor`, `x.vendor`, `x["vendor"]`, `x.get("vendor")`."""
    if isinstance(node, ast.Name):
        return node.id == "vendor"
    if isinstance(node, ast.Attribute):
        return node.attr == "vendor"
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value == "vendor"
    if isinstance(node, ast.Call):
        return any(isinstance(argument, ast.Constant) and argument.value == "vendor" for argument in node.args[:1])
    return False


def decisions(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that decide by the name of a vendor."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
            fixed = [part for part in parts if isinstance(part, ast.Constant | ast.Set | ast.Tuple | ast.List)]
            if fixed and any(is_vendor(part) for part in parts):
                yield node.lineno
        elif isinstance(node, ast.Match) and is_vendor(node.subject):
            yield node.lineno


def test_nobody_decides_by_the_name_of_a_vendor() -> None:
    """There is no `if vendor ==` outside `vendors/`: what differs is said by the vendor."""
    wrong = [
        shown(path, line, "compares a vendor")
        for path, tree in TREES.items()
        if room_of(module_of(path)) != "vendors"
        for line in decisions(tree)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "code",
    [
        "if vendor == 'x': pass",
        "if 'x' != charger.vendor: pass",
        "y = settings['vendor'] in {'x', 'y'}",
        "y = document.get('vendor') == 'x'",
        "match charger.vendor:\n    case 'x': pass",
    ],
)
def test_such_a_decision_would_be_found(code: str) -> None:
    """However it is written."""
    assert list(decisions(ast.parse(code)))


def test_the_name_of_a_vendor_stands_in_few_places() -> None:
    """In its folder, in its simulator, and in the rows of the demo."""
    wrong = [
        shown(path, node.lineno, repr(node.value))
        for path, tree in TREES.items()
        if room_of(module_of(path)) not in {"vendors", "simulators"} and place(path) != "demo/chargers.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in VENDORS
    ]
    assert wrong == []


# Home Assistant


def test_the_words_of_discovery_are_in_one_room() -> None:
    """Only `homeassistant/` knows the keys of its payloads."""
    words = {
        "state_topic",
        "command_topic",
        "unique_id",
        "value_template",
        "availability_topic",
        "json_attributes_topic",
    }
    wrong = [
        shown(path, node.lineno, repr(node.value))
        for path, tree in TREES.items()
        if room_of(module_of(path)) != "homeassistant"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in words
    ]
    assert wrong == []


# Files


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_file_can_be_read_in_one_go(path: Path) -> None:
    """One concept each; a file that grew past 300 lines is two, unless there is a reason."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{lines} lines"


def text_files() -> Iterator[Path]:
    """Yield every text of the project."""
    for folder in ("bridge", "tests", "benchmarks", "docs", "scripts", "systemd", "examples", ".ci"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")
    yield from (path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".coverage"))


# Put together here, so that this file does not contain what it looks for.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("gcr", "io"),
        ("golang", "org"),
    )
]


def test_no_registry_is_named() -> None:
    """Where packages and images come from is for whoever installs them to say."""
    wrong = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in text_files()
        for host in REGISTRIES
        if host in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert wrong == []


@pytest.mark.parametrize("option", ["index-url", "find-links", "trusted-host"])
def test_no_file_chooses_an_index(option: str) -> None:
    """Neither the lock file nor a script."""
    wrong = [
        str(path.relative_to(ROOT))
        for path in text_files()
        if path != Path(__file__).resolve() and f"--{option}" in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert wrong == []


def test_tests_use_the_real_thing() -> None:
    """A mock of our own modules, of the MQTT client or of the HTTP client would hear what we want to hear."""
    wrong = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if any(one.name.startswith("unittest.mock") for one in imports_of(ast.parse(path.read_text(encoding="utf-8"))))
    ]
    assert wrong == []
