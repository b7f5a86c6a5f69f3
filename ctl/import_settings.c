/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "policy/value.h"

#include "ctl/import.h"

/* The settings that become a 'set' line or a remark, and then all that nobody asked for. */

enum { HOUR = 3600, YEAR = 365 * 86400 };

/* RELAXED or SIMPLE, NULL: neither. */
static const char *
canon(struct view word)
{
	if (view_is_nocase(word, VIEW("relaxed")))
		return "relaxed";
	return view_is_nocase(word, VIEW("simple")) ? "simple" : NULL;
}

static void
read_canonicalization(struct import *import)
{
	struct import_setting *setting = import_get(import, "Canonicalization");
	const char *header, *body = "simple";
	struct view rest, word;

	import->canonicalization =
	    "simple/simple"; /* OpenDKIM's default, and not Frank's */
	if (setting == NULL)
		return;
	rest = setting->value;
	(void)view_cut(&rest, '/', &word);
	header = canon(word);
	if (rest.p != NULL)
		body = canon(rest);
	if (header == NULL || body == NULL) {
		import_error(import, setting->place,
		    "Canonicalization is relaxed or simple, or two of these with '/' "
		    "between them");
		return;
	}
	import->canonicalization = import_text(import, "%s/%s", header, body);
	import_say(import, setting, IMPORT_CARRIED,
	    import_text(import, "set canonicalization %s", import->canonicalization));
}

static void
read_mode(struct import *import)
{
	struct import_setting *setting = import_get(import, "Mode");

	if (setting == NULL)
		return;
	if (!view_has_char(setting->value, 's'))
		import_error(import, setting->place,
		    "'Mode %.*s' does not sign, and signing is what Frank could take over",
		    VIEW_ARG(setting->value));
	else if (view_has_char(setting->value, 'v'))
		import_say(import, setting, IMPORT_CARRIED,
		    "signing; incoming mail is not verified by Frank: another OpenDKIM "
		    "with "
		    "'Mode v' can go on with it");
	else
		import_say(import, setting, IMPORT_CARRIED, "signing");
}

static void
read_lifetime(struct import *import)
{
	struct import_setting *setting = import_get(import, "SignatureTTL");
	struct buf line = BUF_INIT(80);
	unsigned long long seconds;

	if (setting == NULL)
		return;
	if (view_number(setting->value, YEAR, &seconds) && seconds >= HOUR) {
		buf_add_text(&line, "set signature-lifetime ");
		value_add_duration(&line, seconds);
		buf_addf(&import->more, "%s\n", buf_text(&line));
		import_say(import, setting, IMPORT_CARRIED,
		    import_text(import, "%s", buf_text(&line)));
	} else if (view_is(setting->value, VIEW("0"))) {
		import_say(import, setting, IMPORT_CARRIED, "no end, as by default");
	} else {
		import_say(import, setting, IMPORT_LOOK,
		    "Frank's signatures last from 1h to 365d, or without end: this is "
		    "outside, and they have no end now");
	}
	buf_fini(&line);
}

static void
read_on_error(struct import *import)
{
	struct import_setting *setting = import_get(import, "On-InternalError");
	char first;

	if (setting == NULL)
		return;
	first = setting->value.n > 0 ? setting->value.p[0] : ' ';
	if (first == 'r' || first == 'R') {
		buf_add_text(&import->more, "set on-error reject\n");
		import_say(import, setting, IMPORT_CARRIED, "set on-error reject");
	} else if (first == 't' || first == 'T') {
		import_say(
		    import, setting, IMPORT_CARRIED, "set on-error defer, the default");
	} else {
		import_say(import, setting, IMPORT_LOOK,
		    "mail never leaves unsigned because of Frank's own trouble: the client "
		    "tries again later");
	}
}

/* A full path that can stand in a string as it is. */
static bool
is_plain_path(struct view path)
{
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] <= ' ' || path.p[i] > '~' || path.p[i] == '"' ||
		    path.p[i] == '\\')
			return false;
	return path.n > 0 && path.p[0] == '/';
}

/* "local:/path", "unix:/path", "/path", "inet:8891@host": Frank's form in OUT; false: that
 * has none. */
static bool
translate_socket(struct view value, struct buf *out)
{
	struct view rest = value, type = VIEW_NONE, port;
	unsigned long long number;

	if (value.n > 0 && value.p[0] != '/')
		(void)view_cut(&rest, ':', &type);
	if (type.n == 0 || view_is_nocase(type, VIEW("local")) ||
	    view_is_nocase(type, VIEW("unix"))) {
		buf_addf(out, "unix:%.*s", VIEW_ARG(rest));
		return is_plain_path(rest);
	}
	if (!view_is_nocase(type, VIEW("inet")) || !view_cut(&rest, '@', &port) ||
	    !view_number(port, UINT16_MAX, &number))
		return false;
	buf_addf(out, "inet:127.0.0.1:%llu", number);
	return true;
}

static void
read_socket(struct import *import)
{
	struct import_setting *setting = import_get(import, "Socket");
	struct buf text = BUF_INIT(200);
	const char *how = "";

	if (setting == NULL)
		return;
	if (translate_socket(setting->value, &text) && !text.full) {
		buf_add_text(&import->more, "# OpenDKIM's socket. Without this line frankd "
					    "has its own, and both can "
					    "run side by side.\n");
		buf_addf(&import->more, "#set listen \"%s\"\n", buf_text(&text));
		how = ", or 'set listen' (in frank.conf as a comment) when it takes over";
	}
	import_say(import, setting, IMPORT_LEFT,
	    import_text(import,
		"frankd has a socket of its own, so that both can run side by side: name "
		"it "
		"in Postfix's smtpd_milters%s",
		how));
	buf_fini(&text);
}

static void
read_algorithm(struct import *import)
{
	struct import_setting *setting = import_get(import, "SignatureAlgorithm");

	if (setting == NULL)
		return;
	if (view_is_nocase(setting->value, VIEW("rsa-sha1")))
		import_say(import, setting, IMPORT_LEFT,
		    "Frank signs with SHA-256: nobody should verify SHA-1 (RFC 8301)");
	else
		import_say(import, setting, IMPORT_CARRIED,
		    "Frank goes by what kind of key it is");
}

static void
read_base(struct import *import)
{
	struct import_setting *setting = import_get(import, "BaseDirectory");

	if (setting == NULL)
		return;
	import->base = import_path(import, setting->place, setting->value);
	import_say(
	    import, setting, IMPORT_CARRIED, "the files that are named here are there");
}

static void
read_sender(struct import *import)
{
	struct import_setting *setting = import_get(import, "SenderHeaders");

	if (setting == NULL)
		return;
	if (view_is_nocase(setting->value, VIEW("From")))
		import_say(import, setting, IMPORT_CARRIED, "the author in From");
	else
		import_say(import, setting, IMPORT_LOOK,
		    "Frank goes by the one author in From, as receivers do");
}

/* All that nobody had a word for. */
static void
say_rest(struct import *import)
{
	for (size_t i = 0; i < import->settings.n; i++) {
		struct import_setting *setting = &import->settings.at[i];
		const struct import_known *known = setting->known;

		if (setting->is_said || known == NULL || known->text == NULL)
			continue;
		if (known->type == IMPORT_BOOLEAN && !import_is_on(import, known->name))
			import_say(import, setting, IMPORT_LEFT, "off");
		else
			import_say(import, setting, known->result, known->text);
	}
}

void
import_settings_read(struct import *import)
{
	read_base(import);
	read_mode(import);
	read_canonicalization(import);
	read_lifetime(import);
	read_on_error(import);
	read_socket(import);
	read_algorithm(import);
	read_sender(import);
	say_rest(import);
}
