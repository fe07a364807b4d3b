/** A meter's unit beside a quantity: one request, two requests; signs such as GB stay as they are. */
import { plural } from '#core/domain/words.ts';

export function unitOf(quantity: string, unit: string | null): string {
  if (unit === null) return '';
  return quantity === '1' ? unit : plural(unit);
}
