#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# all.sh DRIVER: all scenarios through a driver. Every message waits for its record to be on disk,
# so the disk is one in memory where there is one. Prints TAP.

set -eu
dir=$(mktemp -d -p /dev/shm frank-scenarios.XXXXXX 2>/dev/null) || dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$dir" # daemons with accounts of their own pass through

TMPDIR=$dir "${FRANK_BUILD:-.}/tests/scenario/scenario" -d "$1" \
	"${FRANK_SRC:-.}"/tests/scenario/*.scn
