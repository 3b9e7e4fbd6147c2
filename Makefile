# KSAD. Needs Python 3.11 or later, make and git; everything else is installed into .venv from requirements.lock.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
UV_VERSION := 0.13.9
# Two for each of two cores: half of its time a test waits for processes that start, settle and end.
JOBS ?= 4
ROUNDS ?= 30
# How many faults befall the three nodes of `make cluster`.
FAULTS ?= 6
DIST ?= dist
DEV ?= var/dev
WATCHED ?= contracts/src $(wildcard services/*/src) deploy/local/src

VERSION := $(shell cat VERSION)
# Wheels and bill of materials carry the time of the commit, so that the same commit gives the same bytes.
DATED := SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct)
VENV := .venv
BIN := $(VENV)/bin
UV := $(VENV)/uv/bin/uv
READY := $(VENV)/.installed
MEMBERS := contracts $(addprefix services/,chassis ledger audit registry supervision reporting portal) deploy/local deploy/bench

# What must be covered above 90 %: whatever decides, and whatever is judged by auditors.
COVERED := services/ledger services/audit contracts \
    $(foreach name,registry supervision reporting,services/$(name)/src/ksad/$(name)/domain)
FAST := $(addprefix tests/,contracts ledger registry supervision)

# Whatever the caller's environment says: what starts hundreds of times in the tests is compiled once.
unexport PYTHONDONTWRITEBYTECODE

# What is installed for `make cluster` only: engines from Debian, which are not started, and tools beside .venv.
ENGINES := etcd-server patroni python3-etcd python3-idna postgresql haproxy nginx-light nftables
ROLES_TOOLS := ansible-core==2.19.14 ansible-lint==26.10.1

.PHONY: help members demo up dev test test-fast budget cover check bench browse cluster torture schemas sbom release bundle setup lock clean

help: ## Say what can be done here.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## Play a year of real cooperations, rebuild from the log and compare; KEEP=1 goes on with its portal.
	$(BIN)/ksad demo --data-dir var/demo $(if $(KEEP),--keep-running)

up: setup ## Run the whole platform on this machine until Ctrl-C.
	$(BIN)/ksad up --data-dir var/up

dev: setup ## Run the platform and start it again whenever code changes, until Ctrl-C.
	$(BIN)/watchfiles --sigint-timeout 30 --filter python '$(BIN)/ksad up --data-dir $(DEV)' $(WATCHED)

test: setup ## Run the tests on real servers and both databases; T=PATH runs those of a file or a folder only.
	$(BIN)/pytest -m "not torture and not browse and not cluster" $(if $(T),$(T),-n $(JOBS) --dist loadgroup)

test-fast: setup ## Run the tests of contracts, ledger and the domains that need no server, in under a minute.
	$(BIN)/pytest -n logical -m "not served and not torture" $(FAST)

budget: test ## Run the tests, and fail where a folder of them took more than one and a half times its budget.
	$(BIN)/python -m tests.support.text.durations

cover: setup ## Run the tests and measure which lines and branches they run, in child processes too.
	rm -rf var/coverage && mkdir -p var/coverage
	$(BIN)/coverage run -m pytest -m "not torture and not browse and not cluster" -n $(JOBS) --dist loadgroup --timeout 600
	$(BIN)/coverage combine --quiet
	for part in $(COVERED); do \
	    $(BIN)/coverage report --skip-covered --include "$$part,$$part/*" --fail-under 90 || failed=1; \
	done; exit $${failed:-0}

check: setup ## Check style, sizes, types, imports, test sentences, and that generated files are up to date.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate --quiet tests
	$(BIN)/python -m ksad.contracts.schemas --check
	$(BIN)/python -m tests.pages --check
	$(BIN)/pytest -q tests/architecture/test_tidy.py

bench: setup ## Measure against baselines taken in the same minutes; EVENTS=N and FULL=1 change the size.
	$(BIN)/ksad bench $(if $(EVENTS),--events $(EVENTS))

browse: setup ## Look at every page in a real browser: both languages, three widths, light and dark; pictures in var/pictures.
	$(BIN)/pytest -m browse tests/portal

cluster: setup ## Run three nodes in network namespaces through FAULTS=6 faults, judge alerts, units, roles; needs root, Debian, a network.
	mkdir -p var/cluster
	test -x var/cluster/usr/bin/promtool || (cd var/cluster && apt-get download prometheus && dpkg -x prometheus_*.deb .)
	command -v systemd-analyze >/dev/null || apt-get install --yes systemd
	command -v patroni && command -v etcd && command -v haproxy && command -v nginx && command -v nft || \
	    RUNLEVEL=1 apt-get install --yes --no-install-recommends $(ENGINES)
	test -x var/cluster/tools/bin/ansible-lint || \
	    ($(PYTHON) -m venv var/cluster/tools && var/cluster/tools/bin/pip install --quiet $(ROLES_TOOLS))
	KSAD_ROUNDS=$(FAULTS) $(BIN)/pytest -m cluster tests/system

torture: setup ## Kill, wipe and restart real processes in ROUNDS=30 rounds.
	KSAD_ROUNDS=$(ROUNDS) $(BIN)/pytest -m "torture or rounds" --timeout 7200

schemas: setup ## Write the JSON Schemas and the other documents that are generated from the models.
	$(BIN)/python -m ksad.contracts.schemas
	$(BIN)/python -m tests.pages

sbom: setup ## Write the bill of materials (CycloneDX) of what an installation brings into DIST=dist.
	mkdir -p $(DIST)
	$(DATED) $(BIN)/python -m tests.support.releases.sbom $(DIST)/ksad-$(VERSION).cdx.json

release: setup ## Build all wheels into DIST=dist, with requirements, bill of materials and checksums.
	rm -rf $(DIST)/ksad* $(DIST)/SHA256SUMS* $(DIST)/libraries
	for member in $(MEMBERS); do \
	    $(DATED) $(UV) build --quiet --offline --wheel --no-build-isolation --python $(BIN)/python --out-dir $(DIST) $$member; \
	done
	$(DATED) $(BIN)/python -m tests.support.releases.release $(DIST)

# Sources and wheels are held to the hashes of the lock; one library has no wheel, so its is built here and has a hash of its own.
bundle: release ## Add all libraries to a release, for machines without internet; KEY=FILE signs its list with an SSH key.
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --require-hashes --no-deps \
	    --wheel-dir $(DIST)/libraries --requirement $(DIST)/ksad-$(VERSION)-requirements.txt
	cd $(DIST) && sha256sum libraries/* | sed -E 's#^([0-9a-f]+)  (.*)#./\2 --hash=sha256:\1#' > ksad-$(VERSION)-offline.txt
	cd $(DIST) && sha256sum ksad-$(VERSION)-offline.txt libraries/* >> SHA256SUMS
	$(if $(KEY),ssh-keygen -q -Y sign -f $(KEY) -n ksad $(DIST)/SHA256SUMS)

members:
	@echo $(MEMBERS)

setup: $(READY) ## Install everything into .venv; the other targets do it by themselves.

lock: $(UV) ## Write requirements.lock for the dependencies declared; UPGRADE=1 chooses all versions anew.
	$(UV) pip compile pyproject.toml --group dev --generate-hashes --no-header $(if $(UPGRADE),--upgrade) \
	    --no-emit-index-url --no-emit-find-links \
	    $(foreach name,contracts chassis ledger audit registry supervision reporting portal local bench,--no-emit-package ksad-$(name)) \
	    --output-file requirements.lock

clean: ## Remove what the platform and the tests wrote; .venv stays.
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m ensurepip --default-pip >/dev/null
	$(BIN)/python -m pip install --quiet --target $(VENV)/uv "uv==$(UV_VERSION)"

# Each member is built without isolation: its build backend is in the lock, too.
$(READY): requirements.lock VERSION $(MEMBERS:%=%/pyproject.toml) | $(UV)
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(MEMBERS:%=--editable %)
	touch $@
