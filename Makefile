# make run   installs what is missing, builds, writes the demo company, serves http://127.0.0.1:8080
# make test  installs what is missing, builds, runs every test
# make test-llama  builds a real llama.cpp server the first time and puts the model providers to it
# make check what a change has to pass before it lands: format, imports, tests, declarations

PORT ?= 8080

# Many tests start processes; more of them at once than this would only wait for one another.
AT_ONCE = --experimental-maximum-parallelization-width 6

SANITIZED = StateGraphTests|ConcurrencyKitTests|PersistenceTests|SQLiteKitTests

.PHONY: bench-models fuzz run test test-llama check build demo bench test-tsan test-asan format clean

run: build
	.build-release/release/coach demo
	.build-release/release/coach serve --port $(PORT)

build:
	@scripts/setup run
	swift build -c release --scratch-path .build-release --product coach

demo: build
	.build-release/release/coach demo --force

test:
	@scripts/setup test
	swift build --build-tests --explicit-target-dependency-import-check error
	COACH_PYTHON="$$(scripts/setup python)" swift test --skip-build --disable-xctest $(AT_ONCE)

test-llama:
	@scripts/test-llama

check:
	@scripts/check

bench: bench-models
	@swift run -c release --package-path Benchmarks --scratch-path .build-bench state-graph-bench $(ARGS)

bench-models:
	@swift run -c release --package-path Benchmarks --scratch-path .build-bench model-call-bench

# What the readers of outside input make of mutated bytes: make fuzz TARGET=question SECONDS=600
fuzz:
	@scripts/fuzz $(TARGET) $(SECONDS)

test-tsan:
	swift test --disable-xctest --sanitize=thread -Xswiftc -DCOACH_TSAN --scratch-path .build-tsan --filter '$(SANITIZED)'

test-asan:
	swift test --disable-xctest --sanitize=address --scratch-path .build-asan --filter '$(SANITIZED)'

format:
	swift format -i -r -p Package.swift Sources Tests

clean:
	rm -rf .build .build-release .build-bench .build-tsan .build-asan .build-fuzz .fuzz .venv .venv-llama
