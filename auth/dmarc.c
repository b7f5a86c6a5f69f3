/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "auth/dmarc_private.h"
#include "auth/taglist.h"

/* One record. Names of tags and values without regard to case, but for DMARC1 (RFC 7489
 * 6.4, RFC 9989 4.8). */

enum { TAG_P, TAG_SP, TAG_NP };
enum { PERCENT_MAX = 100, INTERVAL_DEFAULT = 86400 };

struct reading {
	struct dmarc_record *record;
	struct buf *problems;
	unsigned seen; /* one bit for each tag in 'tags' */
	bool is_again; /* this tag stood there before: the stricter counts */
};

static void
problem(struct reading *reading, const char *what, const struct tag *tag)
{
	if (reading->problems == NULL)
		return;
	escape_add(reading->problems, tag->name, ESCAPE_MAX);
	buf_add_char(reading->problems, '=');
	escape_add(reading->problems, tag->value, ESCAPE_MAX);
	buf_addf(reading->problems, " %s\n", what);
}

static bool
asks_of(struct view value, enum dmarc_asks *ret_asks)
{
	static const char *const names[] = {[DMARC_ASKS_NONE] = "none",
	    [DMARC_ASKS_QUARANTINE] = "quarantine",
	    [DMARC_ASKS_REJECT] = "reject"};

	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (view_is_nocase(value, view_of(names[i]))) {
			*ret_asks = (enum dmarc_asks)i;
			return true;
		}
	return false;
}

static void
read_asks(struct reading *reading, const struct tag *tag, enum dmarc_asks *asks, bool *has)
{
	enum dmarc_asks said;

	if (!asks_of(tag->value, &said)) {
		problem(reading, "is neither none, quarantine nor reject", tag);
		return;
	}
	if (!*has || said > *asks)
		*asks = said;
	*has = true;
}

static void
read_choice(struct reading *reading, const struct tag *tag, char yes, char no, bool *is_yes)
{
	char c = tag->value.n == 1 ? (char)(tag->value.p[0] | 0x20) : '\0';

	if (c == yes || c == no)
		*is_yes = c == yes;
	else
		problem(reading, "is nothing that this tag can be", tag);
}

static void
read_p(struct reading *reading, const struct tag *tag)
{
	read_asks(reading, tag, &reading->record->p, &reading->record->has_p);
}

static void
read_sp(struct reading *reading, const struct tag *tag)
{
	read_asks(reading, tag, &reading->record->sp, &reading->record->has_sp);
}

static void
read_np(struct reading *reading, const struct tag *tag)
{
	read_asks(reading, tag, &reading->record->np, &reading->record->has_np);
}

static void
read_aspf(struct reading *reading, const struct tag *tag)
{
	bool was_strict = reading->record->is_strict_spf;

	read_choice(reading, tag, 's', 'r', &reading->record->is_strict_spf);
	reading->record->is_strict_spf |= was_strict;
}

static void
read_adkim(struct reading *reading, const struct tag *tag)
{
	bool was_strict = reading->record->is_strict_dkim;

	read_choice(reading, tag, 's', 'r', &reading->record->is_strict_dkim);
	reading->record->is_strict_dkim |= was_strict;
}

static void
read_t(struct reading *reading, const struct tag *tag)
{
	bool was_testing = reading->record->is_testing;

	read_choice(reading, tag, 'y', 'n', &reading->record->is_testing);
	if (reading->is_again)
		reading->record->is_testing &= was_testing;
}

static void
read_psd(struct reading *reading, const struct tag *tag)
{
	bool is_yes = false;

	reading->record->psd = DMARC_PSD_UNSAID;
	if (view_is_nocase(tag->value, VIEW("u")))
		return;
	if (tag->value.n != 1 ||
	    ((tag->value.p[0] | 0x20) != 'y' && (tag->value.p[0] | 0x20) != 'n')) {
		problem(reading, "is neither y, n nor u", tag);
		return;
	}
	read_choice(reading, tag, 'y', 'n', &is_yes);
	reading->record->psd = is_yes ? DMARC_PSD_YES : DMARC_PSD_NO;
}

static void
read_pct(struct reading *reading, const struct tag *tag)
{
	unsigned long long number;

	if (!view_number(tag->value, PERCENT_MAX, &number))
		problem(reading, "is no number up to 100", tag);
	else if (!reading->is_again || number > reading->record->pct)
		reading->record->pct = (unsigned)number;
}

static void
read_ri(struct reading *reading, const struct tag *tag)
{
	unsigned long long number;

	if (view_number(tag->value, UINT32_MAX, &number))
		reading->record->interval = (uint32_t)number;
	else
		problem(reading, "is no number of seconds", tag);
}

static void
read_rua(struct reading *reading, const struct tag *tag)
{
	reading->record->rua = tag->value;
	if (!dmarc_has_uri(tag->value))
		problem(reading, "has no address that reports can go to", tag);
}

static void
read_ruf(struct reading *reading, const struct tag *tag)
{
	reading->record->ruf = tag->value;
	if (!dmarc_has_uri(tag->value))
		problem(reading, "has no address that reports can go to", tag);
}

static void
read_fo(struct reading *reading, const struct tag *tag)
{
	struct view rest = tag->value, part;

	reading->record->fo = tag->value;
	while (view_cut(&rest, ':', &part)) {
		part = view_trim(part);
		if (part.n != 1 || !view_has_char(VIEW("01dsDS"), part.p[0])) {
			problem(reading, "is not a list of 0, 1, d and s", tag);
			return;
		}
	}
}

static void
read_rf(struct reading *reading, const struct tag *tag)
{
	reading->record->rf = tag->value;
}

static const struct {
	const char *name;
	void (*read)(struct reading *reading, const struct tag *tag);
} tags[] = {
    [TAG_P] = {"p", read_p},
    [TAG_SP] = {"sp", read_sp},
    [TAG_NP] = {"np", read_np},
    {"aspf", read_aspf},
    {"adkim", read_adkim},
    {"t", read_t},
    {"psd", read_psd},
    {"pct", read_pct},
    {"ri", read_ri},
    {"rua", read_rua},
    {"ruf", read_ruf},
    {"fo", read_fo},
    {"rf", read_rf},
};

static void
read_tag(struct reading *reading, const struct tag *tag)
{
	for (unsigned i = 0; i < ARRAY_LEN(tags); i++) {
		if (!view_is_nocase(tag->name, view_of(tags[i].name)))
			continue;
		reading->is_again = (reading->seen & 1U << i) != 0;
		if (reading->is_again)
			problem(reading,
			    "stands there a second time: some receivers take the first, "
			    "some the last, some none; the stricter is taken here",
			    tag);
		reading->seen |= 1U << i;
		tags[i].read(reading, tag);
		return;
	}
	problem(reading, "is no tag that DMARC knows", tag);
}

bool
dmarc_has_uri(struct view list)
{
	struct view uri, part;

	while (view_cut(&list, ',', &uri)) {
		uri = view_trim(uri);
		if (!view_cut(&uri, ':', &part) || part.n == 0 || uri.p == NULL)
			continue;
		if (!view_is_nocase(part, VIEW("mailto"))) {
			if (uri.n > 0)
				return true;
			continue;
		}
		/* "!10m" behind it is RFC 7489's limit of size. */
		if (view_cut(&uri, '!', &part) && part.n > 2 && view_has_char(part, '@') &&
		    part.p[0] != '@' && part.p[part.n - 1] != '@')
			return true;
	}
	return false;
}

/* "v=DMARC1" and then its end or the next tag. Moves *REST there. */
static bool
take_version(struct view *rest)
{
	struct view name, value;

	if (!view_cut(rest, ';', &value) || !view_cut(&value, '=', &name) ||
	    value.p == NULL)
		return false;
	return name.n > 0 && (name.p[0] == 'v' || name.p[0] == 'V') &&
	       view_trim(view_from(name, 1)).n == 0 &&
	       view_is(view_trim(value), VIEW("DMARC1"));
}

/* Of the tag, nothing can be used. */
static bool
is_bad(const struct reading *reading, unsigned tag, bool has)
{
	return (reading->seen & 1U << tag) != 0 && !has;
}

bool
dmarc_record_drop(struct dmarc_record *record)
{
	record->p = record->sp = record->np = DMARC_ASKS_NONE;
	record->has_p = record->has_sp = record->has_np = false;
	return dmarc_has_uri(record->rua);
}

int
dmarc_parse(struct view text, struct dmarc_record *ret_record, struct buf *problems,
    struct err *err)
{
	struct dmarc_record record = {.pct = PERCENT_MAX, .interval = INTERVAL_DEFAULT};
	struct reading reading = {.record = &record, .problems = problems};
	struct tag tag;
	int found;

	if (!take_version(&text))
		return 0;
	while ((found = tag_take(&text, &tag)) != 0) {
		if (found > 0)
			read_tag(&reading, &tag);
		else if (problems != NULL)
			buf_add_text(problems, "something in it is no tag\n");
	}
	record.is_np_bad = is_bad(&reading, TAG_NP, record.has_np);
	bool is_useless = is_bad(&reading, TAG_P, record.has_p) ||
			  is_bad(&reading, TAG_SP, record.has_sp);
	if (is_useless && !dmarc_record_drop(&record))
		return err_set(err, ERR_BAD_INPUT,
		    "p= or sp= is no policy, and rua= has no address: receivers ignore the "
		    "record");
	if (!record.has_p && problems != NULL && !is_useless)
		buf_add_text(problems, "p= is missing: receivers take it for p=none, or "
				       "ignore the record\n");
	if (!record.has_sp)
		record.sp = record.p;
	if (!record.has_np)
		record.np = record.sp;
	*ret_record = record;
	return 1;
}
