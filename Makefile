# Names for the commands in Scripts/; none of them needs make.

.PHONY: help bench test bench-harness bench-inspect census bench-record other-libc peers compare-accuracy compare-speed soak soak-live heap-soak recorder-soak scoreboard install

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

bench: ## build in release and run the quick suite (Scripts/bench)
	@Scripts/bench

test: ## everything that there is to test (Scripts/test)
	@Scripts/test

bench-harness: ## what measuring costs; the figures of Documentation/Measuring.md (about 4 minutes)
	@Scripts/bench-harness

bench-inspect: ## what an inspection costs; the figures of Documentation/Inspecting.md (5 minutes)
	@Scripts/bench-inspect

census: ## real programs inspected while they work: servers, sourcekit-lsp, swift-build; a table of Documentation/Inspecting.md (10 minutes)
	@Scripts/census

other-libc: ## are the bytes exact under other releases of glibc? (Scripts/other-libc)
	@Scripts/other-libc

peers: ## the same ring and tree in CPython, C++ and Rust (Documentation/Peers.md)
	@Scripts/peers

compare-accuracy: ## how often compare errs; the table of Documentation/Comparison.md
	@Scripts/compare-accuracy

compare-speed: ## how long compare takes for two reports of 1,000,000 rows
	@Scripts/compare-speed

soak: ## the Swift tests 20 times in a row
	@Scripts/soak

soak-live: ## leaks in a loaded server, and in a program that leaks nothing, looked at 350 times (Scripts/soak-live)
	@Scripts/soak-live

heap-soak: ## is the heap walk exact, 100 times each, under three releases of glibc? (Scripts/heap-soak)
	@Scripts/heap-soak

scoreboard: ## the zoo under weakspot, LeakSanitizer and valgrind; the table of Documentation/Scoreboard.md (10 minutes)
	@Scripts/scoreboard

PREFIX ?= /usr/local
install: ## release builds into PREFIX/bin and PREFIX/lib/weakspot; PREFIX=/usr/local (Scripts/install)
	@Scripts/install $(PREFIX)

bench-record: ## what recording costs, beside heaptrack; the table of Documentation/Recording.md (Scripts/bench-record)
	@Scripts/bench-record

recorder-soak: ## does a recorded program hang while libraries come and go? a minute each, full and sampled
	@WEAKSPOT_SOAK_SECONDS=60 swift test --disable-xctest --filter 'nothing hangs'
