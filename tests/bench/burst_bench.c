/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What meters cost: time of an update and memory of a key. Memory is what the process has
 * more of (resident) when the keys are in.
 *
 *	burst_bench [KEYS]
 */

#include <sys/stat.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "burst/keep.h"

enum { KEYS = 1000000, HOT = 5000000, HOT_KEYS = 100, MEGABYTE = 1000000 };

static double
resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	must(file != NULL && fscanf(file, "%*u %lu", &pages) == 1);
	fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

struct bench {
	_Alignas(64) struct burst *burst;
	struct burst_meter *meter;
	struct burst_now now;
	unsigned n;
	uint32_t first;
};

static struct bench
open_bench(uint32_t keys, const char *id, bool is_distinct)
{
	const struct burst_settings settings = {.seed = {1, 2},
	    .keys = keys + keys / 50 + BURST_KEYS_MIN,
	    .recipients = 1000,
	    .learn = 14 * 86400,
	    .remember = 180 * 86400};
	const struct burst_meter_kind kind = {
	    .id = view_of(id), .within = 600, .is_distinct = is_distinct};
	struct bench bench = {.now = {1, burst_minute(20260302, 540)}};

	bench.burst = burst_new(&settings, 1772442000LL * 1000000, &bench.now);
	bench.meter = burst_meter_get(bench.burst, &kind, &bench.now);
	return bench;
}

static void
close_bench(struct bench *bench)
{
	burst_meter_put(bench->burst, bench->meter);
	burst_free(bench->burst);
}

/* As the daemon does for a message: the key's hash, a reading, a charge. */
static void
message(struct bench *bench, uint32_t key, bool is_read)
{
	const struct burst_amount amount = {.count = 2};
	char name[32];
	int n = snprintf(name, sizeof(name), "user%07u@example.org", key);
	struct view text = {name, (size_t)n};
	uint64_t hash = burst_key(bench->burst, text);

	bench->now.mono += 3;
	if (is_read)
		burst_read(bench->meter, hash, &amount, &bench->now);
	burst_charge(bench->meter, hash, text, &amount, &bench->now, false);
}

static double
run(struct bench *bench, unsigned n, uint32_t keys, bool is_read)
{
	int64_t began = clock_mono();
	uint64_t random = 88172645463325252;

	for (unsigned i = 0; i < n; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		message(bench, (uint32_t)(random % keys), is_read);
	}
	return (double)(clock_mono() - began) * 1000 / n;
}

/* Only the update: hashes that are there already, in no order. */
static double
run_bare(struct bench *bench, unsigned n, uint32_t keys)
{
	const struct burst_amount amount = {.count = 2};
	uint64_t *hashes = mem_zeroed(keys, sizeof(*hashes)), random = 88172645463325252;
	int64_t began;

	for (uint32_t i = 0; i < keys; i++) {
		char name[32];
		int length = snprintf(name, sizeof(name), "user%07u@example.org", i);

		hashes[i] = burst_key(bench->burst, (struct view){name, (size_t)length});
	}
	began = clock_mono();
	for (unsigned i = 0; i < n; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		bench->now.mono += 3;
		burst_charge(bench->meter, hashes[random % keys], VIEW("user"), &amount,
		    &bench->now, false);
	}
	began = clock_mono() - began;
	free(hashes);
	return (double)began * 1000 / n;
}

static void *
run_thread(void *argument)
{
	struct bench *bench = argument;

	for (unsigned i = 0; i < bench->n; i++)
		message(bench, bench->first + i % 5000, true);
	return NULL;
}

/* Nothing that is shared: what two threads gain on this machine, as it is now. */
static void *
run_alone(void *argument)
{
	struct bench *bench = argument;
	char name[32];

	for (unsigned i = 0; i < bench->n; i++) {
		int n = snprintf(name, sizeof(name), "user%07u@example.org", i % 5000);

		bench->first ^=
		    (uint32_t)burst_key(bench->burst, (struct view){name, (size_t)n});
	}
	return NULL;
}

static double
run_threads(struct bench *bench, unsigned n_threads, void *(*work)(void *))
{
	pthread_t threads[2];
	struct bench each[2];
	int64_t began = clock_mono();

	for (unsigned i = 0; i < n_threads; i++) {
		each[i] = *bench;
		each[i].n = HOT / 2;
		each[i].first = i * 5000;
		must(pthread_create(&threads[i], NULL, work, &each[i]) == 0);
	}
	for (unsigned i = 0; i < n_threads; i++)
		must(pthread_join(threads[i], NULL) == 0);
	return (double)n_threads * (HOT / 2) / (double)(clock_mono() - began);
}

/* The best of three: others work on this machine, too. */
static double
gain(struct bench *bench, void *(*work)(void *))
{
	double best = 0;

	for (unsigned i = 0; i < 3; i++) {
		double one = run_threads(bench, 1, work);
		double two = run_threads(bench, 2, work);

		best = two / one > best ? two / one : best;
	}
	return best;
}

static void
snapshot(struct bench *bench)
{
	struct keep_now now = {{0, bench->now.mono}, bench->now.minute, 1};
	char path[] = "/tmp/burst_bench.XXXXXX";
	int fd = mkstemp(path);
	struct err err = ERR_INIT;
	struct stat status;
	int64_t began = clock_mono(), age;

	must(fd >= 0 && keep_save(bench->burst, path, &now, &err) == 0);
	must(stat(path, &status) == 0);
	printf("snapshot written in %.0f ms, %.1f MB",
	    (double)(clock_mono() - began) / 1000, (double)status.st_size / MEGABYTE);
	began = clock_mono();
	must(keep_restore(bench->burst, path, &now, &age, &err) == 1);
	printf(", restored in %.0f ms\n", (double)(clock_mono() - began) / 1000);
	unlink(path);
	close(fd);
}

static void
counting(uint32_t keys)
{
	double before = resident(), after;
	struct bench bench = open_bench(keys, "count", false);

	printf("%u keys in one counting meter\n", keys);
	for (uint32_t i = 0; i < keys; i++)
		message(&bench, i, false);
	after = resident();
	printf("memory %.1f MB, %.1f bytes a key (64 of them the ring)\n",
	    (after - before) / MEGABYTE, (after - before) / keys);
	printf("update hot %.0f ns, over all keys %.0f ns\n",
	    run_bare(&bench, HOT, HOT_KEYS), run_bare(&bench, HOT, keys));
	printf("message (hash, reading, charge) hot %.0f ns, over all keys %.0f ns\n",
	    run(&bench, HOT, HOT_KEYS, true), run(&bench, HOT, keys, true));
	printf("two threads: messages %.2f times those of one, without meters %.2f\n",
	    gain(&bench, run_thread), gain(&bench, run_alone));
	snapshot(&bench);
	/* An hour later all of them were active in an hour that is over. */
	bench.now.mono += (int64_t)3600 * 1000000;
	bench.now.minute += 60;
	for (uint32_t i = 0; i < keys; i++)
		message(&bench, i, false);
	after = resident();
	printf("with what is usual %.1f MB, %.1f bytes a key\n",
	    (after - before) / MEGABYTE, (after - before) / keys);
	close_bench(&bench);
}

static void
different(uint32_t keys)
{
	double before = resident();
	struct bench bench = open_bench(keys, "different", true);
	static const size_t steps[] = {1, 10, 60, 100};

	printf("%u keys in one meter of different ones\n", keys);
	for (size_t s = 0; s < ARRAY_LEN(steps); s++) {
		uint64_t hashes[100];
		const struct burst_amount amount = {.hashes = hashes, .n_hashes = steps[s]};
		int64_t began = clock_mono();

		for (uint64_t i = 0; i < 100; i++)
			hashes[i] = (i + 1) * 0x9e3779b97f4a7c15;
		for (uint32_t i = 0; i < keys; i++) {
			bench.now.mono += 3;
			burst_charge(bench.meter, (uint64_t)i * 0x9e3779b97f4a7c15,
			    VIEW("user"), &amount, &bench.now, false);
		}
		printf("with %zu of them: %.0f bytes a key, a charge of all %.0f ns\n",
		    steps[s], (resident() - before) / keys,
		    (double)(clock_mono() - began) * 1000 / keys);
	}
	close_bench(&bench);
}

int
main(int argc, char **argv)
{
	uint32_t keys = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : KEYS;

	if (keys < HOT_KEYS || keys > BURST_KEYS_MAX / 2) {
		fprintf(stderr, "usage: burst_bench [KEYS]\n");
		return 64;
	}
	counting(keys);
	different(keys < 100000 ? keys : 100000);
	return 0;
}
