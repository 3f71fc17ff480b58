# The project's commands. `make help` lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# The linter is built from the module proxy, once, into bin/.
LINT_VERSION  := v2.12.2
GOLANGCI_LINT := bin/golangci-lint-$(LINT_VERSION)
VULNCHECK_VERSION := v1.8.0
FUZZ_TIME     := 30s

# How many markets the model tests play, how many steps of the whole market each, and how
# often the program is killed.
export RAPID_CHECKS ?= 20
export MODEL_STEPS  ?= 2000
TORTURE_CHECKS      := 2000
TORTURE_STEPS       := 50000
TORTURE_CRASHES     := 200

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
COMMIT  := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)

# The race detector needs cgo, the server does not. It lets no process sleep for a
# second before it ends.
RACE := $(if $(shell command -v gcc clang cc),-race)
export GORACE ?= atexit_sleep_ms=0

# A profile of the calls, so that the compiler inlines what they use. It is not named default.pgo, which Go
# finds by itself: each go test and go vet would compile all packages once more.
PGO := cmd/campusgate/calls.pgo

# Tests that run at once in a package: most of them wait for other processes.
PARALLEL := 4

.PHONY: all build run test quick lint vulnerabilities bench day pinned compare against campus scale profile pgo fuzz torture docs help
.DEFAULT_GOAL := all

all: build test lint ## build, test and lint

build: ## build the static binary bin/campusgate
	CGO_ENABLED=0 go build -trimpath -pgo=$(PGO) -ldflags '$(LDFLAGS)' -o bin/campusgate ./cmd/campusgate

run: build ## serve a demo on 127.0.0.1:4081, data in ./data
	@exec bin/campusgate serve --demo

test: ## run every test, with the race detector where there is a C compiler
	@$(MAKE) servers
	$(MAKE) --jobs=2 test-all test-mariadb # side by side: a lot of it is waiting
	# What the race detector would falsify or slow down; compiled as build does.
	CGO_ENABLED=0 go test -trimpath -pgo=$(PGO) -timeout 30m -run '^Test(CallAllocations|IdleMemory|AttackMemory|AttackLogins|AttackCallbacks|AttackExpiringOrders|AttackListeners|AttackPushes|ExportMemory|Office|Bench|Scale|Day)$$' ./cmd/campusgate ./cmd/campusgate/bench

# SQLite is C, translated to Go: to watch its races, which are not ours, takes a third of the tests' CPU time.
test-all test-mariadb: export GOFLAGS := $(GOFLAGS) -gcflags=modernc.org/sqlite/lib=-race=false

.PHONY: test-all test-mariadb
test-all:
	go test $(RACE) -parallel $(PARALLEL) -timeout 45m -shuffle=on ./...

test-mariadb: # the same calls on the other database
	TEST_DATABASE=mariadb go test $(RACE) -timeout 45m -shuffle=on ./handlers/... 2>&1 | sed -u 's/^/on MariaDB: /'

quick: ## vet, and the tests that start no server, without the race detector: minutes at first, then seconds
	go vet ./...
	go test -short ./...

# The servers that the tests start for themselves, and the checker of units, from Debian's packages where
# that is possible. Without them their tests are skipped, and say so.
.PHONY: servers
servers:
	@PATH="$$PATH:/usr/sbin:$$(echo /usr/lib/postgresql/*/bin | tr ' ' :)"
	if ! { command -v mariadbd && command -v postgres && command -v redis-server && command -v nginx && command -v wrk && command -v systemd-analyze && command -v chromium; } >/dev/null; then
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
			export DEBIAN_FRONTEND=noninteractive
			# The tests make servers of PostgreSQL by themselves: the package shall make none.
			mkdir -p /etc/postgresql-common
			test -e /etc/postgresql-common/createcluster.conf || echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
			apt-get update -q && apt-get install -qy --no-install-recommends mariadb-server-core mariadb-client-core postgresql redis-server nginx-light wrk systemd chromium
		else
			echo 'NOT RUN without mariadbd, postgres, redis-server, nginx, wrk, systemd-analyze and chromium: the tests on MariaDB, PostgreSQL, Redis and nginx, of the benchmark, of the systemd unit and of the console'
		fi
	fi
	command -v npm >/dev/null || echo 'NOT RUN without node and npm: the tests of the TypeScript client and of the accessibility of the console'

lint: $(GOLANGCI_LINT) ## check formatting, style and the import rule
	go mod verify
	go mod tidy -diff
	$(GOLANGCI_LINT) config verify
	$(GOLANGCI_LINT) run ./...

$(GOLANGCI_LINT):
	GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv bin/golangci-lint $@

# Its exit status is 3 where it found one.
vulnerabilities: ## look for known vulnerabilities, where their database can be had
	@output=$$(go run golang.org/x/vuln/cmd/govulncheck@$(VULNCHECK_VERSION) ./... 2>&1) && status=0 || status=$$?
	echo "$$output"
	if [ $$status != 0 ] && grep -q 'fetching vulnerabilities' <<<"$$output"; then
		echo 'NOT RUN without the database of vulnerabilities: go.sum pins what was checked in by hand'
	else
		exit $$status
	fi

bench: ## compare the server with its floor, and write the table and the plot into docs/: minutes
	@$(MAKE) servers
	BENCH=$(CURDIR)/docs go test -pgo=$(PGO) -count 1 -timeout 40m -run '^Test(Bench|Pinned)$$' -v ./cmd/campusgate/bench

pinned: ## the part of bench that wrk asks from a core of its own, five minutes
	@$(MAKE) servers
	BENCH=$(CURDIR)/docs go test -pgo=$(PGO) -count 1 -timeout 20m -run '^TestPinned$$' -v ./cmd/campusgate/bench

compare: ## compare a small call with bare net/http, Gin and Fiber, two minutes
	@$(MAKE) servers
	@folder=$$(mktemp -d)
	trap 'rm -rf "$$folder"' EXIT
	go build -C cmd/campusgate/bench/testdata/others -tags go_json -pgo=$(CURDIR)/$(PGO) -o "$$folder/others" .
	OTHERS="$$folder/others" BENCH=$(CURDIR)/docs go test -v -run '^$$' -bench '^BenchmarkOthers$$' -benchtime 7x -timeout 20m ./cmd/campusgate/bench

# The commit whose program is compared with: the page has the last one before the market.
BEFORE_MARKET := bafd98b
against: export REVISION ?= $(BEFORE_MARKET)

against: ## compare small calls with the program of the commit REVISION, a quarter of an hour
	@$(MAKE) servers
	@export TMPDIR=$$(mktemp -d)
	trap 'rm -rf "$$TMPDIR"' EXIT
	mkdir "$$TMPDIR/source"
	git archive "$$REVISION" | tar -x -C "$$TMPDIR/source"
	CGO_ENABLED=0 go build -C "$$TMPDIR/source" -trimpath -ldflags '-s -w' -o "$$TMPDIR/earlier" ./cmd/campusgate
	AGAINST="$$TMPDIR/earlier" BENCH=$(if $(filter $(BEFORE_MARKET),$(REVISION)),$(CURDIR)/docs) \
		go test -v -run '^$$' -bench '^BenchmarkAgainst$$' -benchtime 1x -timeout 60m ./cmd/campusgate/bench

# How large a campus is filled, a multiple of 1000, and into which folder.
campus: export SIZE   ?= 1000
campus: export CAMPUS ?= $(abspath $(or $(FOLDER),campus-$(SIZE)))

campus: ## fill FOLDER with a campus of SIZE goods, notices and orders on SQLite and MariaDB: a million takes a while
	@$(MAKE) servers
	go test -count 1 -timeout 10h -run '^TestFillFolder$$' -v ./cmd/campusgate/campus

# How large the campus is beside that of a thousand, and the folder that has it.
scale: export SIZE   ?= 1000000
scale: export CAMPUS ?= $(abspath $(or $(FOLDER),campus-$(SIZE)))

scale: ## measure every call on the campus of SIZE in FOLDER beside one of a thousand, and write docs/scale.md
	@$(MAKE) servers
	test -e "$$CAMPUS" || $(MAKE) campus
	SCALE=$(CURDIR)/docs go test -count 1 -timeout 60m -run '^TestScale$$' -v ./cmd/campusgate/bench

# How long the replicas are used.
day: export DAY ?= 1h

day: ## use two replicas for an hour as a campus does, replace them, and write the tables into docs/day.md
	@$(MAKE) servers
	DAY_PAGE=$(CURDIR)/docs/day.md go test -count 1 -timeout 24h -run '^TestDay$$' -v ./cmd/campusgate/bench

export CALL ?= product/info

profile: ## where the CPU time and the allocations of CALL go
	@folder=$$(mktemp -d)
	trap 'rm -rf "$$folder"' EXIT
	go test -run '^$$' -bench "^BenchmarkCall$$/^$${CALL// /_}$$" -benchtime 3s -o "$$folder/test" \
		-cpuprofile "$$folder/cpu.prof" -memprofile "$$folder/memory.prof" -memprofilerate 4096 ./cmd/campusgate
	go tool pprof -top -cum -nodecount 40 -focus 'serveConn' "$$folder/test" "$$folder/cpu.prof"
	go tool pprof -top -nodecount 20 -sample_index alloc_objects -focus 'serveConn' "$$folder/test" "$$folder/memory.prof"

pgo: ## record anew the profile with which the server is compiled
	@folder=$$(mktemp -d)
	trap 'rm -rf "$$folder"' EXIT
	go test -run '^$$' -bench '^BenchmarkCall$$' -benchtime 2s -o "$$folder/test" -cpuprofile "$$folder/cpu.prof" ./cmd/campusgate
	mv "$$folder/cpu.prof" $(PGO)

fuzz: ## run every fuzz test for FUZZ_TIME
	for package in $$(go list ./...); do
		for name in $$(go test -list '^Fuzz' $$package | grep ^Fuzz || true); do
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZ_TIME) $$package
		done
	done

torture: ## attack the server, play the market's models, kill the program and move a large campus in, for minutes
	@$(MAKE) servers
	export TORTURE=1 RAPID_CHECKS=$(TORTURE_CHECKS) MODEL_STEPS=$(TORTURE_STEPS)
	for database in sqlite mariadb; do
		TEST_DATABASE=$$database go test -v -count 1 -timeout 30m -run '^Test(Market|Attack)' ./handlers/...
	done
	go test -v -count 1 -timeout 30m -run '^TestJudgeAgrees$$' ./handlers/trade/price | grep -v 'OK, passed'
	go test -v -count 1 -timeout 30m -run '^TestSearchOfTheMarketIsALookAtEach$$' ./storage
	go test -v -count 1 -timeout 30m -run '^TestAttack' ./dispatch/... ./cmd/campusgate/e2e ./cmd/campusgate/bench
	CRASHES=$(TORTURE_CRASHES) go test -v -count 1 -timeout 30m -run '^Test(EveryAcknowledgedWriteSurvives|OrdersSurvive|PaymentsSurvive)SIGKILL$$' ./cmd/campusgate/e2e
	go test -v -count 1 -timeout 30m -run '^TestCampusMovesIn$$' ./cmd/campusgate/importing
	go test -v -count 1 -timeout 30m -run '^TestDay$$' ./cmd/campusgate/bench # ten minutes of it

docs: ## write the API reference handlers/API.md, and in Chinese handlers/API.zh.md, from the registry
	go run ./cmd/campusgate docs > handlers/API.md.new
	go run ./cmd/campusgate docs --lang zh > handlers/API.zh.md.new
	mv handlers/API.md.new handlers/API.md
	mv handlers/API.zh.md.new handlers/API.zh.md

help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'
