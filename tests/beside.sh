#!/bin/bash
# Runs checks beside tests: `beside.sh TARGET... -- COMMAND...`, where targets are those of `make`. What the checks say
# is shown when they're done. If they fail, the tests are interrupted, as by Ctrl-C. Exits with 0 if all passed.
set -u
targets=()
while [[ $1 != -- ]]; do targets+=("$1"); shift; done
shift

said=$(mktemp)
trap 'rm -f "$said"' EXIT
set -m # a process group each, so that one can be interrupted alone
"${MAKE:-make}" --no-print-directory --jobs 2 --output-sync "${targets[@]}" >"$said" 2>&1 &
checks=$!
"$@" &
tests=$!
set +m # and it says nothing of how they end

# Orderly, unless whoever started us ignores SIGINT, which is inherited.
interrupt_tests() {
	kill -INT -- "-$tests" 2>/dev/null
	for _ in {1..60}; do
		kill -0 "$tests" 2>/dev/null || return
		sleep 0.5
	done
	kill -TERM -- "-$tests" 2>/dev/null
}
trap 'kill -TERM -- "-$checks" 2>/dev/null; interrupt_tests; exit 130' INT TERM HUP

if wait "$checks"; then
	printf '\n'
	cat "$said"
	wait "$tests"
	exit
fi
interrupt_tests
wait "$tests"
printf '\n'
cat "$said"
echo "The tests were interrupted, since checks failed: ${targets[*]}" >&2
exit 1
