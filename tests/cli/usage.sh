# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

run frank
run frank help
run frank help explain
run frank help nothing
run frank log --help
run frank hold list -h
run frank log --frob
run frank hold list --since 1h
run frank key check --frob
run frank check --frob
run frank frobnicate
run frank --frob
run command frank -c
run frank status
run frank status --json
run frank reload
run frank reload now
run frank status extra

# In the middle of an edit: the daemon that runs is still found.
printf 'set control "/nowhere/control.sock"\nset state /nowhere\naccept user\n' >broken.conf
run command frank -c broken.conf status
run command frank -c broken.conf log
