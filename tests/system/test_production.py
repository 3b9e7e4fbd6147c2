"""What is shipped for several machines: alerts that name what exists, and files that the tools of Debian accept."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from ksad.chassis.places import SERVICES
from ksad.local.machine.platform import Platform
from tests.support.text.source import ROOT

PRODUCTION = ROOT / "deploy" / "production"
RULES = PRODUCTION / "alerts" / "ksad.rules.yml"
PANELS = PRODUCTION / "dashboards" / "ksad.json"
CASES = PRODUCTION / "alerts" / "ksad.rules_test.yml"
UNITS = sorted((PRODUCTION / "systemd").glob("*.service"))
TOOLS = ROOT / "var" / "cluster" / "usr" / "bin"
METRIC = re.compile(r"\bksad_[a-z_]+")
OF_THE_PORTAL = {"ksad_mail_oldest_seconds", "ksad_mail_refused"}
"""That the portal tells them is tried where one runs (`tests/portal/test_mail.py`)."""
EXPOSURE_MAX = 20
"""Of 100, as `systemd-analyze security` counts."""


def alerts() -> list[dict[str, Any]]:
    """All alerts."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made of their words."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.xdist_group("import")
def test_every_alert_and_panel_is_about_something_that_exists(history_platform: Platform) -> None:
    """Each metric of an alert or panel is told by a service or the portal, and each runbook is a heading of a page."""
    told = set[str]()
    with history_platform.client() as client:
        for service in SERVICES:
            answer = httpx.get(f"{client.endpoints[service]}/metrics", timeout=30, trust_env=False)
            told |= set(METRIC.findall(answer.text))
    queries = [target["expr"] for panel in json.loads(PANELS.read_text())["panels"] for target in panel["targets"]]
    for query in queries:
        assert METRIC.search(query)
        assert set(METRIC.findall(query)) <= told, query
    for alert in alerts():
        asked = set(METRIC.findall(alert["expr"]))
        assert asked <= told | OF_THE_PORTAL, alert["alert"]
        page, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert anchor in anchors(ROOT / page), alert["alert"]


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent() -> None:
    """The cases that promtool plays are complete, and each expects the runbook that the alert has."""
    fires, silent = set[str](), set[str]()
    for case in yaml.safe_load(CASES.read_text())["tests"]:
        for expected in case["alert_rule_test"]:
            (fires if expected["exp_alerts"] else silent).add(expected["alertname"])
    assert fires == silent == {alert["alert"] for alert in alerts()}


@pytest.mark.cluster
def test_prometheus_accepts_the_alerts_and_plays_their_cases() -> None:
    """Every case ends as it says."""
    for words in (["check", "rules", RULES.name], ["test", "rules", CASES.name]):
        done = subprocess.run(
            [TOOLS / "promtool", *words], cwd=RULES.parent, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.cluster
def test_prometheus_can_read_every_query_of_the_dashboard(tmp_path: Path) -> None:
    """As it can the rules, so that no panel is empty because its query is none."""
    queries = [target["expr"] for panel in json.loads(PANELS.read_text())["panels"] for target in panel["targets"]]
    rules = [{"record": f"ksad:panel_{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "panels.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    words = [str(TOOLS / "promtool"), "check", "rules", "panels.yml"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ansible_shows_no_secret() -> None:
    """What others on a machine may not read is not shown either by a run with ``--diff``."""
    tasks = [
        one for file in (PRODUCTION / "ansible").glob("roles/*/tasks/*.yml") for one in yaml.safe_load(file.read_text())
    ]
    closed = [
        one
        for one in tasks
        for name in ("copy", "template")
        if one.get(f"ansible.builtin.{name}", {}).get("mode") == "0600"
    ]
    assert closed
    assert [one["name"] for one in closed if one.get("diff") is not False] == []


@pytest.mark.cluster
def test_the_roles_are_as_ansible_wants_them() -> None:
    """ansible-lint finds nothing under its strictest profile."""
    tools = ROOT / "var" / "cluster" / "tools" / "bin"
    words = [str(tools / "ansible-lint"), "--offline", "--profile", "production", "--nocolor"]
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run(
        words, cwd=PRODUCTION / "ansible", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.cluster
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
@pytest.mark.parametrize("service", SERVICES)
def test_systemd_accepts_the_units_and_finds_them_closed(unit: Path, service: str, tmp_path: Path) -> None:
    """Each unit can be read with its additions for a service, and leaves little of the machine open to it."""
    instance = tmp_path / unit.name.replace("@", f"@{service}")
    # The programs of an installation, which this machine does not have.
    instance.write_text(re.sub(r"/usr/lib/ksad/bin/[a-z-]+", "/bin/true", unit.read_text()))
    for addition in (unit.parent / f"{instance.name}.d").glob("*.conf"):
        folder = tmp_path / f"{instance.name}.d"
        folder.mkdir(exist_ok=True)
        (folder / addition.name).write_text(addition.read_text())
    for words in (["verify", "--man=no"], ["security", "--offline=true", f"--threshold={EXPOSURE_MAX}"]):
        done = subprocess.run(["systemd-analyze", *words, str(instance)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        if words[0] == "verify":
            assert instance.name not in done.stderr
