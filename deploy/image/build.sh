#!/bin/sh
# sh deploy/image/build.sh OUT: what the image's build stage does, at the root of a copy of the sources. Packages are
# installed unless a node_modules is there.
set -eu
out=${1:?Usage: sh deploy/image/build.sh OUT}
if [ ! -d node_modules ]; then
  node tools/image/reduce-packages.mjs
  npm install --no-save --include=dev --ignore-scripts --no-audit --no-fund --loglevel=error
fi
node tools/image/bundle.mjs "$out"
