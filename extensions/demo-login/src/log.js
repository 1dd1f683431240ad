/**
 * One line of JSON on standard error: when, what, and its details.
 *
 * Never a password, a token or a name somebody typed that is no account's (people type passwords there).
 */
export function log(event, details = {}) {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...details })}\n`);
}
