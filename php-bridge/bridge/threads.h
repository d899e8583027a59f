/* Threads that an extension, or the program itself, has started. */
#ifndef BRIDGE_THREADS_H
#define BRIDGE_THREADS_H

#include <stdbool.h>

/*
 * RETURNS  true when the calling thread is the process's only one: nobody writes to memory that is being moved. False
 *          also when that cannot be known
 */
bool threads_none_besides(void);

#endif
