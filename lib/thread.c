/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <pthread.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/thread.h"

int
thread_start(void *(*run)(void *), void *argument, struct err *err)
{
	pthread_t thread;
	int code = pthread_create(&thread, NULL, run, argument);

	if (code != 0)
		return err_set(err, ERR_TEMP,
		    "cannot start a thread: %s: raise the limit on tasks or memory",
		    strerrordesc_np(code));
	must(pthread_detach(thread) == 0);
	return 0;
}
