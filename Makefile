# Two commands are all it takes: `make run` and `make test`. Needs Python 3.11 or later and a
# package index. PYTHON and PORT may be given: `make run PORT=8471`.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := true
# Bytecode is kept, whatever the surroundings say: compiling would be half of every start.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test lint style types layers templates texts bench bench-full clean help
.DEFAULT_GOAL := help

run: .venv/.run ## Start everything: database, web server, worker, a demo district
	@$(BIN)/zerotrip run --demo --port $(PORT)

test: .venv/.test ## Run every test, the browser ones too
	@$(BIN)/zerotrip messages compile
	@$(BIN)/python -m tests.chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: style types layers templates texts ## Style, types, layers, templates, texts

style: .venv/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/.test
	ZEROTRIP_SECRET=types DATABASE_URL=postgresql:///types $(BIN)/mypy

layers: .venv/.test
	$(BIN)/lint-imports

templates: .venv/.test
	$(BIN)/djlint zerotrip --lint --quiet

texts: .venv/.test
	$(BIN)/zerotrip messages check

bench: .venv/.test ## Measure, within ten minutes
	@$(BIN)/zerotrip bench

bench-full: .venv/.test ## Measure at the sizes the issues name
	@$(BIN)/zerotrip bench --full

clean: ## Remove the environment and caches; the data in .data stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache artefacts

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.run .venv/.test: pyproject.toml uv.lock tools/install
	@PYTHON=$(PYTHON) tools/install $(@F:.%=%)
	@touch $@
