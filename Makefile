# KSAD. Needs Python 3.11 or later, make and git; everything else is installed into .venv from requirements.lock.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
UV_VERSION := 0.13.9
JOBS ?= 2
ROUNDS ?= 30

VENV := .venv
BIN := $(VENV)/bin
UV := $(VENV)/uv/bin/uv
READY := $(VENV)/.installed
MEMBERS := contracts $(addprefix services/,chassis ledger audit registry supervision reporting) deploy/local deploy/bench

# Whatever the caller's environment says: what starts hundreds of times in the tests is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help members demo up test check bench torture schemas setup lock clean

help: ## Say what can be done here.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## Play a year of real cooperations through the platform, rebuild it from its log and compare.
	$(BIN)/ksad demo --data-dir var/demo

up: setup ## Run the whole platform on this machine until Ctrl-C.
	$(BIN)/ksad up --data-dir var/up

test: setup ## Run the tests on real servers and both databases, in under ten minutes.
	$(BIN)/pytest -n $(JOBS) --dist loadgroup -m "not torture"

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

torture: setup ## Kill, wipe and restart real processes in ROUNDS=30 rounds.
	KSAD_ROUNDS=$(ROUNDS) $(BIN)/pytest -m "torture or rounds" --timeout 7200

schemas: setup ## Write the JSON Schemas and the other documents that are generated from the models.
	$(BIN)/python -m ksad.contracts.schemas
	$(BIN)/python -m tests.pages

members:
	@echo $(MEMBERS)

setup: $(READY) ## Install everything into .venv; the other targets do it by themselves.

lock: $(UV) ## Write requirements.lock for the dependencies declared; UPGRADE=1 chooses all versions anew.
	$(UV) pip compile pyproject.toml --group dev --generate-hashes --no-header $(if $(UPGRADE),--upgrade) \
	    --no-emit-index-url --no-emit-find-links \
	    $(foreach name,contracts chassis ledger audit registry supervision reporting local bench,--no-emit-package ksad-$(name)) \
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
