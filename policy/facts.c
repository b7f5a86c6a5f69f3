/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/facts.h"
#include "lib/bug.h"

static const char *const paths[] = {
    [PATH_SUBMISSION] = "submission",
    [PATH_RELAY] = "relay",
    [PATH_LOCAL] = "local",
    [PATH_REENTRY] = "reentry",
    [PATH_INBOUND] = "inbound",
};

static const char *const spfs[] = {
    [SPF_UNKNOWN] = "unknown",
    [SPF_PASS] = "pass",
    [SPF_FAIL] = "fail",
    [SPF_SOFTFAIL] = "softfail",
    [SPF_NEUTRAL] = "neutral",
    [SPF_NONE] = "none",
    [SPF_TEMPERROR] = "temperror",
    [SPF_PERMERROR] = "permerror",
};

static const char *const dmarcs[] = {
    [DMARC_UNKNOWN] = "unknown",
    [DMARC_PASS] = "pass",
    [DMARC_FAIL] = "fail",
    [DMARC_NONE] = "none",
};

static const char *const records[] = {
    [DMARC_RECORD_UNKNOWN] = "unknown",
    [DMARC_RECORD_ABSENT] = "absent",
    [DMARC_RECORD_NONE] = "none",
    [DMARC_RECORD_QUARANTINE] = "quarantine",
    [DMARC_RECORD_REJECT] = "reject",
};

static const char *const states[] = {
    [KEY_UNKNOWN] = "unknown",
    [KEY_READY] = "ready",
    [KEY_UNPUBLISHED] = "unpublished",
    [KEY_MISMATCHED] = "mismatched",
};

static const char *const opinions[] = {
    [SEEN_UNKNOWN] = "unknown",
    [SEEN_AGREES] = "agrees",
    [SEEN_DISAGREES] = "disagrees",
};

/* NAME_name and NAME_of for an enum whose names are in LIST. */
#define NAMES(function, type, list)                                                        \
	const char *function##_name(enum type value)                                       \
	{                                                                                  \
		must((size_t)value < ARRAY_LEN(list));                                     \
		return (list)[value];                                                      \
	}                                                                                  \
	bool function##_of(struct view name, enum type *ret_value)                         \
	{                                                                                  \
		for (unsigned i = 0; i < ARRAY_LEN(list); i++)                             \
			if (view_is(view_of((list)[i]), name)) {                           \
				*ret_value = (enum type)i;                                 \
				return true;                                               \
			}                                                                  \
		return false;                                                              \
	}

NAMES(fact_path, fact_path, paths)
NAMES(fact_spf, fact_spf, spfs)
NAMES(fact_dmarc, fact_dmarc, dmarcs)
NAMES(fact_dmarc_record, fact_dmarc_record, records)
NAMES(fact_key_state, fact_key_state, states)
NAMES(fact_seen, fact_seen, opinions)

enum fact_dmarc_record
fact_dmarc_asked(const struct facts *facts)
{
	/* The order of the enum is that of strictness. */
	return facts->tree.record > facts->dmarc_record ? facts->tree.record
							: facts->dmarc_record;
}

const struct fact_key *
fact_key_find(const struct facts *facts, struct view domain, struct view selector)
{
	for (uint32_t i = 0; i < facts->n_keys; i++)
		if (view_is(facts->keys[i].selector, selector) &&
		    view_is(facts->keys[i].domain, domain))
			return &facts->keys[i];
	return NULL;
}

const struct fact_meter *
fact_meter_find(const struct facts *facts, struct view name, uint32_t hint)
{
	if (hint < facts->n_meters && view_is(facts->meters[hint].name, name))
		return &facts->meters[hint];
	for (uint32_t i = 0; i < facts->n_meters; i++)
		if (view_is(facts->meters[i].name, name))
			return &facts->meters[i];
	return NULL;
}

const struct fact_lookup *
fact_lookup_find(const struct facts *facts, struct view map, struct view key)
{
	for (uint32_t i = 0; i < facts->n_lookups; i++)
		if (view_is(facts->lookups[i].map, map) &&
		    (facts->lookups[i].key.n == 0 || view_is(facts->lookups[i].key, key)))
			return &facts->lookups[i];
	return NULL;
}
