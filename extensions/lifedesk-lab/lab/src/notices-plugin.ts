/** Shows the session's notices as JupyterLab's notifications. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { Event } from '@jupyterlab/services';
import { Widget } from '@lumino/widgets';
import { NOTICE_EVENT, type Notice, NoticeBoard, REMOVAL_EVENT } from './notices.ts';
import { dismissNotice, standingNotices } from './session.ts';

export const noticesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'lifedesk-lab:notices',
  description: 'Shows what the session has to tell its user.',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    const board = new NoticeBoard({ draw, erase: drawn => Notification.dismiss(drawn) });
    const refresh = () => void standingNotices().then(notices => board.match(notices), complain);

    app.serviceManager.events.stream.connect((_, event) => {
      if (event.schema_id === NOTICE_EVENT) {
        board.show(noticeOf(event));
      } else if (event.schema_id === REMOVAL_EVENT) {
        board.remove(noticeOf(event).id);
      }
    });
    Notification.manager.changed.connect((_, change) => {
      const notice = change.type === 'removed' ? board.takenAway(change.notification.id) : undefined;
      if (notice) {
        dismissNotice(notice.id).catch(complain);
      }
    });
    // The stream is cut while the page sleeps or the network is away.
    document.addEventListener('visibilitychange', () => document.hidden || refresh());
    window.addEventListener('online', refresh);
    void app.restored.then(refresh);
  }
};

function noticeOf(event: Event.Emission): Notice {
  return event as unknown as Notice;
}

function draw(notice: Notice): string {
  const what = {
    label: 'What to do',
    caption: 'Show what happened and what to do',
    callback: () => explain(notice)
  };
  return Notification.emit(notice.summary, notice.kind, {
    autoClose: false,
    actions: notice.advice ? [what] : []
  });
}

function explain(notice: Notice): void {
  const node = document.createElement('div');
  for (const line of [notice.summary, ...notice.advice.split('\n')]) {
    const paragraph = document.createElement('p');
    paragraph.textContent = line;
    paragraph.style.margin = '0 0 0.6em';
    node.append(paragraph);
  }
  void showDialog({
    title: 'What to do',
    body: new Widget({ node }),
    buttons: [Dialog.okButton({ label: 'Close' })]
  });
}

function complain(error: unknown): void {
  console.warn('The session’s notices could not be read or dismissed:', error);
}
