/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The main program of a fuzz target where there is no fuzzer: it feeds the target every
 * file of its corpus once, so that `make check` sees what the fuzzer has found before. The
 * target fuzz_NAME is fed tests/fuzz/corpus/NAME and, where there is such a folder,
 * tests/NAME; or the files and folders named as arguments. Prints TAP. Under `make fuzz`
 * libFuzzer brings the main program, and this file is empty.
 */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef FRANK_LIBFUZZER

static int
file_feed(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	int result = -1;

	if (file == NULL)
		return -1;
	/* Exactly as large as the input, so that a read beyond it is seen. */
	data = malloc(size > 0 ? size : 1);
	if (data != NULL && fread(data, 1, size, file) == size) {
		LLVMFuzzerTestOneInput(data, size);
		result = 0;
	}
	free(data);
	fclose(file);
	return result;
}

/* One input, or a folder of them: how many (0: no such path); -1: one cannot be read. */
static int
path_feed(const char *path)
{
	struct stat status;
	struct dirent *entry;
	char below[4096];
	int fed = 0;
	DIR *folder;

	if (stat(path, &status) == -1)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISDIR(status.st_mode))
		return file_feed(path, (size_t)status.st_size) == -1 ? -1 : 1;
	if ((folder = opendir(path)) == NULL)
		return -1;
	while (fed != -1 && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		if (stat(below, &status) == 0 && S_ISREG(status.st_mode))
			fed = file_feed(below, (size_t)status.st_size) == -1 ? -1 : fed + 1;
	}
	closedir(folder);
	return fed;
}

static int
corpus_feed(const char *program)
{
	const char *source = getenv("FRANK_SRC");
	const char *name = strrchr(program, '/');
	char path[4096];
	int fed, seeds;

	name = name == NULL ? program : name + 1;
	if (strncmp(name, "fuzz_", 5) == 0)
		name += 5;
	if (source == NULL)
		source = ".";
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", source, name);
	fed = path_feed(path);
	snprintf(path, sizeof(path), "%s/tests/%s", source, name);
	seeds = path_feed(path);
	return fed == -1 || seeds == -1 ? -1 : fed + seeds;
}

int
main(int argc, char **argv)
{
	int fed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..1\n");
	if (argc == 1)
		fed = corpus_feed(argv[0]);
	for (int i = 1; i < argc && fed != -1; i++) {
		int more = path_feed(argv[i]);

		fed = more == -1 ? -1 : fed + more;
	}
	printf("%s 1 - %d inputs replayed\n", fed > 0 ? "ok" : "not ok", fed);
	return fed > 0 ? 0 : 1;
}

#endif
