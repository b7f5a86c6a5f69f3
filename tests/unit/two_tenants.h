/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_TWO_TENANTS_H
#define TESTS_UNIT_TWO_TENANTS_H

/* A policy that uses most of the language, for a server with two tenants. */

extern const char two_tenants[], two_tenants_owners[], two_tenants_keys[];

#endif
