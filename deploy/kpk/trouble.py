"""Errors of the operating system, in words that say what to do; other errors stay unexpected."""

import errno

ADVICE = {
    errno.ENOSPC: "the disk is full: make room, then the same again",
    errno.EDQUOT: "the disk quota is used up: make room, then the same again",
    errno.EROFS: "it cannot be written to: name another folder with --data or KPK_DATA",
    errno.EACCES: "this account may not: name another folder with --data or KPK_DATA, or change its rights",
    errno.EPERM: "this account may not: name another folder with --data or KPK_DATA, or change its rights",
    errno.ENOTDIR: "a part of this path is a file: name a folder",
    errno.EISDIR: "it is a folder: name a file",
    errno.ENAMETOOLONG: "no file can be called so: name another",
    errno.ELOOP: "its links lead in a circle: name another",
    errno.EMFILE: "too many files are open: raise `ulimit -n`",
    errno.ENOMEM: "there is no memory left: end something, then the same again",
}


def way_out(error: BaseException) -> str | None:
    """None for an error that has another cause than the machine."""
    if not isinstance(error, OSError) or error.errno not in ADVICE:
        return None
    return f"{error.filename or 'the machine'}: {ADVICE[error.errno]}"
