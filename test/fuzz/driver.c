#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint8_t input[INPUT_MAX];
size_t used;
static uint64_t state;

size_t below(size_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % limit);
}

void put(const void *bytes, size_t length)
{
	if (length > sizeof input - used)
		length = sizeof input - used;
	memcpy(input + used, bytes, length);
	used += length;
}

void mutate(const uint8_t *odd, size_t count)
{
	for (size_t i = below(5); i > 0 && used > 1; i--) {
		size_t at = 1 + below(used - 1);

		switch (below(4)) {
		case 0:
			input[at] = (uint8_t)below(256);
			break;
		case 1:
			input[at] = odd[below(count)];
			break;
		case 2:
			input[at] = (uint8_t)(input[at] ^ 1u << below(8));
			break;
		default:
			memmove(input + at, input + at + 1, used - at - 1);
			used--;
			break;
		}
	}
}

int drive(int argc, char **argv, unsigned long fixed, void (*make)(void))
{
	unsigned long count = 0;
	time_t end;

	if (argc != 3) {
		fprintf(stderr, "usage: %s SEED SECONDS\n", argv[0]);
		return 2;
	}
	/* xorshift stands still at 0. */
	state = strtoull(argv[1], NULL, 10) * 2 + 1;
	end = time(NULL) + atoi(argv[2]);
	while (atoi(argv[2]) == 0 ? count < fixed : time(NULL) < end) {
		used = 0;
		make();
		LLVMFuzzerTestOneInput(input, used);
		count++;
	}
	printf("%lu inputs\n", count);
	return 0;
}
