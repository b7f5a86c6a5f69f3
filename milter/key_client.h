/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_KEY_CLIENT_H
#define MILTER_KEY_CLIENT_H

/*
 * The milter process's end of a key process. A request borrows a slot, sends, and waits on
 * the slot's pair, KEY_PATIENCE_MS for each of these steps. When the key process dies,
 * waiting requests wait for the sockets of its successor and ask again, within
 * KEY_PATIENCE_MS of their beginning; then they fail (ERR_TEMP), which the message turns
 * into 'set on-error'. Any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "auth/sign.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

enum { KEY_PATIENCE_MS = 1000 };

struct key_client;

struct key_client *key_client_new(void); /* without sockets yet */
void key_client_free(struct key_client *client);

/* The sockets of a (new) key process: the request socket and KEY_SLOTS slot sockets, owned
 * from now on. */
void key_client_attach(struct key_client *client, int request_fd, const int *slot_fds);

/* The public half of KEY, as key_public (auth/keys.h) gives it, appended to OUT. */
int key_client_public(struct key_client *client, uint32_t key, struct view domain,
    struct buf *out, struct err *err);

int key_client_sign(struct key_client *client, uint32_t key, struct view domain,
    const uint8_t digest[SIGN_DIGEST], struct sign_signature *ret_signature,
    struct err *err);

/* Is there a living key process, as far as we know? */
bool key_client_is_ready(struct key_client *client);

/* Requests that ran out of patience although the process lived; the supervisor is told to
 * replace it. */
bool key_client_take_hung(struct key_client *client);

#endif
