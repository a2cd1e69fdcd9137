"""What is installed is what was tested: the wheel, the lock, and the files that containers are made of."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT
from worker import settings
from worker.settings.environment import read
from worker.settings.files import TABLES
from worker.settings.sections import SECTIONS, key_of

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
LOCKS = {
    "constraints.txt": ("postgres", "chat"),
    ".ci/constraints-test.txt": ("test",),
    ".ci/constraints-dev.txt": ("dev",),
}


def locked(name: str) -> dict[str, list[str]]:
    """Return {distribution: its entries} of a lock and of those below it."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    if include := re.match(r"-r (\S+)\n", text):
        found = locked(str((ROOT / name).parent.joinpath(include[1]).resolve().relative_to(ROOT)))
        text = text[include.end() :]
    for entry in re.split(r"\n(?=\S)", text.strip()):
        found.setdefault(canonicalize_name(entry.partition("==")[0]), []).append(entry)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_holds_every_dependency_at_an_allowed_release(name: str) -> None:
    held = locked(name)
    wanted = [line for extra in LOCKS[name] for line in PROJECT["optional-dependencies"][extra]]
    for requirement in map(Requirement, [*PROJECT["dependencies"], *wanted]):
        if requirement.name == PROJECT["name"]:
            continue
        entries = held.get(canonicalize_name(requirement.name))
        assert entries, f"{requirement.name} is not in {name}: run .ci/lock"
        for entry in entries:
            assert requirement.specifier.contains(re.split(r"==|[ ;\\]", entry)[1]), entry.partition(" ")[0]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_release_has_its_hashes(name: str) -> None:
    for entries in locked(name).values():
        for entry in entries:
            assert "--hash=sha256:" in entry, entry.partition(" ")[0]


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[project.scripts]")[0]
    for line in text.split("dependencies = [", 1)[1].splitlines():
        if line.startswith('  "') and not line.startswith(('  "gigawatch[', '  "Development', '  "types-')):
            assert re.search(r'",\s+# \w', line), line


# Distributions whose import has another name, and those that are used without an import of ours.
IMPORTED_AS = {"beautifulsoup4": "bs4"}
WITHOUT_IMPORT = {"psycopg"}  # SQLAlchemy loads it by the database's address


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    imported = {
        name.split(".")[0]
        for path in (ROOT / "worker").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _modules(node)
    }
    foreign = imported - set(sys.stdlib_module_names) - {"worker", "pydantic_core"}
    extras = [*PROJECT["optional-dependencies"]["postgres"], *PROJECT["optional-dependencies"]["chat"]]
    declared = {Requirement(line).name for line in [*PROJECT["dependencies"], *extras]} - WITHOUT_IMPORT
    assert foreign == {IMPORTED_AS.get(name, name) for name in declared}


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def test_every_table_is_shipped() -> None:
    assert [name for name in TABLES if not (settings.packaged() / name).is_file()] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what it is made of."""
    hatchling = pytest.importorskip("hatchling.build", reason="needs hatchling to build without network")
    del hatchling
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("worker", "config"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=120)
    (built,) = target.glob("*.whl")
    return built


def test_the_wheel_holds_the_package_and_the_whole_configuration_and_no_more(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    kept = {path.relative_to(ROOT / "config") for path in (ROOT / "config").rglob("*") if path.is_file()}
    assert {f"worker/_config/{path.as_posix()}" for path in kept} <= names
    assert "worker/settings/loading.py" in names
    assert {name.split("/")[0] for name in names} == {"worker", f"gigawatch-{version_here()}.dist-info"}


def version_here() -> str:
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "worker" / "__init__.py").read_text(encoding="utf-8"))
    assert found
    return found[1]


def test_what_is_installed_runs_from_elsewhere_with_the_packaged_configuration(wheel: Path, tmp_path: Path) -> None:
    """A non-editable install, in an environment of its own that sees the dependencies of this one."""
    venv.create(tmp_path / "venv", with_pip=False)
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    dependencies = next(
        path for path in map(Path, sys.path) if path.name == "site-packages" and (path / "pydantic").is_dir()
    )
    # After the environment's own folder on the path, and without the .pth files in it: an editable install stays out.
    (site / "dependencies.pth").write_text(f"{dependencies}\n")
    python = tmp_path / "venv" / "bin" / "python"
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(python), *arguments],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run("-c", "from worker import settings; print(settings.packaged())")
    assert Path(where.strip()) == site / "worker" / "_config"
    assert run("-m", "worker", "--version").split() == ["gigawatch", version_here()]
    run("-m", "worker", "config", "check")


class TestCompose:
    def test_the_parts_are_there_and_the_same_image_serves_all_of_ours(self) -> None:
        services = COMPOSE["services"]
        assert set(services) == {"valkey", "postgres", "migrate", "worker", "beat"}
        ours = [services[name] for name in ("migrate", "worker", "beat")]
        assert len({service["image"] for service in ours}) == 1
        assert [service["command"] for service in ours] == [["migrate"], ["worker"], ["beat"]]

    def test_nothing_runs_with_more_than_it_needs(self) -> None:
        for name, service in COMPOSE["services"].items():
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name
            assert "no-new-privileges:true" in service["security_opt"], name
            assert "ports" not in service, name

    def test_no_part_of_ours_can_take_the_whole_machine(self) -> None:
        for name in ("migrate", "worker", "beat"):
            assert COMPOSE["services"][name]["mem_limit"] == "2g", name
            assert COMPOSE["services"][name]["pids_limit"] == 256, name

    def test_the_number_of_workers_outlives_the_command_line(self) -> None:
        assert COMPOSE["services"]["worker"]["scale"] == "${GIGAWATCH_WORKERS:-1}"
        assert "scale" not in COMPOSE["services"]["beat"]
        assert "\nGIGAWATCH_WORKERS=1\n" in (ROOT / ".env.example").read_text(encoding="utf-8")

    def test_a_database_that_is_only_being_set_up_is_not_taken_for_ready(self) -> None:
        test = COMPOSE["services"]["postgres"]["healthcheck"]["test"]
        assert test[test.index("--host") + 1] == "127.0.0.1"

    def test_workers_wait_for_the_migration_and_stop_later_than_the_longest_task(self) -> None:
        longest = SECTIONS["worker"]().task_limit_s  # type: ignore[attr-defined]
        for name in ("worker", "beat"):
            service = COMPOSE["services"][name]
            assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
            assert int(service["stop_grace_period"].removesuffix("s")) > longest

    def test_each_container_answers_for_what_runs_in_it(self) -> None:
        from worker.cli.vitals import Role

        for name in ("worker", "beat"):
            *command, role = COMPOSE["services"][name]["healthcheck"]["test"]
            assert command == ["CMD", "gigawatch", "healthcheck", "--role"]
            assert Role(role) == name

    def test_the_queue_is_kept_and_never_evicts(self) -> None:
        command = COMPOSE["services"]["valkey"]["command"]
        options = dict(zip(command[1::2], command[2::2], strict=True))
        assert options["--appendonly"] == "yes"
        assert options["--maxmemory-policy"] == "noeviction"

    def test_every_volume_network_and_secret_is_declared(self) -> None:
        for name, service in COMPOSE["services"].items():
            for volume in service.get("volumes", ()):
                source = volume.split(":")[0]
                assert source.startswith("./") or source in COMPOSE["volumes"], (name, source)
            assert set(service["networks"]) <= set(COMPOSE["networks"])
            assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])

    def test_the_environment_is_one_that_the_settings_understand(self, tmp_path: Path) -> None:
        keys = {name: [key_of(field) for field in model.model_fields] for name, model in SECTIONS.items()}
        environ = dict(COMPOSE["services"]["worker"]["environment"])
        example = (ROOT / ".env.example").read_text(encoding="utf-8")
        environ |= dict(re.findall(r"^(?:# )?(GIGAWATCH_\w+)=(.*)$", example, re.MULTILINE))
        secret = tmp_path / "secret"
        secret.write_text("postgresql://u:p@postgres/gigawatch")
        environ = {name: str(secret) if name.endswith("_FILE") else value for name, value in environ.items()}
        assert read(environ, keys).faults == []
        environ["GIGAWATCH_CONFIG"] = str(settings.packaged())
        found = settings.load(environ=environ)
        assert found.store.url.startswith("postgresql://")
        assert found.broker.url == "redis://valkey:6379/0"


def test_the_image_copies_only_what_is_there_and_does_not_run_as_root() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = set(" ".join(re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)).split())
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = {
        source for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for source in line.split()
    }
    assert {f"!{source}" for source in copied} <= set(allowed)
    assert re.search(r"^USER 10001", text, re.MULTILINE)
    # It builds where nothing but the base image can be had: a frontend would be one more image to fetch.
    assert not text.startswith("# syntax")
    assert "require-hashes" in text


UNIT_LINES = (ROOT / "config" / "systemd" / "gigawatch.service").read_text(encoding="utf-8").splitlines()
UNIT = dict(line.split("=", 1) for line in UNIT_LINES if "=" in line and not line.startswith("#"))


class TestUnit:
    def test_it_waits_longer_than_what_it_watches_takes(self) -> None:
        from worker import supervisor

        assert UNIT["Type"] == "notify"
        assert int(UNIT["WatchdogSec"]) > 3 * supervisor._SAY_EVERY_S
        assert int(UNIT["TimeoutStopSec"]) > 2 * supervisor._STOP_S
        assert int(UNIT["TimeoutStartSec"]) > supervisor._READY_S

    def test_it_runs_with_little_right_and_names_settings_that_exist(self) -> None:
        assert UNIT["NoNewPrivileges"] == "yes"
        assert UNIT["ProtectSystem"] == "strict"
        assert UNIT["User"] == "gigawatch"
        assert "MemoryMax" in UNIT
        assert UNIT["StateDirectory"] == "gigawatch"
        keys = {name: [key_of(field) for field in model.model_fields] for name, model in SECTIONS.items()}
        set_here = [line.removeprefix("Environment=") for line in UNIT_LINES if line.startswith("Environment=")]
        assert read(dict(line.split("=", 1) for line in set_here), keys).faults == []
