/*
 * What itkd tells the bridge: one environment variable of blank-separated NAME=VALUE words
 * (environment.ts writes it).
 */
#ifndef BRIDGE_SETTINGS_H
#define BRIDGE_SETTINGS_H

#include "policy.h"

#include <stdbool.h>
#include <stdint.h>

#define SETTINGS_VARIABLE "ITKD_BRIDGE"

struct settings {
	bool pool;         /* lifetime=pool: a child goes on to other connections */
	uint32_t children; /* never more processes than this, the fork server aside */
	uint32_t spare;    /* of these, so many wait in accept */
	uint32_t requests; /* 0: no limit */
	uint64_t memory;   /* bytes resident; 0: no limit */
	int64_t idle;      /* ms; 0: never */
	int64_t timeout;   /* ms; 0: never */
	bool kill;         /* end what runs for a client that has left */
	bool ahead;        /* it reads as php-cgi does: what comes may be held for it (read-ahead.h) */
	struct policy policy;
};

/*
 * PURPOSE     reads the variable's value
 * PARAMETERS  text: the value, unchanged; out: filled in, defaults where a word is missing
 * RETURNS     false for an unknown word, no number, a number out of its range, or half a policy
 */
bool settings_parse(const char *text, struct settings *out);

#endif
