"""A platform on three hosts, started from the files that the Ansible roles render, with TLS on every line."""

import json
import os
import re
import secrets
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg

from ksad.chassis.auth import LocalIssuer
from ksad.local.machine.folder import Folder
from tests.support.platforms.command import ksad
from tests.support.servers.authority import Authority
from tests.support.servers.buckets import KEY, BucketServer
from tests.support.servers.hosts import GATEWAY, NAMES, Host, Hosts
from tests.support.servers.processes import wait_until
from tests.support.servers.units import Unit
from tests.support.text.source import ROOT

TOOLS = ROOT / "var" / "cluster" / "tools" / "bin"
ANSIBLE = ROOT / "deploy" / "production" / "ansible"
SERVICES = ("registry", "supervision", "reporting")
EDGE = {"portal": 443, "registry": 9101, "supervision": 9102, "reporting": 9103}
PASSWORDS = ("postgres", "replicator", "rewinder", "restapi", *SERVICES, "portal")
START_SECONDS = 240
COUNT = re.compile(r"(\w+)=(\d+)")


class ThreeNodes:
    """The platform. Secrets are made as docs/production.md says, with an authority of the test."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts
        self.secrets = hosts.folder / "secrets"
        self.authority = Authority(self.secrets)
        self.issuer = LocalIssuer(hosts.folder / "issuer")
        self._trust = ssl.create_default_context(cafile=str(self.authority.certificate))

    @property
    def nodes(self) -> list[Host]:
        """The three hosts."""
        return list(self.hosts.all.values())

    def make_secrets(self) -> None:
        """What an operator brings: certificates, passwords, keys of users at the broker."""
        for folder in ("nodes", "programs", "passwords"):
            (self.secrets / folder).mkdir()
        for host in self.nodes:
            issued = self.authority.issue(host.address, also=(host.name,))
            issued.certificate.rename(self.secrets / "nodes" / f"{host.name}.pem")
            issued.key.rename(self.secrets / "nodes" / f"{host.name}.key")
        for name in SERVICES:
            issued = self.authority.issue(name)
            issued.certificate.rename(self.secrets / "programs" / f"{name}.pem")
            issued.key.rename(self.secrets / "programs" / f"{name}.key")
        for name in PASSWORDS:
            (self.secrets / "passwords" / name).write_text(secrets.token_hex(16))
        answer = ksad("cluster", "accounts", self.hosts.folder / "broker", "--feeds-url", f"tls://{GATEWAY}:4222")
        assert answer.code == 0, answer.err
        broker = Folder(self.hosts.folder / "broker")
        shutil.copyfile(broker.root / "accounts.conf", self.secrets / "accounts.conf")
        for name in SERVICES:
            shutil.copyfile(broker.keys / f"{name}.nk", self.secrets / "programs" / f"{name}.nk")
        shutil.copyfile(broker.feeds_seed, self.secrets / "programs" / "feeds.nk")
        (self.secrets / "programs" / "portal.session").write_text(secrets.token_hex(32))

    def inventory(self, bucket: str) -> Path:
        """The inventory of the three hosts, which are rendered only: nothing of this machine is changed."""
        rendered = {"ansible_connection": "local", "machine_system": False}
        hosts = {
            host.name: rendered | {"machine_address": host.address, "machine_root": str(host.root)}
            for host in self.nodes
        }
        settings = {
            "KSAD_PLATFORM": "tiga",
            "KSAD_ISSUER_KEYS_DIR": str(self.hosts.folder / "issuer"),
            "KSAD_DOCUMENTS_BUCKET": bucket,
            "KSAD_DOCUMENTS_BUCKET_KEY_ID": KEY,
            "KSAD_DOCUMENTS_BUCKET_SECRET": KEY,
            "KSAD_DOCUMENTS_BUCKET_CA_FILE": str(self.authority.certificate),
        }
        known = {
            "machine_secrets": str(self.secrets),
            "ansible_python_interpreter": str(TOOLS / "python"),
            "services_settings": settings,
        }
        path = self.hosts.folder / "inventory.json"
        path.write_text(json.dumps({"nodes": {"hosts": hosts, "vars": known}}))
        return path

    def play(self, *words: str) -> dict[str, dict[str, int]]:
        """Plays the roles; of each host how many tasks were ok, changed and so on."""
        done = subprocess.run(
            [
                TOOLS / "ansible-playbook",
                "-i",
                self.hosts.folder / "inventory.json",
                "site.yml",
                "-e",
                f"serial={len(NAMES)}",
                *words,
            ],
            cwd=ANSIBLE,
            env=os.environ | {"ANSIBLE_NOCOLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        recap = done.stdout.rpartition("PLAY RECAP")[2]
        counts = {name: COUNT.findall(told) for name, told in re.findall(r"^(\S+)\s+:(.*)$", recap, re.MULTILINE)}
        return {name: {what: int(number) for what, number in told} for name, told in counts.items()}

    def start(self) -> None:
        """Starts the engines everywhere, fills them, and starts the services of the first host, in this order."""
        for host in self.nodes:
            self.start_engines(host)
        wait_until(self.leader, what="a leader of PostgreSQL", seconds=START_SECONDS, every=0.5)
        wait_until(lambda: len(self.standbys()) == len(NAMES) - 1, what="standbys", seconds=START_SECONDS)
        first = self.nodes[0]
        for name in (*(f"ksad@{one}" for one in SERVICES), "ksad-portal"):
            migrated = partial(self._migrated, first, Unit(first, name))
            wait_until(migrated, what=f"the schema of {name}", seconds=START_SECONDS, every=1)
        self.provision()
        self.start_services(first)
        self.wait_ready(first)

    def start_others(self) -> None:
        """Brings the keys of the logs that there are to the other hosts, and starts their services."""
        keys = "/var/lib/ksad/reporting/keys"
        for host in self.nodes[1:]:
            ignored = shutil.ignore_patterns("*.signed", "*.lock")
            shutil.copytree(self.nodes[0].path(keys), host.path(keys), ignore=ignored)
            self.start_services(host)
        for host in self.nodes:
            self.wait_ready(host)

    def _migrated(self, host: Host, unit: Unit) -> bool:
        """Whether the schema is there; the address leads to no primary yet in the first seconds."""
        program = unit.command()
        done = subprocess.run(
            host.command([*program[:-1], "migrate"]),
            env={**os.environ, **unit.environment()},
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    def start_engines(self, host: Host) -> None:
        """Starts etcd, Patroni, HAProxy and nats-server."""
        lines = host.path("/etc/default/etcd").read_text().splitlines()
        settings = dict(line.split("=", 1) for line in lines if line.startswith("ETCD_"))
        host.path("/var/lib/etcd").mkdir(exist_ok=True)
        host.start("etcd", ["/usr/bin/etcd"], settings)
        host.give("/var/lib/postgresql", "postgres")
        host.start("patroni", ["/usr/bin/patroni", str(host.path("/etc/patroni/config.yml"))], user="postgres")
        host.start("haproxy", ["/usr/sbin/haproxy", "-db", "-f", str(host.path("/etc/haproxy/haproxy.cfg"))])
        Unit(host, "nats-server").start()

    def start_services(self, host: Host) -> None:
        """Starts the services, the portal and nginx."""
        for name in SERVICES:
            Unit(host, f"ksad@{name}").start()
        Unit(host, "ksad-portal").start()
        host.path("/var/lib/nginx").mkdir(exist_ok=True)
        host.start("nginx", ["/usr/sbin/nginx", "-c", str(host.path("/etc/nginx/nginx.conf")), "-g", "daemon off;"])

    def provision(self) -> None:
        """Makes the streams, with the users that may."""
        first = self.nodes[0]
        unit, keys = Unit(first, "ksad@registry"), Folder(self.hosts.folder / "broker").keys
        settings = unit.environment() | {
            "KSAD_NATS_NKEY_SEED_FILE": str(keys / "provision.nk"),
            "KSAD_PROVISION_FEEDS_NKEY_SEED_FILE": str(keys / "provision-feeds.nk"),
            "KSAD_NATS_CLIENT_KEY_FILE": str(self.secrets / "programs" / "registry.key"),
        }
        del settings["CREDENTIALS_DIRECTORY"]
        program = Path(unit.command()[0]).with_name("ksad")

        def done() -> bool:
            words = first.command([str(program), "cluster", "provision"])
            return (
                subprocess.run(words, env={**os.environ, **settings}, capture_output=True, check=False).returncode == 0
            )

        wait_until(done, what="the streams", seconds=START_SECONDS, every=1)

    def client(self, host: Host, service: str) -> httpx.Client:
        """A client of a service through the edge of a host."""
        return httpx.Client(
            base_url=f"https://{host.address}:{EDGE[service]}", verify=self._trust, trust_env=False, timeout=15
        )

    def wait_ready(self, host: Host) -> None:
        """Returns when all services of a host are ready."""
        for service in (*SERVICES, "portal"):
            last = ["no answer"]

            def ready(service: str = service, last: list[str] = last) -> bool:
                try:
                    with self.client(host, service) as client:
                        answer = client.get("/readyz")
                except httpx.HTTPError as error:
                    last[0] = repr(error)
                    return False
                last[0] = answer.text
                return answer.status_code == httpx.codes.OK

            try:
                wait_until(ready, what=service, seconds=START_SECONDS, every=0.5)
            except AssertionError as error:
                raise AssertionError(f"{host.name} {service}: {last[0][:3000]}") from error

    def members(self) -> list[dict[str, Any]]:
        """What any Patroni that answers says of all."""
        for host in self.nodes:
            try:
                answer = httpx.get(
                    f"https://{host.address}:8008/cluster", verify=self._trust, trust_env=False, timeout=2
                )
                members: list[dict[str, Any]] = answer.json()["members"]
            except (httpx.HTTPError, ValueError, KeyError):
                continue
            return members
        return []

    def standbys(self) -> list[str]:
        """The hosts whose PostgreSQL follows the leader; older releases of Patroni say running of them, too."""
        follow = [one for one in self.members() if one["role"] != "leader"]
        return [one["name"] for one in follow if one["state"] in {"running", "streaming"}]

    def leader(self) -> Host | None:
        """The host whose PostgreSQL takes writes."""
        for one in self.members():
            if one["role"] == "leader" and one["state"] == "running":
                return self.hosts.all[one["name"]]
        return None

    def switch_over(self, leader: Host) -> None:
        """Asks Patroni to make another host the leader, and returns when it has or has refused."""
        password = (self.secrets / "passwords" / "restapi").read_text()
        answer = httpx.post(
            f"https://{leader.address}:8008/switchover",
            json={"leader": leader.name},
            auth=("patroni", password),
            verify=self._trust,
            trust_env=False,
            timeout=60,
        )
        assert answer.is_success, answer.text

    def query(self, database: str, query: str) -> list[tuple[Any, ...]]:
        """Rows of a database, of whichever PostgreSQL takes writes."""
        password = (self.secrets / "passwords" / database).read_text()
        places = ",".join(host.address for host in self.nodes)
        address = f"host={places} user={database} dbname={database} password={password} sslmode=verify-ca"
        address += f" sslrootcert={self.authority.certificate} target_session_attrs=read-write connect_timeout=3"
        with psycopg.connect(address) as connection:
            return connection.execute(query.encode()).fetchall()


@contextmanager
def three_nodes(folder: Path) -> Iterator[ThreeNodes]:
    """The hosts with rendered files and secrets, nothing started."""
    with Hosts(folder) as hosts:
        platform = ThreeNodes(hosts)
        platform.make_secrets()
        own = platform.authority.issue(GATEWAY)
        with BucketServer(GATEWAY, own) as server:
            platform.inventory(server.bucket().where)
            yield platform
