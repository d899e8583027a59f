/*
 * Policies are lists of (key, value) records: two 32-bit little-endian lengths, then the bytes of the key and
 * of the value. They are written by the supervisor (records.ts) and are the only thing that itk and the workers
 * ever parse before they serve. Neither keys nor values contain NUL, except values that are policies themselves.
 */
#ifndef ITK_RECORDS_H
#define ITK_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A policy is at most this long: 10,000 sites of 4 KiB each fit several times. */
#define RECORDS_MAX ((size_t)256 << 20)

struct record {
	const char *key;      /* NUL-terminated copy inside the buffer is NOT promised: use key_length */
	size_t key_length;
	const char *value;
	size_t value_length;
};

struct records {
	const unsigned char *data;
	size_t length;
	size_t offset;
};

/*
 * PURPOSE     Reads a descriptor to its end into memory.
 * PARAMETERS  fd: a pipe or file; max: more than this is an error.
 * RETURNS     0, or -1 with errno (EFBIG, ENOMEM, or read's). *data is from malloc.
 */
int records_read_all(int fd, size_t max, unsigned char **data, size_t *length);

/*
 * PURPOSE     Takes the next record.
 * RETURNS     1 and fills *out; 0 at the end; -1 when the bytes are not a list of records.
 */
int records_next(struct records *list, struct record *out);

/* RETURNS true when the record's key is `name`. */
bool record_is(const struct record *record, const char *name);

/*
 * PURPOSE     A NUL-terminated copy of the value (malloc).
 * RETURNS     NULL when memory is short or the value contains NUL.
 */
char *record_text(const struct record *record);

/*
 * PURPOSE     The value as an unsigned decimal number.
 * RETURNS     0, or -1 when it is not one or exceeds max.
 */
int record_number(const struct record *record, uint64_t max, uint64_t *out);

#endif
