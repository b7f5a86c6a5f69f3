/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "lib/file.h"
#include "receiver/tags.h"

#include "ctl/verify.h"
#include "ctl/world.h"

enum { KEY_FILE_BYTES = 64 << 10 };

/* A record among what 'frank key new' prints, or the strings of a zone line, or all of it.
 */
static void
find_record(struct view text, struct buf *out)
{
	struct view rest = text, part;
	bool is_quoted = false;

	while (view_cut(&rest, '\n', &part))
		if (view_starts(view_trim(part), VIEW("v=DKIM1"))) {
			buf_add(out, view_trim(part));
			return;
		}
	if (!view_has_char(text, '"')) {
		buf_add(out, view_trim(text));
		return;
	}
	for (rest = text; view_cut(&rest, '"', &part); is_quoted = !is_quoted)
		if (is_quoted)
			buf_add(out, part);
}

static int
take_record(struct view what, struct buf *out, struct err *err)
{
	struct buf path = BUF_INIT(4096), text = BUF_INIT(KEY_FILE_BYTES);
	int result = 0;

	if (view_starts(what, VIEW("v=")) || view_starts(what, VIEW("k=")) ||
	    view_starts(what, VIEW("p="))) {
		buf_add(out, what);
		return 0;
	}
	buf_add(&path, what);
	result = file_read(buf_text(&path), &text, err);
	if (result == 0)
		find_record(buf_view(&text), out);
	buf_fini(&path);
	buf_fini(&text);
	return result;
}

int
mail_keys_add(struct mail_keys *keys, const char *argument, struct err *err)
{
	struct view rest = view_of(argument), names;
	struct verify_key *key;
	struct buf *text;

	if (keys->n_given == MAIL_KEYS_MAX)
		return err_set(
		    err, ERR_LIMIT, "at most %d keys can be named", MAIL_KEYS_MAX);
	key = &keys->given[keys->n_given].key;
	text = &keys->given[keys->n_given].text;
	if (!view_cut(&rest, '=', &names) || rest.n == 0 ||
	    !view_cut(&names, '/', &key->domain) || key->domain.n == 0 || names.n == 0 ||
	    view_has_char(names, '/'))
		return err_set(err, ERR_BAD_INPUT,
		    "'%s': write --key DOMAIN/SELECTOR=FILE, or the record instead of FILE",
		    argument);
	key->selector = names;
	buf_init(text, KEY_FILE_BYTES);
	keys->n_given++;
	if (take_record(rest, text, err) < 0)
		return -1;
	key->record = buf_view(text);
	return 0;
}

void
mail_keys_stop(struct mail_keys *keys)
{
	dns_free(TAKE(keys->dns));
}

void
mail_keys_fini(struct mail_keys *keys)
{
	mail_keys_stop(keys);
	for (size_t i = 0; i < keys->n_given; i++)
		buf_fini(&keys->given[i].text);
}

static struct dns *
dns_start(const struct mail_keys *keys, struct err *err)
{
	struct world *world = mem_zeroed(1, sizeof(*world));
	struct dns *dns;

	if (keys->resolver == NULL)
		(void)world_read(keys->ctl, world, NULL);
	dns = dns_new(world_resolver(world, keys->resolver), err);
	free(world);
	return dns;
}

static int
look_up(struct mail_keys *keys, struct verify_key *key, struct buf *record, struct buf *why,
    struct err *err)
{
	struct buf name = BUF_INIT(4096);
	size_t n = 0;
	int found;

	buf_addf(
	    &name, "%.*s._domainkey.%.*s", VIEW_ARG(key->selector), VIEW_ARG(key->domain));
	if (keys->dns == NULL)
		keys->dns = dns_start(keys, err);
	found = keys->dns == NULL ? -1
				  : dns_txt(keys->dns, buf_view(&name),
					MAIL_DNS_MILLISECONDS, record, &n, err);
	if (found < 0 && err->code == ERR_BAD_INPUT) {
		buf_addf(why, "no key: %s: %s", buf_text(&name), err->text);
		found = 0;
	} else if (found < 0)
		(void)err_add(err, "cannot look up the key %s", buf_text(&name));
	else if (found == 0)
		buf_addf(why, "no key: there is no TXT record at %s", buf_text(&name));
	else if (n > 1) {
		buf_addf(why,
		    "no key: there are %zu TXT records at %s, and there must be one", n,
		    buf_text(&name));
		found = 0;
	}
	buf_fini(&name);
	return found;
}

int
mail_keys_find(struct mail_keys *keys, struct view value, struct buf *record,
    struct verify_key *ret_key, struct buf *why, struct err *err)
{
	struct verify_key key = {
	    tag_find(value, VIEW("d")), tag_find(value, VIEW("s")), VIEW_NONE};
	int found;

	for (size_t i = 0; i < keys->n_given; i++) {
		*ret_key = keys->given[i].key;
		if (view_is_nocase(ret_key->domain, key.domain) &&
		    view_is_nocase(ret_key->selector, key.selector))
			return 1;
	}
	if (key.domain.n == 0 || key.selector.n == 0)
		return 0; /* libopendkim will say so */
	found = look_up(keys, &key, record, why, err);
	key.record = buf_view(record);
	*ret_key = key;
	return found;
}
