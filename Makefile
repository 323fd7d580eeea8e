# Everything starts here; `make help` lists it.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
CITIZENS ?= 5000
TEST_PROCESSES ?= 2
PY := .venv/bin/python
MANAGE := $(PY) manage.py
# Where containers forbid it, each of the many processes would compile all of its libraries anew.
unexport PYTHONDONTWRITEBYTECODE

COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links $(if $(KEEP),,--upgrade)

.DEFAULT_GOAL := help
.PHONY: help setup docs messages demo demo-stop demo-reset test test-spark check fix bench lock base chromium

help: ## list what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

base:
	@$(PYTHON) requirements/install.py base

setup: ## make .venv with everything that running, testing and checking needs
	@$(PYTHON) requirements/install.py dev

demo: base ## a scored town at http://localhost:8000 (PORT=8000 CITIZENS=5000 HOST=127.0.0.1)
	@exec $(PY) -m sesame_site.demo --port "$(PORT)" --host "$(HOST)" --citizens "$(CITIZENS)"

demo-stop: base ## end the demo that runs, wherever it was started
	@$(PY) -m sesame_site.demo --stop

demo-reset: base ## forget the town
	@$(PY) -m sesame_site.demo --reset

test: setup chromium ## run all tests but those of Spark, browser journeys included (ARGS="tests/scoring -k name")
	@$(PY) -m pytest -n $(TEST_PROCESSES) --dist loadgroup $(ARGS)

test-spark: setup ## run the tests of the Spark engine, which need Java 17 (ARGS="-k name")
	@$(PYTHON) requirements/install.py spark
	@$(PY) -m pytest -n 0 tests/spark $(ARGS)

chromium:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
			if command -v $$name >/dev/null 2>&1; then exit 0; fi; \
		done; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
			echo "Installing Chromium for the browser journeys" >&2; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null \
			|| { echo "Chromium could not be installed; install it by hand: apt-get install chromium" >&2; exit 2; }; \
		else \
			echo "The browser journeys need Chromium. Debian: sudo apt-get install chromium. Ubuntu: sudo snap install chromium" >&2; \
			exit 2; \
		fi

check: setup ## lint, types, contracts between parts, migrations, production settings, templates
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-cache
	HTTPS=false $(MANAGE) makemigrations --check --dry-run
	$(PY) -m sesame_site.messages --check
	DEBUG=false HTTPS=true ALLOWED_HOSTS=sesame.example \
		SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		$(MANAGE) check --deploy --fail-level WARNING
	.venv/bin/djade --check --target-version 5.2 $$(find templates -name '*.html')

fix: setup ## format code and templates, and mend what can be mended without thought
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	-.venv/bin/djade --target-version 5.2 $$(find templates -name '*.html')

bench: setup ## measured comparisons, written to docs/benchmarks.md (QUICK=1: small ones in under two minutes; LARGE=1)
	@$(PYTHON) requirements/install.py bench
	@$(if $(QUICK),,$(PYTHON) requirements/install.py spark)
	@$(PY) -m bench $(if $(QUICK),--quick) $(if $(LARGE),--large) $(ARGS)

docs: setup ## draw docs/roles.md from the code
	@$(PY) -m tests.roles_page > docs/roles.md

messages: setup ## extract what people read, update and compile the catalogues, say what is missing
	@$(PY) -m sesame_site.messages

lock: setup ## choose package versions anew and write them down with their hashes (KEEP=1: only what pyproject.toml adds)
	@for lock in "base" "dev --extra dev" "spark --extra spark -c requirements/base.txt" \
		"bench --extra bench -c requirements/dev.txt"; do \
		set -- $$lock; name=$$1; shift; \
		$(COMPILE) -o requirements/$$name.txt "$$@" pyproject.toml || exit 1; \
	done
	@echo uv | $(COMPILE) -c requirements/dev.txt -o requirements/uv.txt -
