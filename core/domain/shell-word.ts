/** A word of a command line, quoted where a shell would read it otherwise. */

/** POSIX quoting; a path that begins with a drive letter is quoted as Windows takes it. */
export function shellWord(text: string): string {
  const isWindowsPath = /^[A-Za-z]:[\\/]/.test(text);
  if (isWindowsPath) return /^[\w:\\/.-]+$/.test(text) ? text : `"${text}"`;
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
