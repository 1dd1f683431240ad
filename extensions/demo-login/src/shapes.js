import { z } from "zod";

/**
 * What a JSON value says, typed; or one fault that lists everything wrong with it.
 *
 * zod's own messages name paths and expectations, never the value, so nothing secret is repeated.
 */
export function parseShape(shape, value, where, Refusal) {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    (issue) => `  ${z.core.toDotPath(issue.path) || "(the whole file)"}: ${issue.message}`,
  );
  throw new Refusal(`${where} is not as expected:\n${lines.join("\n")}`);
}
