/** The session's own addresses: all requests of this extension are made here. */

import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { Notice } from './notices.ts';
import type { Program } from './opens.ts';

/** The programs of the image; none in an image without a desktop. */
export async function programs(): Promise<Program[]> {
  return (await request('GET', 'lifedesk/api/apps')) as Program[];
}

/** The notices that stand, oldest first. */
export async function standingNotices(): Promise<Notice[]> {
  return (await request('GET', 'lifedesk/api/notices')) as Notice[];
}

/** The user has read it. */
export async function dismissNotice(id: string): Promise<void> {
  await request('DELETE', `lifedesk/api/notices/${id}`);
}

/** The address of the desktop; with a program it starts there, with a path it opens that file or folder. */
export function desktopAddress(slug?: string, path?: string): string {
  const query = new URLSearchParams();
  if (slug !== undefined) {
    query.set('app', slug);
  }
  if (path !== undefined) {
    query.set('path', path);
  }
  const text = query.toString();
  return URLExt.join(PageConfig.getBaseUrl(), 'desktop/') + (text && `?${text}`);
}

/** The name of the browser tab of this session's desktop: one, whatever is opened in it. */
export function desktopTab(): string {
  return `lifedesk-desktop:${new URL(PageConfig.getBaseUrl(), location.href).pathname}`;
}

/** The address of the page that says what is in this image. */
export function softwareAddress(): string {
  return URLExt.join(PageConfig.getBaseUrl(), 'lifedesk/software/');
}

async function request(method: string, path: string): Promise<unknown> {
  const settings = ServerConnection.makeSettings();
  const answer = await ServerConnection.makeRequest(
    URLExt.join(settings.baseUrl, path),
    { method },
    settings
  );
  if (!answer.ok) {
    throw new ServerConnection.ResponseError(answer);
  }
  return answer.status === 204 ? undefined : await answer.json();
}
