# Everything that a checkout needs, on Python 3.11 or newer, pip and make. `make help` lists the targets.

VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements
GRAPHIQL := gql/transport/graphiql

# Variables of the environment reach what is run here: HOST, PORT, DATABASE_URL and the other settings.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
TESTS ?= tests
# Whose random examples are ten times as many under `make soak`.
RANDOM := tests/execution/test_same_answer.py tests/db/test_visibility_lists.py tests/services/test_audit_chain.py tests/api/test_reassign_plans.py
# One more than there are CPUs: many tests wait, for deadlines and for other processes. Each has a part of the suite in
# its order, so that a world that tests share is made once, and takes from others when it is done. What pytest makes of
# the tests is kept for the next run, whatever the environment says: it takes each worker 3 s.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(os.cpu_count() + 1)")

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := $(PIP) --require-hashes --requirement
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test soak check lint schema readme lock bench bench-profile bench-left-out bench-documents bench-tails bench-trail bench-reassign bench-members bench-hand-over bench-groups bench-rebalance bench-peers seed clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.run $(GRAPHIQL)/vendor/lock.sha256 ## set up, migrate, seed a demo into an empty database, and serve
	@$(BIN)/lenddesk migrate
	@$(BIN)/lenddesk seed --if-empty
	@echo
	@echo "GraphiQL   http://$${HOST:-127.0.0.1}:$${PORT:-8000}/graphql"
	@echo "Ctrl-C stops the server; the data stays."
	@echo
	@exec $(BIN)/lenddesk serve

test: $(VENV)/.dev $(GRAPHIQL)/vendor/lock.sha256 ## run the tests on SQLite and PostgreSQL; TESTS=tests/db for some of them
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal $(TESTS)

soak: $(VENV)/.dev $(GRAPHIQL)/vendor/lock.sha256 ## tests that take hours, with figures: stalling clients, 100,000 operations under kill -9, faults, leaks, random examples
	@$(BIN)/pytest -s tests/soak
	@EXAMPLES=10 $(BIN)/pytest $(RANDOM)

check: lint test ## all that CI checks

lint: $(VENV)/.dev ## formatting, lint, types, layers, and whether schema.graphql is the present one
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports --no-cache
	$(BIN)/lenddesk schema --check

schema: $(VENV)/.run ## write schema.graphql anew
	@$(BIN)/lenddesk schema

readme: $(VENV)/.run ## write the README's tables of settings, roles and permissions anew
	@$(BIN)/lenddesk readme

seed: $(VENV)/.run ## seed the demo lender; CUSTOMERS=100000 for a larger one
	@$(BIN)/lenddesk migrate
	@$(BIN)/lenddesk seed $(if $(CUSTOMERS),--customers $(CUSTOMERS))

bench: $(VENV)/.dev ## measure a server on a demo of its own; BENCH="--help" lists the ways to do it
	@$(BIN)/python -m bench $(BENCH)

bench-profile: $(VENV)/.dev ## sample a server under load: where the CPU time of a request goes
	@$(BIN)/python -m bench.profile $(BENCH)

bench-left-out: $(VENV)/.dev ## the CPU time of a request without what its database answers
	@$(BIN)/python -m bench.left_out $(BENCH)

bench-documents: $(VENV)/.dev ## measure the first sight of a document, and a process's memory after many
	@$(BIN)/python -m bench.documents $(BENCH)

bench-tails: $(VENV)/.dev ## what the slowest requests wait for, at 70 % of the peak
	@$(BIN)/python -m bench.tails $(BENCH)

bench-trail: $(VENV)/.dev ## measure `lenddesk audit verify` of a million events; BENCH="--events 10000" for fewer
	@$(BIN)/python -m bench.trail $(BENCH)

bench-reassign: $(VENV)/.dev ## a job over 100,000 customers, and what others wait meanwhile; BENCH="--customers 5000" for fewer
	@$(BIN)/python -m bench.reassign $(BENCH)

bench-members: $(VENV)/.dev ## a file of 100,000 customers into a group, tried and done; BENCH="--customers 5000" for fewer
	@$(BIN)/python -m bench.members $(BENCH)

bench-hand-over: $(VENV)/.dev ## a book of 2,000 customers is handed over in one transaction
	@$(BIN)/python -m bench.hand_over $(BENCH)

bench-groups: $(VENV)/.dev ## the page of a group and its statistics against its size; BENCH="--customers 1000000" for more
	@$(BIN)/python -m bench.groups $(BENCH)

bench-rebalance: $(VENV)/.dev ## compare how books are rebalanced with solvers, where these are installed
	@$(BIN)/python -m bench.rebalance $(BENCH)

bench-peers: $(VENV)/.dev ## measure our server beside peers, on a million customers; BENCH="--help" lists the ways to do it
	@$(BIN)/python -m bench.peers $(BENCH)

lock: $(VENV)/.dev ## pin the dependencies anew; UPGRADE=1 takes newer releases
	$(COMPILE) pyproject.toml --output-file $(LOCKS)/run.lock
	$(COMPILE) pyproject.toml --extra dev --output-file $(LOCKS)/dev.lock
	$(COMPILE) $(LOCKS)/build.in --output-file $(LOCKS)/build.lock
	$(COMPILE) $(LOCKS)/node.in --output-file $(LOCKS)/node.lock

clean: ## remove what the other targets made, but for the data under var/
	rm -rf $(VENV) $(GRAPHIQL)/vendor bench/peers/node/node_modules tests/transport/npm/node_modules dist .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find gql tests bench -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "LendDesk needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Python's venv module is missing: on Debian and Ubuntu, install python3-venv." >&2; exit 1; }
	@touch $@

$(VENV)/.run: $(LOCKS)/run.lock $(LOCKS)/build.lock pyproject.toml | $(VENV)/.made
	@echo "Installing LendDesk ..."
	@$(LOCKED) $(LOCKS)/build.lock
	@$(LOCKED) $(LOCKS)/run.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(LOCKS)/dev.lock | $(VENV)/.run
	@echo "Installing what the tests need ..."
	@$(LOCKED) $(LOCKS)/dev.lock
	@touch $@

# The API works without GraphiQL, so that a failure here stops nothing, and the next run tries again.
$(GRAPHIQL)/vendor/lock.sha256: $(GRAPHIQL)/package-lock.json | $(VENV)/.run
	@echo "Fetching GraphiQL ..."
	@case "$$(npm --version 2>/dev/null)" in \
		[7-9].* | [1-9][0-9]*.*) ;; \
		*) $(LOCKED) $(LOCKS)/node.lock ;; \
	esac; \
	$(BIN)/python -m gql.transport.graphiql.install >/dev/null && touch $@ || \
		echo "Going on without GraphiQL." >&2
