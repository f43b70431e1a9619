# nFlow Runtime. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GOLANGCI_VERSION  := v2.15.0
DEADCODE_VERSION  := v0.52.0
GOVULN_VERSION    := v1.9.0

# What a caller may set: make test PKG=./domain/... , make run ARGS="validate x.json"
PKG      ?= ./...
ARGS     ?= serve
RUN      ?=
BENCH    ?= .
FUZZTIME ?= 20s
PARALLEL ?= 2
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Tools carry their version and that of the Go they are built with in their
# names, so they are built again exactly when one of the two changes.
GO_VERSION := $(shell go env GOVERSION)
GOLANGCI   := .bin/golangci-lint-$(GOLANGCI_VERSION)-$(GO_VERSION)
DEADCODE   := .bin/deadcode-$(DEADCODE_VERSION)-$(GO_VERSION)
GOVULN     := .bin/govulncheck-$(GOVULN_VERSION)-$(GO_VERSION)

# The example plugins are a module of their own, so that what they need is not
# what nFlow needs.
EXAMPLES := examples/plugins

GOTEST := go test -timeout 40m -p $(PARALLEL) $(if $(RUN),-run '$(RUN)')

##@ Use

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Run nflow from source; ARGS="serve"
	go run ./cmd/nflow $(ARGS)

.PHONY: build
build: ## Build bin/nflow
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/nflow ./cmd/nflow

.PHONY: plugins
plugins: build ## Build the Go example plugins into bin/plugins, as modules and as programs
	@for name in hello tables qrcode; do \
		bin/nflow plugin build $(EXAMPLES)/$$name --out bin/plugins/$$name; done

##@ Test

.PHONY: deps
deps: ## Install the Debian packages that tests need, when missing and allowed
	@scripts/deps.sh

.PHONY: test
test: deps ## Run all tests with the race detector; PKG=./... RUN=name
	$(GOTEST) -race $(PKG)
ifeq ($(PKG),./...)
	cd $(EXAMPLES) && $(GOTEST) -race ./...
endif

.PHONY: e2e
e2e: ## Run the tests that drive the real binary
	$(GOTEST) -count=1 ./cmd/nflow/...

.PHONY: bench
bench: ## Run benchmarks; BENCH=regexp PKG=./...
	go test -run '^$$' -bench '$(BENCH)' -benchmem -p 1 $(PKG)

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME=20s
	scripts/fuzz.sh $(FUZZTIME)

.PHONY: cover
cover: ## Measure test coverage into coverage.out
	$(GOTEST) -coverprofile=coverage.out -coverpkg=./... $(PKG)
	@go tool cover -func=coverage.out | tail -n 1

##@ Check

.PHONY: check
check: fmt-check tidy-check vet arch lint deadcode ## Everything CI checks besides the tests
	@echo "check: all good"

.PHONY: fmt-check
fmt-check:
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then \
		echo "check: these files are not formatted; run make fmt:"; echo "$$files"; exit 1; fi

.PHONY: tidy-check
tidy-check: ## Check go.mod and go.sum against the code and the module cache
	@go mod verify >/dev/null || { echo "check: a downloaded module was changed; run go clean -modcache"; exit 1; }
	@go mod tidy -diff || { echo "check: go.mod does not fit the code; run go mod tidy"; exit 1; }
	@cd $(EXAMPLES) && go mod tidy -diff || { echo "check: go.mod of $(EXAMPLES) does not fit its code; run go mod tidy there"; exit 1; }

.PHONY: vet
vet:
	@go vet ./... ./ports/plugintest/testdata/probe && (cd $(EXAMPLES) && go vet ./...) || \
		{ echo "check: go vet found faults (above)"; exit 1; }

.PHONY: arch
arch: ## Check every package against ARCHITECTURE.md
	@go test -count=1 ./internal/architecture || { echo "check: see ARCHITECTURE.md for what each room may do"; exit 1; }

.PHONY: lint
lint: $(GOLANGCI) ## Run golangci-lint as .golangci.yml says
	@$(GOLANGCI) config verify
	@$(GOLANGCI) run ./... || { echo "check: fix the code; a //nolint names its linter and reason"; exit 1; }

.PHONY: deadcode
deadcode: $(DEADCODE) ## Report functions nflow can never reach
	@dead=$$($(DEADCODE) -test=false -filter='<module>' ./cmd/nflow); if [ -n "$$dead" ]; then \
		echo "$$dead"; echo "check: cmd/nflow never reaches these; wire them or delete them"; exit 1; fi

.PHONY: vuln
vuln: $(GOVULN) ## Look for known vulnerabilities (asks vuln.go.dev)
	$(GOVULN) ./...

##@ Care

.PHONY: fmt
fmt: ## Format all Go files
	gofmt -w .

.PHONY: tools
tools: $(GOLANGCI) $(DEADCODE) ## Install what check needs into .bin
	scripts/deps.sh

.PHONY: clean
clean: ## Remove what make has built, tools included
	rm -rf bin .bin coverage.out

# install MODULE VERSION FILE builds a tool under a name with its version.
define install
	@echo "tools: installing $(notdir $(3)); this happens once"
	@mkdir -p .bin
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && \
		GOFLAGS= GOBIN="$$tmp" go install $(1)@$(2) && mv "$$tmp"/* $(3)
endef

$(GOLANGCI):
	$(call install,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,$(GOLANGCI_VERSION),$@)

$(DEADCODE):
	$(call install,golang.org/x/tools/cmd/deadcode,$(DEADCODE_VERSION),$@)

$(GOVULN):
	$(call install,golang.org/x/vuln/cmd/govulncheck,$(GOVULN_VERSION),$@)
