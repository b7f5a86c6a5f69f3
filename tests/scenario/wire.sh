#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# All scenarios through the driver 'wire'. Prints TAP.

exec "${FRANK_BUILD:-.}/tests/scenario/scenario" -d wire "${FRANK_SRC:-.}"/tests/scenario/*.scn
