/** The two times that a read can be asked for: when things happened, and when the books came to know of them. */

/** `asOfMs` what was true then (happened before it), `knownAtMs` what the books knew then; absent, up to now. */
export type Instant = Readonly<{ asOfMs?: number | undefined; knownAtMs?: number | undefined }>;

export const isPast = ({ asOfMs, knownAtMs }: Instant): boolean => asOfMs !== undefined || knownAtMs !== undefined;
