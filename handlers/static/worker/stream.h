/* Bytes of a file on a file system that may hang, read by a process that may hang with it. */
#ifndef FILES_STREAM_H
#define FILES_STREAM_H

#include <stdint.h>

/* More streams than this at once in one worker are refused: each is a process of the site's user. */
#define STREAMS_MAX 64

/*
 * PURPOSE     Starts a child that copies a range of a file into a pipe and ends. A file that turns out shorter
 *             ends the pipe early.
 * PARAMETERS  file: read descriptor, given to the child (the caller still closes its own).
 * RETURNS     The pipe's read end, or -1 with errno (EAGAIN: STREAMS_MAX are under way).
 */
int stream_start(int file, uint64_t offset, uint64_t length);

/* PURPOSE  Reaps the children that have ended. */
void stream_reap(void);

/* PURPOSE  Waits until every child has ended: answers under way outlive the connection they were asked on. */
void stream_finish(void);

#endif
