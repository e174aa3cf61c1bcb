"""`make up`: keys and ports are chosen once and kept from others; the Procfile names only what there is."""

import json
import os
import string

import pytest

from infra import up, up_programs


@pytest.fixture(autouse=True)
def database(monkeypatch):
    """For root, PostgreSQL's data lie elsewhere; here they lie beside the rest."""
    monkeypatch.setattr(
        up, "database_folder", lambda data: str(data / "database") if up_programs.has_program("initdb") else ""
    )


def test_the_first_time_chooses_what_the_next_times_keep(tmp_path):
    first = up.prepare(tmp_path / "up", {"PREFECT_API_URL": "http://elsewhere.example/api", "HOME": "/h"})
    again = up.prepare(tmp_path / "up", {})
    kept = {name: value for name, value in first.environment.items() if name != "HOME"}
    assert again.environment == kept
    assert first.environment["HOME"] == "/h"
    assert first.environment["PREFECT_API_URL"].startswith("http://127.0.0.1:")
    other = up.prepare(tmp_path / "other", {})
    assert other.environment["AWS_SECRET_ACCESS_KEY"] != first.environment["AWS_SECRET_ACCESS_KEY"]
    (credentials,) = json.loads((tmp_path / "up" / "s3.json").read_text())["identities"][0]["credentials"]
    assert credentials["secretKey"] == first.environment["AWS_SECRET_ACCESS_KEY"]
    for name in ("environment", "s3.json"):
        assert (tmp_path / "up" / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "up").stat().st_mode & 0o777 == 0o700


def test_ports_are_free_and_differ(tmp_path):
    made = up.prepare(tmp_path, {}).environment
    ports = [int(made[name]) for name in up.PORTS]
    assert len({*ports, *(port + up.GRPC_OFFSET for port in ports)}) == 2 * len(ports)


def test_each_variable_of_the_procfile_has_a_value_and_no_secret_is_on_a_command_line(tmp_path):
    made = up.prepare(tmp_path, {}).environment
    assert list(up.commands()) == ["store", "database", "server", "worker"]
    named = {name for command in up.commands().values() for name in string.Template(command).get_identifiers()}
    assert named <= made.keys()
    assert not any("KEY" in name or "SECRET" in name for name in named)
    for command in up.commands().values():
        assert "0.0.0.0" not in command


def test_without_postgresql_prefect_uses_sqlite(tmp_path, monkeypatch):
    monkeypatch.setattr(up_programs, "has_program", lambda _: False)
    stack = up.prepare(tmp_path, {})
    assert not stack.has_database
    assert "PREFECT_API_DATABASE_CONNECTION_URL" not in stack.environment


def test_a_part_that_ends_is_named_with_the_end_of_its_log(tmp_path, monkeypatch):
    stack = up.prepare(tmp_path, dict(os.environ))
    monkeypatch.setattr(up, "commands", lambda: {"store": "sh -c 'echo no disk; exit 3'"})
    with pytest.raises(up_programs.UpError, match=r"(?s)store has ended with code 3.*no disk"):
        stack.start("store", lambda: False)
    stack.stop()
    assert stack.parts == []


def test_a_missing_program_is_named():
    with pytest.raises(up_programs.UpError, match="no-such-program is not installed"):
        up_programs.program("no-such-program")
