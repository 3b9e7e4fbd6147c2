"""The demonstration is a journey through the whole platform: played, rebuilt, archived and restored on its database."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ksad.demo.play import FIRST_DAY
from ksad.folder import SERVICES, Folder
from ksad.platform import pass_days, running
from tests.support.command import SHAPES, keeps, ksad, shape, start
from tests.support.evidence import assert_each_once, journal, settle, stored
from tests.support.postgres import PostgresServer
from tests.support.source import ROOT

DAYS = 8
REAL_COOPERATIONS = 12
EXPORT = re.compile(r"^export (KSAD_DATABASE_URL_[A-Z]+)=postgresql://", re.MULTILINE)


@pytest.mark.timeout(400)
def test_the_demonstration_on_postgresql(
    tmp_path: Path,
    postgres_server: PostgresServer,
    on_postgres: Callable[[Callable[[], str]], None],
) -> None:
    """It says what it has done, its rebuild is identical, its archive restores into empty databases and goes on."""
    folder, restored = Folder(tmp_path / "demo"), Folder(tmp_path / "restored")
    with postgres_server.databases() as make:
        on_postgres(make)
        played = start("demo", "--data-dir", folder.root, "--days", DAYS, "--json")
        out, said = played.communicate(timeout=300)
        assert played.returncode == 0, said
        told = json.loads(out)
        assert keeps(SHAPES["demo"], shape(told)), shape(told)
        assert told["rebuild"]["identical"] is True
        assert told["cooperations"] == sum(told["cooperations_by_stage"].values()) >= REAL_COOPERATIONS
        assert told["tasks"] == sum(told["tasks_by_status"].values()) > 0
        heads = {service: stored(folder, service) for service in SERVICES}
        assert told["events_by_service"] == {service: len(events) for service, events in heads.items()}
        assert told["events"] == told["head"]["size"] == told["rebuild"]["events"] == len(journal(folder))

        refused = ksad("backup", tmp_path / "backup", "--data-dir", folder.root)
        assert (refused.code, "pg_basebackup" in refused.err, "audit export" in refused.err) == (1, True, True)
        archive = tmp_path / "demo.tar"
        assert ksad("audit", "export", "--data-dir", folder.root, "--out", archive).code == 0
        assert ksad("audit", "verify", archive, "--key", folder.keys / "public.vkeys").code == 0

        on_postgres(make)
        assert ksad("restore", "--from", archive, "--data-dir", restored.root, "--keys", folder.keys).code == 0
        today = FIRST_DAY + timedelta(days=DAYS)
        with running(restored, starts_on=today) as platform, platform.client() as client:
            settle(platform.endpoints)
            assert {service: stored(restored, service) for service in SERVICES} == heads
            assert pass_days(restored, client, today) == [today]
            settle(platform.endpoints)
            assert_each_once(restored, platform.endpoints["nats"])
            assert ksad("rebuild", "--check", "--data-dir", restored.root).code == 0
            assert ksad("status", "--data-dir", restored.root).code == 0


def test_the_page_names_the_settings_of_postgresql() -> None:
    """What the operator's page exports is what the platform reads."""
    named = EXPORT.findall((ROOT / "docs" / "operating.md").read_text())
    assert named == [f"KSAD_DATABASE_URL_{service.upper()}" for service in SERVICES]
