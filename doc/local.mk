# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

dist_man_MANS += doc/frankd.8 doc/frank-holdd.8 doc/frank-replies.5
