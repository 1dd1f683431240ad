/** Pictures of cards and menu entries. */

import { LabIcon } from '@jupyterlab/ui-components';
import type { Program } from './opens.ts';

/** The picture of a program, which the session serves. */
export function programIcon(program: Program): LabIcon {
  const image = document.createElementNS('http://www.w3.org/2000/svg', 'image');
  image.setAttribute('href', program.icon);
  image.setAttribute('x', '2');
  image.setAttribute('y', '2');
  image.setAttribute('width', '20');
  image.setAttribute('height', '20');
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('width', '24');
  svg.append(image);
  return new LabIcon({
    name: `lifedesk-lab:program-${program.slug}`,
    svgstr: new XMLSerializer().serializeToString(svg)
  });
}

const drawn = (name: string, path: string): LabIcon =>
  new LabIcon({
    name: `lifedesk-lab:${name}`,
    svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="24" viewBox="0 0 24 24"><path class="jp-icon3 jp-icon-selectable" fill="#616161" d="${path}"/></svg>`
  });

/** A screen on a foot. */
export const desktopIcon = drawn('desktop', 'M3 3h18v14h-7v2h3v2H7v-2h3v-2H3zm2 2v10h14V5z');

/** A list with a check mark for each line. */
export const softwareIcon = drawn(
  'software',
  'M10 5h11v2H10zm0 6h11v2H10zm0 6h11v2H10zM3 5.6l1.2-1.2 1 1L7.600 3l1.200 1.200L5.200 7.800zm0 6 1.2-1.200 1 1L7.600 9l1.200 1.200-3.600 3.600zm0 6 1.200-1.200 1 1L7.600 15l1.200 1.200-3.600 3.600z'
);
