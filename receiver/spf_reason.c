/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/escape.h"

#include "receiver/spf_private.h"

enum { SPF_VOIDS = 2, SPF_TERMS = 10, MESSAGE_SHOWN = 80 };

/* Where libspf2 is known to go its own way, in one record. */
struct record_trait {
	unsigned mechanisms; /* up to "all", "redirect" among them */
	bool has_redirect_colon, has_redirect_early;
};

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

/* The name of TERM without its qualifier, and the character behind it (NUL: none). */
static struct view
term_name(struct view term, char *ret_next)
{
	size_t n = 0;

	if (term.n > 0 && strchr("+-?~", term.p[0]) != NULL)
		term = view_from(term, 1);
	while (n < term.n && is_name_char(term.p[n]))
		n++;
	*ret_next = n < term.n ? term.p[n] : '\0';
	return view_head(term, n);
}

static void
trait_read(struct view record, struct record_trait *trait)
{
	struct view rest = view_from(record, 6), term;
	bool has_redirect = false;

	memset(trait, 0, sizeof(*trait));
	while (view_cut(&rest, ' ', &term)) {
		char next;
		struct view name = term_name(term, &next);

		if (term.n == 0)
			continue;
		if (view_is_nocase(name, VIEW("redirect"))) {
			has_redirect = true;
			trait->has_redirect_colon |= next != '=';
		} else if (next == '=') {
			continue;
		} else if (has_redirect) {
			trait->has_redirect_early = true;
		}
		trait->mechanisms++;
		if (view_is_nocase(name, VIEW("all")))
			break;
	}
}

/* How many mechanisms libspf2 keeps of RECORD; UINT_MAX: it refuses it. */
static unsigned
mechanisms_kept(SPF_server_t *server, SPF_response_t *response, struct view record)
{
	SPF_record_t *compiled = NULL;
	unsigned kept = ~0U;
	char text[DNS_TXT_MAX + 1];

	if (record.n >= sizeof(text))
		return kept;
	memcpy(text, record.p, record.n);
	text[record.n] = '\0';
	if (SPF_record_compile(server, response, &compiled, text) == SPF_E_SUCCESS &&
	    compiled != NULL)
		kept = compiled->num_mech;
	if (compiled != NULL)
		SPF_record_free(compiled);
	return kept;
}

/* True: a reason was found among the records. */
static bool
records_add(const struct spf_case *asked, SPF_server_t *server, SPF_response_t *response,
    struct buf *out)
{
	const struct dns_answer *answer;

	for (size_t i = 0; (answer = answers_at(asked->answers, i)) != NULL; i++) {
		for (uint32_t j = 0; answer->type == DNS_TXT && j < answer->n; j++) {
			struct view record = answer->records[j].data;
			struct record_trait trait;

			if (!spf_judge_is_record(record))
				continue;
			trait_read(record, &trait);
			unsigned kept = mechanisms_kept(server, response, record);
			if (kept < trait.mechanisms) {
				buf_addf(out,
				    ": it keeps 511 bytes of a compiled record, here %u of "
				    "%u terms",
				    kept, trait.mechanisms);
				return true;
			}
			if (trait.has_redirect_colon || trait.has_redirect_early) {
				buf_add_text(out,
				    ": it takes redirect for a mechanism, and follows it "
				    "where it stands");
				return true;
			}
		}
	}
	return false;
}

/* What libspf2 itself says is wrong. True: something. */
static bool
errors_add(SPF_response_t *response, struct buf *out)
{
	for (int i = 0; i < SPF_response_messages(response); i++) {
		SPF_error_t *error = SPF_response_message(response, i);

		if (!SPF_error_errorp(error))
			continue;
		const char *message = SPF_error_message(error);
		if (SPF_error_code(error) == SPF_E_INVALID_CIDR &&
		    strstr(message, "(=0)") != NULL) {
			buf_add_text(out, ": it refuses a prefix length of /0");
			return true;
		}
		buf_add_text(out, ": ");
		escape_add(out, view_of(message), MESSAGE_SHOWN);
		return true;
	}
	return false;
}

void
spf_reason_add(const struct spf_case *asked, const struct spf_eye *eye,
    SPF_server_t *server, SPF_response_t *response, struct buf *out)
{
	bool is_ours_error = view_is(asked->ours, VIEW("permerror"));

	if (SPF_response_reason(response) == SPF_REASON_LOCALHOST)
		buf_add_text(out, ": it lets every loopback client pass");
	else if (errors_add(response, out) || records_add(asked, server, response, out))
		return;
	else if (is_ours_error && eye->voids > SPF_VOIDS)
		buf_add_text(out, ": it has no limit of 2 look-ups without an answer");
	else if (is_ours_error && eye->has_include && eye->lookups > SPF_TERMS)
		buf_add_text(
		    out, ": it counts the terms that look up anew in every include");
}
