/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "ctl/import.h"

/* InternalHosts: whose mail is signed without a login. OpenDKIM compares text. */

static void
look(struct import *import, const struct import_row *row, const char *text)
{
	import_find(import, row->place, row->key, IMPORT_LOOK, text);
}

static bool
is_loopback(struct view host)
{
	return view_is(host, VIEW("127.0.0.1")) || view_is(host, VIEW("::1")) ||
	       view_is(host, VIEW("127.0.0.0/8")) || view_is(host, VIEW("::1/128")) ||
	       view_is_nocase(host, VIEW("localhost"));
}

/* Looks like an address, right or wrong. */
static bool
is_numeric(struct view host)
{
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];

		if (!(c >= '0' && c <= '9') && c != '.' && c != '/')
			return view_has_char(host, ':');
	}
	return true;
}

static void
take_network(struct import *import, const struct import_row *row)
{
	struct err err = ERR_INIT;
	struct prefix prefix;
	struct addr loopback;

	if (prefix_parse(row->key, &prefix, &err) < 0) {
		look(import, row,
		    import_text(import,
			"no client ever was equal to this: %s; if it is one that relays, "
			"put it into 'set trusted'",
			err.text));
		return;
	}
	if (addr_parse(VIEW("127.0.0.1"), &loopback, &err) == 0 &&
	    prefix_has(prefix, loopback))
		import->has_loopback = true;
	*LIST_ADD(import->arena, &import->internal) = prefix;
}

static void
take_host(struct import *import, const struct import_row *row)
{
	if (row->key.p[0] == '!')
		import_error(import, row->place,
		    "'%.*s' is an exception, and a table of Frank has none: write the "
		    "networks that remain",
		    VIEW_ARG(row->key));
	else if (is_loopback(row->key))
		import->has_loopback = true;
	else if (is_numeric(row->key))
		take_network(import, row);
	else if (view_has_char(row->key, '*') || view_has_char(row->key, '['))
		look(import, row,
		    "no client ever was equal to this; put the addresses of those that it "
		    "was meant for into 'set trusted'");
	else
		look(import, row,
		    "Frank knows clients by their addresses: put that of this one into "
		    "'set trusted'");
}

static void
say(struct import *import, struct import_setting *setting)
{
	const char *networks = "";

	if (import->internal.n > 0)
		networks = import_text(import,
		    "set trusted, %zu network%s: they relay without a login",
		    import->internal.n, import->internal.n == 1 ? "" : "s");
	import_say(import, setting, IMPORT_CARRIED,
	    import->has_loopback
		? import_text(import, "%s%sthe whole of loopback, with mail of sendmail(1)",
		      networks, networks[0] != '\0' ? "; " : "")
		: import_text(import,
		      "%s; mail of this machine itself (loopback, sendmail(1)) was not "
		      "signed, and is not",
		      networks[0] != '\0' ? networks : "nothing"));
}

void
import_hosts_read(struct import *import)
{
	struct import_setting *setting = import_get(import, "InternalHosts");
	struct import_dataset set;

	import->has_loopback = setting == NULL; /* its default */
	if (setting == NULL || import_dataset_read(import, setting, &set) < 0)
		return;
	if (set.form == IMPORT_PATTERNS) {
		import_error(import, setting->place,
		    "patterns of clients: list their networks, in a 'file:'");
		return;
	}
	for (size_t i = 0; i < set.rows.n; i++)
		take_host(import, &set.rows.at[i]);
	say(import, setting);
}
