# `make` alone tells what there is. Everything happens in .venv, .run and dist; `make clean` removes them.

VENV := .venv
BIN := $(VENV)/bin
AUDIT := .audit
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
UV_VERSION := 0.13.9
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make lock'

# What `make run` shows: one database, one date, one enterprise.
ZHIBEN := $(BIN)/zhiben --db sqlite:///.run/zhiben.db
AS_OF := 2025-03-31
ENTERPRISE := 91120102XXXX00246A

# durable_rules comes as source only. Its set-up asks for no optimisation, and it calls by its old name a function that
# Python 3.13 knows only by its new one.
export CPPFLAGS := -O2 -DPyEval_CallObject=PyObject_CallObject

# A Python of the right version, as it is outside any virtual environment: set-up may replace the active one.
SUITABLE := import sys; print(sys._base_executable) if (3, 11) <= sys.version_info < (3, 14) else sys.exit(1)
override PYTHON := $(shell for name in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	"$$name" -c '$(SUITABLE)' 2>/dev/null && break; done)
VERSION := $(if $(PYTHON),$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'))

# What Debian and Ubuntu call all that set-up needs, so that one command puts it right.
APT = `sudo apt install gcc libc6-dev python$(or $(VERSION),3)-dev python$(or $(VERSION),3)-venv`

define NO_PYTHON
Zhiben needs Python 3.11, 3.12 or 3.13, and there is none here: on Debian or Ubuntu run $(APT), or name one with `make PYTHON=/path/to/python3 …`.
这里没有 Python 3.11、3.12 或 3.13：在 Debian 或 Ubuntu 上请运行 $(APT)，或用 `make PYTHON=/路径/python3 …` 指定。
endef
define NO_VENV
Python's venv module is missing here: on Debian or Ubuntu run $(APT).
缺少 Python 的 venv 模块：在 Debian 或 Ubuntu 上请运行 $(APT)。
endef
define NO_COMPILER
A C compiler is missing here, and durable_rules is built from source: on Debian or Ubuntu run $(APT).
缺少 C 编译器，而 durable_rules 须从源代码构建：在 Debian 或 Ubuntu 上请运行 $(APT)。
endef
define NO_HEADERS
Python's C headers are missing here, and durable_rules is built from source: on Debian or Ubuntu run $(APT).
缺少 Python 的 C 头文件，而 durable_rules 须从源代码构建：在 Debian 或 Ubuntu 上请运行 $(APT)。
endef
export NO_PYTHON NO_VENV NO_COMPILER NO_HEADERS

.PHONY: help setup run test soak lint mutate bench wheel lock sbom audit clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

setup: $(VENV)/ready-$(VERSION)  ## set up .venv (all the others do so by themselves) · 准备运行环境

run: setup .run/ledger.xlsx  ## the main job on the example ledger, writes violations.xlsx · 用示例台账跑一遍
	@rm -f .run/zhiben.db*
	$(ZHIBEN) import .run/ledger.xlsx
	$(ZHIBEN) sweep --as-of $(AS_OF)
	$(ZHIBEN) query $(ENTERPRISE) --as-of $(AS_OF)
	$(ZHIBEN) export violations --format xlsx --readable --as-of $(AS_OF) -o violations.xlsx

test: setup  ## all tests · 运行全部测试
	$(BIN)/pytest -n auto --dist worksteal

soak: setup  ## hundreds of kills on each kind of database, half an hour and more · 长时间的破坏试验
	ZHIBEN_SOAK_KILLS=$(or $(KILLS),300) $(BIN)/pytest -n auto --dist worksteal tests/crash
	ZHIBEN_SOAK_SECONDS=$(or $(SECONDS),300) $(BIN)/pytest -s tests/office
	ZHIBEN_SOAK=20 $(BIN)/pytest -n auto --dist worksteal tests/fuzz

lint: setup  ## style · 检查代码风格
	$(BIN)/ruff check .

mutate: setup  ## do the scenarios notice every change to the packs? · 变异检验
	$(BIN)/zhiben rules mutate --at-least 95

bench: setup  ## how long ledgers of several sizes take, SIZES="1000 10000" · 各种规模的台账需时多少
	$(BIN)/python -m tests.benchmarks.bench $(SIZES) $(if $(WRITE),--write $(WRITE))

wheel: setup  ## dist/zhiben-….whl, to be installed elsewhere · 构建安装包
	$(BIN)/python -m hatchling build -t wheel

lock: setup  ## take up newer versions of the packages · 更新并锁定依赖版本
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	$(BIN)/uv pip compile $(LOCK) -o requirements.txt pyproject.toml
	$(BIN)/uv pip compile $(LOCK) -o requirements-dev.txt -c requirements.txt --group dev
	$(BIN)/uv pip compile $(LOCK) -o requirements-audit.txt --group audit

sbom: $(AUDIT)/ready-$(VERSION)  ## dist/zhiben.cdx.json, what the program is made of (CycloneDX) · 软件物料清单
	@mkdir -p dist
	PYTHONWARNINGS=ignore $(AUDIT)/bin/cyclonedx-py requirements --output-reproducible --spec-version 1.6 \
		--pyproject pyproject.toml -o dist/zhiben.cdx.json requirements.txt
	@echo dist/zhiben.cdx.json

audit: $(AUDIT)/ready-$(VERSION)  ## are there known vulnerabilities in the locked packages? · 查已知漏洞
	@$(AUDIT)/bin/python .ci/audit.py requirements.txt requirements-dev.txt requirements-audit.txt

clean:  ## remove all that make has made · 清理
	rm -rf $(VENV) $(AUDIT) .run dist violations.xlsx .pytest_cache .ruff_cache .hypothesis

# pip's cache is left aside for what is built here: it would hand back a build made without the flags above.
$(VENV)/locked-$(VERSION): requirements.txt requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "$$NO_PYTHON" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$$NO_VENV" >&2; exit 1; }
	@$(PYTHON) -c 'import os, shutil, sys, sysconfig as s; \
		sys.exit(not shutil.which((os.environ.get("CC") or s.get_config_var("CC")).split()[0]))' \
		|| { echo "$$NO_COMPILER" >&2; exit 1; }
	@$(PYTHON) -c 'import os, sys, sysconfig as s; \
		sys.exit(not os.path.exists(os.path.join(s.get_path("include"), "Python.h")))' \
		|| { echo "$$NO_HEADERS" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) --require-hashes --only-binary :all: -r requirements-dev.txt
	$(PIP) --require-hashes --only-binary :all: --no-binary durable-rules --no-build-isolation --no-cache-dir -r requirements.txt
	$(BIN)/python -c 'import durable_rules_engine'
	@touch $@

$(VENV)/ready-$(VERSION): $(VENV)/locked-$(VERSION) pyproject.toml
	$(PIP) --no-index --no-build-isolation --no-deps --editable .
	@touch $@

$(AUDIT)/ready-$(VERSION): requirements-audit.txt
	@test -n "$(PYTHON)" || { echo "$$NO_PYTHON" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$$NO_VENV" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(AUDIT)
	$(AUDIT)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary :all: \
		-r requirements-audit.txt
	@touch $@

.run/ledger.xlsx: facts/example.py facts/example_tables.py | setup
	@mkdir -p .run
	$(BIN)/zhiben example -o $@
