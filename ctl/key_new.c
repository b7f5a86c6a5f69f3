/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "lib/arena.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/file.h"
#include "lib/json.h"

#include "auth/address.h"

#include "ctl/key.h"

enum { NAME_SIZE = 256, PATH_SHOWN = 4096 };

/* What is to be made. */
struct order {
	const char *dir; /* NULL: where the configuration says */
	enum key_type type;
	char domain[NAME_SIZE], selector[NAME_SIZE];
	const char *path;
};

static int
parse_type(const char *text, enum key_type *ret_type)
{
	static const struct {
		const char *text;
		enum key_type type;
	} types[] = {
	    {"rsa2048", KEY_RSA2048},
	    {"rsa4096", KEY_RSA4096},
	    {"ed25519", KEY_ED25519},
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].text, text) == 0) {
			*ret_type = types[i].type;
			return 0;
		}
	}
	return -1;
}

/* "s20261121", or "e20261121" so that an Ed25519 key can stand beside an RSA key of the
 * same day. */
static void
default_selector(enum key_type type, char into[NAME_SIZE])
{
	char day[CLOCK_TEXT];

	clock_day(clock_now().wall, day); /* 2026-11-21 */
	snprintf(into, NAME_SIZE, "%c%.4s%.2s%.2s", type == KEY_ED25519 ? 'e' : 's', day,
	    day + 5, day + 8);
}

/* TEXT, which DNS must be able to hold, in normal form. */
static int
normal_name(const char *what, const char *text, char into[NAME_SIZE], struct err *err)
{
	struct arena *arena = arena_new(0);
	struct view name;
	int result = strcmp(what, "domain") == 0
			 ? address_parse_domain(view_of(text), arena, &name, err)
			 : address_parse_selector(view_of(text), arena, &name, err);

	if (result == 0)
		snprintf(into, NAME_SIZE, "%.*s", VIEW_ARG(name));
	else
		(void)err_add(err, "'%s' is not a %s", text, what);
	arena_free(arena);
	return result;
}

/* Make DIR and DIR/DOMAIN where they are missing, and DIR/DOMAIN/SELECTOR.pem the path. */
static int
prepare_path(struct ctl *ctl, struct order *order, struct arena *arena, struct err *err)
{
	const char *dir = order->dir, *domain;
	char file[NAME_SIZE + 8];
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (dir == NULL)
		dir = key_sources_dir(ctl, arena, err);
	if (dir == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s.pem", order->selector);
	domain = key_join(arena, dir, order->domain);
	order->path = key_join(arena, domain, file);
	if (file_make_dir(dir, 0700, uid, gid, err) < 0 ||
	    file_make_dir(domain, 0700, uid, gid, err) < 0)
		return -1;
	return file_check_dirs(order->path, uid, err);
}

static int
make_key(const struct order *order, struct key **ret_key, struct err *err)
{
	struct buf pem = BUF_INIT(KEY_FILE_MAX);
	bool weak;
	int result = -1;

	if (access(order->path, F_OK) == 0)
		return err_set(err, ERR_CONFIG,
		    "%s is there already and stays as it is: name another --selector",
		    order->path);
	if (key_generate(order->type, &pem, err) == 0 &&
	    key_parse(buf_view(&pem), ret_key, &weak, err) == 0) {
		result = file_create(order->path, 0600, buf_view(&pem), err);
		if (result < 0)
			key_free(*ret_key);
	}
	if (pem.n > 0)
		OPENSSL_cleanse(pem.p, pem.n);
	buf_fini(&pem);
	return result;
}

static void
show_text(const struct order *order, const struct key *key, struct buf *out)
{
	buf_add_text(out, "The private key is in ");
	escape_add(out, view_of(order->path), PATH_SHOWN);
	buf_addf(out, " (%s, %d bits).\n\nIts DNS record, as a line of a zone file:\n\n",
	    order->type == KEY_ED25519 ? "Ed25519" : "RSA", key_bits(key));
	key_zone_line(key, view_of(order->domain), view_of(order->selector), out);
	buf_addf(out,
	    "\n\nor, where a form asks for it: name %s._domainkey.%s, type TXT, value\n\n",
	    order->selector, order->domain);
	key_record(key, out);
	buf_addf(out,
	    "\n\nPublish the record, wait until 'dig +short TXT %s._domainkey.%s' shows "
	    "it, then "
	    "make it sign:\n\n\tfrank reload\n",
	    order->selector, order->domain);
}

static void
show_json(const struct order *order, const struct key *key, struct buf *out)
{
	struct buf text = BUF_INIT(2 * KEY_RECORD_MAX);
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "domain", view_of(order->domain));
	json_string(&json, "selector", view_of(order->selector));
	json_string(&json, "algorithm",
	    order->type == KEY_ED25519 ? VIEW("ed25519-sha256") : VIEW("rsa-sha256"));
	json_number(&json, "bits", key_bits(key));
	json_string(&json, "path", view_of(order->path));
	key_record(key, &text);
	json_string(&json, "record", buf_view(&text));
	buf_reset(&text);
	key_zone_line(key, view_of(order->domain), view_of(order->selector), &text);
	json_string(&json, "zone", buf_view(&text));
	json_end(&json);
	buf_add_char(out, '\n');
	buf_fini(&text);
}

/* -1: all is well so far; otherwise the exit code. */
static int
read_order(struct ctl *ctl, int argc, char **argv, struct order *order)
{
	static const struct option options[] = {
	    {"selector", required_argument, NULL, 's'},
	    {"type", required_argument, NULL, 't'},
	    {"dir", required_argument, NULL, 'd'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	const char *selector = NULL;
	struct err err = ERR_INIT;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			selector = optarg;
		else if (option == 'd')
			order->dir = optarg;
		else if (option == 'J')
			ctl->json = true;
		else if (option != 't')
			return ctl_bad_option(argc, argv);
		else if (parse_type(optarg, &order->type) < 0)
			return ctl_usage("key", "--type is rsa2048, rsa4096 or ed25519");
	}
	if (optind + 1 != argc)
		return ctl_usage("key", "'frank key new' takes one domain");
	if (selector == NULL)
		default_selector(order->type, order->selector);
	else if (normal_name("selector", selector, order->selector, &err) < 0)
		return ctl_usage("key", err.text);
	if (normal_name("domain", argv[optind], order->domain, &err) < 0)
		return ctl_usage("key", err.text);
	return -1;
}

static int
show(const struct ctl *ctl, const struct order *order, const struct key *key)
{
	struct buf out = BUF_INIT(64 << 10);
	int code;

	if (ctl->json)
		show_json(order, key, &out);
	else
		show_text(order, key, &out);
	code = ctl_print(&out);
	buf_fini(&out);
	return code;
}

int
key_new(struct ctl *ctl, int argc, char **argv)
{
	struct arena *arena = arena_new(0);
	struct order order = {.type = KEY_RSA2048};
	struct err err = ERR_INIT;
	struct key *key = NULL;
	int code = read_order(ctl, argc, argv, &order);

	if (code < 0 && (prepare_path(ctl, &order, arena, &err) < 0 ||
			    make_key(&order, &key, &err) < 0))
		code = ctl_fail(&err);
	if (code < 0) {
		code = show(ctl, &order, key);
		key_free(key);
	}
	arena_free(arena);
	return code;
}
