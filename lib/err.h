/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_ERR_H
#define LIB_ERR_H

/*
 * Why something failed. The code says what kind of failure it is (one table in milter/
 * turns kinds into answers), the text is a sentence fragment for the admin: lower case, no
 * full stop. Set at the place of failure, given context on the way up:
 *
 *	err_set(err, ERR_IO, "cannot read: %s", strerror(errno));
 *	err_add(err, "key '%s'", path);		->	key 'x.pem': cannot read: ...
 *
 * Never allocates. A NULL err is allowed and ignored. Untrusted text in it is escaped by
 * whoever shows it.
 */

enum err_code {
	ERR_NONE,
	ERR_TEMP,      /* may work later: answer 4xx */
	ERR_CONFIG,    /* the admin must change something */
	ERR_IO,        /* the system refused */
	ERR_LIMIT,     /* larger than a stated limit */
	ERR_BAD_INPUT, /* malformed */
	ERR_DENIED,    /* permissions */
	ERR_MISSING,   /* no such file, key, user */
};

struct err {
	enum err_code code;
	char text[256]; /* longer text ends in "..." */
};

#define ERR_INIT                                                                           \
	{                                                                                  \
		.code = ERR_NONE, .text = ""                                               \
	}

/* Both return -1, so that a failing function can end in "return err_set(...)". */
int err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int err_add(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As err_set with ": strerror(errno)" behind it; ENOENT, EACCES and EPERM choose the code.
 */
int err_sys(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
