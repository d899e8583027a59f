/* A file in memory, which no name leads to. */
#ifndef BRIDGE_MEMORY_FILE_H
#define BRIDGE_MEMORY_FILE_H

#include <sys/types.h>

/* RETURNS  its descriptor; -1 when there is none, or the site may not write a file as large as that (RLIMIT_FSIZE) */
int memory_file(off_t size);

#endif
