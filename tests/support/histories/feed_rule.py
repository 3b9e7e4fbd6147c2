"""The feed rule as docs/feed-rule.md says it, written from that page with nothing of ours: slow, short and foreign."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tests.support.histories.feed_matters import Matter, thread

Leaf = dict[str, Any]
Feeds = dict[str, list[int]]
Tables = Mapping[str, Mapping[str, str]]
CHANGED = ("ksad.reference.boundary_changed.",)
ADOPTED = ("ksad.reference.reference_adopted.", "ksad.reference.text_supplied.")
HEAD = "code,kind,name,province_code,autonomous,valid_from,valid_to,lineage\n"
RULE_ADOPTED = "ksad.anchor.feed_rule_adopted.v1"


def cooperation(leaf: Leaf) -> str | None:
    """The cooperation that a leaf belongs to."""
    kind, _, rest = leaf["subject"].partition("/")
    if kind == "cooperation":
        return str(rest)
    found = leaf["data"].get("cooperation_id") if kind in {"task", "supervision"} else None
    return None if found is None else str(found)


def change(matter: Matter, leaf: Leaf) -> None:
    """The changes of a cooperation."""
    if leaf["type"].startswith("ksad.cooperation.") and "parties" in leaf["data"]:
        matter.parties = list(leaf["data"]["parties"])
    if leaf["type"].startswith("ksad.supervision.jurisdiction_resolved."):
        matter.supervisor = leaf["data"]["supervising_body"]


class One:
    """Version 1."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.table = table
        self.map: dict[str, str] = {}
        self.matters: dict[str, Matter] = {}
        self.feeds: Feeds = {}

    def provinces(self, matter: Matter) -> set[str]:
        """Of its parties."""
        return {self.map.get(party, party)[:2] for party in matter.parties}

    def give(self, province: str, at: int) -> None:
        """At the end of the feed, once."""
        feed = self.feeds.setdefault(province, [])
        if at not in feed:
            feed.append(at)

    def entitled(self, province: str, matter: Matter, audience: str) -> bool:
        """Of one of its provinces."""
        return audience != "supervisor" or matter.supervisor == f"tkksd:{province}"

    def catch_up(self, matter: Matter) -> None:
        """All leaves of a matter, to whom they are owed."""
        for at, audience in matter.leaves:
            for province in self.provinces(matter):
                if self.entitled(province, matter, audience):
                    self.give(province, at)

    def take(self, at: int, leaf: Leaf) -> None:
        """The next leaf."""
        before = {name: self.provinces(one) for name, one in self.matters.items()}
        self.follow_regions(leaf)
        for name in sorted(self.matters):
            if self.provinces(self.matters[name]) != before[name]:
                self.catch_up(self.matters[name])
        found, audience = cooperation(leaf), self.table.get(leaf["type"].rpartition(".v")[0])
        if found is None or audience is None:
            return
        matter = self.matters.setdefault(found, Matter())
        state = matter.state()
        change(matter, leaf)
        matter.leaves.append((at, audience))
        if matter.state() != state:
            self.catch_up(matter)
        else:
            for province in self.provinces(matter):
                if self.entitled(province, matter, audience):
                    self.give(province, at)

    def follow_regions(self, leaf: Leaf) -> None:
        """The map."""
        data = leaf["data"]
        if leaf["type"].startswith(CHANGED):
            self.map[data["region"]] = data["successor"]
        if leaf["type"].startswith(ADOPTED) and data["kind"] == "regions":
            rows = list(csv.DictReader(io.StringIO(data["content"])))
            lasting = {row["lineage"]: row["code"] for row in rows if not row["valid_to"]}
            self.map |= {
                row["code"]: lasting[row["lineage"]] for row in rows if row["valid_to"] and row["lineage"] in lasting
            }


class Two:
    """Version 2."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.table = table
        self.day = date.min
        self.content: list[dict[str, str]] = []
        self.changes: list[Mapping[str, str]] = []
        self.rows: list[dict[str, str]] = []
        self.matters: dict[str, Matter] = {}
        self.feeds: Feeds = {}

    def take(self, at: int, leaf: Leaf) -> None:
        """The next leaf."""
        recorded = datetime.fromisoformat(leaf["time"].removesuffix("Z")) + timedelta(hours=7)
        self.day = max(self.day, recorded.date())
        self.follow_regions(leaf)
        name, audience = self.matter_of(leaf), self.audience_of(leaf)
        lost: list[str] = []
        if name is not None and audience is not None:
            matter = self.matters.setdefault(name, Matter())
            before, supervisors = self.provinces(matter), {matter.supervisor, *matter.agreements.values()}
            self.change(matter, name, leaf)
            thread(matter, at, leaf)
            matter.leaves.append((at, audience))
            gone = before - self.provinces(matter)
            lost = [one for one in gone if audience != "supervisor" or f"tkksd:{one}" in supervisors]
        self.deliver()
        for province in lost:
            self.give(province, at)

    def give(self, province: str, at: int) -> None:
        """At the end of the feed, once."""
        feed = self.feeds.setdefault(province, [])
        if at not in feed:
            feed.append(at)

    def deliver(self) -> None:
        """To each province all that it is entitled to and does not have, in the order of the log."""
        owed: list[tuple[int, str]] = []
        for matter in self.matters.values():
            for province in self.provinces(matter):
                supervises = f"tkksd:{province}" in {matter.supervisor, *matter.agreements.values()}
                owed += [(at, province) for at, audience in matter.leaves if audience != "supervisor" or supervises]
            for at, audience in matter.leaves:
                guests = matter.guests.get(matter.threads.get(at, ""), set())
                addressed = matter.threads.get(at, "").startswith("to/")
                owed += [(at, self.code(one)[:2]) for one in guests if audience != "supervisor" or addressed]
        for at, province in sorted(owed):
            self.give(province, at)

    def matter_of(self, leaf: Leaf) -> str | None:
        """The matter."""
        kind, _, rest = leaf["subject"].partition("/")
        found = cooperation(leaf)
        if found is not None:
            return found
        if kind in {"task", "report"}:
            return str(rest)
        return str(leaf["id"]) if leaf["type"].startswith(CHANGED) else None

    def audience_of(self, leaf: Leaf) -> str | None:
        """The audience."""
        if leaf["type"].startswith("ksad.task.completed."):
            data = leaf["data"]
            unsaid = data["documents"] and not data["findings"] and data["evaluation"] is None
            if data["duty"] in {"d.3", "d.5"} if data.get("duty") else unsaid:
                return "supervisor"
        if leaf["type"].startswith("ksad.task.corrected.") and {"assignee", "note", "reason"} & set(
            leaf["data"]["fields"]
        ):
            return "supervisor"
        return self.table.get(leaf["type"].rpartition(".v")[0])

    def change(self, matter: Matter, name: str, leaf: Leaf) -> None:
        """All changes."""
        kind, data = leaf["type"], leaf["data"]
        change(matter, leaf)
        office = data["from_office"] if kind.startswith("ksad.report.") else ""
        if kind.startswith("ksad.task.scheduled.") and data["cooperation_id"] is None:
            office = data["body"]
        role, _, province = office.partition(":")
        if role in {"tkksd", "governor"}:
            matter.parties, matter.supervisor = [province], f"tkksd:{province}"
        if kind.startswith(CHANGED) and name == leaf["id"]:
            matter.parties = [data["region"][:2], data["successor"][:2]]

        if kind.startswith("ksad.supervision.agreement_jurisdiction_resolved."):
            matter.agreements[data["agreement"]] = data["supervising_body"]

    def follow_regions(self, leaf: Leaf) -> None:
        """The table with all changes."""
        data = leaf["data"]
        if leaf["type"].startswith(ADOPTED) and data["kind"] == "regions" and data["content"].startswith(HEAD):
            self.content = list(csv.DictReader(io.StringIO(data["content"])))
        elif leaf["type"].startswith(CHANGED):
            self.changes.append(data)
        else:
            return
        self.rows = [dict(row) for row in self.content]
        for one in self.changes:
            self.apply(one["region"], one["successor"], one["effective_on"])

    def apply(self, region: str, successor: str, on: str) -> None:
        """One boundary change."""
        using = [row for row in self.rows if row["code"] == region and in_use(row, on)]
        if successor == region or any(row["code"] == successor for row in self.rows):
            return
        if not using or using[0]["valid_from"] == on or ("." in region) != ("." in successor):
            return
        if "." in successor and not any(row["code"] == successor[:2] and in_use(row, on) for row in self.rows):
            return
        (old,) = using
        self.rows.append({**old, "code": successor, "valid_from": on})
        old["valid_to"] = on

    def provinces(self, matter: Matter) -> set[str]:
        """Of its parties, on the day."""
        return {self.code(party)[:2] for party in matter.parties}

    def code(self, party: str) -> str:
        """The code on the day."""
        known = sorted((row["valid_from"], row["lineage"]) for row in self.rows if row["code"] == party)
        if not known:
            return party
        day = self.day.isoformat()
        found = [row["code"] for row in self.rows if row["lineage"] == known[-1][1] and in_use(row, day)]
        return found[0] if found else party


def in_use(row: Mapping[str, str], day: str) -> bool:
    """Whether a row of a table is in use on a day."""
    return row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])


def recomputed(leaves: Sequence[Leaf], tables: Tables) -> Feeds:
    """By province, the indexes of the leaves of its feed."""
    rule: One | Two = One(tables["1"])
    for at, leaf in enumerate(leaves):
        rule.take(at, leaf)
        if leaf["type"] == RULE_ADOPTED and isinstance(rule, One):
            given, rule = rule.feeds, Two(tables["2"])
            for number, past in enumerate(leaves[: at + 1]):
                rule.take(number, past)
            rule.feeds = adopted(given, rule.feeds)
    return {province: feed for province, feed in rule.feeds.items() if feed}


def adopted(given: Feeds, owed: Mapping[str, Iterable[int]]) -> Feeds:
    """Each feed with what it lacks of what the other version would have given it, in the order of the log."""
    for province, entries in owed.items():
        feed = given.setdefault(province, [])
        feed += sorted(set(entries) - set(feed))
    return given
