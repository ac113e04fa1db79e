# `make check` is what CI runs. Everything here is also a plain command.
.PHONY: check test house scripts browser fuzz bench soak lives screenshots build fmt

check: ## everything CI runs; a group that cannot run here is a failure
	./.ci/run

test: ## everything; what this machine lacks is left out by name
	./test.sh

house: ## the house rules only, in a second
	go test -count=1 ./test/

scripts: ## the built command and the README, as scripts
	./test.sh -only build,scripts

browser: ## the pages in a real browser
	./test.sh -only build,browser

fuzz: ## every decoder for a minute
	./test.sh -only fuzz -fuzztime 1m

bench: ## the measurements of docs/performance.md
	go run ./test/bench -out docs/performance.md

soak: ## kill the server five hundred times while it is written to, and compare
	HABEAS_TEST_ROUNDS=500 go test -count=1 -timeout=180m -run=KilledAtRandom ./test/chaos

lives: ## twenty thousand random lives against the model; LIVES and SEED choose others
	go test -count=1 -timeout=180m ./test/lives -lives $(or $(LIVES),20000) -seed $(or $(SEED),1)

screenshots: build ## pictures of the pages, from a running demo, into docs/
	cd test/browser && GOWORK=off go run ./screenshots -habeas ../../habeas -out ../../docs/pictures

build: ## the static binary
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o habeas ./cmd/habeas

fmt:
	gofmt -w .
