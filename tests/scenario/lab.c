/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"
#include "lib/run.h"

#include "auth/keys.h"

#include "tests/scenario/lab.h"

enum { TEXT_MAX = 16 << 20, FRANK_MS = 20000 };

void
pool_fini(struct key_pool *pool)
{
	for (size_t i = 0; i < ARRAY_LEN(pool->pem); i++)
		for (size_t j = 0; j < ARRAY_LEN(pool->pem[i]); j++)
			buf_fini(&pool->pem[i][j]);
}

/* The directories on the way to PATH, which begins with the lab's. */
static void
make_dirs(struct lab *lab, const char *path)
{
	char text[LAB_PATH];

	snprintf(text, sizeof(text), "%s", path);
	for (char *slash = text + strlen(lab->dir) + 1;
	     (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		must(mkdir(text, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
}

void
lab_open(struct lab *lab, struct key_pool *pool, const char *build, const char *base,
    const char *name)
{
	char path[LAB_PATH];

	*lab = (struct lab){.build = build, .pool = pool, .arena = arena_new(0)};
	snprintf(lab->dir, sizeof(lab->dir), "%s/%s", base, name);
	must(mkdir(lab->dir, 0755) == 0);
	snprintf(lab->conf, sizeof(lab->conf), "%s/etc/frank.conf", lab->dir);
	snprintf(lab->socket, sizeof(lab->socket), "%s/run/milter.sock", lab->dir);
	snprintf(lab->control, sizeof(lab->control), "%s/run/control.sock", lab->dir);
	snprintf(lab->state, sizeof(lab->state), "%s/state", lab->dir);
	snprintf(lab->log, sizeof(lab->log), "%s/log", lab->dir);
	snprintf(path, sizeof(path), "%s/etc/keys/", lab->dir);
	make_dirs(lab, path);
	lab->wall = 1772442000000000; /* 2026-03-02 09:00:00Z, a Monday */
	lab->zone = zone_new();
}

void
lab_close(struct lab *lab)
{
	zone_free(TAKE(lab->zone));
	arena_free(TAKE(lab->arena));
}

static bool
has_setting(struct view text, const char *setting)
{
	struct view line;

	while (view_cut(&text, '\n', &line))
		if (view_starts(line, view_of(setting)))
			return true;
	return false;
}

/*
 * What a policy does not say itself. It stands at the end, so that lines keep their
 * numbers. With 'journal required' a record can be read as soon as the message is answered.
 */
static void
add_settings(const struct lab *lab, struct view text, struct buf *out)
{
	buf_addf(out, "set listen \"unix:%s\"\n", lab->socket);
	buf_addf(out, "set control \"%s\"\n", lab->control);
	buf_addf(out, "set state \"%s\"\n", lab->state);
	if (lab->resolver != 0)
		buf_addf(out, "set resolver \"127.0.0.1@%u\"\n", lab->resolver);
	if (!has_setting(text, "set journal"))
		buf_add_text(out, "set journal required\n");
}

void
lab_write(struct lab *lab, struct view name, struct view text)
{
	struct buf whole = BUF_INIT(TEXT_MAX);
	struct err err = ERR_INIT;
	char path[LAB_PATH];

	snprintf(path, sizeof(path), "%s/etc/%.*s", lab->dir, VIEW_ARG(name));
	make_dirs(lab, path);
	buf_add(&whole, text);
	if (view_is(name, VIEW("frank.conf")))
		add_settings(lab, text, &whole);
	if (file_replace(path, 0644, buf_view(&whole), &err) != 0)
		BUG(err.text);
	buf_fini(&whole);
}

/* The next key of KIND that this scenario has not used. */
static int
next_key(struct lab *lab, enum key_kind kind, const struct buf **ret_pem, struct err *err)
{
	enum key_type type = kind == KEY_KIND_RSA ? KEY_RSA2048 : KEY_ED25519;

	if (lab->used[kind] == POOL_KEYS)
		return err_set(err, ERR_LIMIT, "more than %d keys of a kind", POOL_KEYS);
	struct buf *pem = &lab->pool->pem[kind][lab->used[kind]++];
	if (pem->n == 0) {
		buf_init(pem, KEY_FILE_MAX);
		if (key_generate(type, pem, err) != 0)
			return -1;
	}
	*ret_pem = pem;
	return 0;
}

static int
publish(struct lab *lab, const struct step *step, struct view pem, struct err *err)
{
	struct buf text = BUF_INIT(KEY_RECORD_MAX), name = BUF_INIT(512);
	struct key *key;
	bool is_weak;

	if (key_parse(pem, &key, &is_weak, err) != 0)
		return -1;
	key_record(key, &text);
	if (step->is_testing)
		buf_add_text(&text, "; t=y");
	key_free(key);
	buf_addf(&name, "%.*s._domainkey.%.*s", VIEW_ARG(step->text), VIEW_ARG(step->name));
	/* The one before, if the key is made again. */
	(void)zone_publish(lab->zone, buf_view(&name), false);
	zone_add_key(lab->zone, buf_view(&name), buf_view(&text));
	zone_publish(lab->zone, buf_view(&name), !step->is_unpublished);
	buf_fini(&name);
	buf_fini(&text);
	return 0;
}

static int
key_write(struct lab *lab, const char *path, const struct step *step, struct err *err)
{
	const struct buf *pem = NULL;
	int64_t since = step->at != 0 ? step->at / 1000000 : 1767225600; /* 2026-01-01 */
	struct timespec times[2] = {{.tv_sec = since}, {.tv_sec = since}};
	struct view text = VIEW("-----BEGIN NOTHING-----\n");

	if (step->key != KEY_KIND_BROKEN) {
		if (next_key(lab, step->key, &pem, err) != 0 ||
		    publish(lab, step, buf_view(pem), err) != 0)
			return -1;
		text = buf_view(pem);
	}
	make_dirs(lab, path);
	if (file_replace(path, 0600, text, err) != 0)
		return -1;
	if (utimensat(AT_FDCWD, path, times, 0) != 0)
		return err_sys(err, "cannot set the time of %s", path);
	return 0;
}

int
lab_key(struct lab *lab, const struct step *step, struct err *err)
{
	char path[LAB_PATH];

	if (step->how.n > 0)
		snprintf(path, sizeof(path), "%s/etc/%.*s", lab->dir, VIEW_ARG(step->how));
	else
		snprintf(path, sizeof(path), "%s/etc/keys/%.*s/%.*s.pem", lab->dir,
		    VIEW_ARG(step->name), VIEW_ARG(step->text));
	if (step->key != KEY_KIND_GONE)
		return key_write(lab, path, step, err);
	if (unlink(path) != 0)
		return err_sys(err, "cannot remove the key");
	return 0;
}

int
lab_frank(struct lab *lab, const char *command, const char *argument, struct buf *out)
{
	char frank[LAB_PATH];
	const char *argv[] = {frank, "-c", lab->conf, "--control", lab->control, "--state",
	    lab->state, command, argument, NULL};
	struct buf errors = BUF_INIT(TEXT_MAX);
	struct err err = ERR_INIT;
	int status = -1;

	snprintf(frank, sizeof(frank), "%s/ctl/frank", lab->build);
	if (run(argv, VIEW_NONE, out, &errors, FRANK_MS, &status, &err) != 0)
		buf_add_text(out, err.text);
	buf_add(out, buf_view(&errors));
	buf_fini(&errors);
	return status;
}

void
lab_log(const struct lab *lab, size_t at, struct buf *out)
{
	struct buf whole = BUF_INIT(TEXT_MAX);

	if (file_read(lab->log, &whole, NULL) == 0)
		buf_add(out, view_from(buf_view(&whole), at));
	buf_fini(&whole);
}

size_t
lab_log_size(const struct lab *lab)
{
	struct stat st;

	return stat(lab->log, &st) == 0 ? (size_t)st.st_size : 0;
}
