# `make` lists the targets. Nothing has to be there before but Python 3.11 or newer, Git and make.
SHELL = /bin/sh
VENV = .venv
BIN = $(VENV)/bin
INSTALLED = $(VENV)/.installed
.DEFAULT_GOAL = help
# A file stays on one core, so that its sites are built once. PYTEST=-x, say, gives other options to pytest.
PYTEST = -n auto --dist loadfile
.PHONY: help demo faults mutants test lint check format docs pictures benchmarks site lock oldest clean setup

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## */\t/' | expand -t 10

# Outside this folder, whose Git repository the sample lab would else be a part of.
demo: setup  ## a sample lab in a temporary folder, and the whole story in it
	@folder=$$(mktemp -d "$${TMPDIR:-/tmp}/kb-demo.XXXXXX") && $(BIN)/kb demo "$$folder" && \
	printf '\nTry kb in the sample lab:\n  cd %s\n  %s/kb list\n' "$$folder" "$(CURDIR)/$(BIN)"

faults: setup  ## the long runs that break things on purpose, and their table in docs/promises.md (RUNS= names some)
	PYTHONPATH=tests $(BIN)/python -m faults $(RUNS)

mutants: setup  ## change the code on purpose and count what the tests notice (MUTANTS="--rooms logs --each 20")
	$(BIN)/python tests/mutants.py $(MUTANTS)

test: setup  ## all tests
	$(BIN)/pytest $(PYTEST)

lint: setup  ## style, types, and docs that say what the code says
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python docs/make_commands.py --check
	$(BIN)/python docs/make_notes.py --check

check: test lint  ## everything CI asks: tests, style, types, docs

format: setup  ## put the code into shape
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: setup  ## write docs/commands.md from the commands, and the tables of docs/notes.md from the code
	$(BIN)/python docs/make_commands.py
	$(BIN)/python docs/make_notes.py

pictures: setup  ## make the pictures of the README anew (needs Chromium; PICTURES= names another folder)
	$(BIN)/python docs/make_pictures.py $(PICTURES)

benchmarks: setup  ## how long things take, as ratios in one run
	$(BIN)/python benchmarks/commands.py
	$(BIN)/python benchmarks/seen.py
	$(BIN)/python benchmarks/site.py
	$(BIN)/python benchmarks/services.py

site: setup  ## this project's own journal, as a site
	$(BIN)/kb --root . site build

# Names, versions and hashes of every file of a version, so that any Python and machine finds its own; no address, so that
# pip asks the index that its user has configured.
lock:  ## choose the versions of all packages anew (UPGRADE= keeps those that still fit)
	@rm -rf build/lock && python3 -m venv build/lock && build/lock/bin/pip install --quiet pip-tools
	build/lock/bin/pip-compile --quiet $(UPGRADE) --generate-hashes --allow-unsafe --strip-extras --no-header \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --annotation-style=line \
	  --output-file requirements/dev.txt pyproject.toml requirements/dev.in
	@! grep -nE '://|^ *--(extra-)?index|^ *--find' requirements/dev.txt
UPGRADE = --upgrade

# The oldest versions that pyproject.toml allows, so that its lower bounds are true.
oldest:  ## the tests with the oldest packages that kb allows (TESTS= names some)
	@rm -rf build/oldest && python3 -m venv build/oldest
	@python3 -c 'import tomllib; print(*[row.split(",")[0].replace(">=", "==") for row in tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"]], sep="\n")' > build/oldest/bounds.txt
	build/oldest/bin/pip install --quiet --disable-pip-version-check -c build/oldest/bounds.txt -r requirements/dev.in -e .
	build/oldest/bin/pytest $(PYTEST) $(TESTS)

setup: $(INSTALLED)

$(INSTALLED): requirements/dev.txt pyproject.toml Makefile
	@python=$(PYTHON); \
	if [ -z "$$python" ]; then for name in python3 python3.13 python3.12 python3.11 python3.14; do \
	  if $$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; done; fi; \
	if [ -z "$$python" ]; then \
	  echo 'kb needs Python 3.11 or newer with its venv module (Debian: apt install python3-venv); name one with make PYTHON=…' >&2; exit 1; fi; \
	if ! $(BIN)/python -c 'import pip' 2>/dev/null; then echo "Setting up $(VENV) with $$($$python --version)" && $$python -m venv --clear $(VENV); fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

clean:  ## remove what can be made anew, the virtual environment included
	rm -rf $(VENV) build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis
