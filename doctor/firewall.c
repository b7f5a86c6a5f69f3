/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "doctor/firewall.h"

/* One rule or one policy at a time; what is not understood is a condition. */

enum { PORT_MAX = 65535, WORDS_MAX = 64 };

struct words {
	struct view at[WORDS_MAX];
	size_t n;
	bool is_cut;
};

/* What is known while the rules of a chain go by. */
struct chain {
	bool is_output;  /* what leaves this machine passes it */
	bool has_passed; /* a rule may have let it go by before */
	struct firewall_look look;
};

static struct words
split(struct view line)
{
	struct words words = {.n = 0};
	struct view word;

	while (view_cut(&line, ' ', &word)) {
		word = view_trim(word);
		if (word.n == 0)
			continue;
		if (words.n == WORDS_MAX) {
			words.is_cut = true;
			break;
		}
		words.at[words.n++] = word;
	}
	return words;
}

static bool
is_word(const struct words *words, size_t i, const char *text)
{
	return i < words->n && view_is(words->at[i], view_of(text));
}

static bool
is_any(const struct words *words, size_t i, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		if (is_word(words, i, *texts))
			return true;
	return false;
}

/* "25", "25,", "20-30" (iptables: "20:30") */
static bool
has_port(struct view text, unsigned port)
{
	unsigned long long from, to;
	struct view head;

	if (view_ends(text, VIEW(",")))
		text = view_head(text, text.n - 1);
	(void)view_cut(&text, view_has_char(text, ':') ? ':' : '-', &head);
	if (!view_number(head, PORT_MAX, &from))
		return false;
	to = from;
	if (text.p != NULL && !view_number(text, PORT_MAX, &to))
		return false;
	return port >= from && port <= to;
}

static void
meet(struct chain *chain, struct view rule, bool is_sure)
{
	enum firewall_verdict verdict =
	    is_sure && !chain->has_passed ? FIREWALL_CLOSED : FIREWALL_MAYBE;

	if (verdict > chain->look.verdict)
		chain->look = (struct firewall_look){verdict, rule};
}

/* "tcp dport 25", "tcp dport { 25, 465 }" at *I, which moves behind it. 1, 0: another port;
 * -1: it is something else. */
static int
nft_port(const struct words *words, size_t *i, unsigned port)
{
	size_t at = *i + 2;
	bool has = false;

	if (!is_word(words, *i, "tcp") || !is_word(words, *i + 1, "dport") ||
	    at >= words->n || is_word(words, at, "!="))
		return -1;
	if (!is_word(words, at, "{")) {
		*i = at + 1;
		return has_port(words->at[at], port);
	}
	for (at++; at < words->n && !is_word(words, at, "}"); at++)
		has |= has_port(words->at[at], port);
	*i = at + 1;
	return has;
}

/* Words that count, or say how it is refused: no condition. */
static bool
nft_is_harmless(const struct words *words, size_t *i)
{
	static const char *const alone[] = {"counter", "log", NULL};
	static const char *const with_one[] = {
	    "packets", "bytes", "prefix", "comment", NULL};

	if (is_any(words, *i, with_one)) {
		*i += 2;
		return true;
	}
	if (is_word(words, *i, "meta") && is_word(words, *i + 1, "l4proto") &&
	    is_word(words, *i + 2, "tcp")) {
		*i += 3;
		return true;
	}
	if (!is_any(words, *i, alone))
		return false;
	*i += 1;
	return true;
}

static void
nft_rule(struct chain *chain, struct view line, unsigned port)
{
	static const char *const stops[] = {"drop", "reject", NULL};
	/* What is done in another chain is not followed. */
	static const char *const passes[] = {"accept", "jump", "goto", "return", NULL};
	const struct words words = split(line);
	bool is_sure = !words.is_cut;

	for (size_t i = 0; i < words.n;) {
		int fits = nft_port(&words, &i, port);

		if (fits == 0)
			return;
		if (fits > 0 || nft_is_harmless(&words, &i))
			continue;
		if (is_any(&words, i, stops)) {
			meet(chain, line, is_sure);
			return;
		}
		if (is_any(&words, i, passes)) {
			chain->has_passed = true;
			return;
		}
		is_sure = false;
		i++;
	}
}

/* "type filter hook output priority filter; policy drop;" */
static void
nft_head(struct chain *chain, struct view line)
{
	chain->is_output = view_starts(line, VIEW("type filter ")) &&
			   memmem(line.p, line.n, " hook output ", 13) != NULL;
	chain->has_passed = false;
	if (chain->is_output && chain->look.verdict == FIREWALL_OPEN &&
	    memmem(line.p, line.n, "policy drop;", 12) != NULL)
		chain->look = (struct firewall_look){FIREWALL_MAYBE, line};
}

struct firewall_look
firewall_read_nft(struct view text, unsigned port)
{
	struct chain chain = {.is_output = false};
	struct view line;

	while (view_cut(&text, '\n', &line)) {
		line = view_trim(line);
		if (view_starts(line, VIEW("chain ")) || view_is(line, VIEW("}")))
			chain.is_output = false;
		else if (view_starts(line, VIEW("type ")))
			nft_head(&chain, line);
		else if (chain.is_output)
			nft_rule(&chain, line, port);
	}
	return chain.look;
}

/* The options of one rule of iptables. */
struct option_rule {
	bool is_sure;
	bool is_other; /* it is about something else */
	struct view target;
};

static bool
has_any_port(struct view list, unsigned port)
{
	struct view one;

	while (view_cut(&list, ',', &one))
		if (has_port(one, port))
			return true;
	return false;
}

/* One option at *I, which moves behind it. */
static void
take_option(const struct words *words, size_t *i, unsigned port, struct option_rule *rule)
{
	static const char *const ports[] = {"--dport", "--dports", NULL};
	static const char *const targets[] = {"-j", "-g", NULL};
	static const char *const harmless[] = {"-m", "--reject-with", NULL};
	struct view value = *i + 1 < words->n ? words->at[*i + 1] : VIEW("");

	/* "! --dport 25": what it is about is not judged. */
	if (is_word(words, *i, "!")) {
		rule->is_sure = false;
		*i += 3;
		return;
	}
	if (is_word(words, *i, "-p")) {
		rule->is_other |= !view_is(value, VIEW("tcp"));
	} else if (is_any(words, *i, ports)) {
		rule->is_other |= !has_any_port(value, port);
	} else if (is_any(words, *i, targets)) {
		rule->target = value;
	} else if (!is_any(words, *i, harmless)) {
		rule->is_sure = false;
		*i += 1;
		return;
	}
	*i += 2;
}

static void
iptables_rule(struct chain *chain, struct view line, unsigned port)
{
	const struct words words = split(line);
	struct option_rule rule = {.is_sure = !words.is_cut};

	for (size_t i = 2; i < words.n;)
		take_option(&words, &i, port, &rule);
	if (rule.is_other)
		return;
	if (view_is(rule.target, VIEW("DROP")) || view_is(rule.target, VIEW("REJECT")))
		meet(chain, line, rule.is_sure);
	else if (rule.target.n > 0 && !view_is(rule.target, VIEW("LOG")))
		chain->has_passed = true;
}

struct firewall_look
firewall_read_iptables(struct view text, unsigned port)
{
	struct chain chain = {.is_output = true};
	struct view line;

	while (view_cut(&text, '\n', &line)) {
		line = view_trim(line);
		if (view_is(line, VIEW("-P OUTPUT DROP")))
			chain.look = (struct firewall_look){FIREWALL_MAYBE, line};
		else if (view_starts(line, VIEW("-A OUTPUT ")))
			iptables_rule(&chain, line, port);
	}
	return chain.look;
}
