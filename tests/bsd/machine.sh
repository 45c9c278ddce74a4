#!/bin/sh
# What CI runs inside a BSD, in the root of a checkout, as root. headers.c was written by tests/bsd/headers.ts elsewhere,
# because not every BSD has a Deno. It ends with 1 where anything failed.
failed=0

uname -a
if [ -f headers.c ]; then
  { cc -o headers headers.c && ./headers; } || failed=1
  rm -f headers
else
  echo "SKIPPED headers: there is no headers.c; write it by deno run tests/bsd/headers.ts SYSTEM > headers.c"
fi

if command -v deno >/dev/null; then
  deno --version
  deno run --no-lock --no-check --allow-ffi src/cli/main.ts list || failed=1
  NETFLAGS_LIVE=1 deno test --no-lock --no-check --allow-all tests/bsd/live_test.ts || failed=1
  deno test --no-lock --no-check --allow-all tests/unit || failed=1
else
  echo "SKIPPED live and unit tests: there is no deno on this system"
fi
exit "$failed"
