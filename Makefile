# `make` lists what there is to make. Another interpreter: `make test PYTHON=python3.13`.

PYTHON ?= python3
# Each interpreter has an environment of its own: .venv for python3, .venv-python3.13 for python3.13.
VENV := .venv$(addprefix -,$(filter-out python3,$(notdir $(PYTHON))))
BIN := $(VENV)/bin
SOURCES := $(wildcard fmn webapp alembic tests benchmarks)
VERSION := $(shell sed -n 's/^version = //p' setup.cfg)
# Installs what is named into the environment. uv takes seconds where pip takes a minute, most of it for choosing releases.
# It knows nothing of pip's settings, such as a mirror's address: pip fetches it, and goes on where it fails.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV := uv >=0.13, <0.14
comma := ,
install = { $(PIP_INSTALL) '$(UV)' && $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python $(1); } \
	|| $(PIP_INSTALL) $(1)
# Processes that share the tests, each with servers of its own. More than twice the cores of a small machine: two of them
# mostly wait for time-outs. tests/scheduling.py says who gets what.
SIDE_BY_SIDE := --numprocesses 5
SERVERS := postgresql rabbitmq-server redis-server curl nginx-light inspircd anope atheme-services spamassassin chromium systemd postfix iproute2 nftables faketime prometheus graphviz

# Of `make fuzz`: how long each target takes, and which ones, all of them if it's empty.
SECONDS ?= 600
TARGETS ?=

export PYTHON
# Where it's set, each of the many processes that tests start would compile all of FMN anew.
unexport PYTHONDONTWRITEBYTECODE
# ansible-lint reads and writes UTF-8 only where the locale does. Tests set theirs in tests/environment.py.
export LC_ALL := C.UTF-8

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-delayed test-faults simulate screenshots trial coverage test-unit lint types audit fuzz \
	bench messages assets docs dist lock clean servers

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/installed ## Run FMN on this machine, with Python alone
	$(BIN)/fmn up

# What is checked without running it is checked beside the tests, where a processor would have nothing to do.
test: servers $(VENV)/installed-for-development ## Run everything that must pass, against real servers
	@tests/beside.sh lint types -- $(BIN)/pytest $(SIDE_BY_SIDE) --ignore=tests/trial

# Apart: most tests wait longer. `make test-delayed SEED=7` delays the same calls again.
test-delayed: servers $(VENV)/installed-for-development ## Run every test with random delays: some may depend on who comes first
	DELAYS=$(SEED) $(BIN)/python -m pytest -p tests.delays $(SIDE_BY_SIDE) --ignore=tests/trial

# Apart: it takes half an hour. `make test` has a handful of these.
test-faults: servers $(VENV)/installed-for-development ## Let everything go wrong that can, and show what came of it
	FAULTS=long $(BIN)/pytest tests/faults

# `make test` has a few hundred runs of these. `make simulate SEED=1234` or `POINT=81` does one that failed again.
SEEDS ?= 1000
simulate: $(VENV)/installed-for-development ## Let FMN die at each of its steps, and SEEDS=1000 times at random
	$(BIN)/python -m tests.simulation $(if $(SEED)$(POINT),,--points --seeds $(SEEDS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(POINT),--point $(POINT))

# Apart: in CI nobody looks at pictures.
screenshots: servers $(VENV)/installed-for-development ## Leave pictures of all pages in var/screenshots
	SCREENSHOTS=yes $(BIN)/pytest tests/browser/test_every_page.py tests/browser/test_files_and_tokens.py

# Apart: it takes half an hour, and what it installs wants the servers' usual ports.
trial: $(VENV)/installed-for-development ## Install FMN on fresh systems, from nothing to a mail
	tests/servers/install.sh debootstrap openssh-client
	$(call install,--editable '.[trial]')
	$(BIN)/pytest --timeout=7200 tests/trial

# Apart, since measuring slows the processes that the system tests start and kill.
coverage: servers $(VENV)/installed-for-development ## Run every test and measure what they reach
	$(BIN)/pytest --cov --cov-report=term --ignore=tests/trial

test-unit: $(VENV)/installed-for-development ## Run the tests that need no server
	$(BIN)/pytest tests/unit

lint: $(VENV)/installed-for-development ## Check the style, the layers and the words
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.retired_words
	cd deploy/ansible && PATH="$(abspath $(BIN)):$$PATH" yamllint --strict . && \
		PATH="$(abspath $(BIN)):$$PATH" ansible-lint --offline -q

types: $(VENV)/installed-for-development ## Check the types
	$(BIN)/mypy $(SOURCES)

# Apart: the answer isn't ours, and changes from one day to the next. What can't be looked up counts as a failure.
audit: $(VENV)/installed-for-development ## Look for known vulnerabilities in what FMN stands on
	$(BIN)/python -m pip check
	$(BIN)/python -m pip freeze --exclude-editable >$(VENV)/installed.txt
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit >=2.10, <3'
	.venv-audit/bin/pip-audit --strict --no-deps --disable-pip --progress-spinner off --requirement $(VENV)/installed.txt

# What is found stays in var/fuzz, where the next run goes on.
fuzz: $(VENV)/installed-for-development ## Let a fuzzer look for what breaks our parsers, SECONDS=600 for each
	$(BIN)/python -m tests.fuzz.run $(SECONDS) var/fuzz $(TARGETS)

bench: $(VENV)/installed-for-development ## Measure how fast FMN is
	$(BIN)/python benchmarks/run.py

# New sentences arrive untranslated; what is similar to an old one is no guess worth having.
messages: $(VENV)/installed-for-development ## Bring the translations in step with the code's sentences
	mkdir -p build
	$(BIN)/pybabel -q extract --mapping=pyproject.toml --keywords=mark --no-location --sort-output --no-wrap \
		--project=FMN --version=$(VERSION) --output=build/fmn.pot fmn webapp
	for file in fmn/locale/*/LC_MESSAGES/fmn.po; do $(BIN)/pybabel -q update --no-fuzzy-matching --no-wrap \
		--ignore-pot-creation-date --ignore-obsolete --input-file=build/fmn.pot --output-file=$$file \
		--locale=$$(basename $$(dirname $$(dirname $$file))); done

# Only to renew them: what comes of it is in the repository, and nothing else needs npm.
assets: $(VENV)/installed-for-development ## Make the colours, sizes and icons of the pages from the packages that webapp/assets names
	cd webapp/assets && npm ci --silent
	$(BIN)/python webapp/assets/build.py
	$(BIN)/python webapp/assets/app_icons.py

# Graphviz draws the pictures; without it their descriptions stand in their places.
docs: $(VENV)/installed-for-development ## Build the documentation into docs/_build/html
	@tests/servers/install.sh graphviz || echo "Going on without pictures."
	$(BIN)/sphinx-build -W --keep-going docs docs/_build/html

# The bill of materials (SBOM, CycloneDX) is of an environment like a host's: the locked releases, and the wheel. Only
# those have to be fetched; what builds the wheel is there already.
dist: $(VENV)/installed-for-development ## Build the wheel that hosts install, and its SBOM, into dist/
	$(BIN)/python -m build --no-isolation
	$(PYTHON) -m venv --clear .venv-dist
	.venv-dist/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: \
		--requirement deploy/requirements.lock
	.venv-dist/bin/python -m pip install --quiet --no-deps --no-index dist/fmn-$(VERSION)-py3-none-any.whl
	.venv-dist/bin/python deploy/project_table.py >.venv-dist/pyproject.toml
	$(BIN)/cyclonedx-py environment --pyproject .venv-dist/pyproject.toml --output-reproducible \
		--output-file dist/fmn-$(VERSION).cdx.json .venv-dist

# Apart: it asks the package index for the newest releases that setup.cfg allows. Commit what it writes.
lock: ## Lock the releases, with their hashes, that hosts install
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check '$(UV)'
	.venv-lock/bin/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--output-file deploy/requirements.lock setup.cfg

clean: ## Remove everything that was made, except for the databases in var/
	rm -rf .venv .venv-* build dist *.egg-info docs/_build .coverage .coverage.*
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

# Whoever may not install servers still wants the other tests; those that need one say why they're skipped.
servers:
	@tests/servers/install.sh $(SERVERS) || echo "Going on without."
	@tests/servers/install.sh chromium-headless-shell || echo "Going on with all of Chromium, which takes longer."

# Debian keeps the part of Python that makes environments in a package of its own.
$(BIN)/python:
	@tests/servers/install.sh python3-venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: setup.cfg pyproject.toml | $(BIN)/python
	@echo "Installing FMN and what it needs into $(VENV)"
	@$(call install,--editable .)
	@touch $@

$(VENV)/installed-for-development: setup.cfg pyproject.toml | $(BIN)/python
	@echo "Installing FMN and what its tests need into $(VENV)"
	@$(call install,--editable '.[test$(comma)docs$(comma)deploy]')
	@touch $@
