/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/escape.h"

#include "ctl/show.h"
#include "ctl/trace_text.h"

enum { WIDTH_MAX = 40 }; /* a longer text pushes its line to the right, not all of them */

struct layout {
	bool one_file; /* lines alone say where a rule is */
	size_t place, rule, test, answer;
};

static struct view
file_of(struct view place)
{
	while (place.n > 0 && place.p[place.n - 1] != ':')
		place.n--;
	return place;
}

/* "frank.conf:41", or "41" when there is one file. */
static struct view
shown_place(const struct layout *layout, struct view place)
{
	return layout->one_file ? view_from(place, file_of(place).n) : place;
}

static const char *
answer_text(enum trace_answer answer)
{
	switch (answer) {
	case TRACE_NO:
		return "no";
	case TRACE_YES:
		return "yes";
	case TRACE_UNKNOWN:
		break;
	}
	return "unknown";
}

static void
widen(size_t *width, size_t n)
{
	if (n > *width && n <= WIDTH_MAX)
		*width = n;
}

static struct layout
find_layout(const struct trace *trace)
{
	struct layout layout = {.one_file = true};
	struct view file = VIEW_NONE;

	for (size_t i = 0; i < trace->n_steps; i++) {
		struct view this = file_of(trace->steps[i].place);

		if (this.n > 0 && file.n > 0 && !view_is(this, file))
			layout.one_file = false;
		if (this.n > 0)
			file = this;
	}
	for (size_t i = 0; i < trace->n_steps; i++) {
		const struct trace_step *step = &trace->steps[i];

		widen(&layout.place, shown_place(&layout, step->place).n);
		widen(&layout.rule, step->rule.n);
		widen(&layout.test, step->test.n);
		widen(&layout.answer, view_of(answer_text(step->answer)).n);
	}
	return layout;
}

static void
add_column(struct buf *out, struct view text, size_t width)
{
	size_t begin = out->n;

	escape_add(out, text, ESCAPE_MAX);
	while (out->n - begin < width)
		buf_add_char(out, ' ');
	buf_add_text(out, "  ");
}

static bool
same_rule(const struct trace_step *a, const struct trace_step *b)
{
	return view_is(a->place, b->place) && view_is(a->rule, b->rule);
}

/* ' ', or what became of the rule that begins at step I. */
static char
mark_of(const struct trace *trace, size_t i)
{
	const struct trace_step *first = &trace->steps[i];

	for (; i < trace->n_steps && same_rule(first, &trace->steps[i]); i++) {
		if (!trace->steps[i].decides)
			continue;
		if (view_starts(first->rule, VIEW("watch")))
			return '~';
		return view_starts(first->rule, VIEW("match")) ? '+' : '>';
	}
	return ' ';
}

static void
add_step(const struct trace *trace, size_t i, const struct layout *layout, struct buf *out)
{
	const struct trace_step *step = &trace->steps[i];

	if (i > 0 && same_rule(step, &trace->steps[i - 1])) {
		if (step->test.n == 0 && step->why.n == 0)
			return; /* the end of a rule whose tests say it all */
		buf_addf(
		    out, "    %*s  %*s  ", (int)layout->place, "", (int)layout->rule, "");
	} else {
		buf_addf(out, "  %c ", mark_of(trace, i));
		add_column(out, shown_place(layout, step->place), layout->place);
		add_column(out, step->rule, layout->rule);
	}
	add_column(out, step->test, layout->test);
	add_column(out, view_of(answer_text(step->answer)), layout->answer);
	show_made(out, step->why);
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->n--;
	buf_add_char(out, '\n');
}

void
trace_text(const struct trace *trace, struct buf *out)
{
	struct layout layout = find_layout(trace);

	for (size_t i = 0; i < trace->n_steps; i++)
		add_step(trace, i, &layout, out);
}

void
trace_json(const struct trace *trace, struct json *json)
{
	json_array(json, "frank.trace");
	for (size_t i = 0; i < trace->n_steps; i++) {
		const struct trace_step *step = &trace->steps[i];

		json_object(json, NULL);
		json_string(json, "rule.id", step->place);
		json_string(json, "rule", step->rule);
		json_string(json, "test", step->test);
		json_string(json, "answer", view_of(answer_text(step->answer)));
		json_string(json, "why", step->why);
		json_bool(json, "decides", step->decides);
		json_end(json);
	}
	json_end(json);
}
