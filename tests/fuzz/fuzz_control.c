/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * Requests on the control socket and packed bundles. What is accepted must have the form
 * that the headers promise: words inside the frame, and a bundle that packs to the very
 * same bytes.
 */

#include <stdint.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/bundle.h"
#include "lib/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_request(const uint8_t *data, size_t size)
{
	const char *words[CONTROL_WORDS_MAX];
	char *frame =
	    mem_resize(NULL, size, 1); /* no larger, so that a sanitizer sees the end */
	size_t n = 0, bytes = 0;
	struct err err = ERR_INIT;

	if (size != 0)
		memcpy(frame, data, size);
	if (control_parse(frame, size, words, &n, &err) == 0) {
		must(n >= 1 && n <= CONTROL_WORDS_MAX && words[0] == frame);
		for (size_t i = 0; i < n; i++) {
			must(words[i] == frame + bytes);
			bytes += strlen(words[i]) + 1;
		}
		must(bytes == size);
	} else
		must(err.code != ERR_NONE && err.text[0] != '\0');
	free(frame);
}

static void
try_bundle(struct view packed)
{
	struct buf again = BUF_INIT(2 * BUNDLE_MAX);
	struct err err = ERR_INIT;
	struct bundle *bundle;

	if (bundle_unpack(packed, &bundle, &err) < 0) {
		must(err.code != ERR_NONE && err.text[0] != '\0');
		return;
	}
	bundle_pack(bundle, &again);
	must(view_is(buf_view(&again), packed));
	buf_fini(&again);
	bundle_free(bundle);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_request(data, size);
	try_bundle((struct view){(const char *)data, size});
	return 0;
}
