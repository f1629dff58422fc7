# Every habit of the project in one line each. Nothing but Python 3.11 is needed; the first habit you use sets it up.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv/bin
PORT ?= 8080
HOST ?= 127.0.0.1
VAR ?= ./var
TESTS ?=
LOCAL = $(VENV)/python -m deploy.local
SHIP = $(VENV)/python -m deploy.ship $(if $(SETTINGS),--env $(SETTINGS))
# An offline bundle brings what pip would fetch.
OFFLINE = $(if $(wildcard wheels),PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels)

.DEFAULT_GOAL := help
.PHONY: help run stop status test test-rules test-services test-flows test-browser lint types docs migrate baseline \
        bench chaos demo-reset backup restore replay verify lock audit build browser env env-dev assets \
        up down up-status upgrade scale first ship-backup ship-restore ship-drill ship-base ship-rewind bundle test-containers test-servers env-ship

help: ## list the habits
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: env assets ## start the whole suite (PORT=8080 VAR=./var HOST=127.0.0.1 DETACH=1 EMPTY=1)
	@exec $(LOCAL) run --port $(PORT) --host $(HOST) --var $(VAR) $(if $(DETACH),--detach) $(if $(EMPTY),--empty)

stop: env ## stop the suite kept in VAR
	@$(LOCAL) stop --var $(VAR)

status: env ## say whether the suite in VAR runs
	@$(LOCAL) status --var $(VAR)

test: env-dev assets ## all tests, all tiers; TESTS="path -k words" narrows
	@$(VENV)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(TESTS)

test-rules: env-dev ## pure rules only, seconds
	@$(VENV)/python -m pytest -q -m "not service and not flow and not browser" $(TESTS)

test-services: env-dev ## one service at a time with real PostgreSQL and NATS
	@$(VENV)/python -m pytest -q -m service $(TESTS)

test-flows: env-dev assets ## the whole suite, across departments
	@$(VENV)/python -m pytest -q -m flow $(TESTS)

test-browser: env-dev assets browser ## the screens in a real Chromium, all of them
	@GUANWU_LONG_LOOK=1 $(VENV)/python -m pytest -q -m browser $(TESTS)

test-containers: env-dev ## the shipped suite itself, in containers; says so where there is no engine
	@GUANWU_CONTAINERS=1 $(VENV)/python -m pytest -q -m container tests/containers $(TESTS)

test-servers: env-dev ## the bus and a department against PostgreSQL and NATS in containers; says so where there is no engine
	@GUANWU_TEST_INFRA=containers $(VENV)/python -m pytest -q -rs tests/shared/messaging tests/tech $(TESTS)

lint: env-dev ## ruff and the import contracts
	@$(VENV)/ruff check .
	@$(VENV)/lint-imports

types: env-dev ## mypy, strict
	@$(VENV)/mypy

docs: env-dev ## write the generated pages of docs/ anew
	@$(VENV)/python -m deploy.docs

migrate: env ## bring the databases in VAR to this version (SERVICE=reader for one)
	@$(LOCAL) migrate --var $(VAR) $(if $(SERVICE),--service $(SERVICE))

baseline: env ## write a service's first migration anew from its models (SERVICE=reader)
	@$(LOCAL) baseline $(if $(SERVICE),--service $(SERVICE))

bench: env-dev assets ## measure the suite (ARGS=…)
	@$(VENV)/python -m tests.bench $(ARGS)

chaos: env-dev assets ## kill parts of the suite under load and count what was lost (MINUTES=3 SEED=7 ARGS=…)
	@$(VENV)/python -m tests.chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(ARGS)

demo-reset: env ## empty VAR, so that the next run loads the demonstration library anew
	@$(LOCAL) reset --var $(VAR)

backup: env ## one archive with all databases and files (FILE=…)
	@$(LOCAL) backup --var $(VAR) $(if $(FILE),--file $(FILE))

restore: env ## put an archive back in place (FILE=…), with the suite stopped
	@$(LOCAL) restore --var $(VAR) $(if $(FILE),--file $(FILE))

replay: env ## rebuild what a service learnt from the others' events (SERVICE=reader SOURCE=office)
	@$(LOCAL) replay --var $(VAR) $(if $(SERVICE),--service $(SERVICE)) $(if $(SOURCE),--source $(SOURCE))

verify: env ## walk every service's audit chain and name what was changed, removed or slipped in
	@$(LOCAL) verify --var $(VAR)

up: env-ship ## the suite in containers (SITE= LISTEN= HTTPS_PORT= TLS= DEMO=1 … are kept in deploy/.env; docs/deploying.md)
	@$(SHIP) up $(foreach name,SITE LISTEN HTTPS_PORT HTTP_PORT SIP2_LISTEN SIP2_PORT TLS DEMO TAG COMPOSE_FILE,$(if $(filter command line,$(origin $(name))),--set $(name)=$($(name))))

down: env-ship ## stop the containers; all data stays
	@$(SHIP) down

up-status: env-ship ## say what of the containers runs, and how well
	@$(SHIP) status

upgrade: env-ship ## another version without an interruption (TAG=1.1; also the way back)
	@$(SHIP) upgrade $(if $(TAG),--tag $(TAG))

scale: env-ship ## so many replicas of a service (SERVICE=reader N=3)
	@$(SHIP) scale $(if $(SERVICE),--service $(SERVICE)) --number $(or $(N),1)

first: env-ship ## the first account of an empty library in containers (USER=name)
	@$(SHIP) first $(if $(filter command line,$(origin USER)),--user $(USER))

ship-backup: env-ship ## one archive with all databases, files and keys of the containers (FILE=…)
	@$(SHIP) backup $(if $(FILE),--file $(FILE))

ship-restore: env-ship ## put such an archive in the place of what is there (FILE=…)
	@$(SHIP) restore $(if $(FILE),--file $(FILE))

ship-drill: env-ship ## restore the newest archive beside the running suite, compare all of it, remove it again
	@$(SHIP) drill $(if $(FILE),--file $(FILE))

ship-base: env-ship ## copy the whole PostgreSQL beside its kept log (POSTGRES_ARCHIVE=on); with it any later moment can be had back
	@$(SHIP) base

ship-rewind: env-ship ## all databases as they were at a moment (TO="2026-11-27 18:30"; without TO the last moment kept)
	@$(SHIP) rewind $(if $(TO),--to "$(TO)")

bundle: env-ship ## images and files for a server without a way out (FILE=…)
	@$(SHIP) bundle $(if $(FILE),--file $(FILE))

lock: ## pin requirements*.in anew, with hashes and without addresses
	@$(PYTHON) deploy/local/lock.py $(ARGS)

audit: ## ask whether a locked package has a known hole (1 when one has; says so when the advisories cannot be reached)
	@$(PYTHON) deploy/local/advisories.py

build: env assets ## front-end files and message catalogues into dist/

browser: env-dev ## have a Chromium for the browser tests, where one can be had
	@$(VENV)/python -m tests.support.chromium

partners: env-dev ## have other libraries' programs for the tests of Z39.50 and SRU, where they can be had
	@$(VENV)/python -m tests.support.debian

env:
	@$(PYTHON) deploy/local/environment.py requirements.lock

env-ship:
	@$(OFFLINE) $(PYTHON) deploy/local/environment.py requirements-ship.lock

env-dev:
	@$(PYTHON) deploy/local/environment.py requirements.lock requirements-dev.lock

assets: env
	@$(VENV)/python -m deploy.local.assets
