"""A platform on PostgreSQL whose settings are forgotten starts nothing; a restore that is refused fills nothing."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ksad.chassis.places import SERVICES
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import running
from ksad.local.machine.stores import OtherStoreError, recorded
from tests.support.servers.postgres import PostgresServer


@pytest.mark.fault("operator F3")
@pytest.mark.timeout(180)
def test_forgotten_settings_start_no_second_register(
    tmp_path: Path,
    postgres_server: PostgresServer,
    on_postgres: Callable[[Callable[[], str]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The stores are known from the first start on; without the settings nothing runs, and no file is made."""
    folder = Folder(tmp_path / "data")
    with postgres_server.databases() as make:
        on_postgres(make)
        with running(folder, starts_on=date(2026, 1, 5)):
            known = recorded(folder.root)
        with monkeypatch.context() as forgotten:
            for service in SERVICES:
                forgotten.delenv(f"KSAD_DATABASE_URL_{service.upper()}")
            with pytest.raises(OtherStoreError, match="set KSAD_DATABASE_URL_REGISTRY, as it was"), running(folder):
                pass

    assert {one.kind for one in known.values()} == {"postgresql"}
    assert known["registry"].first is not None
    assert list(folder.root.glob("*.sqlite*")) == []
