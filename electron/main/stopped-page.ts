/** What a window shows when its page has crashed: what happened, what it means for the money, and a way out. */

export const STOPPED_PATH = '/shell/stopped';
const STYLE_PATH = '/shell/stopped.css';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="color-scheme" content="light dark">
    <title>The page stopped · Tollkeeper</title>
    <link rel="stylesheet" href="${STYLE_PATH}">
  </head>
  <body>
    <main>
      <h1>The page stopped</h1>
      <p>The core and its books run on in a process of their own: nothing was charged, changed or lost by this.
         What was typed and not yet sent is gone.</p>
      <p><a href="/">Open the console again</a></p>
    </main>
  </body>
</html>
`;

const STYLE = `body { font: 13px/20px system-ui, sans-serif; margin: 0; display: grid; min-height: 100vh; }
main { margin: auto; max-width: 420px; padding: 24px; }
h1 { font-size: 20px; line-height: 28px; }
a { display: inline-block; padding: 8px 0; }
`;

/** A page of the shell's own, or null. They need no script, so that they show what a script cannot. */
export function shellPage(path: string): Readonly<{ type: string; text: string }> | null {
  if (path === STOPPED_PATH) return { type: 'text/html; charset=utf-8', text: PAGE };
  return path === STYLE_PATH ? { type: 'text/css; charset=utf-8', text: STYLE } : null;
}
