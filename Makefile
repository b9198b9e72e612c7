# Words for developers. bootstrap.py does the work; this file only saves typing.

PYTHON ?= python3
BIN := .venv/bin
# Pins that still fit are kept; `make lock UPGRADE=--upgrade` takes the newest of everything.
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes \
	--no-emit-index-url --no-header $(UPGRADE)

.PHONY: help setup test bench lint lock demo clean dictionary handbook pictures acceptance faults

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

setup: ## install what developers need, from requirements-dev.lock
	$(PYTHON) bootstrap.py setup --dev

test: ## every check and every test
	$(PYTHON) bootstrap.py test

bench: setup ## how fast and how small, each as a ratio to the plain way in the same run
	for script in tests/benchmarks/*.py; do OMP_NUM_THREADS=1 $(BIN)/python $$script || exit 1; done

lint: setup ## the quick checks, mending what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## write both locks anew from pyproject.toml (then bring environment.yml up to date)
	$(COMPILE) --group bootstrap --output-file requirements.lock
	$(COMPILE) --group bootstrap --group dev --constraint requirements.lock --output-file requirements-dev.lock

demo: ## the demo workspace and its apps
	$(PYTHON) bootstrap.py demo

clean: ## away with everything that can be made again; workspaces stay
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

dictionary: ## print data/README.md from the schema
	.venv/bin/python -c "from salescoach.tables.schema import dictionary; open('data/README.md', 'w', encoding='utf-8').write(dictionary())"

handbook: ## write docs/metrics.md and docs/metrics.tr.md from the registry
	$(BIN)/python -c "from salescoach.report.metric_page import metric_handbook as h; from salescoach.resources import load_words as w; [open(p, 'w', encoding='utf-8').write(h(w(c))) for c, p in (('en', 'docs/metrics.md'), ('tr', 'docs/metrics.tr.md'))]"

acceptance: setup ## the diagnosis against organisations with known truth, the naive ways beside it
	OMP_NUM_THREADS=1 $(BIN)/python tests/acceptance/run.py

faults: setup ## many faults on the coaching record: kill -9, restarts, backups under writers (long)
	SALESCOACH_FAULTS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q tests/faults

pictures: ## take the READMEs' pictures from the demo workspace
	$(BIN)/python docs/pictures.py demo-workspace R014
