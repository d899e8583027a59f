#include "script.h"

/* The order is suexec's: what is wrong with the folder first, then with the file. */
int script_check(const struct policy *policy, uid_t uid, const struct stat *folder, const struct stat *file,
                 struct refusal *refusal)
{
	const mode_t writable = S_IWGRP | S_IWOTH;
	bool of_root = !policy->check_owner && folder->st_uid == 0 && file->st_uid == 0;
	unsigned int folder_mode = folder->st_mode & 07777;
	unsigned int mode = file->st_mode & 07777;

	if (!S_ISREG(file->st_mode))
		return refuse(refusal, 403, "not a regular file");
	if (folder->st_uid != uid && !of_root)
		return refuse(refusal, 403, "its folder belongs to uid %lu, not to the site's uid %lu: chown the folder%s",
		              (unsigned long)folder->st_uid, (unsigned long)uid,
		              folder->st_uid == 0 && file->st_uid == 0 ? ", or set CheckOwner = off" : "");
	if ((folder->st_mode & writable) != 0)
		return refuse(refusal, 403, "its folder is writable by group or others (mode %04o): chmod go-w the folder",
		              folder_mode);
	if (file->st_uid != uid && !of_root)
		return refuse(refusal, 403, "it belongs to uid %lu, not to the site's uid %lu: chown it",
		              (unsigned long)file->st_uid, (unsigned long)uid);
	if ((file->st_mode & writable) != 0)
		return refuse(refusal, 403, "it is writable by group or others (mode %04o): chmod go-w", mode);
	if ((file->st_mode & (S_ISUID | S_ISGID)) != 0)
		return refuse(refusal, 403, "it is setuid or setgid (mode %04o): chmod ug-s", mode);
	/* The owner's bit for the site's own files; of root's the kernel judges again at exec. */
	if ((file->st_mode & (of_root ? S_IXGRP | S_IXOTH : S_IXUSR)) == 0)
		return refuse(refusal, 403, "it is not executable (mode %04o): chmod +x", mode);
	return 0;
}
