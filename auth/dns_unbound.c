/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <unbound.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/net.h"

#include "auth/dns.h"

enum { TYPE_TXT = 16, CLASS_IN = 1, NOERROR = 0, PORT_MAX = 65535 };

struct dns {
	struct ub_ctx *context;
};

/* One question; its callback runs in ub_process() only. */
struct question {
	bool is_answered;
	int failure;
	struct ub_result *result;
};

static int
use_address(struct ub_ctx *context, const char *resolver, struct err *err)
{
	struct view port = view_of(resolver), address;
	unsigned long long number;
	struct addr addr;
	int why;

	if (!view_cut(&port, '@', &address) || addr_parse(address, &addr, NULL) < 0 ||
	    (port.p != NULL && (!view_number(port, PORT_MAX, &number) || number == 0)))
		return err_set(err, ERR_CONFIG,
		    "'%s' is not a resolver: write ADDRESS or ADDRESS@PORT", resolver);
	why = ub_ctx_set_fwd(context, resolver);
	if (why != 0)
		return err_set(err, ERR_CONFIG, "cannot use the resolver '%s': %s",
		    resolver, ub_strerror(why));
	return 0;
}

static int
use_system(struct ub_ctx *context, struct err *err)
{
	int why = ub_ctx_resolvconf(context, NULL);

	if (why == UB_READFILE)
		return err_sys(err, "cannot read /etc/resolv.conf");
	if (why != 0)
		return err_set(
		    err, ERR_CONFIG, "cannot use /etc/resolv.conf: %s", ub_strerror(why));
	return 0;
}

struct dns *
dns_new(const char *resolver, struct err *err)
{
	struct dns *dns = mem_zeroed(1, sizeof(*dns));
	int result;

	dns->context = ub_ctx_create();
	must(dns->context != NULL);
	must(ub_ctx_async(dns->context, 1) == 0);
	result = resolver != NULL ? use_address(dns->context, resolver, err)
				  : use_system(dns->context, err);
	if (result == 0)
		return dns;
	dns_free(dns);
	return NULL;
}

void
dns_free(struct dns *dns)
{
	if (dns == NULL)
		return;
	ub_ctx_delete(dns->context);
	free(dns);
}

/* Letters, digits, '-', '_' in labels of 1 to 63: what keys are published under. */
static bool
name_is_usable(struct view name)
{
	struct view label;

	if (name.n == 0 || name.n > DNS_NAME_MAX)
		return false;
	while (view_cut(&name, '.', &label)) {
		if (label.n == 0 || label.n > 63)
			return false;
		for (size_t i = 0; i < label.n; i++) {
			char c = label.p[i];

			if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				(c >= '0' && c <= '9') || c == '-' || c == '_'))
				return false;
		}
	}
	return true;
}

static void
take_answer(void *argument, int failure, struct ub_result *result)
{
	struct question *question = argument;

	question->is_answered = true;
	question->failure = failure;
	question->result = result;
}

/* 0: answered; -1: not in time. */
static int
wait_answer(struct dns *dns, struct question *question, int milliseconds)
{
	int64_t deadline = clock_mono() + (int64_t)milliseconds * 1000;
	struct pollfd ready = {.fd = ub_fd(dns->context), .events = POLLIN};

	while (!question->is_answered) {
		int64_t left = deadline - clock_mono();

		if (left <= 0)
			return -1;
		if (poll(&ready, 1, (int)((left + 999) / 1000)) > 0)
			(void)ub_process(dns->context);
	}
	return 0;
}

static const char *
rcode_text(int rcode)
{
	static const char *const names[] = {
	    "an empty answer", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};

	return rcode >= 0 && (size_t)rcode < ARRAY_LEN(names) ? names[rcode] : "an error";
}

/* The strings of one record, each behind its length. */
static int
join_strings(struct view record, struct buf *out, struct err *err)
{
	size_t before = out->n;

	while (record.n > 0) {
		size_t n = (unsigned char)record.p[0];

		if (n >= record.n)
			return err_set(err, ERR_BAD_INPUT, "the TXT record is damaged");
		buf_add(out, view_head(view_from(record, 1), n));
		record = view_from(record, n + 1);
	}
	if (out->full || out->n - before > DNS_TXT_MAX)
		return err_set(err, ERR_BAD_INPUT, "the TXT record is larger than %d bytes",
		    DNS_TXT_MAX);
	return 0;
}

static int
read_result(const struct ub_result *result, struct buf *out, size_t *ret_n, struct err *err)
{
	size_t n = 0;

	if (result->nxdomain || (result->rcode == NOERROR && !result->havedata))
		return 0;
	if (!result->havedata)
		return err_set(
		    err, ERR_TEMP, "the resolver answers %s", rcode_text(result->rcode));
	while (result->data[n] != NULL)
		n++;
	*ret_n = n;
	if (n == 0)
		return 0;
	return join_strings(
		   (struct view){result->data[0], (size_t)result->len[0]}, out, err) == 0
		   ? 1
		   : -1;
}

int
dns_txt(struct dns *dns, struct view name, int milliseconds, struct buf *out, size_t *ret_n,
    struct err *err)
{
	struct question question = {.is_answered = false};
	char text[DNS_NAME_MAX + 1];
	int id, why, result;

	if (!name_is_usable(name))
		return err_set(err, ERR_BAD_INPUT, "this is not a name that DNS can hold");
	snprintf(text, sizeof(text), "%.*s", VIEW_ARG(name));
	why = ub_resolve_async(
	    dns->context, text, TYPE_TXT, CLASS_IN, &question, take_answer, &id);
	if (why != 0)
		return err_set(err, ERR_TEMP, "cannot ask: %s", ub_strerror(why));
	if (wait_answer(dns, &question, milliseconds) < 0) {
		(void)ub_cancel(dns->context, id);
		return err_set(err, ERR_TEMP, "no answer within %d ms", milliseconds);
	}
	if (question.failure != 0)
		return err_set(
		    err, ERR_TEMP, "the look-up failed: %s", ub_strerror(question.failure));
	result = read_result(question.result, out, ret_n, err);
	ub_resolve_free(question.result);
	return result;
}
