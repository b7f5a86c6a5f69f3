/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stddef.h>

#include "lib/bug.h"
#include "policy/parse.h"
#include "policy/settings.h"
#include "policy/value.h"

/* Settings that are numbers with bounds, and those that name a server or a mailbox. */

enum {
	MINUTE = 60,
	HOUR = 3600,
	DAY = 24 * HOUR,
	PORT_MAX = 65535,
	RESOLVER_MAX = 64,
	MAILBOX_MAX = 254,
	BOUND_TEXT = 24,
};

#define AT(member) offsetof(struct policy_settings, member)

static const struct amount {
	enum setting setting;
	size_t place;
	uint64_t min, max, unit; /* unit 0: a plain number; else seconds, whole UNITs */
	uint64_t divide;         /* what is kept: days for 'keep' */
} amounts[] = {
    {SETTING_KEEP, AT(keep_days), DAY, 3650 * (uint64_t)DAY, DAY, DAY},
    {SETTING_VERIFY_EVERY, AT(verify_every), 0, 1000000, 0, 1},
    {SETTING_DNS_DEADLINE, AT(dns_deadline), 1, 30, 1, 1},
    {SETTING_LEARN, AT(learn), DAY, 90 * (uint64_t)DAY, DAY, 1},
    {SETTING_REMEMBER, AT(remember), DAY, 3650 * (uint64_t)DAY, DAY, 1},
    {SETTING_METER_KEYS, AT(meter_keys), 1000, 10000000, 0, 1},
    {SETTING_HOLD_ALERT, AT(hold_alert), MINUTE, 7 * (uint64_t)DAY, 1, 1},
    {SETTING_QUEUE_ALERT_AGE, AT(queue_alert_age), MINUTE, 30 * (uint64_t)DAY, 1, 1},
    {SETTING_QUEUE_ALERT_COUNT, AT(queue_alert_count), 1, 10000000, 0, 1},
    {SETTING_QUEUE_ALERT_GROWTH, AT(queue_alert_growth), 1, 10000000, 0, 1},
};

static const struct amount *
find_amount(enum setting setting)
{
	for (size_t i = 0; i < ARRAY_LEN(amounts); i++)
		if (amounts[i].setting == setting)
			return &amounts[i];
	BUG("an amount without bounds");
}

static void
bound_text(const struct amount *amount, uint64_t bound, struct buf *out)
{
	if (amount->unit == 0)
		buf_addf(out, "%llu", (unsigned long long)bound);
	else if (amount->unit == DAY)
		buf_addf(out, "%llud", (unsigned long long)(bound / DAY));
	else
		value_add_duration(out, bound);
}

static bool
fail_amount(struct parser *parser, const struct amount *amount)
{
	const char *what = "a number";
	struct buf min = BUF_INIT(BOUND_TEXT), max = BUF_INIT(BOUND_TEXT);

	if (amount->unit > 0)
		what = amount->unit == DAY ? "whole days" : "a duration";
	bound_text(amount, amount->min, &min);
	bound_text(amount, amount->max, &max);
	fail_at(parser, peek(parser), "expected %s, from %s to %s", what, buf_text(&min),
	    buf_text(&max));
	buf_fini(&min);
	buf_fini(&max);
	return false;
}

bool
setting_take_amount(struct parser *parser, enum setting setting)
{
	const struct amount *amount = find_amount(setting);
	const struct token *token = peek(parser);
	unsigned long long number = 0;
	uint64_t value;
	uint32_t kept;

	if (amount->unit == 0 && !view_number(token->text, UINT32_MAX, &number))
		return fail_amount(parser, amount);
	value = number;
	if (amount->unit > 0 &&
	    (!value_duration(token->text, &value) || value % amount->unit != 0))
		return fail_amount(parser, amount);
	if (value < amount->min || value > amount->max)
		return fail_amount(parser, amount);
	take(parser);
	kept = (uint32_t)(value / amount->divide);
	memcpy((char *)&parser->policy->settings + amount->place, &kept, sizeof(kept));
	return true;
}

static bool
is_port(struct view text)
{
	unsigned long long port;

	return view_number(text, PORT_MAX, &port) && port > 0;
}

/* "192.0.2.1", "192.0.2.1@5353" */
static bool
is_resolver(struct view text)
{
	struct view addr = text, port = text;
	struct addr parsed;

	if (text.n > RESOLVER_MAX || !view_cut(&port, '@', &addr) ||
	    addr_parse(addr, &parsed, NULL) < 0)
		return false;
	return port.p == NULL || is_port(port);
}

/* "127.0.0.1:25", "[::1]:25", "mail.example.org:25" */
static bool
is_server(struct view text)
{
	struct view host;
	struct addr parsed;
	size_t n = text.n;

	while (n > 0 && text.p[n - 1] != ':')
		n--;
	if (n < 2 || !is_port(view_from(text, n)))
		return false;
	host = view_head(text, n - 1);
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		return addr_parse(
			   view_from(view_head(host, host.n - 1), 1), &parsed, NULL) == 0;
	return domain_fault(host) == NULL;
}

static bool
is_mailbox(struct view text)
{
	struct view local, domain = text;

	return text.n <= MAILBOX_MAX && view_cut(&domain, '@', &local) && local.n > 0 &&
	       domain.p != NULL && domain_fault(domain) == NULL &&
	       !view_has_char(text, ' ') && !view_has_char(text, '<') &&
	       !view_has_char(text, '>');
}

bool
setting_take_server(struct parser *parser, enum setting setting)
{
	const struct token *token = take(parser);

	switch ((int)setting_type(setting)) {
	case TYPE_RESOLVER:
		if (!is_resolver(token->text))
			return fail_at(parser, token,
			    "expected an IP address, with a port if need be: "
			    "127.0.0.1@5353");
		break;
	case TYPE_MAILBOX:
		if (!is_mailbox(token->text))
			return fail_at(parser, token,
			    "this is not an address, like postmaster@example.org");
		break;
	default:
		if (!is_server(token->text))
			return fail_at(parser, token,
			    "expected a host and a port: 127.0.0.1:25 or [::1]:25");
		break;
	}
	setting_put_text(parser, setting, token->text);
	return true;
}
