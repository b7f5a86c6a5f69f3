#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# Scenarios that must not be read, each with the message it must be refused with. Prints TAP.

exec "${FRANK_BUILD:-.}/tests/scenario/scenario" -r "${FRANK_SRC:-.}"/tests/scenario/bad/*.scn
