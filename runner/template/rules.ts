/**
 * Whose rules templates follow: those of ansible-core up to 2.18, where text that looks like a list, a dict or a bool becomes one and
 * conditions may be of any type; or those from 2.19 on, where a result keeps its type and conditions have to be true or false.
 */
export type TemplateRules = '2.18' | '2.19';

/** The rules that hold where nobody chooses. */
export const defaultRules: TemplateRules = '2.19';

/** What {@link readRules} takes, for messages. */
export const rulesWanted = '2.18, or a version from 2.19 to 2.22';

/** The rules that a version of ansible-core has; undefined for what is no version that kplay knows. */
export function readRules(version: string): TemplateRules | undefined {
  if (version === '2.18') return '2.18';
  return /^2\.(?:19|2[0-2])$/.test(version) ? '2.19' : undefined;
}
