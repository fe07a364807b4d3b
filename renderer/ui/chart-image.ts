/** A chart as a picture for somebody else's document: drawn as it looks, on the page's own ground. */
import { saveBlob } from './file.ts';
import { announce } from './toast.tsx';

/** What a picture needs of each shape's look, as the style sheet gives it. */
const LOOK = ['fill', 'stroke', 'stroke-width', 'opacity', 'font-family', 'font-size', 'font-weight'] as const;
/** Drawn larger than on screen, so that it stays sharp when it is scaled. */
const SCALE = 2;

/** The same drawing with its looks written beside each shape, as a picture has no style sheet. */
function standAlone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const shapes = svg.querySelectorAll('*');
  for (const [index, shape] of copy.querySelectorAll('*').entries()) {
    const seen = shapes[index];
    if (!seen) continue;
    const style = getComputedStyle(seen);
    for (const name of LOOK) shape.setAttribute(name, style.getPropertyValue(name));
    shape.removeAttribute('class');
  }
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return new XMLSerializer().serializeToString(copy);
}

async function pictureOf(svg: SVGSVGElement): Promise<Blob | null> {
  const { width, height } = svg.getBoundingClientRect();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standAlone(svg))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width * SCALE);
  canvas.height = Math.ceil(height * SCALE);
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.scale(SCALE, SCALE);
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/** Puts the chart on the clipboard; where the browser does not let it, saves it as a file. */
export async function copyChart(svg: SVGSVGElement, name: string): Promise<void> {
  const picture = await pictureOf(svg);
  if (!picture) return announce('The browser could not draw the picture; take the table instead.');
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
    announce('Chart copied as a picture');
  } catch {
    saveBlob(`${name}.png`, picture);
    announce('The browser did not allow copying; the picture was saved instead.');
  }
}
