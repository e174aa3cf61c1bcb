# Two commands on a fresh machine: `make demo` runs the main job, `make test` passes the tests.
# They need Python >= 3.11, make and a package registry; nothing else.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
URLS   ?=
# COVERAGE=1 says after the tests how much of each package they ran; they take a seventh longer.
COVERAGE ?=
# Another installer than pip: `INSTALL="uv pip install --python .venv"`.
INSTALL ?= $(PIP) install --no-compile
# The tests start hundreds of processes; without cached bytecode each of them compiles every module again, for a second.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint types contracts docs docs-generate unit up up-test faults install pywb constraints requirements images secrets clean

demo: $(VENV)/.installed
	$(BIN)/python -m infra.demo $(URLS)

install: $(VENV)/.installed

test: lint types contracts docs unit

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

types: $(VENV)/.installed-test
	$(BIN)/mypy

contracts: $(VENV)/.installed-test
	$(BIN)/lint-imports

# The documentation as web pages, in build/docs.
docs: $(VENV)/.installed-test
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs --quiet build --strict

# Write the pages that are made from the code: docs/data.md and docs/cli.md.
docs-generate: $(VENV)/.installed-test
	$(BIN)/python -m docs.generate

# Three processes on two cores: the tests of schedules and outages wait more than they work.
unit: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder $(if $(COVERAGE),--cov --cov-report=)
	$(if $(COVERAGE),@for name in articles spiders storage flows; do \
		echo "coverage of $$name: $$($(BIN)/coverage report --include="$$name/*" --format=total) %"; \
	done; echo "coverage of all: $$($(BIN)/coverage report --format=total) %")

# The whole stack without containers: store, database, Prefect server, worker. `make up ARGS="tengrinews --interval 600"`.
up: $(VENV)/.installed-up
	$(BIN)/python -m infra.up $(ARGS)

# The same with local outlets, to the first scheduled run, and again after the loss of Prefect's database: some minutes.
up-test: $(VENV)/.installed-test
	IRTYSH_UP=1 $(BIN)/python -m pytest -q --timeout 1800 tests/e2e/test_up.py

# More kills at random moments than the gate has time for.
faults: $(VENV)/.installed-test
	IRTYSH_KILLS=40 $(BIN)/python -m pytest -q --timeout 3600 tests/e2e/test_crash.py tests/e2e/test_cluster.py
	IRTYSH_FAULT_KILLS=10 $(BIN)/python -m pytest -q -s --timeout 7200 tests/e2e/test_killed_commands.py
	IRTYSH_FAULT_COMMITS=10 IRTYSH_FAULT_WRITERS=8 $(BIN)/python -m pytest -q -s --timeout 3600 tests/e2e/test_faults.py

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Irtysh needs Python 3.11 or later, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade pip  # a fresh Python 3.11 brings one of 2023, which takes twice as long

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) -c constraints.txt -e .
	touch $@

$(VENV)/.installed-up: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) -c constraints.txt -e '.[up]'
	touch $@ $(VENV)/.installed

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) -c constraints.txt -e '.[test]'
	touch $@ $(VENV)/.installed

# Pins without index addresses; needs uv (`pip install uv`).
constraints:
	uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate --all-extras pyproject.toml -o constraints.txt

# The same pins with hashes, for the images; needs uv.
HASHED := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -c constraints.txt
requirements: constraints.txt infra/build.in infra/store.in
	$(HASHED) pyproject.toml infra/build.in -o infra/requirements.txt
	$(HASHED) infra/store.in -o infra/requirements-store.txt

# What the base images' tags point to today; write it into infra/Dockerfile and infra/compose.yaml. Needs docker.
images:
	@sed -nE 's/.*[ =](docker\.io\/[^@ ]+)@sha256:.*/\1/p' infra/Dockerfile infra/compose.yaml | sort -u | while read -r tag; do \
	  printf '%s@%s\n' "$$tag" "$$(docker buildx imagetools inspect "$$tag" --format '{{.Manifest.Digest}}')"; done

# Secrets of infra/compose.yaml, in infra/secrets/.
secrets:
	$(PYTHON) -m infra.make_secrets

clean:
	rm -rf $(VENV) build irtysh-store

# The archive sources against the real pywb, in an environment of its own (its pins are old): half a minute.
pywb: $(VENV)/.installed-test build/pywb/.installed
	IRTYSH_PYWB=build/pywb $(BIN)/python -m pytest -q tests/spiders/test_pywb.py

build/pywb/.installed:
	$(PYTHON) -m venv build/pywb
	build/pywb/bin/python -m pip install --disable-pip-version-check --quiet 'pywb>=2.10,<3'
	touch $@
