/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "doctor/firewall_rules.h"

bool
firewall_word(struct view *rest, bool has_escapes, struct view *ret_word)
{
	size_t start = 0, at;
	bool is_quoted = false;

	while (start < rest->n &&
	       (rest->p[start] == ' ' || rest->p[start] == '\t' || rest->p[start] == '\n'))
		start++;
	if (start == rest->n)
		return false;
	for (at = start; at < rest->n; at++) {
		char c = rest->p[at];

		if (!is_quoted && (c == ' ' || c == '\t' || c == '\n'))
			break;
		if (has_escapes && c == '\\' && at + 1 < rest->n)
			at++;
		else if (c == '"')
			is_quoted = !is_quoted;
	}
	*ret_word = (struct view){rest->p + start, at - start};
	*rest = view_from(*rest, at);
	return true;
}

struct view
firewall_unquote(struct view word)
{
	if (word.n >= 2 && word.p[0] == '"' && word.p[word.n - 1] == '"')
		return (struct view){word.p + 1, word.n - 2};
	return word;
}

bool
firewall_is_one_of(struct view word, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		if (view_is_nocase(word, view_of(*texts)))
			return true;
	return false;
}

enum firewall_target
firewall_target_of(struct view name)
{
	static const char *const beside[] = {"AUDIT", "CHECKSUM", "CLASSIFY", "CONNMARK",
	    "CONNSECMARK", "CT", "DSCP", "ECN", "HL", "HMARK", "IDLETIMER", "LED", "LOG",
	    "MARK", "NFLOG", "NOTRACK", "RATEEST", "SECMARK", "SET", "TCPMSS",
	    "TCPOPTSTRIP", "TEE", "TOS", "TRACE", "TTL", "ULOG", NULL};
	static const char *const accepts[] = {"ACCEPT", "MASQUERADE", "SNAT", NULL};
	static const char *const stops[] = {"DROP", "REJECT", NULL};
	static const char *const turns[] = {"DNAT", "NETMAP", "REDIRECT", "TPROXY", NULL};
	static const char *const unknown[] = {
	    "NFQUEUE", "QUEUE", "SYNPROXY", "TARPIT", NULL};
	static const struct {
		const char *const *names;
		enum firewall_target target;
	} all[] = {{accepts, FIREWALL_ACCEPT}, {stops, FIREWALL_STOP},
	    {turns, FIREWALL_TURN}, {unknown, FIREWALL_UNKNOWN}, {beside, FIREWALL_NEXT}};

	if (view_is(name, VIEW("RETURN")))
		return FIREWALL_RETURN;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (const char *const *at = all[i].names; *at != NULL; at++)
			if (view_is(name, view_of(*at)))
				return all[i].target;
	return FIREWALL_JUMP;
}
