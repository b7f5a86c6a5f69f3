/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * verify_opendkim DIR: what libopendkim says of DIR/NUMBER.eml, a line each: number, "pass"
 * or "fail", why. Keys come from DIR/records, never from DNS. Only for messages that we
 * made: libopendkim must not be fed header names over 1 KB.
 */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <opendkim/dkim.h>

#include "lib/bug.h"
#include "lib/file.h"
#include "lib/view.h"

static struct buf records = BUF_INIT(64 << 10);

static DKIM_CBSTAT
look_up(DKIM *dkim, DKIM_SIGINFO *sig, u_char *into, size_t size)
{
	struct view rest = buf_view(&records), line, name;
	char want[600];

	(void)dkim;
	snprintf(want, sizeof(want), "%s._domainkey.%s", (char *)dkim_sig_getselector(sig),
	    (char *)dkim_sig_getdomain(sig));
	while (view_cut(&rest, '\n', &line)) {
		must(view_cut(&line, '\t', &name));
		if (!view_is(name, view_of(want)))
			continue;
		snprintf((char *)into, size, "%.*s", VIEW_ARG(line));
		return DKIM_CBSTAT_CONTINUE;
	}
	return DKIM_CBSTAT_NOTFOUND;
}

/* One field: up to the first CRLF that no blank follows. Empty: the header is over. */
static struct view
take_field(struct view *rest)
{
	struct view text = *rest;
	size_t n = 0;

	while (n + 1 < text.n && !(text.p[n] == '\r' && text.p[n + 1] == '\n' &&
				     (n == 0 || n + 2 == text.n ||
					 (text.p[n + 2] != ' ' && text.p[n + 2] != '\t'))))
		n++;
	*rest = view_from(text, n + 2);
	return view_head(text, n);
}

static DKIM_STAT
feed(DKIM *dkim, struct view rest)
{
	struct view field;
	bool end;
	DKIM_STAT status;

	while ((field = take_field(&rest)).n > 0) {
		u_char *copy = (u_char *)mem_zeroed(field.n + 1, 1);

		memcpy(copy, field.p, field.n);
		status = dkim_header(dkim, copy, field.n);
		free(copy);
		if (status != DKIM_STAT_OK)
			return status;
	}
	status = dkim_eoh(dkim);
	if (status != DKIM_STAT_OK)
		return status;
	if (rest.n > 0) {
		u_char *copy = (u_char *)mem_zeroed(rest.n + 1, 1);

		memcpy(copy, rest.p, rest.n);
		status = dkim_body(dkim, copy, rest.n);
		free(copy);
		if (status != DKIM_STAT_OK)
			return status;
	}
	return dkim_eom(dkim, &end);
}

static const char *
judge(DKIM *dkim, DKIM_STAT status)
{
	DKIM_SIGINFO **signatures;
	int n = 0;

	if (status != DKIM_STAT_OK)
		return dkim_getresultstr(status);
	if (dkim_getsiglist(dkim, &signatures, &n) != DKIM_STAT_OK || n != 1)
		return "not one signature";
	if ((dkim_sig_getflags(signatures[0]) & DKIM_SIGFLAG_PASSED) == 0)
		return dkim_sig_geterrorstr(dkim_sig_geterror(signatures[0]));
	if (dkim_sig_getbh(signatures[0]) != DKIM_SIGBH_MATCH)
		return "the body hash differs";
	return NULL;
}

static void
verify(DKIM_LIB *library, const char *dir, const char *number)
{
	struct buf text = BUF_INIT(16 << 20);
	char path[4096];
	u_char id[16] = "test";
	const char *why;
	DKIM_STAT status;
	DKIM *dkim = dkim_verify(library, id, NULL, &status);

	must(dkim != NULL);
	snprintf(path, sizeof(path), "%s/%s.eml", dir, number);
	must(file_read(path, &text, NULL) == 0);
	why = judge(dkim, feed(dkim, buf_view(&text)));
	printf("%s %s %s\n", number, why == NULL ? "pass" : "fail", why == NULL ? "" : why);
	(void)dkim_free(dkim);
	buf_fini(&text);
}

int
main(int argc, char **argv)
{
	char path[4096], line[256], number[32];
	DKIM_LIB *library = dkim_init(NULL, NULL);
	FILE *index;

	if (argc != 2) {
		fprintf(stderr, "usage: verify_opendkim DIR\n");
		return 64;
	}
	must(library != NULL);
	must(dkim_set_key_lookup(library, look_up) == DKIM_STAT_OK);
	snprintf(path, sizeof(path), "%s/records", argv[1]);
	must(file_read(path, &records, NULL) == 0);
	snprintf(path, sizeof(path), "%s/index", argv[1]);
	index = fopen(path, "r");
	must(index != NULL);
	while (fgets(line, sizeof(line), index) != NULL)
		if (sscanf(line, "%31s", number) == 1)
			verify(library, argv[1], number);
	(void)fclose(index);
	dkim_close(library);
	buf_fini(&records);
	return 0;
}
