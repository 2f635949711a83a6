# Everything a developer or an operator does here, by name. `make help` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup run test lint fmt bench screens ci lock

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made-from-lock

HOST ?= 127.0.0.1
PORT ?= 8000
# The passwords of the demo accounts are printed once; kept beside the demo database, readable by its owner only.
ACCOUNTS := var/demo-accounts.txt
# Secret and token between the demonstration and the stand-in of Pu'er's own system.
OWN := var/standin.env
OWN_PORT ?= 8100
PYTEST_ARGS ?= -n auto

help: ## list what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup: $(STAMP) ## a virtual environment with exactly the locked packages, and this project in it

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was found."; exit 1; }
	@# Some distributions ship venv without ensurepip; a pip beside that Python does as well.
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || $(PYTHON) -m venv --clear --without-pip $(VENV)
	@pip="$(BIN)/python -m pip"; $$pip --version >/dev/null 2>&1 || pip="$(PYTHON) -m pip --python $(BIN)/python"; \
	$$pip --version >/dev/null 2>&1 || { echo "pip is missing: install the venv package of your Python (Debian: python3-venv)."; exit 1; }; \
	PIP_DISABLE_PIP_VERSION_CHECK=1 $$pip install --quiet --require-hashes --only-binary :all: -r requirements.lock && \
	PIP_DISABLE_PIP_VERSION_CHECK=1 $$pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: setup ## serve the system with demo data on SQLite under var/, Pu'er on a system of its own (HOST=, PORT=)
	@umask 077; mkdir -p var
	@test -s $(ACCOUNTS) || { umask 077; $(BIN)/catalogue demo > $(ACCOUNTS).new && mv $(ACCOUNTS).new $(ACCOUNTS); }
	@cat $(ACCOUNTS)
	@test -s $(OWN) || { umask 077; $(BIN)/python -m standin.keys "$$($(BIN)/catalogue account token puer)" > $(OWN).new && mv $(OWN).new $(OWN); }
	@echo "http://$(HOST):$(PORT)/"
	@echo "普洱自有系统（演示替身） / Pu'er's own system (stand-in): http://127.0.0.1:$(OWN_PORT)/"
	@set -a; . $(OWN); set +a; export CATALOGUE_WEBHOOK_PUER_URL=http://127.0.0.1:$(OWN_PORT)/inbox; \
	$(BIN)/python -m standin --port $(OWN_PORT) --catalogue http://127.0.0.1:$(PORT) & own=$$!; \
	$(BIN)/catalogue serve --host $(HOST) --port $(PORT) & served=$$!; \
	trap 'kill $$own $$served 2>/dev/null' EXIT; trap 'exit 0' INT TERM; wait $$served

test: setup ## all tests, on SQLite and on a PostgreSQL they bring themselves (PYTEST_ARGS=)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup ## style, types, borders between the layers, form of the registry
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/catalogue registry fmt --check
	@$(BIN)/catalogue registry check >/dev/null

fmt: setup ## put code and registry into their canonical form
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BIN)/python docs/glossary.py
	@$(BIN)/catalogue registry fmt

bench: setup ## measure, as ratios, into bench/RESULTS.md (QUICK=1 for a small run)
	@$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r bench/requirements.lock
	@$(BIN)/python -m bench $(if $(QUICK),--quick)
	@$(BIN)/python -m bench.delivery $(if $(QUICK),--quick)
	@$(BIN)/python -m bench.registry $(if $(QUICK),--quick)

screens: setup ## take the pictures in docs/screens with the system's chromium (SCENES="names")
	@$(BIN)/python -m tests.browser.screens $(SCENES)

ci: ## what the continuous integration does
	@.ci/run

LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet

lock: setup ## resolve the dependencies anew (UPGRADE=1 takes newer releases)
	@$(BIN)/python -m pip install --quiet uv
	@PATH="$(CURDIR)/$(BIN):$$PATH"; \
	$(LOCK) $(if $(UPGRADE),--upgrade) --group dev -o requirements.lock && \
	$(LOCK) --constraint requirements.lock -o deploy/requirements.lock && \
	$(subst pyproject.toml ,,$(LOCK)) --group bench -o bench/requirements.lock
