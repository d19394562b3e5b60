#!/bin/sh
# Builds into a folder of its own and runs the unit tests whose paths match, so that several people can do so at once.
# Usage: scripts/unit.sh NAME [TEST-FILE-PATTERN…], e.g. scripts/unit.sh me 'test/template/**'
set -u
name=$1
shift
cd "$(dirname "$0")/.." || exit 1
npx --no-install tsc -p tsconfig.json --outDir ".build/$name"
node ".build/$name/scripts/bundle.js"
for pattern in "$@"; do
  set -- "$@" ".build/$name/${pattern%.ts}.js"
  shift
done
KPLAY_BUILD=".build/$name" npx --no-install ava "$@"
