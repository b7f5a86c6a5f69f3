/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/mman.h>
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/bundle.h"

#include "auth/keys.h"

#include "milter/generation.h"

/* The policy out of the packed text. Warnings were shown by the supervisor, which parsed
 * the same bytes. */
static struct policy *
policy_of(struct view packed, const char *main_name, struct map_seed seed, struct err *err)
{
	struct bundle *bundle;
	struct diag diag;

	if (bundle_unpack(packed, &bundle, err) != 0)
		return NULL;
	diag_init(&diag);
	struct policy *policy = policy_load(bundle, main_name, seed, 0, &diag);
	if (policy == NULL)
		err_set(err, ERR_CONFIG, "%.200s", buf_text(&diag.out));
	diag_fini(&diag);
	bundle_free(bundle);
	return policy;
}

int
generation_load(const struct generation_offer *offer, struct map_seed seed, int64_t now,
    struct generation **ret_generation, struct view *ret_packed, struct err *err)
{
	struct stat st;
	size_t n_keys;

	if (fstat(offer->packed_fd, &st) != 0)
		return err_sys(err, "cannot look at the policy's memory file");
	char *map =
	    mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, offer->packed_fd, 0);
	if (map == MAP_FAILED)
		return err_sys(err, "cannot map the policy's memory file");

	struct view packed = {map, (size_t)st.st_size};
	struct generation *generation = mem_zeroed(1, sizeof(*generation));
	digest_hex(packed, generation->hash);
	if (strcmp(generation->hash, offer->hash) != 0)
		err_set(err, ERR_BAD_INPUT,
		    "the policy arrived with hash %.8s instead of %.8s", generation->hash,
		    offer->hash);
	else
		generation->policy = policy_of(packed, offer->main_name, seed, err);
	if (generation->policy == NULL) {
		(void)munmap(map, (size_t)st.st_size);
		free(generation);
		return -1;
	}
	generation->number = offer->number;
	generation->loaded = now;
	generation->keys = key_client_new();
	(void)policy_keys(generation->policy, &n_keys);
	generation->opinions = mem_zeroed(n_keys + 1, sizeof(generation->opinions[0]));
	generation->states = mem_zeroed(n_keys + 1, sizeof(generation->states[0]));
	generation->references = 1;
	*ret_generation = generation;
	*ret_packed = packed;
	return 0;
}

void
generation_free(struct generation *generation)
{
	if (generation == NULL)
		return;
	key_client_free(generation->keys);
	free(generation->opinions);
	free(generation->states);
	metering_free(generation->metering);
	policy_free(generation->policy);
	free(generation);
}
