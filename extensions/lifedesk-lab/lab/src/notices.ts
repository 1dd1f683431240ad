/** Which notices are on the screen: one for each subject, the newest. Knows nothing of how they are drawn. */

/** What the session has to tell its user, as `GET lifedesk/api/notices` lists it. */
export interface Notice {
  readonly about: string;
  readonly kind: 'info' | 'success' | 'warning' | 'error';
  /** What happened, in one sentence. */
  readonly summary: string;
  /** What to do about it, one paragraph a line; may be empty. */
  readonly advice: string;
  readonly id: string;
}

/** The `schema_id` of a notice on Jupyter's event stream. */
export const NOTICE_EVENT = 'urn:lifedesk:notice:v1';

/** The `schema_id` of its removal, by its poster or by the user in another window. */
export const REMOVAL_EVENT = 'urn:lifedesk:notice-removal:v1';

/** What draws notices and takes them away; a drawn notice has an id of the screen's own. */
export interface Screen {
  draw(notice: Notice): string;
  erase(drawn: string): void;
}

/** The notices on one screen. */
export class NoticeBoard {
  readonly #screen: Screen;
  readonly #drawn = new Map<string, { notice: Notice; drawn: string }>();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Draw `notice` in place of the one about the same subject, unless it is there already. */
  show(notice: Notice): void {
    const before = this.#drawn.get(notice.about);
    if (before?.notice.id === notice.id) {
      return;
    }
    this.#drawn.set(notice.about, { notice, drawn: this.#screen.draw(notice) });
    if (before) {
      this.#screen.erase(before.drawn);
    }
  }

  /** Draw what stands on the server and take away what no longer does. */
  match(standing: readonly Notice[]): void {
    const subjects = new Set(standing.map(notice => notice.about));
    for (const [about, { drawn }] of this.#drawn) {
      if (!subjects.has(about)) {
        this.#drawn.delete(about);
        this.#screen.erase(drawn);
      }
    }
    standing.forEach(notice => {
      this.show(notice);
    });
  }

  /** Take the notice with this id away, it stands no longer. */
  remove(id: string): void {
    for (const [about, { notice, drawn }] of this.#drawn) {
      if (notice.id === id) {
        this.#drawn.delete(about);
        this.#screen.erase(drawn);
      }
    }
  }

  /** The notice drawn under this id, which the user has now taken away; none if it was replaced or withdrawn. */
  takenAway(drawn: string): Notice | undefined {
    for (const [about, entry] of this.#drawn) {
      if (entry.drawn === drawn) {
        this.#drawn.delete(about);
        return entry.notice;
      }
    }
    return undefined;
  }
}
