import type { Span } from './finder.ts';

/** What stands in place of a secret. */
export const stars = '********';

/** A text with stars in place of some parts, which are in order and do not overlap. */
export function hideSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  let shown = '';
  let from = 0;
  for (const { start, end } of spans) {
    shown += text.slice(from, start) + stars;
    from = end;
  }
  return shown + text.slice(from);
}
