/* What drives a libFuzzer target without libFuzzer: inputs made from a seed, the same on every machine. */
#ifndef FUZZ_DRIVER_H
#define FUZZ_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#define INPUT_MAX 10000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input that is being made, and its length. */
extern uint8_t input[INPUT_MAX];
extern size_t used;

/* RETURNS  a number below `limit`, the next of a sequence (xorshift64) */
size_t below(size_t limit);

/* PURPOSE  appends, as far as there is room */
void put(const void *bytes, size_t length);

/* PURPOSE  changes or takes out a few bytes behind the first; `odd`: values that mean something */
void mutate(const uint8_t *odd, size_t count);

/*
 * PURPOSE     main() of a driver: PROGRAM SEED SECONDS
 * PARAMETERS  fixed: the number of inputs when SECONDS is 0
 *             make: makes an input, beginning with none
 * RETURNS     the exit status
 */
int drive(int argc, char **argv, unsigned long fixed, void (*make)(void));

#endif
