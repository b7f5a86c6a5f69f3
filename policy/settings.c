/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stddef.h>

#include "lib/bug.h"
#include "policy/ascii.h"
#include "policy/parse.h"
#include "policy/settings.h"
#include "policy/value.h"

enum {
	PATH_MAX_BYTES = 100, /* what fits into a sockaddr_un, with room to spare */
	ACCOUNT_MAX = 32,
	DAY = 86400,
	LIFETIME_MIN = 3600,
	LIFETIME_MAX = 365 * DAY,
};

static const struct {
	const char *text;
	enum setting_type type;
} rows[] = {
#define SETTING(symbol, text, type, when, section) {(text), TYPE_##type},
#include "policy/words.def"
};

static const struct choice {
	enum setting setting;
	const char *text;
	unsigned value;
} choices[] = {
#define CHOICE(setting, text, value) {SETTING_##setting, (text), (value)},
#include "policy/words.def"
};

#define TEXT_AT(member) offsetof(struct policy_settings, member)

/* Where the settings that are plain text go. */
static const size_t text_places[SETTINGS] = {
    [SETTING_LISTEN] = TEXT_AT(listen),
    [SETTING_CONTROL] = TEXT_AT(control),
    [SETTING_STATE] = TEXT_AT(state),
    [SETTING_USER] = TEXT_AT(user),
    [SETTING_KEYS_USER] = TEXT_AT(keys_user),
    [SETTING_GROUP] = TEXT_AT(group),
    [SETTING_SOCKET_GROUP] = TEXT_AT(socket_group),
    [SETTING_HELO] = TEXT_AT(helo),
    [SETTING_LOGIN_DOMAIN] = TEXT_AT(login_domain),
    [SETTING_RECIPIENT_DELIMITER] = TEXT_AT(recipient_delimiter),
    [SETTING_TIMEZONE] = TEXT_AT(timezone),
    [SETTING_RECEIVER_USER] = TEXT_AT(receiver_user),
    [SETTING_DNS_USER] = TEXT_AT(dns_user),
    [SETTING_TABLES_USER] = TEXT_AT(tables_user),
    [SETTING_RESOLVER] = TEXT_AT(resolver),
    [SETTING_TRUST_ANCHOR] = TEXT_AT(trust_anchor),
    [SETTING_NOTIFY_TO] = TEXT_AT(notify_to),
    [SETTING_NOTIFY_SMTP] = TEXT_AT(notify_smtp),
    [SETTING_NOTIFY_COMMAND] = TEXT_AT(notify_command),
    [SETTING_MAILLOG] = TEXT_AT(maillog),
    [SETTING_FOLLOW_USER] = TEXT_AT(follow_user),
};

void
settings_default(struct policy_settings *settings)
{
	*settings = (struct policy_settings){
	    .listen = VIEW("unix:/var/spool/postfix/frank/milter.sock"),
	    .control = VIEW("/run/frank/control.sock"),
	    .state = VIEW("/var/lib/frank"),
	    .user = VIEW("frank"),
	    .keys_user = VIEW("frank-keys"),
	    .group = VIEW("frank"),
	    .socket_group = VIEW("postfix"),
	    .helo = VIEW(""),
	    .login_domain = VIEW(""),
	    .recipient_delimiter = VIEW(""),
	    .timezone = VIEW(""),
	    .on_error = ON_ERROR_DEFER,
	    .journal = JOURNAL_BEST_EFFORT,
	    .keep_days = 30,
	    .recipients = RECIPIENTS_FULL,
	    .header_canon = CANON_RELAXED,
	    .body_canon = CANON_RELAXED,
	    .receiver_user = VIEW("frank-receiver"),
	    .verify_every = 100,
	    .dns_user = VIEW("frank-dns"),
	    .resolver = VIEW(""),
	    .trust_anchor = VIEW(""),
	    .dns_deadline = 2,
	    .tables_user = VIEW("postfix"),
	    .learn = 14 * DAY,
	    .remember = 180 * DAY,
	    .meter_keys = 100000,
	    .notify_to = VIEW(""),
	    .notify_smtp = VIEW("127.0.0.1:25"),
	    .notify_command = VIEW(""),
	    .hold_alert = 600,
	    .maillog = VIEW("auto"),
	    .follow_user = VIEW("frank-follow"),
	};
}

const char *
setting_text(enum setting setting)
{
	return rows[setting].text;
}

void
setting_put_text(struct parser *parser, enum setting setting, struct view text)
{
	char *base = (char *)&parser->policy->settings;
	void *place = base + text_places[setting];

	*(struct view *)place = text;
}

enum setting_type
setting_type(enum setting setting)
{
	return rows[setting].type;
}

bool
setting_find(struct view text, enum setting *ret_setting)
{
	for (unsigned i = 0; i < SETTINGS; i++)
		if (view_is(view_of(rows[i].text), text)) {
			*ret_setting = (enum setting)i;
			return true;
		}
	return false;
}

static bool
is_absolute(struct view path)
{
	if (path.n == 0 || path.p[0] != '/' || path.n > PATH_MAX_BYTES)
		return false;
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] <= ' ' || ascii_is_eight_bit(path.p[i]))
			return false;
	return true;
}

static bool
set_path(struct parser *parser, enum setting setting, const struct token *token)
{
	if (!is_absolute(token->text))
		return fail_at(parser, token,
		    "a path begins with '/', has no blanks and at most %d bytes",
		    PATH_MAX_BYTES);
	setting_put_text(parser, setting, token->text);
	return true;
}

static bool
set_maillog(struct parser *parser, enum setting setting, const struct token *token)
{
	for (size_t i = 0; i < ARRAY_LEN(choices); i++)
		if (choices[i].setting == setting &&
		    view_is(token->text, view_of(choices[i].text))) {
			setting_put_text(parser, setting, token->text);
			return true;
		}
	if (token->text.n == 0 || token->text.p[0] != '/')
		return fail_at(parser, token,
		    "expected auto, journald, none or the path of Postfix's log");
	return set_path(parser, setting, token);
}

static bool
set_socket(struct parser *parser, enum setting setting, const struct token *token)
{
	struct view text = token->text;
	bool is_inet = view_starts(text, VIEW("inet:")) && text.n > 7;

	if (!is_inet &&
	    !(view_starts(text, VIEW("unix:")) && is_absolute(view_from(text, 5)))) {
		fail_at(parser, token, "this is not the address of a socket");
		diag_hint(parser->diag, "expected unix:/path or inet:127.0.0.1:8891");
		return false;
	}
	if (is_inet)
		diag_warn(parser->diag, token->span,
		    "every user of this machine can reach an inet socket and claim to be "
		    "anyone");
	setting_put_text(parser, setting, text);
	return true;
}

static bool
set_account(struct parser *parser, enum setting setting, const struct token *token)
{
	struct view text = token->text;
	unsigned long long number;

	if (text.n > ACCOUNT_MAX ||
	    (!value_is_name(text) && !view_number(text, UINT32_MAX - 1, &number)))
		return fail_at(
		    parser, token, "this is neither a name nor the number of an account");
	setting_put_text(parser, setting, text);
	return true;
}

static bool
set_host(struct parser *parser, enum setting setting, const struct token *token)
{
	const char *fault = domain_fault(token->text);

	if (fault != NULL)
		return fail_at(parser, token, "%s", fault);
	setting_put_text(parser, setting, parse_lower(parser, token->text));
	return true;
}

static bool
set_character(struct parser *parser, enum setting setting, const struct token *token)
{
	struct view text = token->text;

	if (text.n > 1 ||
	    (text.n == 1 &&
		(ascii_is_letter(text.p[0]) || ascii_is_digit(text.p[0]) ||
		    ascii_is_eight_bit(text.p[0]) || text.p[0] == '@' || text.p[0] == '.')))
		return fail_at(parser, token, "the delimiter is one character, like \"+\"");
	setting_put_text(parser, setting, text);
	return true;
}

static bool
set_zone(struct parser *parser, enum setting setting, const struct token *token)
{
	struct view text = token->text;
	bool is_good = text.n > 0 && text.n < 64 && ascii_is_letter(text.p[0]);

	for (size_t i = 0; i < text.n && is_good; i++)
		is_good = ascii_is_letter(text.p[i]) || ascii_is_digit(text.p[i]) ||
			  text.p[i] == '/' || text.p[i] == '_' || text.p[i] == '-' ||
			  text.p[i] == '+';
	if (!is_good)
		return fail_at(
		    parser, token, "this is not a time zone, like Europe/Berlin");
	setting_put_text(parser, setting, text);
	return true;
}

/* NULL: it is none, which was said. */
static const struct choice *
find_choice(struct parser *parser, enum setting setting, const struct token *token)
{
	const struct choice *choice = NULL;
	struct guess guess;
	struct buf list = BUF_INIT(512);

	guess_begin(&guess, token->text);
	for (size_t i = 0; i < ARRAY_LEN(choices); i++)
		if (choices[i].setting == setting) {
			buf_addf(&list, " %s", choices[i].text);
			guess_try(&guess, view_of(choices[i].text));
			if (view_is(view_of(choices[i].text), token->text))
				choice = &choices[i];
		}
	if (choice == NULL) {
		fail_at(parser, token, "'%s' cannot be '%.*s'", setting_text(setting),
		    VIEW_ARG(token->text));
		hint_guess(parser, &guess);
		diag_hint(parser->diag, "expected one of:%s", buf_text(&list));
	}
	buf_fini(&list);
	return choice;
}

static bool
set_choice(struct parser *parser, enum setting setting, const struct token *token)
{
	struct policy_settings *settings = &parser->policy->settings;
	const struct choice *choice = find_choice(parser, setting, token);

	if (choice == NULL)
		return false;
	if (setting == SETTING_ON_ERROR) {
		settings->on_error = (enum policy_on_error)choice->value;
	} else if (setting == SETTING_JOURNAL) {
		settings->journal = (enum policy_journal)choice->value;
	} else if (setting == SETTING_RECIPIENTS) {
		settings->recipients = (enum policy_recipients)choice->value;
	} else {
		settings->header_canon = (enum policy_canon)(choice->value >> 2);
		settings->body_canon = (enum policy_canon)(choice->value & 3);
	}
	return true;
}

bool
setting_add_reason(struct parser *parser, const struct token *token)
{
	const struct choice *choice = find_choice(parser, SETTING_COVERAGE_IGNORE, token);

	if (choice != NULL)
		parser->policy->settings.coverage_ignore |= 1U << choice->value;
	return choice != NULL;
}

const char *
policy_coverage_word(enum coverage_reason reason)
{
	for (size_t i = 0; i < ARRAY_LEN(choices); i++)
		if (choices[i].setting == SETTING_COVERAGE_IGNORE &&
		    choices[i].value == (unsigned)reason)
			return choices[i].text;
	return NULL;
}

static bool
set_lifetime(struct parser *parser, const struct token *token)
{
	uint64_t seconds = 0;

	if (!view_is(token->text, VIEW("none")) &&
	    (!value_duration(token->text, &seconds) || seconds < LIFETIME_MIN ||
		seconds > LIFETIME_MAX))
		return fail_at(parser, token, "expected none, or a time from 1h to 365d");
	parser->policy->settings.signature_lifetime = (uint32_t)seconds;
	return true;
}

bool
setting_take_one(struct parser *parser, enum setting setting)
{
	const struct token *token = peek(parser);
	enum setting_type type = rows[setting].type;

	if (type != TYPE_DURATION && type != TYPE_NUMBER && type != TYPE_RESOLVER &&
	    type != TYPE_MAILBOX && type != TYPE_SERVER)
		take(parser);
	switch (type) {
	case TYPE_SOCKET:
		return set_socket(parser, setting, token);
	case TYPE_PATH:
		return set_path(parser, setting, token);
	case TYPE_ACCOUNT:
		return set_account(parser, setting, token);
	case TYPE_HOST:
		return set_host(parser, setting, token);
	case TYPE_CHOICE:
		return set_choice(parser, setting, token);
	case TYPE_CHARACTER:
		return set_character(parser, setting, token);
	case TYPE_ZONE:
		return set_zone(parser, setting, token);
	case TYPE_DURATION:
	case TYPE_NUMBER:
		return setting_take_amount(parser, setting);
	case TYPE_RESOLVER:
	case TYPE_MAILBOX:
	case TYPE_SERVER:
		return setting_take_server(parser, setting);
	case TYPE_LIFETIME:
		return set_lifetime(parser, token);
	case TYPE_MAILLOG:
		return set_maillog(parser, setting, token);
	case TYPE_ADDRESSES:
	case TYPE_HOSTS:
	case TYPE_NETWORKS:
	case TYPE_MAP:
	case TYPE_PORTS:
	case TYPE_REASONS:
		break;
	}
	BUG("a setting of several values");
}
