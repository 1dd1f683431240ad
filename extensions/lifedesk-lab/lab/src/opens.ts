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

/** The programs that open `item`, the best first: the longest pattern wins, then the order of `programs`. */
export function programsFor(programs: readonly Program[], item: Item): Program[] {
  return programs
    .map(program => ({ program, length: longestMatch(program, item) }))
    .filter(found => found.length > 0)
    .sort((one, other) => other.length - one.length)
    .map(found => found.program);
}

function longestMatch(program: Program, item: Item): number {
  const name = item.path.slice(item.path.lastIndexOf('/') + 1).toLowerCase();
  const lengths = program.opens
    .filter(glob => glob.endsWith('/') === item.isFolder && matches(glob.replace(/\/$/, ''), name))
    .map(glob => glob.length);
  return Math.max(0, ...lengths);
}

function matches(glob: string, name: string): boolean {
  const escaped = glob.toLowerCase().replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(name);
}
