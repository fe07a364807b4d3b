/** Types of launch.mjs, which stays plain JavaScript because it runs before anything is installed. */
type Task = Readonly<{ script: string; args?: readonly string[]; stopsCleanly?: boolean }>;

export const ROOT: string;
export function stop(sentence: string): never;
export function matchesLock(lock: unknown, installed: unknown): boolean;
export function launch(task: Task, rest: readonly string[]): Promise<never>;
