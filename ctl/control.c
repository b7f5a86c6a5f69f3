/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "lib/control.h"

#include "ctl/ctl.h"

/* frankd escapes what is not its own in what it sends. */
static void
show(void *context, int is_error, struct view text)
{
	(void)context;
	fwrite(text.p, 1, text.n, is_error ? stderr : stdout);
}

int
ctl_unreachable(const struct err *err)
{
	ctl_say("%s", err->text);
	if (err->code == ERR_DENIED) {
		ctl_say("the control socket is for root and the group in 'set group'");
		return EX_NOPERM;
	}
	ctl_say("is frankd running? 'systemctl status frankd' or 'frankd -d' says what is "
		"wrong");
	return EX_UNAVAILABLE;
}

static int
ask(struct ctl *ctl, const char *const *words, size_t n)
{
	struct err err = ERR_INIT;
	int code = control_ask(ctl_control(ctl), words, n, show, NULL, &err);

	return code >= 0 ? code : ctl_unreachable(&err);
}

int
command_reload(struct ctl *ctl, int argc, char **argv)
{
	const char *words[] = {"reload"};

	(void)argv;
	if (argc > 1)
		return ctl_usage("reload", NULL);
	return ask(ctl, words, 1);
}
