/** Paths of files beside another, as text: the page knows the core's machine by its paths only. */

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** A file of that name in the folder of `own`; a full path stays as it is. */
export function beside(own: string, name: string): string {
  return /^(?:[/\\]|[A-Za-z]:[\\/])/.test(name) ? name : folderOf(own) + name;
}

/** A name for a new workspace beside `own` that is not its own. */
export function newBeside(own: string): string {
  const first = beside(own, 'books.tollkeeper');
  return first === own ? beside(own, 'books-2.tollkeeper') : first;
}
