/* Keys are inherited like descriptors: whoever possesses a session keyring may read and change what is in it. */
#ifndef ITK_KEYRING_H
#define ITK_KEYRING_H

/*
 * PURPOSE     As root, joins a new and empty session keyring (session-keyring(7)): the one that root's login made,
 *             with its Kerberos tickets and file system keys, is not for a front or a site, and no two sites share
 *             one. It counts against root's quota; a user's own has room for 200 only.
 * RETURNS     0, also where keys cannot be used at all; or -1 with errno.
 */
int keyring_leave(void);

#endif
