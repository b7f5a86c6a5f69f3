/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_FIREWALL_LAB_H
#define TESTS_UNIT_FIREWALL_LAB_H

/* What tests of doctor/firewall share. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor/firewall.h"
#include "lib/net.h"

enum { FIREWALL_LAB_UID = 102, FIREWALL_LAB_GID = 105, FIREWALL_LAB_TEXT = 64 << 20 };

/* LANGUAGE: "nft" or "iptables". The user and group above connect, and that IS_KNOWN. */
struct firewall_look firewall_look_as(
    struct view text, const char *language, unsigned port, uint8_t family, bool is_known);
struct firewall_look firewall_look_at(
    struct view text, const char *language, unsigned port, uint8_t family);
/* WANT: "closed open", for ports 25 and 587. */
void firewall_expect(
    const char *text, const char *language, uint8_t family, const char *want);

#endif
