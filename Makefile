# Oasis is built, run and tested from here; `make help` lists the targets.
# A line "target: ## text" is what `make help` prints.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# Tools that take long to build are kept outside the clone, so that the next
# fresh clone finds them.
CACHE := $(or $(OASIS_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/oasis)

# One linter per content of its go.sum: a changed pin builds a new one.
GOLANGCI := $(CACHE)/golangci-lint-$(firstword $(shell cksum < tools/golangci/go.sum))

WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print)

.PHONY: build
build: web ## build the web app and the binary bin/oasis (the default)
	CGO_ENABLED=0 go build -trimpath -o bin/oasis ./cmd/oasis

.PHONY: run
run: build ## build all and serve on http://localhost:8000, data in ./data
	exec bin/oasis serve --data ./data --listen localhost:8000

.PHONY: web
web: web/dist/app/index.html ## build the web app into web/dist/app, if its sources changed

web/dist/app/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	npm --prefix web run build

%/node_modules/.package-lock.json: %/package-lock.json
	npm --prefix $* ci --no-audit --no-fund
	touch $@

.PHONY: deps
deps: ## install what the tests need: Debian packages (as root), npm packages
	test/install.sh
	$(MAKE) --no-print-directory web/node_modules/.package-lock.json test/browser/node_modules/.package-lock.json

.PHONY: test
test: deps build ## run every test: unit, API, page, integration and browser
	go run ./test/all

.PHONY: test-fast
test-fast: web/node_modules/.package-lock.json ## run the tests that need no server and no browser (< 2 minutes)
	go run ./test/all -fast

.PHONY: test-long
test-long: deps build ## run every test with larger numbers and the race detector
	go run ./test/all -long

.PHONY: bench
bench: build ## measure: our figure, the limit of this machine, their ratio (WRITE=1: into docs/measured.md)
	go test -run '^$$' -bench . -benchtime 1x -timeout 60m ./test/bench $(if $(WRITE),-args -write)

.PHONY: lint
lint: $(GOLANGCI) web/node_modules/.package-lock.json ## check style and common faults, in Go and in the web app
	$(GOLANGCI) run ./...
	npm --prefix web run lint
	npm --prefix web run generate -- --check

$(GOLANGCI):
	mkdir -p $(CACHE)
	cd tools/golangci && go build -trimpath -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: fmt
fmt: $(GOLANGCI) ## format the Go files
	$(GOLANGCI) fmt ./...

.PHONY: generate
generate: web/node_modules/.package-lock.json ## write golden files again: OpenAPI, its TypeScript types, pages of docs/
	for dir in $$(grep -rl --include='*_test.go' 'flag.Bool("update"' internal | xargs -n 1 dirname | sort -u); do go test "./$$dir" -update; done
	npm --prefix web run generate

.PHONY: clean
clean: ## remove what was built; data/ and the cache outside the clone stay
	rm -rf bin web/dist/app test/browser/out
	find . -name node_modules -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
