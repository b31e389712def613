# make demo    train a small network on handwritten digits and draw its learning curves
# make test    lint, types and every test
# make help    the rest
#
# Both start from nothing but Python (3.10 to 3.13) and pip: they make .venv and install into it.

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2

PY := $(VENV)/bin/python
INSTALL := $(PY) -m pip install --disable-pip-version-check -c constraints.txt
REQUIREMENTS := setup.cfg pyproject.toml constraints.txt
KERAS := keras==3.15.1
CHROMIUM ?= $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name) 2>/dev/null)))
NPM := $(shell command -v npm 2>/dev/null)
PAGE := tests/browser
QUICK := tests/core tests/data tests/errors tests/layers tests/training tests/test_layering.py tests/test_house.py

.DEFAULT_GOAL := help
.PHONY: help demo test lint quick browser bench clean

help:
	@echo "make demo    train on handwritten digits, save digits_curves.png"
	@echo "make test    lint, types, layering and every test; those in a browser where Chromium and npm are installed"
	@echo "make browser exported models in a real Chromium (CHROMIUM=/path/to/chrome names another one)"
	@echo "make quick   the tests that matter while editing (under 90 s)"
	@echo "make lint    ruff and mypy only"
	@echo "make bench   compare speed and memory with Keras and a hand-written loop"
	@echo "make clean   remove .venv and everything that was generated"
	@echo "PYTHON=python3.12 make ... chooses the interpreter, VENV=folder the environment"

$(PY):
	$(PYTHON) -c 'import sys; ok = (3, 10) <= sys.version_info < (3, 14); sys.exit(None if ok else "Python 3.10 to 3.13 is needed, this is " + sys.version.split()[0] + ". Set PYTHON=python3.x.")'
	$(PYTHON) -m venv $(VENV)

# The stamps are written by make alone; each is as old as the last install.
$(VENV)/demo.stamp: $(REQUIREMENTS) | $(PY)
	$(INSTALL) -e '.[demo]'
	touch $@

# Keras declares Python 3.11 but runs on 3.10 too: there pip is told not to check.
$(VENV)/test.stamp: $(REQUIREMENTS) | $(PY)
	$(INSTALL) -e '.[test,dev]'
	@if $(PY) -c 'import sys; sys.exit(sys.version_info >= (3, 11))'; then \
		$(INSTALL) --no-deps --ignore-requires-python $(KERAS); fi
	touch $@

demo: $(VENV)/demo.stamp
	$(PY) tutorials/digits_demo.py

lint: $(VENV)/test.stamp
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

test: lint
	$(PY) -m pytest -n $(WORKERS)
	$(PY) -m pytest -n $(WORKERS) -m sweep
ifeq (,$(and $(CHROMIUM),$(NPM)))
	@echo "Left out, as Chromium or npm is missing: the tests in a browser (apt-get install chromium npm; make browser)"
else
	$(MAKE) browser
endif

browser: $(VENV)/test.stamp $(PAGE)/node_modules/.package-lock.json
	CHROMIUM="$(CHROMIUM)" $(PY) -m pytest -m browser $(PAGE)

$(PAGE)/node_modules/.package-lock.json: $(PAGE)/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: apt-get install npm"; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund --prefix $(PAGE)
	touch $@

quick: $(VENV)/test.stamp
	$(PY) -m pytest -n $(WORKERS) -m "not slow and not sweep" -x $(QUICK)

bench: $(VENV)/test.stamp
	$(PY) -m benchmarks

clean:
	rm -rf $(VENV) $(PAGE)/node_modules build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis digits_curves.png
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
