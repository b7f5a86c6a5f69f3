/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <string.h>

#include "lib/file.h"

#include "journal/writer.h"

enum { SECRET_MODE = 0600 };

int
writer_secret(const char *dir, struct map_seed *ret_seed, struct err *err)
{
	char path[PATH_MAX];
	struct err missing = ERR_INIT;
	struct buf content = BUF_INIT(sizeof(struct map_seed));
	struct map_seed seed = map_seed_random();
	int result;

	if (file_join(path, sizeof(path), dir, "secret") == -1)
		return err_set(err, ERR_CONFIG, "path is too long");
	result = file_read(path, &content, &missing);
	if (result == -1 && missing.code == ERR_MISSING) {
		buf_add_bytes(&content, &seed, sizeof(seed));
		result = file_create(path, SECRET_MODE, buf_view(&content), err);
	} else if (result == -1) {
		err_set(err, missing.code, "%s", missing.text);
	} else if (content.n != sizeof(seed)) {
		result = err_set(err, ERR_BAD_INPUT,
		    "%s is not ours: it should hold %zu bytes", path, sizeof(seed));
	}
	if (result == 0)
		memcpy(ret_seed, content.p, sizeof(*ret_seed));
	buf_fini(&content);
	return result;
}
