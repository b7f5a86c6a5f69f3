#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# All scenarios through the driver 'core'. Prints TAP.

exec "${0%/*}/all.sh" core
