/** The licences of what is shipped, as the build writes them and the console lists them. */

export type ShippedPackage = Readonly<{
  name: string;
  version: string;
  licence: string;
  /** Which of the texts is its own; null where it brings none. */
  text: number | null;
}>;
export type Licences = Readonly<{ packages: readonly ShippedPackage[]; texts: readonly string[] }>;

/** Packages by any words of their name, version or licence. */
export function findPackages(packages: readonly ShippedPackage[], words: string): ShippedPackage[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return packages.filter(({ name, version, licence }) => {
    const text = `${name}@${version} ${licence}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
