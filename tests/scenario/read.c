/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/clock.h"

#include "tests/scenario/read.h"

enum { BLOCK_MAX = 4 << 20 };

struct reader {
	struct scenario *scenario;
	struct arena *arena;
	struct view rest;
	int line; /* of what was taken last */
	struct step **end;
};

static bool
is_blank(struct view line)
{
	return view_trim(line).n == 0;
}

static bool
is_comment(struct view line)
{
	struct view text = view_trim(line);

	return text.n > 0 && text.p[0] == '#';
}

/* The next line, without taking it. False at the end. */
static bool
peek(const struct reader *reader, struct view *ret_line)
{
	struct view rest = reader->rest;

	return rest.n > 0 && view_cut(&rest, '\n', ret_line);
}

static void
take(struct reader *reader)
{
	struct view line;

	(void)view_cut(&reader->rest, '\n', &line);
	reader->line++;
}

/* The indented lines that follow, less one tab each. Blank lines belong to it when more
 * follows. */
static struct view
take_block(struct reader *reader)
{
	struct buf text = BUF_INIT(BLOCK_MAX);
	struct view line;
	unsigned blank = 0;

	struct reader at = *reader;
	while (peek(&at, &line) && (is_blank(line) || line.p[0] == '\t')) {
		take(&at);
		if (is_blank(line)) {
			blank++;
			continue;
		}
		for (; blank > 0; blank--)
			buf_add_char(&text, '\n');
		buf_add(&text, view_from(line, 1));
		buf_add_char(&text, '\n');
		*reader = at;
	}
	struct view kept = arena_view(reader->arena, buf_view(&text));
	buf_fini(&text);
	return kept;
}

static int
read_clock(struct words *words, struct step *step, struct err *err)
{
	struct view day, time = VIEW("00:00");
	char text[64];

	if (words_take(words, "the date", &day, err) != 0)
		return -1;
	if (words_are_left(words))
		(void)words_take(words, "the time", &time, err);
	snprintf(text, sizeof(text), "%.*s %.*s", VIEW_ARG(day), VIEW_ARG(time));
	return clock_parse_since(view_of(text), INT64_MAX, &step->at, err);
}

static int
read_duration(struct words *words, int64_t *ret_micros, struct err *err)
{
	static const struct {
		char unit;
		int seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	unsigned long long number;
	struct view word;

	if (words_take(words, "how long", &word, err) != 0)
		return -1;
	for (size_t i = 0; word.n > 0 && i < ARRAY_LEN(units); i++)
		if (word.p[word.n - 1] == units[i].unit &&
		    view_number(view_head(word, word.n - 1), 100000, &number)) {
			*ret_micros = (int64_t)number * units[i].seconds * 1000000;
			return 0;
		}
	return err_set(
	    err, ERR_BAD_INPUT, "'%.*s' is no duration: 90s 10m 1h 14d", VIEW_ARG(word));
}

static int
read_key(struct words *words, struct step *step, struct err *err)
{
	static const char *const names[] = {"rsa", "ed25519", "gone", "broken"};

	if (words_take(words, "the domain", &step->name, err) != 0 ||
	    words_take(words, "the selector", &step->text, err) != 0)
		return -1;
	for (step->key = KEY_KIND_RSA; step->key < ARRAY_LEN(names); step->key++)
		if (words_take_if(words, names[step->key]))
			break;
	if (step->key == ARRAY_LEN(names))
		return err_set(err, ERR_BAD_INPUT, "a key is rsa, ed25519, gone or broken");
	step->is_unpublished = words_take_if(words, "unpublished");
	step->is_testing = words_take_if(words, "testing");
	if (words_take_if(words, "file") &&
	    words_take(words, "the file", &step->how, err) != 0)
		return -1;
	if (words_take_if(words, "since"))
		return read_clock(words, step, err);
	return 0;
}

static int
read_fault(struct words *words, struct step *step, struct err *err)
{
	static const char *const known[][2] = {
	    {"key-process", "gone"},
	    {"key-process", "refuses"},
	    {"key-process", "lies"},
	    {"key-process", "back"},
	    {"journal", "full"},
	    {"journal", "back"},
	    {"dns", "silent"},
	    {"dns", "gone"},
	    {"dns", "back"},
	    {"tables", "silent"},
	    {"tables", "back"},
	};

	if (words_take(words, "what fails", &step->name, err) != 0 ||
	    words_take(words, "how", &step->how, err) != 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (view_is(step->name, view_of(known[i][0])) &&
		    view_is(step->how, view_of(known[i][1])))
			return 0;
	return err_set(err, ERR_BAD_INPUT, "there is no fault '%.*s %.*s'",
	    VIEW_ARG(step->name), VIEW_ARG(step->how));
}

static int
read_publish(struct words *words, struct step *step, struct view how, struct err *err)
{
	step->kind = STEP_PUBLISH;
	step->how = how;
	if (words_take(words, "the domain", &step->name, err) != 0)
		return -1;
	return words_take(words, "the selector", &step->text, err);
}

static int
take_word(struct words *words, const char *word, struct err *err)
{
	if (words_take_if(words, word))
		return 0;
	return err_set(err, ERR_BAD_INPUT, "'%s' is missing", word);
}

static int
read_history(struct words *words, struct step *step, struct err *err)
{
	step->kind = STEP_HISTORY;
	if (words_take(words, "the login", &step->name, err) != 0 ||
	    take_word(words, "sends", err) != 0 ||
	    words_take_number(words, "how many recipients", &step->count, err) != 0 ||
	    take_word(words, "every", err) != 0 ||
	    read_duration(words, &step->every, err) != 0 ||
	    take_word(words, "for", err) != 0)
		return -1;
	return read_duration(words, &step->at, err);
}

static int
read_exempt(struct words *words, struct step *step, struct err *err)
{
	step->kind = STEP_EXEMPT;
	if (words_take(words, "whom", &step->name, err) != 0 ||
	    take_word(words, "for", err) != 0)
		return -1;
	return read_duration(words, &step->at, err);
}

/* Steps that only the core can do: they move the clock, or break something. */
static int
read_core_step(struct words *words, struct step *step, struct err *err)
{
	if (words_take_if(words, "publish"))
		return read_publish(words, step, VIEW("in"), err);
	if (words_take_if(words, "withdraw"))
		return read_publish(words, step, VIEW_NONE, err);
	if (words_take_if(words, "clock")) {
		step->kind = STEP_CLOCK;
		return read_clock(words, step, err);
	}
	if (words_take_if(words, "advance")) {
		step->kind = STEP_ADVANCE;
		return read_duration(words, &step->at, err);
	}
	if (words_take_if(words, "history"))
		return read_history(words, step, err);
	if (words_take_if(words, "exempt"))
		return read_exempt(words, step, err);
	if (words_take_if(words, "restart")) {
		step->kind = STEP_RESTART;
		step->how = words_take_if(words, "killed") ? VIEW("killed") : VIEW_NONE;
		return 0;
	}
	if (words_take_if(words, "fault")) {
		step->kind = STEP_FAULT;
		return read_fault(words, step, err);
	}
	return err_set(err, ERR_BAD_INPUT, "unknown word '%.*s'", VIEW_ARG(words->at[0]));
}

static int
read_step(struct reader *reader, struct words *words, struct step *step, struct err *err)
{
	if (words_take_if(words, "policy")) {
		step->kind = STEP_POLICY;
		step->name = VIEW("frank.conf");
		step->text = take_block(reader);
		return 0;
	}
	if (words_take_if(words, "file")) {
		step->kind = STEP_FILE;
		if (words_take(words, "the file's name", &step->name, err) != 0)
			return -1;
		step->text = take_block(reader);
		return 0;
	}
	if (words_take_if(words, "zone")) {
		step->kind = STEP_ZONE;
		step->text = take_block(reader);
		return 0;
	}
	if (words_take_if(words, "key")) {
		step->kind = STEP_KEY;
		return read_key(words, step, err);
	}
	if (words_take_if(words, "reload")) {
		step->kind = STEP_RELOAD;
		return 0;
	}
	if (words_take_if(words, "message")) {
		step->kind = STEP_MESSAGE;
		return read_message(reader->arena, words, &step->message, err);
	}
	reader->scenario->needs_core = true;
	return read_core_step(words, step, err);
}

/* Headers, bodies and expectations, indented below a message or a reload. */
static int
read_lines_below(struct reader *reader, struct step *step, struct err *err)
{
	struct words words;
	struct view line;

	while (peek(reader, &line) &&
	       (is_blank(line) || is_comment(line) || line.p[0] == '\t')) {
		take(reader);
		if (is_blank(line) || is_comment(line))
			continue;
		if (words_split(line, reader->arena, &words, err) != 0 ||
		    read_below(reader->arena, &words, step, reader->line, err) != 0 ||
		    words_end(&words, err) != 0)
			return -1;
	}
	return 0;
}

static int
read_statement(struct reader *reader, struct view line, struct err *err)
{
	struct step *step = arena_alloc(reader->arena, sizeof(*step));
	struct words words;

	step->line = reader->line;
	step->written = line;
	if (words_split(line, reader->arena, &words, err) != 0 ||
	    read_step(reader, &words, step, err) != 0 || words_end(&words, err) != 0)
		return -1;
	*reader->end = step;
	reader->end = &step->next;
	if (step->kind == STEP_MESSAGE || step->kind == STEP_RELOAD)
		return read_lines_below(reader, step, err);
	return 0;
}

/* scenario "TITLE" [inverted] */
static int
read_title(struct reader *reader, struct view line, struct err *err)
{
	struct words words;

	if (words_split(line, reader->arena, &words, err) != 0)
		return -1;
	if (!words_take_if(&words, "scenario"))
		return err_set(
		    err, ERR_BAD_INPUT, "the first statement is: scenario \"title\"");
	if (words_take_text(&words, "the title", &reader->scenario->title, err) != 0)
		return -1;
	reader->scenario->is_inverted = words_take_if(&words, "inverted");
	return words_end(&words, err);
}

static int
read_all(struct reader *reader, struct err *err)
{
	struct view line;

	while (peek(reader, &line)) {
		int result;

		take(reader);
		if (is_blank(line) || is_comment(line))
			continue;
		if (line.p[0] == ' ' || line.p[0] == '\t')
			return err_set(
			    err, ERR_BAD_INPUT, "an indented line that belongs to nothing");
		if (reader->scenario->title.n == 0)
			result = read_title(reader, line, err);
		else
			result = read_statement(reader, line, err);
		if (result != 0)
			return -1;
	}
	if (reader->scenario->title.n == 0)
		return err_set(err, ERR_BAD_INPUT, "there is no scenario here");
	return 0;
}

int
scenario_read(
    const char *path, struct view text, struct scenario *ret_scenario, struct err *err)
{
	struct arena *arena = arena_new(0);

	*ret_scenario = (struct scenario){.path = path, .arena = arena};
	struct reader reader = {.scenario = ret_scenario,
	    .arena = arena,
	    .rest = arena_view(arena, text),
	    .end = &ret_scenario->steps};
	if (read_all(&reader, err) == 0)
		return 0;
	scenario_fini(ret_scenario);
	return err_add(err, "%s:%d", path, reader.line);
}

void
scenario_fini(struct scenario *scenario)
{
	arena_free(TAKE(scenario->arena));
}
