/** Cells that a spreadsheet would take for a formula: made safe on the way out, given back on the way in. */

/**
 * What a spreadsheet may calculate or run: text that begins with one of these (OWASP, CSV Injection), also in their
 * full-width forms. Quotes before them count, so that a text that was safe already is told from one made safe here.
 */
const FORMULA = /^'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const ESCAPED = /^'+[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

export const escapeFormula = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);
export const unescapeFormula = (text: string): string => (ESCAPED.test(text) ? text.slice(1) : text);
