/*
 * What the program wrote at its start, as the contents of a file in memory that each child maps for itself. Fork
 * copies the page table of memory that a process has written, entry by entry, and exit takes each entry back; what is
 * mapped from a file is left out, and a child meets only the pages that it uses. A child's writes are its own: the
 * mappings are private, and the file can never be changed.
 */
#ifndef BRIDGE_SNAPSHOT_H
#define BRIDGE_SNAPSHOT_H

/* PURPOSE  before the first fork; what cannot be had that way stays as it is */
void snapshot_take(void);

#endif
