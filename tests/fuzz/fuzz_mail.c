/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdint.h>

#include "lib/bug.h"

#include "ctl/hold.h"
#include "ctl/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 4 << 20, LINES = 20 };

/* What is shown of a message steers no terminal, whatever it came from. */
static void
check_shown(struct view items)
{
	struct buf out = BUF_INIT(64 << 20);
	struct view text;

	hold_mail_text(items, LINES, &out);
	text = buf_view(&out);
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		must((c >= 0x20 && c != 0x7f) || c == '\n');
		/* C1 */
		must(c != 0xc2 || (unsigned char)text.p[i + 1] >= 0xa0);
	}
	buf_fini(&out);
}

/*
 * As a message; as HTML; as what the process that takes messages apart has sent; as what
 * Postfix says of an envelope.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = {(const char *)data, size};
	struct buf items = BUF_INIT(OUT_MAX), html = BUF_INIT(OUT_MAX);
	struct hold_envelope envelope;
	struct mail_item item;

	mail_plain(text, &items);
	struct view rest = buf_view(&items);
	while (mail_next(&rest, &item))
		continue;
	must(items.full || rest.n == 0);
	check_shown(buf_view(&items));
	check_shown(text);
	mail_html(text, &html);
	hold_envelope_read(text, &envelope);
	must(envelope.sender.n <= size);
	buf_fini(&items);
	buf_fini(&html);
	return 0;
}
