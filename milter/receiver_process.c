/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <pthread.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/log.h"

#include "receiver/sandbox.h"
#include "receiver/serve.h"

#include "milter/link.h"
#include "milter/receiver_process.h"

/* Wait for the supervisor's end. */
static void *
link_watch(void *argument)
{
	struct link *link = argument;
	struct err err = ERR_INIT;

	while (link_recv(link, IPC_FOREVER, &err) > 0)
		link_close_fds(link);
	_exit(EX_OK);
	return NULL;
}

void
receiver_process_run(const struct receiver_process *process)
{
	struct link *link = link_new(process->link_fd);
	struct err err = ERR_INIT;
	pthread_attr_t small;
	pthread_t thread;

	/* What libraries load late is loaded while there are files to load. */
	receiver_free(receiver_new());
	if (sandbox_root(process->empty_dir, &err) != 0 ||
	    account_become(process->account, &err) != 0) {
		log_error("%s", err.text);
		_exit(EX_CONFIG);
	}
	must(pthread_attr_init(&small) == 0);
	must(pthread_attr_setstacksize(&small, 256 << 10) == 0);
	must(pthread_create(&thread, &small, link_watch, link) == 0);
	if (sandbox_limits(SANDBOX_MEMORY, &err) != 0) {
		log_error("%s", err.text);
		_exit(EX_CONFIG);
	}
	if (receiver_serve(process->serve_fd, &err) != 0) {
		log_error("%s", err.text);
		_exit(EX_SOFTWARE);
	}
	_exit(EX_OK);
}
