# Everything runs from a fresh clone with python3 (3.11 or newer) and make; nothing else need be installed.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

# What was compiled once is not compiled again: otherwise each process does so for three seconds. `make clean` removes it.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long search test-fast mutants check contract catalogue contract-pack gallery storm campaign bench bench-quick compose-test up down clean lock sbom screenshots

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## make .venv from the locks and bring Kafka's jars (again: under 3 seconds)
	@$(PYTHON) deploy/bootstrap.py

demo: setup  ## play a whole conference on real servers (KEEP=1 leaves them running)
	@$(BIN)/kpk demo $(if $(KEEP),--keep)

test: setup  ## the tests, on real Kafka and real mongod
	@$(BIN)/python -m pytest -n 3 -m "not cluster and not long"

test-long: setup  ## what takes minutes: long forms, each rule taken out, each fault once (three quarters of an hour)
	@$(BIN)/python -m pytest -m long

search: setup  ## test-long with inputs that no run has tried before
	@$(BIN)/python -m pytest -m long --hypothesis-profile=search

FAST := not infra and not process and not journey and not storm and not cluster and not long

test-fast: setup  ## only the tests that need no server and no process of their own
	@$(BIN)/python -m pytest --forks 3 -m "$(FAST)"

mutants: setup  ## change one thing at a time, 480 times (SEED=1), and see whether test-fast is red each time
	@nice -n 15 $(BIN)/python -m tests.mutants --tests "$(FAST)" --seed $(or $(SEED),1)

contract: setup  ## write contract/ and docs/events.md from shared/contracts; refused when readers could not rely on it
	@$(BIN)/python -m deploy.contract

catalogue: setup  ## the contract as pages for people, in build/catalogue
	@$(BIN)/python -m deploy.contract.catalogue

contract-pack: setup  ## schemas, AsyncAPI, records and a conference to test a reader with, in build/contract-pack.zip
	@$(BIN)/python -m deploy.contract.pack

gallery: setup  ## every kind of mail as its recipient sees it, in build/mails.html
	@$(BIN)/python -m deploy.demo.gallery build/mails.html

check: setup  ## formatting, lint, types, import rules, dead code, spelling, the contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/codespell
	$(BIN)/python -m deploy.contract --check

storm: setup  ## seeded storms over a simulated world (SEEDS=2000; a seed that fails is shrunk and can be replayed)
	@$(BIN)/python -m tests.storms --seeds $(or $(SEEDS),2000)

campaign: setup  ## real faults on real servers, with a report in build/campaign (up to an hour)
	@$(BIN)/python -m pytest -m cluster
	@$(BIN)/python -m tests.campaign --report build/campaign
	@$(BIN)/python -m tests.campaign.summary

bench: setup  ## measure throughput and latency, beside the bare parts (some 80 minutes; ROWS=P1,P11), or AGAINST=a commit
	@$(BIN)/python -m tests.bench $(if $(ROWS),--only $(ROWS)) $(if $(AGAINST),--against $(AGAINST))

bench-quick: setup  ## a few rows of it, or ROWS; fails when a ratio has fallen by more than half
	@$(BIN)/python -m tests.bench --quick $(if $(ROWS),--only $(ROWS))

compose-test: setup  ## run docker-compose.yml with the docker or podman of this machine; a report in build/compose
	@$(BIN)/python -m tests.compose

screenshots: setup  ## the desk's ten main pages as a demo leaves them, in docs/desk
	@$(BIN)/kpk demo --keep --data build/screenshots && $(BIN)/python -m tests.screenshots build/screenshots; \
		$(BIN)/kpk down --data build/screenshots

sbom: setup  ## what the image installs, as CycloneDX, in build/sbom.json
	@mkdir -p build
	@$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible -o build/sbom.json

up: setup  ## start the embedded stack and stay until Ctrl-C
	@$(BIN)/kpk up

down:  ## end exactly what `make up` or `kpk up --detach` started
	@$(BIN)/kpk down

clean:  ## remove caches and build leftovers; the data folder and .venv stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build ./*.egg-info
	@find shared services deploy tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Written with uv in an environment of its own, so that nothing else there has a say.
LOCK_TOOL := .lock-tool/bin/uv pip compile --universal --python-version 3.11 --quiet \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"

lock:  ## write the lock files anew from pyproject.toml (UPGRADE=1 takes newer versions)
	@$(PYTHON) -m venv .lock-tool && .lock-tool/bin/pip install --quiet -r requirements-setup.lock
	$(LOCK_TOOL) $(if $(UPGRADE),--upgrade) --group setup -o requirements-setup.lock
	$(LOCK_TOOL) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	$(LOCK_TOOL) $(if $(UPGRADE),--upgrade) pyproject.toml --extra embedded --group dev -c requirements.lock \
		-o requirements-dev.lock
