/**
 * What keeps a command from doing its work through no fault of the program: a file that is not
 * there, an option that means nothing. It carries the whole message for the user, and main.ts ends
 * with exit code 2 and without a stack trace. Everything else that is thrown is a bug.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** The reader of our output has gone, as `head` does when it has enough: no error, only the end. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

/** The code of a system error, such as ENOENT. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system can only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
};

/** Why a file could not be used, in words. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return REASONS[codeOf(error)] ?? message;
}
