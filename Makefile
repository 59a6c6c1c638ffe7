# Everything that a person does here. A machine needs Python, make and git; Node comes from the Python packages.
# Each step leaves a stamp in .venv, so a second run does only what has changed.

PYTHON ?= python3
PORT ?= 8000
NAME ?= kernel-start

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
STAMPS := $(VENV)/stamps
COURSE := examples/course
export PATH := $(BIN):$(PATH)

# A stamp of another folder would name tools that are not here: virtual environments cannot be moved.
SOURCES := $(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null) \
	$(wildcard labextension/*.json labextension/*.mjs labextension/*.cjs labextension/yarn.lock)

.DELETE_ON_ERROR:
.PHONY: help install course demo test test-python test-typescript test-browser lint format soak bench pictures requirements clean

help: ## show what there is
	@echo "make demo               build the example course and serve it (PORT=$(PORT))"
	@echo "make test               all tests: Python, TypeScript, browser"
	@echo "make test-python        one of them; also test-typescript, test-browser"
	@echo "make lint               check style and types; make format mends what can be mended"
	@echo "make soak               the randomized tests with many more examples, and the largest environment (an hour)"
	@echo "make bench NAME=...     one measurement, printed and kept in bench/results/ (default $(NAME))"
	@echo "make pictures           take the pictures of the documentation anew"
	@echo "make requirements       choose the newest versions of the development packages"
	@echo "make clean              remove all that make has built"

# --- what the others need ---

$(STAMPS)/venv:
	$(PYTHON) -c "import sys; assert sys.version_info >= (3, 10), f'Python 3.10 or later is needed, {sys.executable} is {sys.version}'"
	$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/packages: $(STAMPS)/venv requirements/development.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/development.txt
	@touch $@

$(STAMPS)/node-modules: $(STAMPS)/packages labextension/package.json labextension/yarn.lock labextension/.yarnrc.yml
	cd labextension && jlpm install --immutable
	@touch $@

$(STAMPS)/labextension: $(STAMPS)/node-modules $(SOURCES)
	cd labextension && jlpm build:prod
	@touch $@

# The labextension is built above, with pinned tools: hatchling only picks it up.
$(STAMPS)/project: $(STAMPS)/labextension pyproject.toml install.json
	SKIP_JUPYTER_BUILDER=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/ui-tests: $(STAMPS)/packages ui-tests/package.json ui-tests/yarn.lock ui-tests/.yarnrc.yml
	cd ui-tests && jlpm install --immutable
	@touch $@

install: $(STAMPS)/project ## the project and all that its development needs, in .venv

# --- the example course ---

course: install
	$(BIN)/python scripts/wheelhouse.py $(COURSE)/wheelhouse numpy pandas matplotlib
	cd $(COURSE) && jupyter lite build

demo: course
	@echo
	@echo "    The course:  http://127.0.0.1:$(PORT)/lab/index.html?path=00-what-is-here.ipynb"
	@echo "    Ctrl-C stops the server."
	@echo
	cd $(COURSE) && jupyter lite serve --port $(PORT)

# --- tests ---

# Files of tests run side by side, in the order of their names: those that take longest come first.
PROCESSES := --numprocesses logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

test: install $(STAMPS)/ui-tests
	$(MAKE) --no-print-directory --keep-going test-python test-typescript test-browser

test-python: course
	$(BIN)/python -m pytest $(PROCESSES)

test-typescript: course
	cd labextension && jlpm test

test-browser: course $(STAMPS)/ui-tests
	$(MAKE) --no-print-directory --jobs 2 test-site-sites test-site-freezing_site
	cd ui-tests && jlpm playwright test

# Scripts that build sites, side by side: what they download and install they share, and each may find it there.
test-site-%:
	$(BIN)/python ui-tests/$*.py

soak: export FROZENFS_SOAK := 1
soak: course $(STAMPS)/ui-tests
	$(BIN)/python -m pytest $(PROCESSES)
	cd labextension && jlpm test
	$(BIN)/python scripts/wheelhouse.py $(COURSE)/wheelhouse scipy scikit-learn
	$(BIN)/python ui-tests/sites.py
	cd ui-tests && jlpm playwright test --project=plain tests/science

# --- style and types ---

lint: install $(STAMPS)/ui-tests
	ruff check
	ruff format --check
	mypy
	cd labextension && jlpm lint:check
	cd ui-tests && jlpm lint:check

format: install $(STAMPS)/ui-tests
	-ruff check --fix
	ruff format
	cd labextension && jlpm lint
	cd ui-tests && jlpm lint

# --- measurements ---

bench: bench-$(NAME)

bench-sites: course $(STAMPS)/ui-tests
	$(BIN)/python bench/sites.py --pyodide labextension/node_modules/pyodide --wheelhouse $(COURSE)/wheelhouse

bench-kernel-start bench-restart: bench-%: bench-sites
	node bench/$*.mjs build/bench

bench-restore: course $(STAMPS)/ui-tests
	$(BIN)/python scripts/wheelhouse.py $(COURSE)/wheelhouse scipy scikit-learn
	$(BIN)/python bench/sites.py --science --pyodide labextension/node_modules/pyodide --wheelhouse $(COURSE)/wheelhouse
	node bench/restore.mjs build/bench

bench-freeze: bench-sites
	node bench/freeze.mjs build/bench

bench-mount: $(STAMPS)/labextension
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
		--dest .cache/bench sympy==1.14.0 mpmath==1.3.0
	node --expose-gc bench/mount.mjs .cache/bench

bench-store: $(STAMPS)/labextension $(STAMPS)/ui-tests
	node bench/store.mjs

bench-panel: $(STAMPS)/node-modules $(STAMPS)/ui-tests
	node bench/panel.mjs

bench-pack: $(STAMPS)/packages
	$(BIN)/python bench/pack.py

bench-%:
	@echo "There is no benchmark called $*. There are:" $(patsubst bench/%.mjs,%,$(filter-out %/browser.mjs %/report.mjs %/memory.mjs %/restore-limit.mjs %/restore-node.mjs %/freeze.node.mjs %/freeze.run.mjs %.worker.mjs,$(wildcard bench/*.mjs))) pack >&2
	@exit 2

# --- upkeep ---

pictures: install $(STAMPS)/ui-tests
	$(BIN)/python scripts/wheelhouse.py $(COURSE)/wheelhouse numpy pandas matplotlib
	$(BIN)/python ui-tests/sites.py
	cd ui-tests && jlpm playwright test --project=plain --update-snapshots=all tests/picture

requirements: $(STAMPS)/packages
	uv pip compile pyproject.toml requirements/development.in --group lint --group test --universal \
		--python-version 3.10 --no-header --annotation-style line --upgrade -o requirements/development.txt

clean:
	rm -rf $(VENV) build .cache labextension/lib labextension/node_modules ui-tests/node_modules \
		jupyter_frozenfs/labextension jupyter_frozenfs/bundle \
		$(COURSE)/_output $(COURSE)/.cache $(COURSE)/wheelhouse $(COURSE)/.jupyterlite.doit.db
