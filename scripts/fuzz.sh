#!/usr/bin/env bash
# Runs every fuzz target of the module for a while each: fuzz.sh [duration]
set -euo pipefail
cd "$(dirname "$0")/.."

duration=${1:-20s}
found=0
while IFS=: read -r file target; do
	found=$((found + 1))
	folder=$(dirname "$file")
	echo "fuzz: ${target#func } in $folder for $duration"
	go test -run '^$' -fuzz "^${target#func }\$" -fuzztime "$duration" "$folder"
done < <(
	grep -roHE '^func Fuzz[A-Za-z0-9_]*' --include='*_test.go' \
		--exclude-dir=testdata --exclude-dir=.git --exclude-dir=.bin . | sort
)
echo "fuzz: $found targets done"
