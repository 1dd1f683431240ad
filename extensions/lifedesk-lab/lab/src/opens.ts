/** Which programs open what: names against the patterns of `apps.yaml`, as the session's server matches them. */

/** A program of the image, as `GET lifedesk/api/apps` describes it. */
export interface Program {
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  /** Address of its picture. */
  readonly icon: string;
  /** Patterns of names with `*` and `?`; one with `/` at its end is for folders. */
  readonly opens: readonly string[];
}

/** A file or a folder of the file browser. */
export interface Item {
  /** From the folder that the file browser shows at its top. */
  readonly path: string;
  readonly isFolder: boolean;
}

/** Whether `program` opens files or folders of the item's name. */
export function opens(program: Program, item: Item): boolean {
  const name = item.path.slice(item.path.lastIndexOf('/') + 1).toLowerCase();
  return program.opens.some(
    glob => glob.endsWith('/') === item.isFolder && matches(glob.replace(/\/$/, ''), name)
  );
}

function matches(glob: string, name: string): boolean {
  const escaped = glob.toLowerCase().replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(name);
}
