/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/bug.h"

#include "ctl/ctl.h"
#include "ctl/load.h"

/* What the configuration says, where no option does. With errors in it: what was built in.
 */
static void
read_configuration(struct ctl *ctl)
{
	struct load load;
	const char *state = FRANK_STATE_DIR, *control = FRANK_RUN_DIR "/control.sock";
	struct buf state_text = BUF_INIT(4096), control_text = BUF_INIT(4096);

	if (load_policy(&load, ctl->config, LOAD_NO_KEYS, NULL) == 0) {
		if (load.policy != NULL) {
			const struct policy_settings *settings =
			    policy_settings(load.policy);

			buf_add(&state_text, settings->state);
			buf_add(&control_text, settings->control);
			state = buf_text(&state_text);
			control = buf_text(&control_text);
		} else {
			ctl_say("%s has errors ('frank check' shows them): looking in %s",
			    ctl->config, ctl->state != NULL ? ctl->state : state);
		}
		load_fini(&load);
	}
	if (ctl->state == NULL)
		ctl->state = mem_text(state);
	if (ctl->control == NULL)
		ctl->control = mem_text(control);
	buf_fini(&state_text);
	buf_fini(&control_text);
}

const char *
ctl_state(struct ctl *ctl)
{
	if (ctl->state == NULL)
		read_configuration(ctl);
	return ctl->state;
}

const char *
ctl_control(struct ctl *ctl)
{
	if (ctl->control == NULL)
		read_configuration(ctl);
	return ctl->control;
}
